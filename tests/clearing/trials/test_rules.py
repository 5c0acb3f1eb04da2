from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clearing.audit.rules import IllegalTransition, refuse_illegal
from services.clearing.registrations.states import ClosingReason
from services.clearing.trials import rules
from services.clearing.trials.rules import OfferFacts, TrialOver
from services.clearing.trials.states import TrialKind, TrialState

STARTS = date(2027, 4, 1)


def offer(**changes: Any) -> OfferFacts:
    given_: dict[str, Any] = {
        "notice_given": True,
        "offered_on": date(2027, 3, 1),
        "employment_ends_on": date(2027, 3, 31),
        "starts_on": STARTS,
        "terms_differ": True,
    }
    return OfferFacts(**(given_ | changes))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, TrialKind.STATUTORY),
        ({"terms_differ": False}, None),
        ({"notice_given": False}, TrialKind.CONTRACTUAL),
        ({"offered_on": date(2027, 3, 31)}, TrialKind.STATUTORY),
        ({"offered_on": date(2027, 4, 1)}, TrialKind.CONTRACTUAL),
        ({"starts_on": date(2027, 4, 28)}, TrialKind.STATUTORY),
        ({"starts_on": date(2027, 4, 29)}, TrialKind.CONTRACTUAL),
    ],
)
def test_r38_a_trial_is_statutory_only_with_notice_an_offer_in_time_and_a_start_within_four_weeks(
    changes: dict[str, Any], kind: TrialKind | None
) -> None:
    assert rules.trial_kind(offer(**changes)) is kind


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(date(2027, 4, 1), date(2027, 4, 28)), (date(2026, 12, 14), date(2027, 1, 10))],
)
def test_r39_the_last_day_is_the_28th_calendar_day_over_easter_and_christmas_alike(
    starts_on: date, ends_on: date
) -> None:
    assert rules.last_day(starts_on) == ends_on


def test_r42_a_trial_is_confirmed_at_midnight_in_london_after_its_last_day() -> None:
    assert rules.confirmed_at(date(2027, 4, 28)) == datetime(2027, 4, 28, 23, tzinfo=UTC)
    assert rules.confirmed_at(date(2027, 1, 10)) == datetime(2027, 1, 11, tzinfo=UTC)


def test_r42_alerts_fall_on_days_14_21_and_26() -> None:
    assert rules.alerts(STARTS, rules.last_day(STARTS)) == (
        (14, date(2027, 4, 14)),
        (21, date(2027, 4, 21)),
        (26, date(2027, 4, 26)),
    )
    assert [number for number, _ in rules.alerts(STARTS, date(2027, 4, 21))] == [14, 21]
    assert [number for number, _ in rules.alerts(STARTS, date(2027, 4, 20))] == [14]


def test_a_trial_cannot_be_ended_after_its_last_day() -> None:
    rules.require_end_in_time(date(2027, 4, 28), date(2027, 4, 28))
    with pytest.raises(TrialOver):
        rules.require_end_in_time(date(2027, 4, 28), date(2027, 4, 29))


@pytest.mark.parametrize(
    ("state", "reason", "after"),
    [
        (TrialState.RUNNING, ClosingReason.DISMISSED, TrialState.ENDED_BY_EMPLOYER),
        (TrialState.RUNNING, ClosingReason.RESIGNED, TrialState.ENDED_BY_EMPLOYEE),
        (TrialState.SCHEDULED, ClosingReason.DISMISSED, TrialState.CANCELLED),
    ],
)
def test_r45_a_trial_ends_with_who_leaves_and_one_not_begun_is_cancelled(
    state: TrialState, reason: ClosingReason, after: TrialState
) -> None:
    assert rules.state_when_leaving(state, reason) is after


LEGAL = {
    ("scheduled", "running"),
    ("scheduled", "cancelled"),
    ("running", "confirmed"),
    ("running", "ended_by_employee"),
    ("running", "ended_by_employer"),
}


@pytest.mark.parametrize("to", TrialState)
@pytest.mark.parametrize("state", TrialState)
def test_a_trial_makes_only_the_listed_moves(state: TrialState, to: TrialState) -> None:
    if (state.value, to.value) in LEGAL:
        refuse_illegal(rules.NEXT_STATES, state, to)
    else:
        with pytest.raises(IllegalTransition):
            refuse_illegal(rules.NEXT_STATES, state, to)


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_r39_a_trial_has_28_days(starts_on: date) -> None:
    assert rules.last_day(starts_on) - starts_on + timedelta(days=1) == timedelta(weeks=4)
