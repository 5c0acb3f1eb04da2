"""A person and a post that fit each other plainly; a test changes only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.clearing.matching.profiles import Criterion, Person, Vacancy
from shared.reference.employers import employer_id
from shared.vocabulary import CriterionKind

SANDWELL, DUDLEY, BIRMINGHAM = employer_id("SAW"), employer_id("DUD"), employer_id("BIR")
VERIFIED_AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def person(**changes: Any) -> Person:
    """Band 5 at Sandwell on 36,000 pounds, 37 hours, living in B66, with every section of the profile unfilled."""
    given: dict[str, Any] = {
        "registration_id": UUID(int=1),
        "home_employer_id": SANDWELL,
        "tier": 3,
        "band": 5,
        "current_fte_pence": 3_600_000,
        "current_hours": 3700,
        "min_hours": 3000,
        "max_hours": 3700,
        "employment_ends_on": date(2027, 3, 31),
        "verified_at": VERIFIED_AT,
        "outcode": "B66",
    }
    return Person(**(given | changes))


def vacancy(**changes: Any) -> Vacancy:
    """Band 5 at Dudley on up to 36,000 pounds, 37 hours, permanent, in DY1, with no criteria."""
    given: dict[str, Any] = {
        "vacancy_id": UUID(int=2),
        "employer_id": DUDLEY,
        "band": 5,
        "max_fte_pence": 3_600_000,
        "hours": 3700,
        "outcode": "DY1",
    }
    return Vacancy(**(given | changes))


def skill(skill_id: str = "minute_taking", level: int | None = 2, **changes: Any) -> Criterion:
    return Criterion(criterion_id="E1", kind=CriterionKind.SKILL, skill_id=skill_id, level=level, **changes)


def experience(months: int = 12, families: tuple[str, ...] = ("legal",), **changes: Any) -> Criterion:
    return Criterion(criterion_id="E1", kind=CriterionKind.EXPERIENCE, months=months, families=families, **changes)


def qualification(level: int | None = 3, subjects: tuple[str, ...] = (), **changes: Any) -> Criterion:
    return Criterion(criterion_id="E1", kind=CriterionKind.QUALIFICATION, level=level, subjects=subjects, **changes)


def registration(code: str = "driving_licence", **changes: Any) -> Criterion:
    return Criterion(criterion_id="E1", kind=CriterionKind.REGISTRATION, registration_code=code, **changes)
