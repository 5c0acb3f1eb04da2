"""Where the header of every page leads, by role, and signed links, by purpose."""

from __future__ import annotations

from services.ats.privacy.closing import LINK_PURPOSE as EXPORT_LINK
from shared.impossible_routes import PAGE as IMPOSSIBLE_STATES
from shared.pages import Link
from shared.principals import ROLE_SCOPES
from shared.vocabulary import Role, Scope

STAFF = tuple(Role)
REPORT_READERS = tuple(role for role, scopes in ROLE_SCOPES.items() if Scope.REPORTS_READ in scopes)

# Where a signed link leads, by its purpose.
LINK_PAGES = {
    "invitation": "/invitation",
    "password-reset": "/invitation",
    "candidate": "/my-application",
    "draft": "/my-drafts",
    "job-alert": "/my-job-alert",
    EXPORT_LINK: "/my-data-export",
    "referee": "/my-reference",
}
# Where to ask for another when one is spent, and when its session is over.

NAVIGATION = (
    Link("Vacancies", "/vacancies", roles=STAFF),
    Link("Panels", "/panels", roles=(Role.RECRUITER, Role.HIRING_MANAGER, Role.PANEL_MEMBER)),
    Link("Interviews", "/interviews", roles=(Role.RECRUITER, Role.HIRING_MANAGER)),
    Link("Time to hire", "/time-to-hire", roles=REPORT_READERS),
    Link(
        "Equality",
        "/equality",
        roles=(Role.COUNCIL_HR, Role.COUNCIL_ADMIN, Role.WME_ANALYST, Role.WME_ADMIN),
    ),
    Link(
        "Monthly returns",
        "/monthly-returns",
        roles=(Role.RECRUITER, Role.COUNCIL_HR, Role.COUNCIL_ADMIN, Role.WME_ADMIN),
    ),
    Link("Same person?", "/same-person", roles=(Role.RECRUITER, Role.COUNCIL_HR)),
    Link("Checks due", "/checks", roles=(Role.RECRUITER, Role.HIRING_MANAGER, Role.COUNCIL_HR)),
    Link("API clients", "/api-clients", roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
    Link("Data requests", "/data-requests", roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
    Link("Audit", "/audit", roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
    Link("Impossible states", IMPOSSIBLE_STATES, roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
    Link("Case studies", "/case-studies", roles=(Role.COUNCIL_ADMIN, Role.WME_ADMIN)),
    Link("Jobs", "/jobs"),
    Link("Careers", "/careers"),
)

# What is asked for most comes first: a path is compared with one route after another.
