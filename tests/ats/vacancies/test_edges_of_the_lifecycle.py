"""What opens, bars and ends a vacancy, on the last instant at which it does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.ats.vacancies import rules
from services.ats.vacancies.pay_rules import PayNotGiven, pay_range
from services.ats.vacancies.states import OpeningState
from shared.vocabulary import HiringRoute, VacancyState
from tests.factories.ats import NOW, SAW, cleared_vacancy, make_vacancy

LATER = NOW + timedelta(days=1)
SECOND = timedelta(seconds=1)


def test_only_a_draft_that_nobody_was_asked_about_is_untouched() -> None:
    assert rules.is_untouched_draft(make_vacancy())
    for asked in ("requested_at", "approved_at", "entered_clearing_at"):
        assert not rules.is_untouched_draft(make_vacancy(**{asked: NOW}))
    assert not rules.is_untouched_draft(make_vacancy(state=VacancyState.APPROVED))


def test_r12_a_duty_of_the_same_instant_as_the_release_revokes_it() -> None:
    assert not rules.is_cleared(cleared_vacancy(duty_opened_at=NOW))
    assert rules.is_cleared(cleared_vacancy(duty_opened_at=NOW - SECOND))


def test_an_approval_counts_until_the_instant_at_which_it_expires() -> None:
    vacancy = cleared_vacancy(approval_expires_at=LATER)
    rules.require_approval(vacancy, LATER - SECOND)
    with pytest.raises(rules.ApprovalMissing):
        rules.require_approval(vacancy, LATER)
    rules.require_approval(cleared_vacancy(), LATER)


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (VacancyState.APPROVED, VacancyState.DRAFT),
        (VacancyState.IN_CLEARING, VacancyState.IN_CLEARING),
        (VacancyState.LIVE, VacancyState.LIVE),
    ],
)
def test_an_approval_that_was_not_used_in_time_is_taken_back(state: VacancyState, after: VacancyState) -> None:
    vacancy = cleared_vacancy(state=state, approval_expires_at=LATER)
    assert not rules.lapse_approval(vacancy, LATER - SECOND)
    assert (vacancy.state, vacancy.approved_hash) == (state, vacancy.content_hash)
    assert rules.lapse_approval(vacancy, LATER)
    assert (vacancy.state, vacancy.approved_hash, vacancy.approval_expires_at) == (after, None, None)


def test_an_approval_keeps_its_end_and_ends_the_request() -> None:
    vacancy = make_vacancy(state=VacancyState.APPROVAL_PENDING, pending_approval_id=SAW)
    rules.approve(vacancy, NOW, expires_at=LATER, now=NOW)
    assert (vacancy.approval_expires_at, vacancy.pending_approval_id) == (LATER, None)


def test_an_approval_given_in_clearing_does_not_begin_the_clearing_anew() -> None:
    vacancy = make_vacancy(state=VacancyState.IN_CLEARING, entered_clearing_at=NOW)
    rules.approve(vacancy, LATER, now=LATER)
    assert rules.is_approved(vacancy)
    assert (vacancy.state, vacancy.entered_clearing_at) == (VacancyState.IN_CLEARING, NOW)


@pytest.mark.parametrize(
    ("changes", "may_be"),
    [
        ({"is_auto_published": True}, True),
        ({"is_auto_published": True, "publish_at": NOW}, True),
        ({"is_auto_published": True, "publish_at": NOW + SECOND}, False),
        ({"is_auto_published": False}, False),
        ({"is_auto_published": True, "state": VacancyState.DRAFT}, False),
        ({"is_auto_published": True, "released_at": None}, False),
        ({"is_auto_published": True, "approval_expires_at": NOW}, False),
        ({"is_auto_published": True, "approval_expires_at": NOW + SECOND}, True),
        ({"is_auto_published": True, "closes_at": NOW}, False),
        ({"is_auto_published": True, "closes_at": NOW + SECOND}, True),
    ],
)
def test_a_release_leads_straight_to_the_advert_when_all_is_ready(changes: dict[str, Any], may_be: bool) -> None:
    assert rules.may_publish_itself(cleared_vacancy(**changes), NOW, now=NOW) is may_be


def test_an_advert_that_is_out_again_is_not_closed() -> None:
    vacancy = cleared_vacancy(closed_at=NOW - SECOND)
    rules.publish(vacancy, NOW, now=NOW)
    assert (vacancy.state, vacancy.closed_at) == (VacancyState.LIVE, None)


@pytest.mark.parametrize("state", VacancyState)
def test_a_vacancy_is_changed_until_it_has_ended_and_not_while_it_is_held(state: VacancyState) -> None:
    if state.value in {"filled", "unfilled", "cancelled", "on_hold"}:
        with pytest.raises(rules.IllegalMove):
            rules.refuse_unchangeable(make_vacancy(state=state))
    else:
        rules.refuse_unchangeable(make_vacancy(state=state))


def test_openings_remain_until_somebody_has_said_yes() -> None:
    vacancy = make_vacancy(openings=5)
    for opening, state in zip(vacancy.openings, ("open", "reserved", "accepted", "filled", "cancelled"), strict=True):
        opening.state = OpeningState(state)
    assert rules.openings_remaining(vacancy) == 2


def test_a_release_moves_nothing_that_is_not_in_clearing() -> None:
    for state in (VacancyState.LIVE, VacancyState.ON_HOLD, VacancyState.CANCELLED):
        vacancy = cleared_vacancy(state=state)
        rules.release(vacancy)
        assert vacancy.state is state


def test_the_days_of_an_advert_that_the_council_chose_count_instead_of_the_fortnight() -> None:
    vacancy = cleared_vacancy(advert_days=7)
    at = datetime(2026, 11, 16, 9, tzinfo=UTC)
    assert rules.closing_instant(vacancy, at) == datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)


def test_a_closing_date_of_a_draft_lies_ahead_and_within_a_year() -> None:
    for allowed in (None, NOW + SECOND, NOW + timedelta(days=366)):
        rules.check_deadline(allowed, NOW)
    for refused in (NOW, NOW + timedelta(days=366) + SECOND):
        with pytest.raises(rules.DeadlineOutOfRange):
            rules.check_deadline(refused, NOW)


def test_an_advert_that_is_not_out_is_not_closed() -> None:
    vacancy = cleared_vacancy()
    with pytest.raises(rules.IllegalMove):
        rules.close(vacancy, NOW)
    assert vacancy.closed_at is None


@pytest.mark.parametrize(
    ("opening", "state"),
    [(OpeningState.OPEN, VacancyState.CLOSED), (OpeningState.FILLED, VacancyState.PARTIALLY_FILLED)],
)
def test_an_advert_that_closes_with_an_opening_filled_leaves_the_vacancy_partly_filled(
    opening: OpeningState, state: VacancyState
) -> None:
    vacancy = cleared_vacancy(state=VacancyState.LIVE, openings=2)
    vacancy.openings[0].state = opening
    rules.close(vacancy, LATER)
    assert (vacancy.state, vacancy.closed_at) == (state, LATER)


@pytest.mark.parametrize(
    ("state", "route", "is_promise"),
    [
        (OpeningState.OPEN, None, False),
        (OpeningState.RESERVED, HiringRoute.REDEPLOYMENT, False),
        (OpeningState.RESERVED, HiringRoute.EXTERNAL, True),
        (OpeningState.ACCEPTED, HiringRoute.REDEPLOYMENT, True),
        (OpeningState.ACCEPTED, HiringRoute.EXTERNAL, True),
        (OpeningState.CANCELLED, HiringRoute.EXTERNAL, False),
    ],
)
def test_an_offer_or_an_acceptance_is_a_promise_and_a_place_kept_for_clearing_is_none(
    state: OpeningState, route: HiringRoute | None, is_promise: bool
) -> None:
    vacancy = make_vacancy(openings=2)
    vacancy.openings[1].state, vacancy.openings[1].route = state, route
    assert rules.has_promise(vacancy) is is_promise


def test_the_lowest_opening_that_nobody_holds_is_taken_and_none_when_all_are_held() -> None:
    vacancy = make_vacancy(openings=3)
    vacancy.openings[0].state = OpeningState.RESERVED
    assert rules.free_opening(vacancy).opening_no == 2
    for opening in vacancy.openings:
        opening.state = OpeningState.RESERVED
    with pytest.raises(rules.NoOpeningLeft):
        rules.free_opening(vacancy)


def test_candidates_wait_for_an_answer_from_the_end_on_and_not_while_it_goes_on() -> None:
    vacancy = make_vacancy(state=VacancyState.CANCELLED)
    for at in (NOW, LATER):
        rules.note_end(vacancy, at)
        assert vacancy.candidates_untold_since == NOW
    vacancy.state = VacancyState.IN_CLEARING
    rules.note_end(vacancy, LATER)
    assert vacancy.candidates_untold_since is None


def test_what_is_resumed_keeps_nothing_of_its_hold() -> None:
    vacancy = cleared_vacancy(
        state=VacancyState.ON_HOLD,
        held_from=VacancyState.LIVE,
        held_at=NOW,
        hold_reason="No money",
        hold_approved_by="The head of service",
        closes_at=LATER + SECOND,
    )
    rules.resume(vacancy, LATER)
    assert vacancy.state is VacancyState.LIVE
    assert (vacancy.held_from, vacancy.held_at, vacancy.hold_reason, vacancy.hold_approved_by) == (None,) * 4


@pytest.mark.parametrize(
    ("closes_at", "state"),
    [
        (LATER, VacancyState.CLOSED),
        (LATER + SECOND, VacancyState.INTERNAL_ADVERT),
        (None, VacancyState.INTERNAL_ADVERT),
    ],
)
def test_an_internal_advert_that_is_resumed_at_its_deadline_is_closed(
    closes_at: datetime | None, state: VacancyState
) -> None:
    vacancy = cleared_vacancy(state=VacancyState.ON_HOLD, held_from=VacancyState.INTERNAL_ADVERT, closes_at=closes_at)
    rules.resume(vacancy, LATER)
    assert vacancy.state is state


def test_an_approved_vacancy_that_was_changed_during_its_hold_comes_back_a_draft() -> None:
    vacancy = cleared_vacancy(state=VacancyState.ON_HOLD, held_from=VacancyState.APPROVED)
    vacancy.approved_hash = "the content before"
    rules.resume(vacancy, LATER)
    assert vacancy.state is VacancyState.DRAFT


def closed_vacancy(**changes: Any) -> Any:
    return cleared_vacancy(**({"state": VacancyState.CLOSED, "content_version": 4} | changes))


def test_r16_a_new_run_begins_with_nothing_of_the_last_one() -> None:
    vacancy = closed_vacancy(closes_at=NOW, publish_at=NOW, internal_employer_ids=[SAW], shortlist_confirmed_at=NOW)
    rules.readvertise(vacancy, LATER)
    assert (vacancy.state, vacancy.entered_clearing_at) == (VacancyState.IN_CLEARING, LATER)
    assert (vacancy.content_version, vacancy.content_changed_at) == (5, LATER)
    assert (vacancy.closes_at, vacancy.publish_at, vacancy.shortlist_confirmed_at) == (None, None, None)
    assert vacancy.internal_employer_ids == []


def test_what_is_live_or_has_no_opening_left_is_not_advertised_again() -> None:
    with pytest.raises(rules.IllegalMove):
        rules.readvertise(cleared_vacancy(state=VacancyState.LIVE), LATER)
    full = closed_vacancy()
    full.openings[0].state = OpeningState.FILLED
    with pytest.raises(rules.NoOpeningLeft):
        rules.readvertise(full, LATER)
    assert full.state is VacancyState.CLOSED


def test_a_new_run_needs_a_new_approval_where_the_last_has_expired() -> None:
    vacancy = closed_vacancy(approval_expires_at=LATER)
    rules.readvertise(vacancy, LATER)
    assert not rules.is_approved(vacancy)


def test_only_what_is_approved_or_advertised_inside_is_published_and_only_what_is_held_is_resumed() -> None:
    for state in (VacancyState.DRAFT, VacancyState.LIVE):
        with pytest.raises(rules.IllegalMove):
            rules.publish(cleared_vacancy(state=state), NOW, now=NOW)
        with pytest.raises(rules.IllegalMove):
            rules.resume(cleared_vacancy(state=state), NOW)


def test_the_deadline_of_an_internal_advert_is_not_that_of_the_public_one() -> None:
    vacancy = cleared_vacancy(state=VacancyState.INTERNAL_ADVERT, closes_at=LATER)
    rules.publish(vacancy, NOW, now=NOW)
    assert vacancy.closes_at == rules.closing_instant(cleared_vacancy(), NOW)


def test_r12_an_advert_that_lost_its_clearance_during_the_hold_comes_back_into_clearing() -> None:
    vacancy = cleared_vacancy(state=VacancyState.ON_HOLD, held_from=VacancyState.LIVE, duty_opened_at=LATER)
    rules.resume(vacancy, LATER)
    assert (vacancy.state, vacancy.entered_clearing_at) == (VacancyState.IN_CLEARING, LATER)


def test_the_pay_year_that_is_given_counts_instead_of_that_of_the_day() -> None:
    april = date(2026, 4, 1)
    assert pay_range(scp=None, pence=(1, 2), on=date(2026, 3, 1), effective_from=april).effective_from == april


def test_pay_is_in_pounds_or_in_points() -> None:
    with pytest.raises(PayNotGiven):
        pay_range(scp=None, pence=None, on=date(2026, 11, 16))
