"""`render`: one template and its context into an answer with the layout around it and the headers a page needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.pages.assets import ICON, STYLESHEET, asset_route, load_assets
from shared.pages.environment import build_environment
from shared.pages.theme import PageSettings

OPEN_GOVERNMENT_LICENCE = "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


@dataclass(frozen=True)
class Link:
    """A link of the navigation or the footer. With `roles`, only a viewer who has one of them sees it."""

    text: str
    href: str
    roles: Collection[str] = ()


@dataclass(frozen=True)
class Viewer:
    """Who is signed in, as the layout needs to know it. A service sets it as `request.state.viewer`."""

    name: str = field(repr=False)
    roles: Collection[str]
    sign_out_href: str


@dataclass(frozen=True)
class Crumb:
    """One step of the breadcrumbs; the last has no `href`."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Notice:
    """A banner above the content: what just happened (`success`) or what a person must know."""

    text: str
    success: bool = False


@dataclass(frozen=True)
class FormError:
    """What is wrong with one field, in words that say how to put it right. `field` is the input's id."""

    field: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The pages of one service. `folder` is the service's own package folder."""

    service_name: str
    folder: Path
    home_href: str = "/"
    sign_in_href: str = ""
    navigation: tuple[Link, ...] = ()
    footer: tuple[Link, ...] = ()
    credits: tuple[str, ...] = ()
    settings: PageSettings = field(default_factory=PageSettings)

    def install(self, app: FastAPI) -> None:
        """Serve the static files and make `render` work in the routes of this app."""
        assets = load_assets(self.settings)
        app.routes.append(asset_route(assets))
        app.state.pages = Installed(
            self, build_environment(self.folder), stylesheet_path=assets[STYLESHEET].path, icon_path=assets[ICON].path
        )

    def navigation_for(self, viewer: Viewer | None, path: str) -> list[dict[str, object]]:
        """The links this viewer may follow, the one that leads to `path` or to its section marked."""
        held = set(viewer.roles) if viewer else set()
        shown = [link for link in self.navigation if not link.roles or held.intersection(link.roles)]
        sections = [link.href for link in shown if path == link.href or path.startswith(link.href.rstrip("/") + "/")]
        section = max(sections, key=len, default=None)
        return [
            {"text": link.text, "href": link.href, "current": link.href == path, "active": link.href == section}
            for link in shown
        ]


@dataclass(frozen=True)
class Installed:
    """What `install` leaves in an app for `render`."""

    pages: Pages
    templates: Environment
    stylesheet_path: str
    icon_path: str


def render(request: Request, template: str, *, status_code: int = 200, **context: object) -> HTMLResponse:
    """Answer with a template (`<feature>/<file>.html`, or a shared one) in the layout.

    The layout reads these names from the context, all optional: `errors` (FormError), `notice` (Notice),
    `breadcrumbs` (Crumb), `back_href`, `pagination` (options of govukPagination). Raises UndefinedError for a name
    that the template uses and nobody gave.
    """
    installed: Installed = request.app.state.pages
    pages = installed.pages
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    layout: dict[str, object] = {
        "pages": pages,
        "stylesheet_path": installed.stylesheet_path,
        "icon_path": installed.icon_path,
        "licence_href": OPEN_GOVERNMENT_LICENCE,
        "errors": (),
        "notice": None,
        "breadcrumbs": (),
        "back_href": None,
        "pagination": None,
        "viewer": viewer,
        "navigation": pages.navigation_for(viewer, request.url.path),
    }
    html = installed.templates.get_template(template).render(layout | context | {"request": request})
    headers = {
        "Content-Security-Policy": pages.settings.content_security_policy(),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(html, status_code=status_code, headers=headers)
