"""What may be done with a hire, as pure rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.ats.applications.states import BACK_FROM_HIRE
from services.ats.hires import rules
from services.ats.hires.models import Hire
from services.ats.hires.states import BACK_AT, LEAVING_LABELS, UNHIRE_LABELS, HireAction, LeavingReason, UnhireReason
from services.ats.vacancies import openings
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.states import OpeningState
from shared.vocabulary import HiringRoute, VacancyState
from tests.factories.ats import NOW, cleared_vacancy

TODAY = NOW.date()
DAY = timedelta(days=1)
ME = uuid4()


def hire(**changes: Any) -> Hire:
    given = {
        "employer_id": uuid4(),
        "vacancy_id": uuid4(),
        "application_id": uuid4(),
        "opening_no": 1,
        "route": HiringRoute.EXTERNAL,
        "starts_on": TODAY,
        "hired_at": NOW,
        "hired_by": None,
    }
    return Hire(**(given | changes))


def test_a_start_is_confirmed_once_and_not_before_its_day() -> None:
    made = hire(starts_on=TODAY + DAY)
    with pytest.raises(rules.StartAhead):
        rules.confirm_start(made, made.starts_on, confirmed_by=ME, today=TODAY, now=NOW)
    rules.confirm_start(made, TODAY, confirmed_by=ME, today=TODAY, now=NOW)
    assert (made.starts_on, made.start_confirmed_at, made.start_confirmed_by, made.version) == (TODAY, NOW, ME, 2)
    with pytest.raises(rules.StartConfirmed):
        rules.confirm_start(made, TODAY, confirmed_by=ME, today=TODAY, now=NOW)


def test_who_comes_after_a_no_show_has_come() -> None:
    made = hire(no_show_at=NOW)
    rules.confirm_start(made, TODAY, confirmed_by=ME, today=TODAY, now=NOW)
    assert made.no_show_at is None


def test_nobody_fails_to_come_before_the_first_day_nor_after_they_came() -> None:
    rules.refuse_no_show(hire(), TODAY)
    with pytest.raises(rules.StartAhead):
        rules.refuse_no_show(hire(starts_on=TODAY + DAY), TODAY)
    with pytest.raises(rules.StartConfirmed):
        rules.refuse_no_show(hire(start_confirmed_at=NOW), TODAY)


@pytest.mark.parametrize("reason", list(UnhireReason))
def test_the_hire_of_somebody_who_came_is_taken_back_only_where_it_was_recorded_in_error(reason: UnhireReason) -> None:
    rules.undo(hire(), reason, undone_by=ME, now=NOW)
    came = hire(start_confirmed_at=NOW)
    if reason is UnhireReason.RECORDED_IN_ERROR:
        rules.undo(came, reason, undone_by=ME, now=NOW)
        assert (came.undone_at, came.undone_by, came.unhire_reason, came.version) == (NOW, ME, reason, 2)
        return
    with pytest.raises(rules.StartConfirmed):
        rules.undo(came, reason, undone_by=ME, now=NOW)
    assert came.undone_at is None


def test_who_came_may_leave_from_the_first_day_to_today() -> None:
    resigned = LeavingReason.RESIGNED
    came = hire(starts_on=TODAY - DAY, start_confirmed_at=NOW)
    with pytest.raises(rules.StartNotConfirmed):
        rules.record_leaving(hire(), TODAY, resigned, TODAY)
    with pytest.raises(rules.LeftBeforeTheStart):
        rules.record_leaving(came, TODAY - 2 * DAY, resigned, TODAY)
    with pytest.raises(rules.LeavingAhead):
        rules.record_leaving(came, TODAY + DAY, resigned, TODAY)
    rules.record_leaving(came, TODAY - DAY, resigned, TODAY)
    rules.record_leaving(came, TODAY, LeavingReason.RETIRED, TODAY)
    assert (came.left_on, came.leaving_reason, came.version) == (TODAY, LeavingReason.RETIRED, 3)


def test_what_is_open_is_what_the_day_and_the_hire_allow() -> None:
    A = HireAction  # noqa: N806 - as the code calls it
    assert rules.open_actions(hire(starts_on=TODAY + DAY), TODAY) == [A.CONFIRM_START, A.UN_HIRE]
    assert rules.open_actions(hire(), TODAY) == [A.CONFIRM_START, A.RECORD_NO_SHOW, A.UN_HIRE]
    assert rules.open_actions(hire(start_confirmed_at=NOW), TODAY) == [A.RECORD_LEAVING, A.UN_HIRE]
    assert rules.open_actions(hire(undone_at=NOW), TODAY) == []


def test_every_reason_has_its_words_and_leads_where_the_moves_say() -> None:
    assert set(UNHIRE_LABELS) == set(BACK_AT) == set(UnhireReason)
    assert set(LEAVING_LABELS) == set(LeavingReason)
    assert set(BACK_AT.values()) == BACK_FROM_HIRE


@pytest.mark.parametrize(
    ("openings_count", "before", "after"),
    [(1, VacancyState.CLOSED, VacancyState.CLOSED), (2, VacancyState.CLOSED, VacancyState.PARTIALLY_FILLED)],
)
def test_a_vacancy_that_was_filled_is_chosen_for_again(
    openings_count: int, before: VacancyState, after: VacancyState
) -> None:
    vacancy = cleared_vacancy(openings=openings_count, state=before)
    people = [uuid4() for _ in range(openings_count)]
    for each in people:
        openings.fill_opening(vacancy, each, route=HiringRoute.EXTERNAL, starts_on=date(2027, 1, 4))
    assert vacancy.state is VacancyState.FILLED
    openings.unfill_opening(vacancy, people[0], NOW)
    assert vacancy.state is after
    assert (vacancy.openings[0].state, vacancy.openings[0].starts_on) == (OpeningState.ACCEPTED, None)


def test_an_advert_that_is_still_out_stays_so_when_a_hire_is_taken_back() -> None:
    vacancy = cleared_vacancy(openings=2, state=VacancyState.LIVE)
    vacancy_rules.settle_unfill(vacancy, NOW)
    assert vacancy.state is VacancyState.LIVE
