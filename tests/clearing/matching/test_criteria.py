from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clearing.matching.criteria import CriterionState, criterion_state, experience_months, whole_months
from services.clearing.matching.profiles import (
    Criterion,
    HeldSkill,
    Occupation,
    Person,
    Qualification,
    Registration,
)
from tests.clearing.matching.builders import experience, person, qualification, registration, skill

MET, TRAINABLE, UNMET, UNKNOWN = (
    CriterionState.MET,
    CriterionState.TRAINABLE,
    CriterionState.UNMET,
    CriterionState.UNKNOWN,
)


def state(criterion: Criterion, who: Person, starts_on: date | None = None) -> CriterionState:
    return criterion_state(criterion, who, starts_on=starts_on, max_weeks_to_train=26)


@pytest.mark.parametrize("criterion", [skill(), experience(), qualification(), registration()])
@pytest.mark.parametrize("trainable", [True, False])
def test_r28_a_section_never_filled_in_is_unknown_whatever_is_asked(criterion: Criterion, *, trainable: bool) -> None:
    asked = Criterion(
        criterion_id="E1",
        kind=criterion.kind,
        trainable=trainable,
        weeks_to_train=4,
        level=criterion.level,
        skill_id=criterion.skill_id,
        families=criterion.families,
        months=criterion.months,
        registration_code=criterion.registration_code,
    )
    assert state(asked, person()) is UNKNOWN


@pytest.mark.parametrize("criterion", [experience(), qualification(), registration()])
def test_r28_an_empty_section_says_that_nothing_is_held(criterion: Criterion) -> None:
    nothing = person(occupations=(), qualifications=(), registrations=())
    assert state(criterion, nothing) is UNMET


def test_r28_a_skill_that_is_not_on_the_list_is_never_unmet() -> None:
    listed = person(skills={"data_entry": HeldSkill(2)})
    assert state(skill("minute_taking"), listed) is UNKNOWN
    assert state(skill("minute_taking", trainable=True, weeks_to_train=8), listed) is TRAINABLE
    assert state(skill("minute_taking", trainable=True, weeks_to_train=27), listed) is UNKNOWN


def test_r28_a_level_stated_below_the_one_asked_is_a_statement() -> None:
    for level, expected in ((0, UNMET), (1, UNMET), (2, MET), (3, MET)):
        assert state(skill("minute_taking", 2), person(skills={"minute_taking": HeldSkill(level)})) is expected


def test_r28_without_a_level_any_qualification_will_do_and_any_skill_that_the_person_says_they_have() -> None:
    assert state(qualification(None), person(qualifications=(Qualification(0, "law"),))) is MET
    for level, expected in ((0, UNMET), (1, MET)):
        assert state(skill(level=None), person(skills={"minute_taking": HeldSkill(level)})) is expected


@pytest.mark.parametrize(
    ("trainable", "weeks", "expected"),
    [(True, 26, TRAINABLE), (True, 27, UNMET), (True, None, UNMET), (False, 4, UNMET)],
)
def test_r29_trainable_within_26_weeks(*, trainable: bool, weeks: int | None, expected: CriterionState) -> None:
    asked = skill("minute_taking", 2, trainable=trainable, weeks_to_train=weeks)
    assert state(asked, person(skills={"minute_taking": HeldSkill(1)})) is expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ((Qualification(5, "housing"),), MET),
        ((Qualification(3, "housing"),), MET),
        ((Qualification(2, "housing"),), UNMET),
        ((Qualification(6, "law"),), UNMET),
        ((Qualification(6, None),), UNKNOWN),
        ((Qualification(2, None),), UNMET),
        ((Qualification(6, None), Qualification(3, "planning")), MET),
    ],
)
def test_r28_a_qualification_needs_the_level_and_a_listed_subject(
    held: tuple[Qualification, ...], expected: CriterionState
) -> None:
    assert state(qualification(3, ("housing", "planning")), person(qualifications=held)) is expected


@pytest.mark.parametrize("subjects", [(), ("any",)])
def test_r28_a_qualification_in_any_subject_needs_the_level_only(subjects: tuple[str, ...]) -> None:
    asked = qualification(3, subjects)
    assert state(asked, person(qualifications=(Qualification(3, "law"),))) is MET
    assert state(asked, person(qualifications=(Qualification(2, None),))) is UNMET


