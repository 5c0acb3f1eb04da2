"""The API and pages of `ats`, as one process."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import APIRouter, FastAPI

from services.ats.advert_advice import routes as advert_advice_routes
from services.ats.applications import form_routes, own_links
from services.ats.applications import routes as applications_routes
from services.ats.applying import routes as applying_routes
from services.ats.approval_flows import routes as approval_flows_routes
from services.ats.approvals import routes as approvals_routes
from services.ats.audit import pages as audit_pages
from services.ats.audit import routes as audit_routes
from services.ats.bulk_actions import pages as bulk_action_pages
from services.ats.bulk_actions import routes as bulk_actions_routes
from services.ats.case_studies import pages as case_study_pages
from services.ats.case_studies import routes as case_studies_routes
from services.ats.checks import pages as checks_pages
from services.ats.checks import routes as checks_routes
from services.ats.desk import pages as desk_pages
from services.ats.documents import pages as documents_pages
from services.ats.documents import routes as documents_routes
from services.ats.drafts import document_routes as draft_documents_routes
from services.ats.drafts import pages as drafts_pages
from services.ats.drafts import routes as drafts_routes
from services.ats.drafts import sending_pages as draft_sending_pages
from services.ats.drafts.lost_sessions import keep_what_is_typed
from services.ats.duplicates import pages as duplicates_pages
from services.ats.duplicates import routes as duplicates_routes
from services.ats.employers import routes as employers_routes
from services.ats.employment_references import pages as references_pages
from services.ats.employment_references import referee_pages
from services.ats.employment_references import routes as references_routes
from services.ats.equality import pages as equality_pages
from services.ats.equality import routes as equality_routes
from services.ats.establishment import routes as establishment_routes
from services.ats.files.desk import keep_documents
from services.ats.hires import pages as hires_pages
from services.ats.hires import routes as hires_routes
from services.ats.identity import client_pages, password_pages, sign_in_pages, token_routes
from services.ats.identity import routes as identity_routes
from services.ats.impossible_states.watched import DETECTOR
from services.ats.internal_jobs import routes as internal_jobs_routes
from services.ats.interviews import own_pages as own_interview_pages
from services.ats.interviews import pages as interviews_pages
from services.ats.interviews import routes as interviews_routes
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
from services.ats.navigation import LINK_PAGES, NAVIGATION
from services.ats.offers import approval_pages
from services.ats.offers import pages as offers_pages
from services.ats.offers import routes as offers_routes
from services.ats.panels import pages as panels_pages
from services.ats.panels import routes as panels_routes
from services.ats.polled_feeds import routes as polled_feeds_routes
from services.ats.privacy import pages as privacy_pages
from services.ats.privacy import routes as privacy_routes
from services.ats.privacy.closing import LINK_PURPOSE as EXPORT_LINK
from services.ats.reference import routes as reference_routes
from services.ats.reserve_lists import pages as reserve_list_pages
from services.ats.reserve_lists import routes as reserve_lists_routes
from services.ats.retention import pages as retention_pages
from services.ats.retention import routes as retention_routes
from services.ats.selection import routes as selection_routes
from services.ats.selection_policy import routes as selection_policy_routes
from services.ats.talent_pool import own_pages as own_pool_pages
from services.ats.talent_pool import pages as pool_pages
from services.ats.talent_pool import routes as pool_routes
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
from shared.impossible_routes import impossible_states_router
from shared.link_routes import link_router
from shared.manual import document_permissions
from shared.pages import Link, Pages
from shared.settings import Settings
from shared.vocabulary import Scope, Service

LINKS_AGAIN = (
    Link("Candidates: get a new link to your application", "/my-link"),
    Link("Candidates: get a new link to what you have begun", "/my-drafts"),
    Link("Job alerts: get a new link to yours", "/job-alerts/link"),
    Link("Referees: get a new link to the form", "/my-reference-link"),
    Link("Staff: choose a new password", "/forgotten-password"),
)
ASK_AGAIN = {
    "invitation": "/forgotten-password",
    "password-reset": "/forgotten-password",
    "candidate": "/my-link",
    "draft": "/my-drafts",
    "draft-begun": "/my-drafts",
    "job-alert": "/job-alerts/link",
    EXPORT_LINK: "/my-link",
    "referee": "/my-reference-link",
}

ROUTERS: tuple[APIRouter, ...] = (
    vacancies_routes.router,
    jobs_routes.router,
    applications_routes.router,
    applying_routes.router,
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
    audit_routes.router,
    audit_pages.router,
    privacy_routes.router,
    privacy_routes.export_router,
    privacy_pages.router,
    retention_routes.router,
    retention_pages.router,
    impossible_states_router(DETECTOR),
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
    drafts_routes.router,
    draft_documents_routes.router,
    # Before the parts of a form, of which none is called as these are.
    draft_sending_pages.router,
    drafts_pages.router,
    offers_routes.router,
    interviews_routes.router,
    reserve_lists_routes.router,
    pool_routes.router,
    bulk_actions_routes.router,
    checks_routes.router,
    equality_routes.router,
    hires_routes.router,
    references_routes.router,
    documents_routes.router,
    duplicates_routes.router,
    time_to_hire_routes.router,
    reference_routes.router,
    desk_pages.router,
    panels_pages.router,
    interviews_pages.router,
    bulk_action_pages.router,
    reserve_list_pages.router,
    pool_pages.router,
    own_pool_pages.router,
    own_pool_pages.leaving_router,
    own_interview_pages.router,
    monthly_returns_pages.router,
    checks_pages.router,
    references_pages.router,
    hires_pages.router,
    approval_pages.router,
    duplicates_pages.router,
    referee_pages.router,
    jobs_pages.router,
    job_alerts_routes.router,
    job_alert_pages.router,
    own_alert_pages.router,
    careers_pages.router,
    careers_pages.root_router,
    feeds_routes.router,
    feeds_routes.root_router,
    offers_pages.router,
    equality_pages.router,
    documents_pages.router,
    time_to_hire_pages.router,
)

BODY_LIMITS = {
    **uploads_routes.BODY_LIMITS,
    **monthly_returns_routes.BODY_LIMITS,
    **monthly_returns_pages.BODY_LIMITS,
    **applying_routes.BODY_LIMITS,
    **documents_routes.BODY_LIMITS,
    **documents_pages.BODY_LIMITS,
    **draft_documents_routes.BODY_LIMITS,
}


def let_the_clock_be_moved(app: FastAPI, settings: Settings) -> None:
    if settings.is_embedded:
        app.include_router(business_clock_router())


ON_START = (
    partial(auth_routes.sign_in_by_redirect, ask_again=ASK_AGAIN),
    keep_what_is_typed,
    let_the_clock_be_moved,
    keep_feeds,
    keep_documents,
    document_permissions,
)


def describe(settings: Settings) -> ServiceApp:
    return ServiceApp(
        service=Service.ATS,
        title="Recruitment",
        description="Vacancies, applications and hires of 33 councils, and the time that they take.",
        routers=ROUTERS,
        body_limits=BODY_LIMITS,
        on_start=ON_START,
        pages=Pages(
            service_name="Recruitment",
            folder=Path(__file__).parent,
            home_href="/vacancies",
            sign_in_href="/sign-in",
            navigation=NAVIGATION,
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
