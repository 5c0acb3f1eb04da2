"""A made-up region whose facts hang together: people live near their council, are paid by their band, hold the
skills of their family and have worked in families next to it; posts ask for what such posts ask for.

Everything follows from the seed. Nobody in it exists.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from uuid import UUID

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
from shared.reference import employers, occupations, pay, places, skills
from shared.vocabulary import ContractKind, CriterionKind

PAY_DAY = date(2026, 9, 1)
SNAPSHOT_DAY = date(2026, 11, 16)
VERIFIED_FROM = datetime(2026, 10, 1, 9, tzinfo=UTC)
PATTERNS = ("office_hours", "office_hours", "office_hours", "evenings_some", "weekends_some", "early_starts")
NEIGHBOURS = {
    "housing_homelessness": ("adult_social_care", "revenues_benefits"),
    "adult_social_care": ("childrens_social_care", "housing_homelessness"),
    "childrens_social_care": ("adult_social_care", "early_years_education"),
    "revenues_benefits": ("customer_services", "finance_audit"),
    "customer_services": ("business_support", "revenues_benefits"),
    "business_support": ("customer_services", "hr_od"),
    "finance_audit": ("procurement_commissioning", "revenues_benefits"),
    "hr_od": ("business_support", "policy_performance_projects"),
    "planning_building_control": ("regulatory_services", "highways_transport"),
    "regulatory_services": ("planning_building_control", "waste_parks_street_scene"),
    "highways_transport": ("waste_parks_street_scene", "property_facilities_construction"),
    "waste_parks_street_scene": ("highways_transport", "catering_cleaning_caretaking"),
}
PROFESSIONS = {
    "adult_social_care": "social_work_england",
    "childrens_social_care": "social_work_england",
    "legal": "solicitor",
    "waste_parks_street_scene": "driving_licence",
    "highways_transport": "driving_licence",
}


def people(count: int, seed: int = 1) -> list[Person]:
    """`count` displaced employees of the 33 councils."""
    draw = Random(seed)
    return [_person(draw, number) for number in range(count)]


def vacancies(count: int, seed: int = 2) -> list[Vacancy]:
    """`count` open posts of the 33 councils."""
    draw = Random(seed)
    return [_vacancy(draw, number) for number in range(count)]


def _person(draw: Random, number: int) -> Person:
    council = _council(draw)
    family, soc = _work(draw)
    band = _band(draw, family)
    hours = draw.choice((3700, 3700, 3700, 3000, 2220, 1850))
    return Person(
        registration_id=_id(draw, number),
        home_employer_id=council.id,
        tier=draw.choices((1, 2, 3, 4, 5), (2, 2, 50, 40, 6))[0],
        band=band,
        current_fte_pence=_pay(draw, band),
        current_hours=hours,
        min_hours=hours - draw.choice((0, 0, 370, 740)),
        max_hours=max(hours, 3700),
        verified_at=VERIFIED_FROM + timedelta(seconds=draw.randrange(4_000_000)),
        outcode=_home(draw, council.code),
        employment_ends_on=draw.choice((None, date(2027, 1, 31), date(2027, 3, 31), date(2027, 6, 30))),
        latest_protected_start=draw.choice((None, date(2027, 4, 28))),
        successor_group=_successor_group(council),
        max_travel_minutes=draw.choice((30, 45, 60, 60, 60, 75, 90)),
        max_miles=draw.choice((None, None, None, 12, 20, 30)),
        hybrid_max_travel_minutes=draw.choice((None, None, 90)),
        travel_corrections={_home(draw, council.code): draw.randrange(10, 80, 5)} if draw.random() < 0.05 else {},
        ticked_areas=frozenset({council.code, _council(draw).code}) if draw.random() < 0.2 else frozenset(),
        accepts_fixed_term=draw.random() < 0.6,
        accepts_short_fixed_term=draw.random() < 0.1,
        accepts_more_than_two_bands_lower=draw.random() < 0.05,
        working_patterns=frozenset({"office_hours", *draw.sample(PATTERNS, 1)}),
        skills=_held_skills(draw, family, band),
        qualifications=_qualifications(draw, family, band),
        registrations=_registrations(draw, family),
        occupations=_occupations(draw, family, soc),
    )


def _vacancy(draw: Random, number: int) -> Vacancy:
    council = _council(draw)
    family, _ = _work(draw)
    band = _band(draw, family)
    contract = draw.choices((ContractKind.PERMANENT, ContractKind.FIXED_TERM), (80, 20))[0]
    return Vacancy(
        vacancy_id=_id(draw, number),
        employer_id=council.id,
        band=band,
        max_fte_pence=_pay(draw, band),
        hours=draw.choice((3700, 3700, 3700, 3000, 2220)),
        outcode=_home(draw, council.code),
        contract=contract,
        contract_months=None if contract is ContractKind.PERMANENT else draw.choice((3, 6, 12, 18, 24)),
        openings=draw.choice((1, 1, 1, 2, 3, 5)),
        working_pattern=draw.choice(PATTERNS),
        office_days=draw.choice((None, None, None, None, 5, 2, 1, 0)),
        workplace_area=council.code,
        starts_on=draw.choice((None, date(2027, 2, 1), date(2027, 6, 1))),
        successor_group=_successor_group(council),
        essential=_essential(draw, family, band),
        desirable=_desirable(draw, family),
    )


def _council(draw: Random) -> employers.Employer:
    councils = employers.councils()
    return draw.choices(councils, _populations())[0]


@cache
def _populations() -> tuple[int, ...]:
    return tuple(council.population_2020 or 100_000 for council in employers.councils())


def _successor_group(council: employers.Employer) -> str | None:
    """Counties and their districts merge; the others stay."""
    if council.council_type == "county":
        return council.code
    return council.parent


@cache
def _nearest_outcodes(code: str) -> tuple[str, ...]:
    council = employers.employer(code)
    held = [place for place in places.outcodes().values() if place.is_west_midlands]
    held.sort(key=lambda place: ((place.lat - council.lat) ** 2 + (place.lon - council.lon) ** 2, place.outcode))
    return tuple(place.outcode for place in held[:24])


def _home(draw: Random, code: str) -> str:
    near = _nearest_outcodes(code)
    return near[min(int(draw.expovariate(0.15)), len(near) - 1)]


@cache
def _titles() -> tuple[tuple[str, str], ...]:
    return tuple((occupations.family_of(row.title, row.soc2020), row.soc2020) for row in occupations.council_titles())


def _work(draw: Random) -> tuple[str, str]:
    return draw.choice(_titles())


def _band(draw: Random, family: str) -> int:
    if family == "senior_leadership":
        return draw.choice((10, 11, 12))
    if family == "catering_cleaning_caretaking":
        return draw.choice((1, 1, 2, 3))
    return min(10, max(1, round(draw.gauss(4.8, 1.7))))


def _pay(draw: Random, band: int) -> int:
    row = pay.bands(PAY_DAY)[band - 1]
    most = row.annual_max_pence or row.annual_min_pence + 2_000_000
    return draw.randrange(row.annual_min_pence, most + 1, 100)


@cache
def _skills_of(family: str) -> tuple[str, ...]:
    return tuple(skill.skill_id for skill in skills.skills().values() if skill.family == family)


def _near_families(draw: Random, family: str) -> tuple[str, ...]:
    return (family, *NEIGHBOURS.get(family, (draw.choice(_titles())[0],)))


def _held_skills(draw: Random, family: str, band: int) -> dict[str, HeldSkill] | None:
    if draw.random() < 0.02:
        return None
    own = draw.sample(_skills_of(family), min(len(_skills_of(family)), draw.randint(3, 8)))
    general = draw.sample(_skills_of("any"), draw.randint(3, 8))
    nearby = [draw.choice(_skills_of(other)) for other in _near_families(draw, family)[1:] if _skills_of(other)]
    top = 3 if band >= 5 else 2
    return {
        skill_id: HeldSkill(draw.randint(1, top), is_confirmed=draw.random() < 0.3)
        for skill_id in (*own, *general, *nearby)
    }


def _qualifications(draw: Random, family: str, band: int) -> tuple[Qualification, ...] | None:
    if draw.random() < 0.03:
        return None
    held = [Qualification(2, "english_maths")] if draw.random() < 0.95 else []
    if draw.random() < 0.2 + band / 15:
        held.append(Qualification(min(7, 2 + band // 2), draw.choice((family, family, None, "other"))))
    return tuple(held)


def _registrations(draw: Random, family: str) -> tuple[Registration, ...] | None:
    if draw.random() < 0.02:
        return None
    held = [Registration("driving_licence")] if draw.random() < 0.7 else []
    if family in PROFESSIONS and draw.random() < 0.6:
        held.append(Registration(PROFESSIONS[family], draw.choice((None, date(2027, 3, 31), date(2028, 11, 30)))))
    return tuple(held)


def _occupations(draw: Random, family: str, soc: str) -> tuple[Occupation, ...] | None:
    if draw.random() < 0.02:
        return None
    if draw.random() < 0.5:
        others = [Occupation(_near(draw, family), months=draw.randint(6, 90)) for _ in range(draw.randint(0, 3))]
        return (Occupation(family, soc, months=draw.randint(3, 240)), *others)
    jobs = []
    ended = SNAPSHOT_DAY
    for place in range(draw.randint(1, 4)):
        started = ended - timedelta(days=draw.randint(60, 2500))
        where, code = (family, soc) if place == 0 else (_near(draw, family), draw.choice(_titles())[1])
        jobs.append(Occupation(where, code, started_on=started, ended_on=ended))
        ended = started + timedelta(days=draw.choice((-1, -1, -40, 30, 200)))
    return tuple(jobs)


def _near(draw: Random, family: str) -> str:
    return draw.choice(_near_families(draw, family))


def _essential(draw: Random, family: str, band: int) -> tuple[Criterion, ...]:
    criteria = [
        Criterion(
            criterion_id="E1",
            kind=CriterionKind.EXPERIENCE,
            families=_near_families(draw, family),
            months=draw.choice((6, 12, 12, 24)) if band > 2 else 0,
        ),
        Criterion(
            criterion_id="E2",
            kind=CriterionKind.SKILL,
            skill_id=draw.choice(_skills_of(family) or _skills_of("any")),
            level=draw.choice((1, 1, 2)),
            trainable=draw.random() < 0.7,
            weeks_to_train=draw.choice((4, 8, 12, 26, 40)),
        ),
    ]
    if band >= 7 or draw.random() < 0.2:
        level = min(6, 2 + band // 2)
        subjects = (family,) if band >= 7 else ()
        criteria.append(Criterion(criterion_id="E3", kind=CriterionKind.QUALIFICATION, level=level, subjects=subjects))
    if family in PROFESSIONS and draw.random() < 0.4:
        criteria.append(
            Criterion(criterion_id="E4", kind=CriterionKind.REGISTRATION, registration_code=PROFESSIONS[family])
        )
    return tuple(criteria)


def _desirable(draw: Random, family: str) -> tuple[DesirableSkill, ...]:
    if draw.random() < 0.03:
        return ()
    own = draw.sample(_skills_of(family), min(3, len(_skills_of(family))))
    general = draw.sample(_skills_of("any"), 2)
    return tuple(DesirableSkill(skill_id, draw.randint(1, 3), draw.randint(1, 3)) for skill_id in (*own, *general))


def _id(draw: Random, number: int) -> UUID:
    """A version 4 id whose order says nothing about the number, and no two alike."""
    return UUID(int=(draw.getrandbits(96) << 32) | number, version=4)
