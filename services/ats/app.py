"""The API and pages of `ats`, as one process."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI

from shared.app import ServiceApp, create_app, serve
from shared.pages import Link, Pages
from shared.settings import Settings
from shared.vocabulary import Role, Service

STAFF = tuple(Role)

ROUTERS: tuple[APIRouter, ...] = ()


def describe(settings: Settings) -> ServiceApp:
    return ServiceApp(
        service=Service.ATS,
        title="Recruitment",
        description="Vacancies, applications and hires of 33 councils, and the time that they take.",
        routers=ROUTERS,
        pages=Pages(
            service_name="Recruitment",
            folder=Path(__file__).parent,
            home_href="/vacancies",
            sign_in_href="/sign-in",
            navigation=(
            Link("Vacancies", "/vacancies", roles=STAFF),
            Link("Time to hire", "/time-to-hire", roles=STAFF),
            Link("API clients", "/api-clients", roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
            Link("Jobs", "/jobs"),
            ),
            settings=settings.pages,
        ),
    )


def build(settings: Settings) -> FastAPI:
    return create_app(describe(settings), settings)


def main() -> None:
    settings = Settings.from_environment(Service.ATS)
    serve(lambda: build(settings), settings)


if __name__ == "__main__":
    main()
