"""The order of a delivery's states, and what follows from an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.channels.answers import AnswerClass
from services.notifications.deliveries import rules
from services.notifications.deliveries.states import TERMINAL, WAITING, DeliveryState
from tests.conftest import TODAY


def test_every_state_says_what_may_follow_it() -> None:
    assert set(rules.NEXT_STATES) == set(DeliveryState)


def test_what_has_ended_never_goes_out_again() -> None:
    for state in TERMINAL:
        assert rules.NEXT_STATES[state].isdisjoint(WAITING | {DeliveryState.SENDING})


def test_what_has_not_ended_can_end() -> None:
    for state in set(DeliveryState) - TERMINAL:
        reachable = rules.NEXT_STATES[state]
        assert reachable & TERMINAL


@pytest.mark.parametrize("answer", list(AnswerClass))
def test_every_answer_leads_where_a_sent_message_may_go(answer: AnswerClass) -> None:
    for attempts in (1, rules.MAX_ATTEMPTS):
        assert rules.state_after(answer, attempts) in rules.NEXT_STATES[DeliveryState.SENDING]


def test_the_last_attempt_ends_as_a_technical_failure() -> None:
    assert rules.state_after(AnswerClass.DEFERRED, rules.MAX_ATTEMPTS - 1) is DeliveryState.TEMPORARY_FAILURE
    assert rules.state_after(AnswerClass.DEFERRED, rules.MAX_ATTEMPTS) is DeliveryState.TECHNICAL_FAILURE
    assert rules.state_after(AnswerClass.REFUSED, 1) is DeliveryState.PERMANENT_FAILURE
    assert rules.state_after(AnswerClass.ACCEPTED, rules.MAX_ATTEMPTS) is DeliveryState.SENT


@given(st.integers(1, rules.MAX_ATTEMPTS), st.floats(0, 1, exclude_max=True))
def test_waits_grow_are_spread_and_have_an_end(attempts: int, jitter: float) -> None:
    wait = rules.retry_wait(attempts, jitter)
    assert rules.FIRST_RETRY * 0.75 <= wait <= rules.LONGEST_RETRY
    assert rules.retry_wait(attempts, 0.0) <= wait
    assert rules.retry_wait(attempts + 1, 0.0) >= rules.retry_wait(attempts, 0.0)


def test_a_mail_server_that_is_away_for_a_weekend_loses_nothing() -> None:
    tried_for = sum((rules.retry_wait(n, 0.0) for n in range(1, rules.MAX_ATTEMPTS)), timedelta())
    assert tried_for > timedelta(hours=72)


def test_a_message_is_tried_for_three_days_or_until_it_would_only_confuse() -> None:
    assert rules.expires_at(None, TODAY) == TODAY + timedelta(days=3)
    assert rules.expires_at(TODAY + timedelta(minutes=15), TODAY) == TODAY + timedelta(minutes=15)
    assert rules.expires_at(TODAY + timedelta(days=30), TODAY) == TODAY + timedelta(days=3)
