"""Words that more than one service reads off the queue."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    ATS = "ats"
    CLEARING = "clearing"
    NOTIFICATIONS = "notifications"


class VacancyState(StrEnum):
    """The only vocabulary of a vacancy's state (owned by ats)."""

    DRAFT = "draft"
    APPROVAL_PENDING = "approval_pending"
    APPROVED = "approved"
    IN_CLEARING = "in_clearing"
    INTERNAL_ADVERT = "internal_advert"
    LIVE = "live"
    CLOSED = "closed"
    FILLED = "filled"
    PARTIALLY_FILLED = "partially_filled"
    UNFILLED = "unfilled"
    CANCELLED = "cancelled"
    ON_HOLD = "on_hold"


class Management(StrEnum):
    """Who holds the candidates: we do, or the council's own system does."""

    HOSTED = "hosted"
    EXTERNAL = "external"


class WorkingPattern(StrEnum):
    """How the week is worked; matching compares it with what a displaced employee accepts."""

    OFFICE_HOURS = "office_hours"
    EARLY_STARTS = "early_starts"
    EVENINGS_SOME = "evenings_some"
    WEEKENDS_SOME = "weekends_some"
    SHIFTS = "shifts"
    TERM_TIME = "term_time"


class ContractKind(StrEnum):
    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    SECONDMENT = "secondment"
    APPRENTICESHIP = "apprenticeship"
    GRADUATE = "graduate"
    """A graduate scheme."""
    RETURNER = "returner"
    """A scheme for people who come back to work after a break."""
    CASUAL = "casual"
    TEMPORARY_POOL = "temporary_pool"
    """The region's bank of temporary staff; a post in it may be converted to a permanent one."""


class CriterionKind(StrEnum):
    """How an essential criterion is decided (clearing R28)."""

    QUALIFICATION = "qualification"
    REGISTRATION = "registration"
    EXPERIENCE = "experience"
    SKILL = "skill"


class Scope(StrEnum):
    VACANCIES_READ = "vacancies:read"
    VACANCIES_WRITE = "vacancies:write"
    VACANCIES_ATTEST = "vacancies:attest"
    MILESTONES_WRITE = "milestones:write"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_WRITE = "applications:write"
    JOBS_APPLY = "jobs:apply"
    EQUALITY_READ = "equality:read"
    CLEARING_READ = "clearing:read"
    CLEARING_WRITE = "clearing:write"
    REPORTS_READ = "reports:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


class Role(StrEnum):
    """What a member of staff may do. The `wme_` roles reach the whole region."""

    RECRUITER = "recruiter"
    HIRING_MANAGER = "hiring_manager"
    PANEL_MEMBER = "panel_member"
    APPROVER = "approver"
    COUNCIL_HR = "council_hr"
    COUNCIL_ADMIN = "council_admin"
    WME_ANALYST = "wme_analyst"
    WME_COORDINATOR = "wme_coordinator"
    WME_ADMIN = "wme_admin"

    @property
    def is_regional(self) -> bool:
        return self.value.startswith("wme_")


class HiringRoute(StrEnum):
    """How the person came to the opening (time-to-hire keeps the routes apart)."""

    EXTERNAL = "external"
    INTERNAL = "internal"
    REDEPLOYMENT = "redeployment"
    RING_FENCED = "ring_fenced"
    SLOT_IN = "slot_in"
