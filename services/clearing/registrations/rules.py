"""Who may be registered, who vouches for them, how urgent they are, how a registration moves (R1-R11, R44-R47)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from services.clearing.registrations.states import ClosingReason, DisplacementReason, EmploymentKind, RegistrationState
from shared.calendar import add_working_days, local_date
from shared.errors import DomainError, Forbidden, Invalid

VERIFICATION_WORKING_DAYS = 3
PROTECTION_MONTHS = 18
FOUR_WEEKS = timedelta(days=28)
FRIDAY = 4
PROTECTED_TIER = 1

REGIONAL_REASONS = frozenset(
    {
        DisplacementReason.REDUNDANCY_NOTICE,
        DisplacementReason.AT_RISK_INDIVIDUAL,
        DisplacementReason.AT_RISK_POOL,
        DisplacementReason.FIXED_TERM_REDUNDANCY,
        DisplacementReason.DISABILITY_REDEPLOYMENT,
    }
)
"""R2: the others reach posts of their own council only."""
REDUNDANCY_REASONS = REGIONAL_REASONS - {DisplacementReason.DISABILITY_REDEPLOYMENT}
TIER_OF_REASON = {
    DisplacementReason.REDUNDANCY_NOTICE: 3,
    DisplacementReason.FIXED_TERM_REDUNDANCY: 3,
    DisplacementReason.AT_RISK_INDIVIDUAL: 4,
    DisplacementReason.AT_RISK_POOL: 4,
}

_S = RegistrationState
NEXT_STATES: dict[RegistrationState, frozenset[RegistrationState]] = {
    _S.UNCONFIRMED: frozenset({_S.SUBMITTED, _S.DUPLICATE}),
    _S.DUPLICATE: frozenset({_S.SUBMITTED, _S.REJECTED, _S.CLOSED}),
    _S.DRAFT: frozenset({_S.SUBMITTED, _S.CLOSED}),
    _S.SUBMITTED: frozenset({_S.VERIFIED, _S.RETURNED, _S.REJECTED, _S.CLOSED}),
    _S.RETURNED: frozenset({_S.SUBMITTED, _S.CLOSED}),
    _S.VERIFIED: frozenset({_S.ACTIVE, _S.CLOSED}),
    _S.ACTIVE: frozenset({_S.SUSPENDED, _S.OFFER_ACCEPTED, _S.CLOSED}),
    _S.SUSPENDED: frozenset({_S.ACTIVE, _S.OFFER_ACCEPTED, _S.CLOSED}),
    _S.OFFER_ACCEPTED: frozenset({_S.ACTIVE, _S.ON_TRIAL, _S.PLACED_NO_TRIAL, _S.CLOSED}),
    _S.ON_TRIAL: frozenset({_S.PLACED, _S.ACTIVE, _S.CLOSED}),
    _S.PLACED_NO_TRIAL: frozenset({_S.PLACED, _S.CLOSED}),
}
"""Section 2. A state without an entry is terminal."""
LIVE_STATES = frozenset(NEXT_STATES) - {_S.UNCONFIRMED, _S.DUPLICATE}
MATCHED_STATES = frozenset({_S.ACTIVE})
"""R5, R26, R44: only these are matched."""


PLACEMENT_STATES = frozenset({_S.OFFER_ACCEPTED, _S.ON_TRIAL, _S.PLACED_NO_TRIAL})
REASONS_BEFORE_PLACEMENT = frozenset(
    {ClosingReason.EMPLOYMENT_ENDED, ClosingReason.OFFER_UNREASONABLY_REFUSED, ClosingReason.TRIAL_FAILED}
)


class PlacementUnderWay(DomainError):
    """R47."""

    code = "placement_under_way"
    title = "This person has accepted a post, so their registration does not end for this reason"


class RegistrantNotEmployee(Invalid):
    code = "registrant_not_employee"
    title = "Only an employee of a participating council may be registered"


class VerifierNotAllowed(Forbidden):
    code = "verifier_not_allowed"
    title = "This person may not verify this registration"


class RegistrationAlreadyLive(DomainError):
    code = "registration_already_live"
    title = "This employment already has a live registration"


def state_for_person(state: RegistrationState) -> RegistrationState:
    """As the person reads it: that somebody else has registered under a number is not theirs to learn."""
    return _S.SUBMITTED if state is _S.DUPLICATE else state


@dataclass(frozen=True, slots=True)
class TierEvidence:
    """What HR has seen (R10). Only a date and a yes are kept, never the reason behind them (R11)."""

    protected_until: date | None = None
    occupational_health_advised: bool = False


@dataclass(frozen=True, slots=True)
class Verifier:
    """The member of staff who would verify, and where they act as HR."""

    staff_id: UUID
    hr_employer_ids: frozenset[UUID]
    is_registrant: bool = False


def require_employee(kind: EmploymentKind, *, includes_schools: bool = False) -> None:
    """R1: an employee; school-based staff only where the council's policy includes them. RegistrantNotEmployee."""
    if kind is EmploymentKind.EMPLOYEE or (kind is EmploymentKind.SCHOOL_BASED and includes_schools):
        return
    raise RegistrantNotEmployee(field="employment_kind")


