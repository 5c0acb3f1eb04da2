"""What a council may set about the look of its pages, and the proof that they stay readable."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

# WCAG 2.2, 1.4.3: text and its background differ by at least 4.5 to 1.
READABLE_RATIO = 4.5
# What links and buttons of the brand colour stand on: the paper and the washes of the stylesheet.
GROUNDS = ("#ffffff", "#f3f5f7", "#fdf1f1", "#edf7f1", "#eef4fc")
HOVER_SHARE_OF_BLACK = 0.25


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, 0 to 1."""
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two `#rrggbb` colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def darkened(colour: str) -> str:
    """The shade a link or button takes under the pointer."""
    return "#" + "".join(f"{round(channel * (1 - HOVER_SHARE_OF_BLACK)):02x}" for channel in _channels(colour))


class PageSettings(BaseModel):
    """Settings of the pages of one service; all have a working default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    brand: str = Field(default="#0f5257", pattern=r"^#[0-9a-fA-F]{6}$", description="A council's colour, #rrggbb.")
    stylesheet: Path | None = Field(
        default=None,
        description="A stylesheet to serve in place of our own, such as GOV.UK Frontend's compiled CSS.",
    )
    form_targets: tuple[str, ...] = Field(
        default=(), description="Other origins a form may lead to: the sign-in of another of our services."
    )

    @field_validator("brand")
    @classmethod
    def brand_is_readable(cls, brand: str) -> str:
        ground = min(GROUNDS, key=lambda ground: contrast(brand, ground))
        ratio = contrast(brand, ground)
        if ratio < READABLE_RATIO:
            raise ValueError(
                f"{brand} on {ground} has a contrast of {ratio:.2f}; WCAG 2.2 AA asks for {READABLE_RATIO}"
            )
        return brand.lower()

    def css_variables(self) -> str:
        return f":root{{--brand:{self.brand};--brand-dark:{darkened(self.brand)}}}\n"

    def content_security_policy(self) -> str:
        targets = " ".join(("'self'", *self.form_targets))
        return (
            "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            f"form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
        )
