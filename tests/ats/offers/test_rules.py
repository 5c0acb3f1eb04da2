"""When an offer may be made and answered, as pure rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.ats.offers import rules
from services.ats.offers.models import Offer, OfferState
from tests.factories.ats import NOW, SAW

SECOND = timedelta(seconds=1)
REPLY_BY = NOW + timedelta(days=7)


def offer(**changes: Any) -> Offer:
    values: dict[str, Any] = {
        "employer_id": SAW,
        "vacancy_id": uuid4(),
        "application_id": uuid4(),
        "opening_no": 1,
        "salary_pence": 3_400_000,
        "starts_on": REPLY_BY.date() + timedelta(days=30),
        "reply_by": REPLY_BY,
        "made_at": NOW,
        "made_by": None,
    }
    return Offer(**(values | changes))


def test_an_offer_leaves_time_to_reply_and_starts_today_at_the_earliest() -> None:
    rules.check_terms(NOW + SECOND, NOW.date(), NOW)
    with pytest.raises(rules.ReplyByPassed) as refused:
        rules.check_terms(NOW, NOW.date(), NOW)
    assert refused.value.field == "reply_by"
    with pytest.raises(rules.StartInThePast) as refused:
        rules.check_terms(NOW + SECOND, NOW.date() - timedelta(days=1), NOW)
    assert refused.value.field == "starts_on"


def test_a_candidate_answers_until_the_reply_by_and_staff_record_it_later_too() -> None:
    in_time = offer()
    rules.answer(in_time, OfferState.ACCEPTED, REPLY_BY - SECOND, by_candidate=True)
    assert (in_time.state, in_time.answered_at, in_time.version) == (OfferState.ACCEPTED, REPLY_BY - SECOND, 2)
    for late in (offer(), offer(state=OfferState.LAPSED, reply_by=REPLY_BY + SECOND)):
        with pytest.raises(rules.ReplyTooLate):
            rules.answer(late, OfferState.ACCEPTED, REPLY_BY, by_candidate=True)
        rules.answer(late, OfferState.DECLINED, REPLY_BY, by_candidate=False)
        assert late.state is OfferState.DECLINED


@pytest.mark.parametrize("state", [OfferState.ACCEPTED, OfferState.DECLINED, OfferState.WITHDRAWN])
def test_what_has_been_answered_or_withdrawn_is_not_answered_again(state: OfferState) -> None:
    with pytest.raises(rules.OfferNotOpen):
        rules.answer(offer(state=state), OfferState.ACCEPTED, NOW, by_candidate=False)


@pytest.mark.parametrize("state", OfferState)
def test_only_an_offer_that_waits_for_an_answer_lapses(state: OfferState) -> None:
    made = offer(state=state)
    if state is OfferState.MADE:
        rules.lapse(made)
        assert (made.state, made.version, made.answered_at) == (OfferState.LAPSED, 2, None)
    else:
        with pytest.raises(rules.OfferNotOpen):
            rules.lapse(made)
        assert (made.state, made.version) == (state, 1)


@pytest.mark.parametrize("state", OfferState)
def test_an_offer_is_withdrawn_before_and_after_its_acceptance_with_the_reason(state: OfferState) -> None:
    made = offer(state=state)
    if state in {OfferState.MADE, OfferState.ACCEPTED}:
        rules.withdraw(made, NOW, "The post was cut")
        assert (made.state, made.answered_at, made.version) == (OfferState.WITHDRAWN, NOW, 2)
        assert made.withdrawn_reason == "The post was cut"
    else:
        with pytest.raises(rules.OfferNotOpen):
            rules.withdraw(made, NOW, "The post was cut")
        assert (made.state, made.version) == (state, 1)
