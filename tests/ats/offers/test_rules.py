"""When an offer may be made and answered, as pure rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.ats.offers import rules
from services.ats.offers.models import Offer, OfferState
from tests.factories.ats import NOW, SAW, make_vacancy

SECOND = timedelta(seconds=1)
REPLY_BY = NOW + timedelta(days=7)


def offer(**changes: Any) -> Offer:
    values: dict[str, Any] = {
        "employer_id": SAW,
        "vacancy_id": uuid4(),
        "application_id": uuid4(),
        "sequence_no": 1,
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


def test_the_grade_is_what_was_approved_with_a_supplement_that_is_paid_every_year() -> None:
    vacancy = make_vacancy()
    low, high = vacancy.salary_min_pence, vacancy.salary_max_pence
    found = [rules.is_outside_grade(vacancy, pay) for pay in (low - 1, low, high, high + 1)]
    assert found == [True, False, False, True]
    vacancy.flags = {"pay_supplement": {"amount_pence": 100_000, "paid": "yearly"}}
    assert not rules.is_outside_grade(vacancy, high + 100_000)
    assert rules.is_outside_grade(vacancy, high + 100_001)
    vacancy.flags = {"pay_supplement": {"amount_pence": 100_000, "paid": "once"}}
    assert rules.is_outside_grade(vacancy, high + 1)


def test_pay_outside_the_grade_needs_a_reason_and_pay_within_it_none() -> None:
    vacancy = make_vacancy()
    rules.refuse_unexplained(vacancy, vacancy.salary_max_pence, None)
    rules.refuse_unexplained(vacancy, vacancy.salary_max_pence + 1, "Two years at a higher point")
    with pytest.raises(rules.PayOutsideGrade, match="£33,673 to £36,581") as refused:
        rules.refuse_unexplained(vacancy, vacancy.salary_max_pence + 1, None)
    assert refused.value.field == "salary_pence"


def test_an_offer_outside_the_grade_is_decided_once_and_by_another_person_than_its_maker() -> None:
    maker, approver = uuid4(), uuid4()
    pending = offer(state=OfferState.APPROVAL_PENDING, made_by=maker, opening_no=None)
    for nobody in (maker, None):
        with pytest.raises(rules.MakerMayNotApprove):
            rules.decide(pending, OfferState.MADE, decided_by=nobody, at=NOW)
    rules.decide(pending, OfferState.REFUSED, decided_by=approver, at=NOW)
    assert (pending.state, pending.decided_by, pending.decided_at, pending.version) == ("refused", approver, NOW, 2)
    with pytest.raises(rules.OfferNotPending):
        rules.decide(pending, OfferState.MADE, decided_by=approver, at=NOW)
