from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.clearing.audit.rules import IllegalTransition, refuse_illegal
from services.clearing.registrations import rules
from services.clearing.registrations.rules import (
    RegistrantNotEmployee,
    TierEvidence,
    Verifier,
    VerifierNotAllowed,
)
from services.clearing.registrations.states import ClosingReason, DisplacementReason, EmploymentKind, RegistrationState
from shared.reference.employers import employer_id

SANDWELL, DUDLEY = employer_id("SAW"), employer_id("DUD")
TODAY = date(2026, 11, 16)
NO_EVIDENCE = TierEvidence()
ADVISED = TierEvidence(occupational_health_advised=True)
PROTECTED = TierEvidence(protected_until=date(2027, 6, 30))


@pytest.mark.parametrize("kind", EmploymentKind)
def test_r1_only_employees_register(kind: EmploymentKind) -> None:
    if kind is EmploymentKind.EMPLOYEE:
        rules.require_employee(kind)
    else:
        with pytest.raises(RegistrantNotEmployee):
            rules.require_employee(kind)


def test_r1_school_staff_register_where_the_council_includes_them() -> None:
    rules.require_employee(EmploymentKind.SCHOOL_BASED, includes_schools=True)
    with pytest.raises(RegistrantNotEmployee):
        rules.require_employee(EmploymentKind.AGENCY_WORKER, includes_schools=True)


def test_r2_ill_health_pay_protection_and_other_reach_the_own_council_only() -> None:
    own_only = {reason.value for reason in DisplacementReason if not rules.has_regional_scope(reason)}
    assert own_only == {"ill_health", "pay_protected", "other"}


@pytest.mark.parametrize(
    "verifier",
    [
        Verifier(UUID(int=1), frozenset({DUDLEY})),
        Verifier(UUID(int=1), frozenset()),
        Verifier(UUID(int=1), frozenset({SANDWELL}), is_registrant=True),
    ],
)
def test_r4_only_hr_of_the_home_council_verifies_and_never_for_themselves(verifier: Verifier) -> None:
    with pytest.raises(VerifierNotAllowed):
        rules.require_verifier(verifier, SANDWELL)


def test_r4_shared_hr_of_several_councils_verifies_for_each() -> None:
    rules.require_verifier(Verifier(UUID(int=1), frozenset({SANDWELL, DUDLEY})), SANDWELL)


def test_r4_verification_is_due_on_the_third_working_day() -> None:
    assert rules.verification_due_on(datetime(2026, 12, 23, 12, tzinfo=UTC)) == date(2026, 12, 30)


@pytest.mark.parametrize(
    ("reason", "evidence", "tier"),
    [
        (DisplacementReason.REDUNDANCY_NOTICE, PROTECTED, 1),
        (DisplacementReason.AT_RISK_POOL, PROTECTED, 1),
        (DisplacementReason.ILL_HEALTH, PROTECTED, 5),
        (DisplacementReason.DISABILITY_REDEPLOYMENT, PROTECTED, 5),
        (DisplacementReason.REDUNDANCY_NOTICE, TierEvidence(protected_until=date(2026, 11, 16)), 1),
        (DisplacementReason.REDUNDANCY_NOTICE, TierEvidence(protected_until=date(2026, 11, 15)), 3),
        (DisplacementReason.DISABILITY_REDEPLOYMENT, ADVISED, 2),
        (DisplacementReason.DISABILITY_REDEPLOYMENT, NO_EVIDENCE, 5),
        (DisplacementReason.AT_RISK_INDIVIDUAL, ADVISED, 4),
        (DisplacementReason.REDUNDANCY_NOTICE, NO_EVIDENCE, 3),
        (DisplacementReason.FIXED_TERM_REDUNDANCY, NO_EVIDENCE, 3),
        (DisplacementReason.AT_RISK_INDIVIDUAL, NO_EVIDENCE, 4),
        (DisplacementReason.AT_RISK_POOL, NO_EVIDENCE, 4),
        (DisplacementReason.PAY_PROTECTED, NO_EVIDENCE, 5),
    ],
)
def test_r10_the_tier_follows_from_the_reason_and_the_evidence(
    reason: DisplacementReason, evidence: TierEvidence, tier: int
) -> None:
    assert rules.tier_of(reason, evidence, TODAY) == tier


@pytest.mark.parametrize(
    ("born_on", "last"),
    [
        (date(2026, 4, 6), date(2027, 10, 5)),
        (date(2025, 11, 16), date(2027, 5, 15)),
        (date(2026, 8, 31), date(2028, 2, 29)),
        (date(2025, 8, 31), date(2027, 2, 28)),
    ],
)
def test_r11_protection_ends_the_day_before_18_months(born_on: date, last: date) -> None:
    assert rules.last_protected_day(born_on) == last


