"""The API and pages of `ats`, as one process."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.ats.advert_advice import routes as advert_advice_routes
from services.ats.applications import form_routes, own_links
from services.ats.applications import routes as applications_routes
from services.ats.approval_flows import routes as approval_flows_routes
from services.ats.approvals import routes as approvals_routes
from services.ats.case_studies import pages as case_study_pages
from services.ats.case_studies import routes as case_studies_routes
from services.ats.checks import pages as checks_pages
from services.ats.checks import routes as checks_routes
from services.ats.desk import pages as desk_pages
from services.ats.documents import pages as documents_pages
from services.ats.documents import routes as documents_routes
from services.ats.employers import routes as employers_routes
from services.ats.establishment import routes as establishment_routes
from services.ats.files.desk import keep_documents
from services.ats.identity import client_pages, password_pages, sign_in_pages, token_routes
from services.ats.identity import routes as identity_routes
from services.ats.internal_jobs import routes as internal_jobs_routes
from services.ats.job_alerts import own_pages as own_alert_pages
from services.ats.job_alerts import pages as job_alert_pages
from services.ats.job_alerts import routes as job_alerts_routes
from services.ats.jobs import careers_pages
from services.ats.jobs import pages as jobs_pages
from services.ats.jobs import routes as jobs_routes
from services.ats.jobs.feeds import routes as feeds_routes
from services.ats.jobs.feeds.keeping import keep_feeds
from services.ats.milestones import routes as milestones_routes
from services.ats.monthly_returns import pages as monthly_returns_pages
from services.ats.monthly_returns import routes as monthly_returns_routes
from services.ats.offers import pages as offers_pages
from services.ats.offers import routes as offers_routes
from services.ats.panels import pages as panels_pages
from services.ats.panels import routes as panels_routes
from services.ats.polled_feeds import routes as polled_feeds_routes
from services.ats.reference import routes as reference_routes
from services.ats.selection import routes as selection_routes
from services.ats.selection_policy import routes as selection_policy_routes
from services.ats.time_to_hire import pages as time_to_hire_pages
from services.ats.time_to_hire import routes as time_to_hire_routes
from services.ats.vacancies import advert_routes, key_routes
from services.ats.vacancies import routes as vacancies_routes
from services.ats.vacancy_uploads import routes as uploads_routes
from shared import auth_routes, figure_routes
from shared.app import ServiceApp, create_app, serve
from shared.business_clock import business_clock_router
from shared.dead_letters import dead_letters_router
from shared.event_log import event_log_router
from shared.link_routes import link_router
from shared.manual import document_permissions
from shared.pages import Link, Pages
from shared.settings import Settings
from shared.vocabulary import Role, Scope, Service

STAFF = tuple(Role)

# Where a signed link leads, by its purpose.
LINK_PAGES = {
    "invitation": "/invitation",
    "password-reset": "/invitation",
    "candidate": "/my-application",
    "job-alert": "/my-job-alert",
}
# Where to ask for another when one is spent, and when its session is over.
LINKS_AGAIN = (
    Link("Candidates: get a new link to your application", "/my-link"),
    Link("Job alerts: get a new link to yours", "/job-alerts/link"),
    Link("Staff: choose a new password", "/forgotten-password"),
)
ASK_AGAIN = {
    "invitation": "/forgotten-password",
    "password-reset": "/forgotten-password",
    "candidate": "/my-link",
    "job-alert": "/job-alerts/link",
}

# What is asked for most comes first: a path is compared with one route after another.
ROUTERS: tuple[APIRouter, ...] = (
    vacancies_routes.router,
    jobs_routes.router,
    applications_routes.router,
    selection_routes.router,
    panels_routes.router,
    selection_policy_routes.router,
    event_log_router(Scope.VACANCIES_READ),
    dead_letters_router(),
    figure_routes.router,
    auth_routes.router,
    employers_routes.router,
    establishment_routes.router,
    case_studies_routes.router,
    case_study_pages.router,
    identity_routes.router,
    identity_routes.closing_router,
    token_routes.router,
    sign_in_pages.router,
    password_pages.router,
    client_pages.router,
    link_router(LINK_PAGES, LINKS_AGAIN),
    advert_routes.router,
    advert_advice_routes.router,
    key_routes.router,
    uploads_routes.router,
    polled_feeds_routes.router,
    polled_feeds_routes.trying_router,
    internal_jobs_routes.router,
    approvals_routes.router,
    approval_flows_routes.router,
    milestones_routes.router,
    monthly_returns_routes.router,
    own_links.router,
    form_routes.router,
    offers_routes.router,
    checks_routes.router,
    documents_routes.router,
    time_to_hire_routes.router,
    reference_routes.router,
    desk_pages.router,
    panels_pages.router,
    monthly_returns_pages.router,
    checks_pages.router,
    jobs_pages.router,
    job_alerts_routes.router,
    job_alert_pages.router,
    own_alert_pages.router,
    careers_pages.router,
    feeds_routes.router,
    feeds_routes.root_router,
    offers_pages.router,
    documents_pages.router,
    time_to_hire_pages.router,
)

BODY_LIMITS = {
    **uploads_routes.BODY_LIMITS,
    **monthly_returns_routes.BODY_LIMITS,
    **monthly_returns_pages.BODY_LIMITS,
    **documents_routes.BODY_LIMITS,
    **documents_pages.BODY_LIMITS,
}


def let_the_clock_be_moved(app: FastAPI, settings: Settings) -> None:
    if settings.is_embedded:
        app.include_router(business_clock_router())


def describe(settings: Settings) -> ServiceApp:
    return ServiceApp(
        service=Service.ATS,
        title="Recruitment",
        description="Vacancies, applications and hires of 33 councils, and the time that they take.",
        routers=ROUTERS,
        body_limits=BODY_LIMITS,
        on_start=(
            partial(auth_routes.sign_in_by_redirect, ask_again=ASK_AGAIN),
            let_the_clock_be_moved,
            keep_feeds,
            keep_documents,
            document_permissions,
        ),
        pages=Pages(
            service_name="Recruitment",
            folder=Path(__file__).parent,
            home_href="/vacancies",
            sign_in_href="/sign-in",
            navigation=(
                Link("Vacancies", "/vacancies", roles=STAFF),
                Link("Panels", "/panels", roles=(Role.RECRUITER, Role.HIRING_MANAGER, Role.PANEL_MEMBER)),
                Link("Time to hire", "/time-to-hire", roles=STAFF),
                Link(
                    "Monthly returns",
                    "/monthly-returns",
                    roles=(Role.RECRUITER, Role.COUNCIL_HR, Role.COUNCIL_ADMIN, Role.WME_ADMIN),
                ),
                Link("Checks due", "/checks", roles=(Role.RECRUITER, Role.HIRING_MANAGER, Role.COUNCIL_HR)),
                Link("API clients", "/api-clients", roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
                Link("Case studies", "/case-studies", roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
                Link("Jobs", "/jobs"),
                Link("Careers", "/careers"),
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
