"""A figure beside its target: met or missed, in one line each."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, as people read it. `is_met` is None for a figure that has no target."""

    name: str
    measured: str
    target: str
    is_met: bool | None

    def line(self) -> str:
        verdict = {True: "met", False: "MISSED", None: ""}[self.is_met]
        return f"{self.name:<58} {self.measured:>22}   {self.target:<18} {verdict}"


def at_most(name: str, value: float, target: float, unit: str = "") -> Figure:
    return Figure(name, f"{value:.3g}{unit}", f"<= {target:g}{unit}", value <= target)


def at_least(name: str, value: float, target: float, unit: str = "") -> Figure:
    return Figure(name, f"{value:.3g}{unit}", f">= {target:g}{unit}", value >= target)


def middle(values: list[float]) -> float:
    """The median of a figure's rounds."""
    return median(values)
