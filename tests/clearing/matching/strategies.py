"""Any person and any post, from few enough values that they often meet."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st

from services.clearing.matching.policy import MatchingPolicy, RankOrder, TravelPolicy, WeightsPolicy
from services.clearing.matching.profiles import (
    Criterion,
    DesirableSkill,
    HeldSkill,
    Occupation,
    Person,
    Qualification,
    Registration,
    Vacancy,
)
from shared.reference.employers import employer_id
from shared.vocabulary import ContractKind, CriterionKind

some = settings(max_examples=int(os.environ.get("PROPERTY_EXAMPLES", "40")), deadline=None)
"""Enough for every run; a longer search is `PROPERTY_EXAMPLES=5000`. No deadline: other work may share the machine."""

EMPLOYERS = st.sampled_from([employer_id(code) for code in ("SAW", "DUD", "HEF")])
OUTCODES = st.sampled_from(["B66", "DY1", "WS2", "CV1", "HR1", "ZZ9", None])
AREAS = st.sampled_from(["SAW", "DUD", "HEF"])
SKILLS = st.sampled_from(["minute_taking", "data_entry", "negotiation"])
FAMILIES = st.sampled_from(["legal", "hr_od", "other"])
SOC_CODES = st.sampled_from(["2412", "3571", None])
SUBJECTS = st.sampled_from(["law", "housing", "any"])
CODES = st.sampled_from(["driving_licence", "social_work_england", "right_to_work"])
PATTERNS = st.sampled_from(["office_hours", "weekends_some"])
HOURS = st.sampled_from([1850, 2220, 3000, 3700])
GROUPS = st.sampled_from(["north", "south", None])
FENCES = st.sampled_from(["a", "b"]).map(employer_id)
DAYS = st.dates(date(2019, 12, 28), date(2021, 4, 3))
MINUTES = st.sampled_from([10, 20, 30, 45, 60, 90])
STARTS = st.none() | st.dates(date(2026, 12, 30), date(2027, 1, 3))

OCCUPATIONS = st.builds(Occupation, FAMILIES, SOC_CODES, months=st.integers(0, 30)) | st.builds(
    lambda family, soc, days: Occupation(family, soc, started_on=min(days), ended_on=max(days)),
    FAMILIES,
    SOC_CODES,
    st.tuples(DAYS, DAYS),
)

PEOPLE = st.builds(
    Person,
    registration_id=st.uuids(version=4),
    home_employer_id=EMPLOYERS,
    tier=st.integers(1, 5),
    band=st.integers(1, 6),
    current_fte_pence=st.integers(2_400_000, 4_500_000),
    current_hours=HOURS,
    verified_at=st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 2)).map(lambda day: day.replace(tzinfo=UTC)),  # noqa: DTZ001
    outcode=OUTCODES,
    min_hours=st.none() | HOURS,
    max_hours=st.none() | HOURS,
    employment_ends_on=st.none() | st.dates(date(2027, 1, 1), date(2027, 1, 3)),
    latest_protected_start=STARTS,
    successor_group=GROUPS,
    is_live=st.sampled_from([True, True, True, False]),
    is_own_council_only=st.sampled_from([False, False, True]),
    max_travel_minutes=MINUTES,
    max_miles=st.none() | st.integers(0, 40),
    hybrid_max_travel_minutes=st.none() | MINUTES,
    travel_corrections=st.dictionaries(OUTCODES.filter(bool), MINUTES, max_size=2),
    ticked_areas=st.frozensets(AREAS, max_size=2),
    accepts_fixed_term=st.booleans(),
    accepts_short_fixed_term=st.booleans(),
    accepts_more_than_two_bands_lower=st.booleans(),
    working_patterns=st.none() | st.frozensets(PATTERNS),
    skills=st.none() | st.dictionaries(SKILLS, st.builds(HeldSkill, st.integers(0, 3), st.booleans()), max_size=3),
    qualifications=st.none()
    | st.lists(st.builds(Qualification, st.integers(2, 6), st.none() | SUBJECTS), max_size=2).map(tuple),
    registrations=st.none() | st.lists(st.builds(Registration, CODES, STARTS), max_size=2).map(tuple),
    occupations=st.none() | st.lists(OCCUPATIONS, max_size=5).map(tuple),
    ring_fences=st.frozensets(FENCES, max_size=1),
)

CRITERIA = st.builds(
    Criterion,
    criterion_id=st.sampled_from(["E1", "E2"]),
    kind=st.sampled_from(CriterionKind),
    trainable=st.booleans(),
    weeks_to_train=st.sampled_from([None, 8, 26, 27]),
    level=st.none() | st.integers(1, 4),
    subjects=st.lists(SUBJECTS, max_size=2).map(tuple),
    registration_code=CODES,
    skill_id=SKILLS,
    families=st.lists(FAMILIES, max_size=2).map(tuple),
    soc_codes=st.lists(SOC_CODES.filter(bool), max_size=1).map(tuple),
    months=st.none() | st.integers(0, 30),
)

VACANCIES = st.builds(
    Vacancy,
    vacancy_id=st.uuids(version=4),
    employer_id=EMPLOYERS,
    band=st.integers(1, 6),
    max_fte_pence=st.none() | st.integers(2_400_000, 4_500_000),
    hours=st.none() | HOURS,
    outcode=OUTCODES,
    contract=st.sampled_from([ContractKind.PERMANENT, ContractKind.PERMANENT, ContractKind.FIXED_TERM]),
    contract_months=st.sampled_from([None, 3, 6, 12, 24]),
    openings=st.sampled_from([0, 1, 1, 1, 2]),
    working_pattern=st.none() | PATTERNS,
    office_days=st.sampled_from([None, None, 0, 1, 2, 3]),
    workplace_area=st.none() | AREAS,
    starts_on=STARTS,
    successor_group=GROUPS,
    essential=st.lists(CRITERIA, max_size=3).map(tuple),
    desirable=st.lists(st.builds(DesirableSkill, SKILLS, st.integers(1, 3), st.integers(1, 3)), max_size=3).map(tuple),
    is_open=st.sampled_from([True, True, True, False]),
    is_funded=st.sampled_from([True, True, True, False]),
    ring_fence=st.none() | FENCES,
)


def _weights(cuts: list[int]) -> WeightsPolicy:
    """Six cuts of a hundred make seven weights."""
    edges = [0, *sorted(cuts), 100]
    return WeightsPolicy("any", date(2026, 4, 1), *(after - before for before, after in pairwise(edges)))


POLICIES = st.builds(
    MatchingPolicy,
    travel=st.sampled_from(
        [TravelPolicy(), TravelPolicy(speed_kmh=50, base_minutes=5, round_up_to=1, near_minutes=20)]
    ),
    weights=st.lists(st.integers(0, 100), min_size=6, max_size=6).map(_weights),
    order=st.sampled_from(RankOrder),
)
