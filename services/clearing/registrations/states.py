"""The words of a registration: its state, why the person is displaced, who entered it."""

from __future__ import annotations

from enum import StrEnum


class RegistrationState(StrEnum):
    """`unconfirmed`: somebody wrote it at the public page, and nobody has followed the link that we mailed them.
    `duplicate`: confirmed, but its employment has a live registration (R6). HR says which of the two is right.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    VERIFIED = "verified"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    OFFER_ACCEPTED = "offer_accepted"
    ON_TRIAL = "on_trial"
    PLACED_NO_TRIAL = "placed_no_trial"
    PLACED = "placed"
    CLOSED = "closed"
    UNCONFIRMED = "unconfirmed"
    DUPLICATE = "duplicate"


class DisplacementReason(StrEnum):
    """R2."""

    REDUNDANCY_NOTICE = "redundancy_notice"
    AT_RISK_INDIVIDUAL = "at_risk_individual"
    AT_RISK_POOL = "at_risk_pool"
    FIXED_TERM_REDUNDANCY = "fixed_term_redundancy"
    DISABILITY_REDEPLOYMENT = "disability_redeployment"
    ILL_HEALTH = "ill_health"
    PAY_PROTECTED = "pay_protected"
    OTHER = "other"


class EmploymentKind(StrEnum):
    """R1: only an employee of a participating council may be registered."""

    EMPLOYEE = "employee"
    AGENCY_WORKER = "agency_worker"
    CONTRACTOR = "contractor"
    COUNCILLOR = "councillor"
    SCHOOL_BASED = "school_based"


class RegistrationSource(StrEnum):
    HR = "hr"
    SELF = "self"


class ClosingReason(StrEnum):
    """R45: why a live registration ends without a placement."""

    EMPLOYMENT_ENDED = "employment_ended"
    NO_LONGER_AT_RISK = "no_longer_at_risk"
    RESIGNED = "resigned"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"
    OFFER_UNREASONABLY_REFUSED = "offer_unreasonably_refused"
    TRIAL_FAILED = "trial_failed"
    DIED = "died"
