"""A person and a post as matching sees them: what the rules read and nothing more.

No name, age, service, pension or health fact has a field here (R52), so none can sway a result. Hours a week are in
hundredths of an hour, money in pence. `None` for a section means "not stated"; an empty collection means "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from shared.vocabulary import ContractKind, CriterionKind

DEFAULT_MAX_TRAVEL_MINUTES = 60
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HeldSkill:
    """`level` 1 aware, 2 does alone, 3 leads or teaches; 0 says "I do not have this". Declared until confirmed."""

    level: int
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Qualification:
    """Framework level (GCSE 2, A level 3, degree 6) and subject; a subject not stated is None."""

    level: int
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A professional registration, licence or check by its code; `valid_to` is its last day, None without one."""

    code: str
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Occupation:
    """A job held: either dated (both ends, the last day included) or in whole months. Raises ValueError otherwise.

    A job still held ends on the day of the snapshot: whoever builds the profile fills that in.
    """

    family: str
    soc2020: str | None = None
    months: int | None = None
    started_on: date | None = None
    ended_on: date | None = None

    def __post_init__(self) -> None:
        if (self.started_on is None) != (self.ended_on is None):
            raise ValueError("a dated job has both a first and a last day")
        if (self.months is None) == (self.started_on is None):
            raise ValueError("a job has either dates or a number of months")
        if self.started_on is not None and self.ended_on is not None and self.ended_on < self.started_on:
            raise ValueError("a job does not end before it starts")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person:
    """A registration as it stands at the snapshot. Every limit is the person's own. Without a repr: logs hold those.

    Raises ValueError for current hours of nought or less.
    """

    registration_id: UUID
    home_employer_id: UUID
    tier: int
    band: int
    current_fte_pence: int
    current_hours: int
    verified_at: datetime
    outcode: str | None
    min_hours: int | None = None
    max_hours: int | None = None
    employment_ends_on: date | None = None
    latest_protected_start: date | None = None
    successor_group: str | None = None
    is_live: bool = True
    is_own_council_only: bool = False
    max_travel_minutes: int = DEFAULT_MAX_TRAVEL_MINUTES
    max_miles: int | None = None
    hybrid_max_travel_minutes: int | None = None
    travel_corrections: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    ticked_areas: frozenset[str] = frozenset()
    accepts_fixed_term: bool = False
    accepts_short_fixed_term: bool = False
    accepts_more_than_two_bands_lower: bool = False
    working_patterns: frozenset[str] | None = None
    skills: Mapping[str, HeldSkill] | None = None
    qualifications: tuple[Qualification, ...] | None = None
    registrations: tuple[Registration, ...] | None = None
    occupations: tuple[Occupation, ...] | None = None
    ring_fences: frozenset[UUID] = frozenset()

    def __post_init__(self) -> None:
        if self.current_hours <= 0:
            raise ValueError("a person works more than no hours a week")

    def skill_level(self, skill_id: str) -> int:
        """Level held, 0 where the skill is not listed."""
        held = self.skills.get(skill_id) if self.skills is not None else None
        return held.level if held is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One essential criterion (R28); only the members of its kind are read. An empty subject list takes any."""

    criterion_id: str
    kind: CriterionKind
    text: str = ""
    trainable: bool = False
    weeks_to_train: int | None = None
    level: int | None = None
    subjects: tuple[str, ...] = ()
    registration_code: str | None = None
    skill_id: str | None = None
    families: tuple[str, ...] = ()
    soc_codes: tuple[str, ...] = ()
    months: int | None = None


@dataclass(frozen=True, slots=True)
class DesirableSkill:
    skill_id: str
    level: int
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacancy:
    """A post as its window opened. `office_days` a week is None for a post worked at the workplace."""

    vacancy_id: UUID
    employer_id: UUID
    band: int
    max_fte_pence: int | None
    hours: int | None
    outcode: str | None
    contract: ContractKind = ContractKind.PERMANENT
    contract_months: int | None = None
    openings: int = 1
    working_pattern: str | None = None
    office_days: int | None = None
    workplace_area: str | None = None
    starts_on: date | None = None
    successor_group: str | None = None
    essential: tuple[Criterion, ...] = ()
    desirable: tuple[DesirableSkill, ...] = ()
    is_open: bool = True
    is_funded: bool = True
    ring_fence: UUID | None = None

    @property
    def is_permanent(self) -> bool:
        return self.contract is ContractKind.PERMANENT