@pytest.mark.parametrize(
    ("valid_to", "starts_on", "expected"),
    [
        (None, date(2027, 1, 4), MET),
        (date(2027, 1, 4), date(2027, 1, 4), MET),
        (date(2027, 1, 3), date(2027, 1, 4), UNMET),
        (date(2027, 1, 3), None, MET),
    ],
)
def test_r28_a_registration_is_current_on_the_first_day(
    valid_to: date | None, starts_on: date | None, expected: CriterionState
) -> None:
    holder = person(registrations=(Registration("social_work_england", valid_to),))
    assert state(registration("social_work_england"), holder, starts_on) is expected
    assert state(registration("driving_licence"), holder, starts_on) is UNMET


@pytest.mark.parametrize("check", ["right_to_work", "dbs_basic", "dbs_standard", "dbs_enhanced"])
def test_r27_checks_that_nobody_lists_are_unknown_not_unmet(check: str) -> None:
    assert state(registration(check), person(registrations=())) is UNKNOWN
    assert state(registration("dbs_enhanced"), person(registrations=(Registration("dbs_enhanced"),))) is MET


def dated(family: str, start: date, end: date, soc2020: str | None = None) -> Occupation:
    return Occupation(family, soc2020, started_on=start, ended_on=end)


def test_r28_overlapping_jobs_are_not_counted_twice() -> None:
    jobs = (
        dated("legal", date(2020, 1, 1), date(2020, 12, 31)),
        dated("legal", date(2020, 7, 1), date(2021, 6, 30)),
    )
    assert experience_months(jobs, experience()) == 18


def test_r28_a_job_inside_another_adds_nothing_and_a_gap_is_not_filled() -> None:
    jobs = (
        dated("legal", date(2020, 1, 1), date(2020, 12, 31)),
        dated("legal", date(2020, 3, 1), date(2020, 5, 31)),
        dated("legal", date(2022, 1, 1), date(2022, 6, 30)),
        dated("hr_od", date(2021, 1, 1), date(2021, 12, 31)),
    )
    assert experience_months(jobs, experience()) == 18
    assert experience_months(jobs, experience(families=("legal", "hr_od"))) == 30


def test_r28_jobs_that_follow_each_other_without_a_day_between_are_one_stretch() -> None:
    jobs = (
        dated("legal", date(2020, 1, 1), date(2020, 2, 14)),
        dated("legal", date(2020, 2, 15), date(2020, 3, 31)),
    )
    assert experience_months(jobs, experience()) == 3


def test_r28_months_without_dates_are_added() -> None:
    jobs = (Occupation("legal", months=7), Occupation("legal", months=5), Occupation("hr_od", months=50))
    assert experience_months(jobs, experience()) == 12
    assert state(experience(12), person(occupations=jobs)) is MET
    assert state(experience(13), person(occupations=jobs)) is UNMET


def test_r28_experience_counts_by_occupation_code_as_well_as_by_family() -> None:
    jobs = (Occupation("other", "2412", months=24),)
    assert experience_months(jobs, experience(families=(), soc_codes=("2412",))) == 24


def test_a_job_has_dates_or_months_and_does_not_end_before_it_starts() -> None:
    for wrong in (
        {"months": 3, "started_on": date(2020, 1, 1), "ended_on": date(2020, 2, 1)},
        {},
        {"started_on": date(2020, 1, 1)},
        {"started_on": date(2020, 2, 1), "ended_on": date(2020, 1, 1)},
    ):
        with pytest.raises(ValueError, match="job"):
            Occupation("legal", **wrong)


@given(st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.integers(0, 20_000), st.integers(0, 400))
def test_whole_months_never_fall_as_a_job_lasts_longer(start: date, days: int, more: int) -> None:
    shorter, longer = (
        date.fromordinal(min(start.toordinal() + n, date(2100, 1, 1).toordinal())) for n in (days, days + more)
    )
    assert 0 <= whole_months(start, shorter) <= whole_months(start, longer)
    assert whole_months(date(2021, 1, 1), date(2021, 12, 31)) == 12