@pytest.mark.parametrize(
    ("ends_on", "latest"),
    [
        (date(2027, 3, 26), date(2027, 4, 26)),
        (date(2027, 3, 31), date(2027, 4, 28)),
        (date(2027, 3, 27), date(2027, 4, 26)),
        (date(2027, 3, 28), date(2027, 4, 26)),
        (date(2027, 3, 29), date(2027, 4, 26)),
        (date(2027, 3, 25), date(2027, 4, 22)),
    ],
)
def test_a_start_is_protected_for_four_weeks_counted_from_monday_after_a_weekend(ends_on: date, latest: date) -> None:
    assert rules.latest_protected_start(ends_on) == latest


LEGAL = {
    "unconfirmed": "submitted duplicate",
    "duplicate": "submitted rejected closed",
    "draft": "submitted closed",
    "submitted": "verified returned rejected closed",
    "returned": "submitted closed",
    "verified": "active closed",
    "active": "suspended offer_accepted closed",
    "suspended": "active offer_accepted closed",
    "offer_accepted": "active on_trial placed_no_trial closed",
    "on_trial": "placed active closed",
    "placed_no_trial": "placed closed",
}


@pytest.mark.parametrize("to", RegistrationState)
@pytest.mark.parametrize("state", RegistrationState)
def test_a_registration_makes_only_the_listed_moves(state: RegistrationState, to: RegistrationState) -> None:
    if to.value in LEGAL.get(state.value, "").split():
        refuse_illegal(rules.NEXT_STATES, state, to)
    else:
        with pytest.raises(IllegalTransition):
            refuse_illegal(rules.NEXT_STATES, state, to)


def test_r44_a_failed_trial_returns_to_active_only_while_employment_remains() -> None:
    assert rules.state_after_failed_trial(TODAY, TODAY) == (RegistrationState.ACTIVE, None)
    assert rules.state_after_failed_trial(None, TODAY) == (RegistrationState.ACTIVE, None)
    assert rules.state_after_failed_trial(date(2026, 11, 15), TODAY) == (
        RegistrationState.CLOSED,
        ClosingReason.TRIAL_FAILED,
    )


def test_r11_protection_falls_to_what_the_reason_supports_on_the_day_after_its_last() -> None:
    reason, until = DisplacementReason.AT_RISK_POOL, date(2026, 11, 20)
    assert rules.tier_on(1, reason, until, date(2026, 11, 20)) == 1
    assert rules.tier_on(1, reason, until, date(2026, 11, 21)) == 4
    # The second tier has no date, and the others do not change.
    assert rules.tier_on(2, DisplacementReason.DISABILITY_REDEPLOYMENT, None, date(2026, 11, 21)) == 2
    assert rules.tier_on(3, DisplacementReason.REDUNDANCY_NOTICE, None, date(2026, 11, 21)) == 3


def test_r11_protection_without_a_last_day_is_over() -> None:
    assert rules.tier_on(1, DisplacementReason.AT_RISK_POOL, None, TODAY) == 4


def test_who_registered_second_under_a_number_reads_that_it_was_submitted() -> None:
    assert rules.state_for_person(RegistrationState.DUPLICATE) is RegistrationState.SUBMITTED
    assert rules.state_for_person(RegistrationState.RETURNED) is RegistrationState.RETURNED


BEFORE_THE_PLACEMENT = {"employment_ended", "offer_unreasonably_refused", "trial_failed"}


@pytest.mark.parametrize("reason", ClosingReason)
@pytest.mark.parametrize("state", ["offer_accepted", "on_trial", "placed_no_trial"])
def test_r47_who_has_accepted_a_post_outlives_the_old_employment(state: str, reason: ClosingReason) -> None:
    if reason.value in BEFORE_THE_PLACEMENT:
        with pytest.raises(rules.PlacementUnderWay):
            rules.require_may_close(RegistrationState(state), reason)
    else:
        rules.require_may_close(RegistrationState(state), reason)
    rules.require_may_close(RegistrationState.ACTIVE, reason)


def test_r5_r26_live_registrations_are_those_that_may_still_move_and_only_active_ones_are_matched() -> None:
    over = {"unconfirmed", "duplicate", "rejected", "placed", "closed"}
    assert {state.value for state in RegistrationState} - {state.value for state in rules.LIVE_STATES} == over
    assert frozenset({RegistrationState.ACTIVE}) == rules.MATCHED_STATES


def test_tier_1_counts_for_redundancy_situations_only() -> None:
    redundancies = {"redundancy_notice", "at_risk_individual", "at_risk_pool", "fixed_term_redundancy"}
    assert {reason.value for reason in DisplacementReason if rules.is_redundancy(reason)} == redundancies