def has_regional_scope(reason: DisplacementReason) -> bool:
    """R2."""
    return reason in REGIONAL_REASONS


def is_redundancy(reason: DisplacementReason) -> bool:
    """A redundancy situation: the reasons for which tier 1 (R10) and the four-week interval (R25) count."""
    return reason in REDUNDANCY_REASONS


def require_verifier(verifier: Verifier, home_employer_id: UUID) -> None:
    """R4: HR of the employing council, never the registrant. Raises VerifierNotAllowed.

    Nobody is verified for one vacancy; R8 stands where HR refers to one (`referrals.commands.refer`).
    """
    if home_employer_id not in verifier.hr_employer_ids:
        raise VerifierNotAllowed("Only HR of the employing council verifies a registration.")
    if verifier.is_registrant:
        raise VerifierNotAllowed("Nobody verifies their own registration.")


def verification_due_on(submitted_at: datetime) -> date:
    """R4's target: three working days from submission. Overdue raises an alert and approves nothing."""
    return add_working_days(local_date(submitted_at), VERIFICATION_WORKING_DAYS)


def tier_of(reason: DisplacementReason, evidence: TierEvidence, today: date) -> int:
    """R10: 1 protected and redundant, 2 disability on health advice, 3 under notice, 4 at risk, 5 other.

    A tier follows from evidence that a human verified (R4, R50); the protected-until date is its last day (R11).
    """
    is_protected = evidence.protected_until is not None and today <= evidence.protected_until
    if is_protected and is_redundancy(reason):
        return 1
    if reason is DisplacementReason.DISABILITY_REDEPLOYMENT and evidence.occupational_health_advised:
        return 2
    return TIER_OF_REASON.get(reason, 5)


def tier_on(tier: int, reason: DisplacementReason, protected_until: date | None, day: date) -> int:
    """The verified tier as it stands on a day: protection ends with its last day, and the tier falls to what the
    reason alone supports (R10, R11). Registrations keep what was verified.
    """
    is_over = protected_until is None or day > protected_until
    return tier_of(reason, TierEvidence(), day) if tier == PROTECTED_TIER and is_over else tier


def last_protected_day(born_or_placed_on: date) -> date:
    """R11: the day before 18 months after a birth, placement or entry (MAPL Regs 1999 reg 10 as amended)."""
    months = born_or_placed_on.month - 1 + PROTECTION_MONTHS
    year, month = born_or_placed_on.year + months // 12, months % 12 + 1
    return _day_or_next(year, month, born_or_placed_on.day) - timedelta(days=1)


def latest_protected_start(employment_ends_on: date) -> date:
    """Last first day that counts as within four weeks (ERA 1996 s.138(1), s.146(2); 4.3).

    An employment that ends on a Friday, Saturday or Sunday is treated as ending on the next Monday, bank holiday or
    not. Day 29 is arguable on the words and is treated as outside.
    """
    weekday = employment_ends_on.weekday()
    treated = employment_ends_on + timedelta(days=7 - weekday if weekday >= FRIDAY else 0)
    return treated + FOUR_WEEKS


def require_may_close(state: RegistrationState, reason: ClosingReason) -> None:
    """R45, R47: who has accepted an offer outlives the old employment; a trial fails only by its own end (R41).

    Raises PlacementUnderWay.
    """
    if state in PLACEMENT_STATES and reason in REASONS_BEFORE_PLACEMENT:
        raise PlacementUnderWay(next_step="End the trial first, or give the reason for which the person leaves")


def state_after_failed_trial(
    employment_ends_on: date | None, today: date
) -> tuple[RegistrationState, ClosingReason | None]:
    """R44: active again only while employment or notice remains, else closed for a failed trial."""
    if employment_ends_on is None or today <= employment_ends_on:
        return RegistrationState.ACTIVE, None
    return RegistrationState.CLOSED, ClosingReason.TRIAL_FAILED


def _day_or_next(year: int, month: int, day: int) -> date:
    """The date, or the first of the next month where that month has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return date(year + month // 12, month % 12 + 1, 1)
