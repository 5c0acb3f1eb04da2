"""From an interest to its outcome, as pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.clearing.audit.rules import IllegalTransition, refuse_illegal
from services.clearing.referrals import rules
from services.clearing.referrals.rules import Place
from services.clearing.referrals.states import OfferState, ReferralState

ENDS = "withdrawn vacancy_closed"
LEGAL = {
    "interested": f"hr_review {ENDS}",
    "hr_review": f"referred not_referred {ENDS}",
    "referred": f"not_shortlisted waiting interview_offered offered {ENDS}",
    "waiting": f"interview_offered {ENDS}",
    "interview_offered": f"interviewed {ENDS}",
    "interviewed": f"offered not_appointed {ENDS}",
    "offered": f"accepted refused lapsed offer_withdrawn {ENDS}",
}
LEGAL_OF_AN_OFFER = {
    "requested": "offered no_opening withdrawn",
    "offered": "accepted refused lapsed withdrawn",
}
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
REFERRED, WAITING, INVITED = ReferralState.REFERRED, ReferralState.WAITING, ReferralState.INTERVIEW_OFFERED


@pytest.mark.parametrize("to", ReferralState)
@pytest.mark.parametrize("state", ReferralState)
def test_a_referral_makes_only_the_listed_moves(state: ReferralState, to: ReferralState) -> None:
    if to.value in LEGAL.get(state.value, "").split():
        refuse_illegal(rules.NEXT_STATES, state, to)
    else:
        with pytest.raises(IllegalTransition):
            refuse_illegal(rules.NEXT_STATES, state, to)


@pytest.mark.parametrize("to", OfferState)
@pytest.mark.parametrize("state", OfferState)
def test_an_offer_makes_only_the_listed_moves(state: OfferState, to: OfferState) -> None:
    if to.value in LEGAL_OF_AN_OFFER.get(state.value, "").split():
        refuse_illegal(rules.NEXT_OFFER_STATES, state, to)
    else:
        with pytest.raises(IllegalTransition):
            refuse_illegal(rules.NEXT_OFFER_STATES, state, to)


def test_a_move_that_is_refused_says_what_may_be_done_in_order() -> None:
    with pytest.raises(IllegalTransition) as refused:
        refuse_illegal(rules.NEXT_STATES, ReferralState.WAITING, ReferralState.OFFERED)
    assert refused.value.extra == {
        "state": "waiting",
        "allowed": ["interview_offered", "vacancy_closed", "withdrawn"],
    }


def test_an_interest_is_reviewed_within_two_working_days() -> None:
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert rules.review_due_at(friday) == datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(("days", "last"), [(3, date(2026, 11, 19)), (5, date(2026, 11, 23)), (10, date(2026, 11, 30))])
def test_r32_a_person_has_three_to_ten_working_days_to_reply(days: int, last: date) -> None:
    assert rules.reply_by(MONDAY, days) == datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("days", [2, 11])
def test_r32_no_fewer_and_no_more(days: int) -> None:
    with pytest.raises(rules.ReplyDaysNotAllowed) as refused:
        rules.reply_by(MONDAY, days)
    assert refused.value.field == "reply_working_days"


def test_nobody_starts_on_the_last_day_of_their_time_to_reply() -> None:
    last_reply = rules.reply_by(MONDAY, 5)
    rules.require_start(date(2026, 11, 24), last_reply)
    with pytest.raises(rules.StartNotAllowed):
        rules.require_start(date(2026, 11, 23), last_reply)


def test_r19_reasons_name_essential_criteria_alone() -> None:
    rules.require_known_criteria(["E1"], ["E1", "E2"])
    with pytest.raises(rules.CriteriaNotOfVacancy, match="Not essential here: D1, E9"):
        rules.require_known_criteria(["E9", "E1", "D1"], ["E1", "E2"])


def place(number: int, state: ReferralState = REFERRED, band: int = 3) -> Place:
    """Somebody whose rank is their number."""
    return Place(UUID(int=number), f"{number:03}", band, state)


def person(number: int) -> UUID:
    return UUID(int=number)


def test_r30a_the_first_by_rank_do_not_wait_however_the_queue_is_listed() -> None:
    queue = [place(3), place(1), place(2)]
    rules.require_may_wait(person(3), queue, places=2)
    for number in (1, 2):
        with pytest.raises(rules.SeenBeforeOthers):
            rules.require_may_wait(person(number), queue, places=2)


@pytest.mark.parametrize("band", [1, 2])
def test_r30a_nobody_in_the_first_two_bands_waits_or_is_out_of_turn(band: int) -> None:
    queue = [place(1), place(2), place(3, band=band)]
    with pytest.raises(rules.SeenBeforeOthers):
        rules.require_may_wait(person(3), queue, places=1)
    rules.require_turn(person(3), queue, places=1)


def test_r30a_a_place_in_the_queue_counts_those_not_invited_yet() -> None:
    queue = [place(1, INVITED), place(2, WAITING), place(3), place(4), place(5)]
    assert [rules.place_in_queue(person(number), queue) for number in (2, 3, 4)] == [1, 2, 3]


def test_r30a_the_first_by_rank_are_seen_at_once_and_the_others_in_turn() -> None:
    queue = [place(3), place(1), place(2), place(4)]
    for number in (1, 2):
        rules.require_turn(person(number), queue, places=2)
    for number in (3, 4):
        with pytest.raises(rules.OutOfTurn):
            rules.require_turn(person(number), queue, places=2)
    rules.require_turn(person(3), [place(1, INVITED), place(2, INVITED), place(3), place(4)], places=2)


def test_r30a_nobody_overtakes_who_was_told_to_wait_even_for_a_place_at_once() -> None:
    queue = [place(1, WAITING), place(2)]
    with pytest.raises(rules.OutOfTurn):
        rules.require_turn(person(2), queue, places=2)
    rules.require_turn(person(1), queue, places=2)


def test_an_offer_without_an_interview_needs_a_duty_or_no_rival() -> None:
    rules.require_may_be_offered(REFERRED, has_duty=True, live_rivals=2)
    rules.require_may_be_offered(REFERRED, has_duty=False, live_rivals=0)
    rules.require_may_be_offered(ReferralState.INTERVIEWED, has_duty=False, live_rivals=2)
    with pytest.raises(rules.InterviewFirst):
        rules.require_may_be_offered(REFERRED, has_duty=False, live_rivals=1)
    with pytest.raises(IllegalTransition):
        rules.require_may_be_offered(WAITING, has_duty=True, live_rivals=0)


@pytest.mark.parametrize(
    ("state", "home", "gaining"),
    [
        ("interested", [], []),
        ("hr_review", ["refer", "not-refer"], []),
        ("referred", [], ["not-shortlist", "wait", "offer-interview", "request-offer"]),
        ("waiting", [], ["offer-interview"]),
        ("interview_offered", [], ["interviewed"]),
        ("interviewed", [], ["request-offer", "not-appoint"]),
        ("offered", [], ["withdraw-offer"]),
        ("accepted", [], []),
    ],
)
def test_each_side_is_offered_what_is_its_own_to_do(state: str, home: list[str], gaining: list[str]) -> None:
    found = ReferralState(state)
    assert rules.allowed_actions(found, is_home=True, is_gaining=False) == home
    assert rules.allowed_actions(found, is_home=False, is_gaining=True) == gaining
    assert rules.allowed_actions(found, is_home=True, is_gaining=True) == home + gaining
    assert rules.allowed_actions(found, is_home=False, is_gaining=False) == []
