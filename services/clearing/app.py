"""The API and pages of `clearing`, as one process."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.clearing.impossible_states.watched import DETECTOR
from services.clearing.matching.routes import router as matches
from services.clearing.referrals.my_pages import router as my_pages
from services.clearing.referrals.pages import router as referral_pages
from services.clearing.referrals.person_routes import router as my_redeployment
from services.clearing.referrals.routes import router as referrals
from services.clearing.registrations.commands import LINK_PURPOSE
from services.clearing.registrations.pages import router as registration_pages
from services.clearing.registrations.routes import router as registrations
from services.clearing.registrations.self_registration import router as self_registration
from services.clearing.trials.routes import router as trials
from services.clearing.windows.pages import router as start_pages
from services.clearing.windows.routes import router as windows
from shared import auth_routes, figure_routes, staff_pages
from shared.app import ServiceApp, create_app, serve
from shared.dead_letters import dead_letters_router
from shared.event_log import event_log_router
from shared.impossible_routes import PAGE as IMPOSSIBLE_STATES
from shared.impossible_routes import READERS, impossible_states_router
from shared.link_routes import link_router
from shared.manual import document_permissions
from shared.pages import Link, Pages
from shared.settings import Settings
from shared.vocabulary import Role, Scope, Service

STAFF = tuple(Role)
HR = (Role.COUNCIL_HR, Role.WME_COORDINATOR)

# Where a signed link leads, by its purpose.
LINK_PAGES: dict[str, str] = {LINK_PURPOSE: "/my"}
LINKS_AGAIN = (Link("Get a new link to your redeployment pages", "/my-link"),)

ROUTERS: tuple[APIRouter, ...] = (
    event_log_router(Scope.CLEARING_READ),
    dead_letters_router(),
    figure_routes.router,
    auth_routes.router,
    staff_pages.router,
    link_router(LINK_PAGES, LINKS_AGAIN),
    registrations,
    matches,
    referrals,
    my_redeployment,
    trials,
    windows,
    start_pages,
    registration_pages,
    self_registration,
    referral_pages,
    my_pages,
    impossible_states_router(DETECTOR),
)


def describe(settings: Settings) -> ServiceApp:
    return ServiceApp(
        service=Service.CLEARING,
        title="Redeployment",
        description="First refusal for displaced council staff in every council of the region.",
        routers=ROUTERS,
        on_start=(partial(auth_routes.sign_in_by_redirect, ask_again={LINK_PURPOSE: "/my-link"}), document_permissions),
        pages=Pages(
            service_name="Redeployment",
            folder=Path(__file__).parent,
            home_href="/",
            sign_in_href="/sign-in",
            navigation=(
                Link("Overview", "/overview", roles=STAFF),
                Link("Registrations", "/registrations", roles=HR),
                Link("Impossible states", IMPOSSIBLE_STATES, roles=READERS),
                Link("Referrals", "/referrals", roles=(*HR, Role.RECRUITER, Role.HIRING_MANAGER)),
            ),
            settings=settings.pages,
        ),
    )


def build(settings: Settings) -> FastAPI:
    return create_app(describe(settings), settings)


def main() -> None:
    settings = Settings.from_environment(Service.CLEARING)
    serve(lambda: build(settings), settings)


if __name__ == "__main__":
    main()
