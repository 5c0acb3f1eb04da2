"""Who is counted when, what is asked, and what of the counts is shown: pure."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from services.ats.equality import rules
from services.ats.equality.chart import shares
from services.ats.equality.questions import PREFER_NOT_TO_SAY, QUESTIONS, answers_schema
from services.ats.equality.rules import EVERYONE, REGION, STAGES, Applicant, FunnelStage, Quarter, Scope
from services.ats.equality.schemas import NOTHING_SAID, CharacteristicFigures, GroupFigures, StageFigure

COUNCILS = tuple(UUID(int=number) for number in range(1, 5))


def applicants(number: int, *, employer: UUID = COUNCILS[0], **changes: Any) -> list[Applicant]:
    """So many alike, who prefer not to say anything but what is named."""
    reached = changes.pop("reached", FunnelStage.APPLIED)
    groups = NOTHING_SAID | changes
    return [Applicant(employer, "planning", reached, groups) for _ in range(number)]


def test_every_question_may_be_left_unsaid_and_every_protected_characteristic_is_asked_about() -> None:
    assert list(QUESTIONS) == [
        "age_band",
        "sex",
        "gender_identity",
        "ethnic_group",
        "disability",
        "religion_or_belief",
        "sexual_orientation",
        "marriage_or_civil_partnership",
        "pregnancy_or_maternity",
        "caring_responsibilities",
    ]
    for question in QUESTIONS.values():
        codes = [each.code for each in question.options]
        assert codes[-1] == PREFER_NOT_TO_SAY
        assert len(set(codes)) == len(codes)
        assert {question.group_of(each) for each in codes} == set(question.shown_groups)
    assert len(QUESTIONS["ethnic_group"].options) == 20, "the 19 groups of the census, and none said"
    assert len(QUESTIONS["ethnic_group"].shown_groups) == 6
    assert answers_schema()["required"] == list(QUESTIONS)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sex": "a secret of mine"}, "answers.sex"),
        ({"sex": None}, "answers.sex"),
        ({"shoe_size": "44"}, "answers"),
    ],
)
def test_an_answer_that_is_missing_or_no_option_is_refused_by_its_question_and_never_repeated(
    changes: dict[str, Any], field: str
) -> None:
    rules.refuse_incomplete(NOTHING_SAID)
    with pytest.raises(rules.AnswersNotComplete) as refused:
        rules.refuse_incomplete(NOTHING_SAID | changes)
    assert refused.value.field == field
    assert "secret" not in f"{refused.value} {refused.value.next_step}"


def test_a_quarter_is_counted_half_a_year_after_its_end_and_not_a_day_before() -> None:
    quarter = Quarter.of(date(2026, 12, 31))
    assert (str(quarter), quarter.first_day) == ("2026-Q4", date(2026, 10, 1))
    assert quarter.following == Quarter.named("2027-Q1")
    assert not quarter.is_settled(date(2027, 7, 2))
    assert quarter.is_settled(date(2027, 7, 3))


def test_how_far_somebody_came_does_not_depend_on_what_became_of_them_then() -> None:
    nothing = {"is_hired": False, "has_offer": False, "was_interviewed": False, "was_shortlisted": False}
    assert rules.furthest(**nothing) is FunnelStage.APPLIED
    assert rules.furthest(**nothing | {"was_shortlisted": True}) is FunnelStage.SHORTLISTED
    assert rules.furthest(**nothing | {"was_shortlisted": True, "was_interviewed": True}) is FunnelStage.INTERVIEWED
    assert rules.furthest(**nothing | {"has_offer": True}) is FunnelStage.OFFERED
    assert rules.furthest(**nothing | {"is_hired": True}) is FunnelStage.HIRED


def test_4_8_counts_below_ten_are_hidden_and_so_is_what_would_give_them_away() -> None:
    people = [
        *applicants(30, sex="female", reached=FunnelStage.SHORTLISTED),
        *applicants(20, sex="male"),
        *applicants(15, sex="male", reached=FunnelStage.SHORTLISTED),
        *applicants(4, sex=PREFER_NOT_TO_SAY),
    ]
    shown = rules.tables_of(people, ["sex"])["sex"][REGION]
    assert shown[EVERYONE][:2] == [69, 45]
    assert shown[PREFER_NOT_TO_SAY] == [None, None, 0, 0, 0], "nor is said that none of the four was shortlisted"
    assert shown["female"][0] is None, "one more, or the total would give the four away"
    assert shown["male"][2] == 0


def test_4_8_fewer_than_ten_people_in_all_are_shown_nothing_of() -> None:
    for by_scope in rules.tables_of(applicants(9, sex="male")).values():
        for shown in by_scope.values():
            assert all(count in {None, 0} for counts in shown.values() for count in counts)
            assert shown[EVERYONE][0] is None


def test_4_8_no_rate_is_shown_of_fewer_than_ten_people_nor_of_a_hidden_count() -> None:
    assert rules.rate([40, 10, 0, None, None], 1) == "0.2500"
    assert rules.rate([40, 10, 0, None, None], 2) == "0.0000"
    assert rules.rate([40, 10, 0, None, None], 3) is None
    assert rules.rate([None, 10, 0, 0, 0], 1) is None
    assert rules.rate([0, 0, 0, 0, 0], 1) is None


def test_the_chart_leaves_a_hidden_share_out_instead_of_drawing_nothing() -> None:
    stages = [
        StageFigure(stage=stage, people=count, rate=rules.rate([20, None, 0, 0, 0], place))
        for place, (stage, count) in enumerate(zip(STAGES, [20, None, 0, 0, 0], strict=True))
    ]
    figures = CharacteristicFigures(
        id="sex", title="Sex", groups=[GroupFigures(code="male", label="Male", stages=stages)], fairness=[]
    )
    assert [each["stage"] for each in shares(figures)] == ["Interviewed", "Offered", "Hired"]


CHOSEN = ("sex", "disability")


def _people(seed: int) -> list[Applicant]:
    chance = random.Random(seed)
    return [
        Applicant(
            chance.choices(COUNCILS, (8, 4, 2, 1))[0],
            chance.choice(("planning", "housing_homelessness")),
            chance.choices(STAGES, (8, 4, 3, 1, 2))[0],
            NOTHING_SAID | {each: chance.choices(list(QUESTIONS[each].shown_groups), (6, 3, 1))[0] for each in CHOSEN},
        )
        for _ in range(60 + 90 * seed)
    ]


def _cells(people: list[Applicant], scopes: list[Scope]) -> dict[Any, int]:
    """The true counts, by scope, characteristic and group, and place; everyone is of no characteristic."""
    found: Counter[Any] = Counter()
    for person in people:
        for scope in person.scopes:
            for place in range(STAGES.index(person.reached) + 1):
                found[scope, EVERYONE, place] += 1
                for question in CHOSEN:
                    found[scope, (question, person.groups[question]), place] += 1
    kinds = [EVERYONE, *((question, group) for question in CHOSEN for group in QUESTIONS[question].shown_groups)]
    return {
        (scope, kind, place): found[scope, kind, place]
        for scope in scopes
        for kind in kinds
        for place in range(len(STAGES))
    }


def _sums(cells: dict[Any, int]) -> list[dict[Any, int]]:
    """What adds up to nothing: groups less everyone, employers and families less the region."""
    found = []
    for scope, kind, place in cells:
        if kind == EVERYONE:
            for question in CHOSEN:
                groups = [each for each in cells if each[0] == scope and each[2] == place and each[1][0] == question]
                found.append(dict.fromkeys(groups, 1) | {(scope, kind, place): -1})
        if scope == REGION:
            for what in ("employer_id", "family"):
                parts = [each for each in cells if getattr(each[0], what) and each[1:] == (kind, place)]
                found.append(dict.fromkeys(parts, 1) | {(scope, kind, place): -1})
    return found


def matrix(rows: list[dict[Any, int]], order: dict[Any, int]) -> csr_array:
    entries = [(factor, number, order[cell]) for number, row in enumerate(rows) for cell, factor in row.items()]
    factors, numbers, columns = zip(*entries, strict=True)
    return csr_array((factors, (numbers, columns)), shape=(len(rows), len(order)))


@pytest.mark.parametrize("seed", range(3))
def test_no_hidden_count_of_a_release_can_be_told_from_all_its_tables_together(seed: int) -> None:
    """One linear programme over all that the tables of two characteristics show, which share their totals."""
    people = _people(seed)
    tables = rules.tables_of(people, CHOSEN)
    cells = _cells(people, list(tables["sex"]))
    shown = {
        (scope, EVERYONE if group == EVERYONE else (question, group), place): count
        for question in CHOSEN
        for scope, groups in tables[question].items()
        for group, counts in groups.items()
        for place, count in enumerate(counts)
        if count is not None
    }
    assert all(cells[cell] == count for cell, count in shown.items())
    small = [cell for cell, count in cells.items() if 0 < count < rules.THRESHOLD]
    assert small
    assert not set(small) & set(shown)
    order = {cell: number for number, cell in enumerate(cells)}
    sums = _sums(cells)
    limits = [{(s, k, p): 1, (s, k, p - 1): -1} for s, k, p in cells if p]
    known = {
        "A_eq": matrix([*sums, *({cell: 1} for cell in shown)], order),
        "b_eq": [0] * len(sums) + list(shown.values()),
        "A_ub": matrix(limits, order),
        "b_ub": np.zeros(len(limits)),
        "bounds": (0, 5000),
        "method": "highs",
    }
    low, high = (np.array(list(cells.values()), dtype=float) for _ in range(2))
    for place in (order[cell] for cell in small):
        for sign in (1, -1):
            if high[place] - low[place] < rules.THRESHOLD:
                found = linprog(sign * np.eye(1, len(order), place)[0], **known).x
                low, high = np.minimum(low, found), np.maximum(high, found)
        assert high[place] - low[place] >= rules.THRESHOLD - 1e-5, list(cells)[place]
