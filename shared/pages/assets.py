"""The few static files, kept in memory and served under a path that holds their digest."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shared.pages.theme import PageSettings

OWN_FILES = Path(__file__).parent / "static"
STYLESHEET = "wme.css"
ICON = "icon.svg"
MEDIA_TYPES = {STYLESHEET: "text/css; charset=utf-8", ICON: "image/svg+xml"}
FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    name: str
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()[:16]

    @property
    def path(self) -> str:
        return f"/static/{self.digest}/{self.name}"


def load_assets(settings: PageSettings) -> dict[str, Asset]:
    """Read the files once at start. Raises FileNotFoundError when the configured stylesheet is not there."""
    if settings.stylesheet is None:
        style = settings.css_variables().encode() + (OWN_FILES / STYLESHEET).read_bytes()
    else:
        style = settings.stylesheet.read_bytes()
    icon = (OWN_FILES / ICON).read_text().replace("#0f5257", settings.brand).encode()
    return {STYLESHEET: Asset(STYLESHEET, style), ICON: Asset(ICON, icon)}


def asset_route(assets: dict[str, Asset]) -> Route:
    async def static_file(request: Request) -> Response:
        asset = assets.get(request.path_params["name"])
        if asset is None:
            return Response("Not found", status_code=404, media_type="text/plain")
        # While a new release rolls out, a page of one release may ask a process of the other: it gets that
        # process's file, but no cache may keep it under the wrong digest.
        is_this_one = request.path_params["digest"] == asset.digest
        return Response(
            asset.content,
            headers={
                "Content-Type": MEDIA_TYPES[asset.name],
                "Cache-Control": FOR_A_YEAR if is_this_one else "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    return Route("/static/{digest}/{name}", static_file, methods=["GET"], name="static_file", include_in_schema=False)
