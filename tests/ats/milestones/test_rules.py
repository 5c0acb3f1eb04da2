"""Which opening a milestone is about and what is asked back about it, as pure rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.ats.milestones import rules
from services.ats.milestones.models import Milestone, MilestoneKind, Question
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.states import OpeningState
from shared.vocabulary import Management
from tests.factories.ats import NOW, SAW, cleared_vacancy, make_vacancy

KIND = MilestoneKind
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


def told(kind: MilestoneKind, at: datetime = NOW, *openings: int) -> Milestone:
    return Milestone(
        employer_id=SAW,
        vacancy_id=uuid4(),
        external_event_id=uuid4().hex,
        kind=kind,
        occurred_at=at,
        count=None,
        asked_opening_no=None,
        opening_nos=list(openings),
    )


def test_milestones_are_of_vacancies_whose_candidates_are_held_elsewhere() -> None:
    rules.refuse_hosted(make_vacancy(management=Management.EXTERNAL))
    with pytest.raises(rules.ManagedHere):
        rules.refuse_hosted(make_vacancy())


@pytest.mark.parametrize(
    ("kind", "at", "is_out"),
    [
        (KIND.INTERVIEWED, NOW, False),
        (KIND.INTERVIEWED, NOW - HOUR, False),
        (KIND.INTERVIEWED, NOW - DAY, True),
        (KIND.INTERVIEWED, NOW + DAY, False),
        (KIND.PUBLISHED, NOW + HOUR, False),
        (KIND.PUBLISHED, NOW + DAY, True),
        (KIND.PUBLISHED, NOW - DAY, False),
        (KIND.SHORTLISTED, NOW - DAY, False),
        (KIND.SHORTLISTED, NOW + DAY, False),
    ],
)
def test_a_step_is_out_of_order_by_day_against_a_shortlist_of_today(
    kind: MilestoneKind, at: datetime, is_out: bool
) -> None:
    assert rules.is_out_of_order(kind, at, [told(KIND.SHORTLISTED)], []) is is_out


def test_steps_of_other_openings_say_nothing_and_those_of_the_whole_vacancy_do() -> None:
    earlier = NOW - DAY
    assert not rules.is_out_of_order(KIND.CLEARED, earlier, [told(KIND.ACCEPTED, NOW, 2)], [1])
    assert rules.is_out_of_order(KIND.CLEARED, earlier, [told(KIND.ACCEPTED, NOW, 1, 2)], [1])
    assert rules.is_out_of_order(KIND.CLEARED, earlier, [told(KIND.ACCEPTED, NOW, 2)], [])
    assert rules.is_out_of_order(KIND.CLEARED, earlier, [told(KIND.PUBLISHED)], [1])
    assert rules.is_out_of_order(KIND.CLEARED, earlier, [told(KIND.ACCEPTED, NOW, 2), told(KIND.OFFERED, NOW, 1)], [1])


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        (KIND.PUBLISHED, Question.PUBLISHED_BEFORE_RELEASE),
        (KIND.SHORTLISTED, Question.SHORTLISTED_WITHOUT_CLEARANCE),
        (KIND.OFFERED, None),
    ],
)
def test_r16_an_advert_or_a_shortlist_before_the_release_is_asked_about(
    kind: MilestoneKind, question: Question | None
) -> None:
    asked = [question] if question else []
    assert rules.questions_before(cleared_vacancy(), kind, NOW) == []
    assert rules.questions_before(cleared_vacancy(), kind, NOW - SECOND) == asked
    assert rules.questions_before(cleared_vacancy(duty_opened_at=NOW), kind, NOW + DAY) == asked
    assert rules.questions_before(make_vacancy(), kind, NOW) == asked


def vacancy(*states: OpeningState, **of_the_first: Any) -> Vacancy:
    made = make_vacancy(openings=len(states))
    for opening, state in zip(made.openings, states, strict=True):
        opening.state = state
    for name, value in of_the_first.items():
        setattr(made.openings[0], name, value)
    return made


def about(post: Vacancy, kind: MilestoneKind, asked: int | None = None, *cleared: int) -> tuple[int | None, bool]:
    opening, was_accepted = rules.find_opening(post, kind, asked, cleared)
    return (opening.opening_no if opening else None), was_accepted


OPEN, ACCEPTED, FILLED = OpeningState.OPEN, OpeningState.ACCEPTED, OpeningState.FILLED


def test_an_acceptance_takes_the_lowest_free_opening_or_the_one_that_is_named() -> None:
    post = vacancy(ACCEPTED, OPEN, OPEN)
    assert about(post, KIND.ACCEPTED) == (2, True)
    assert about(post, KIND.ACCEPTED, 3) == (3, True)
    assert about(post, KIND.ACCEPTED, 1) == (None, True)


def test_a_clearance_is_of_an_accepted_opening_that_was_not_cleared_yet() -> None:
    post = vacancy(ACCEPTED, ACCEPTED, OPEN)
    assert about(post, KIND.CLEARED) == (1, True)
    assert about(post, KIND.CLEARED, None, 1) == (2, True)
    assert about(post, KIND.CLEARED, None, 1, 2) == (3, False)
    assert about(vacancy(ACCEPTED), KIND.CLEARED, None, 1) == (None, False)


def test_a_start_is_of_a_cleared_opening_first_then_of_an_accepted_then_of_a_free_one() -> None:
    post = vacancy(ACCEPTED, ACCEPTED, OPEN)
    assert about(post, KIND.STARTED, None, 2) == (2, True)
    assert about(post, KIND.STARTED) == (1, True)
    assert about(vacancy(FILLED, OPEN), KIND.STARTED) == (2, False)
    assert about(vacancy(FILLED), KIND.STARTED) == (None, False)


def test_an_opening_taken_by_a_person_here_is_no_milestones() -> None:
    assert about(vacancy(ACCEPTED, OPEN, taken_for=uuid4()), KIND.CLEARED) == (2, False)
