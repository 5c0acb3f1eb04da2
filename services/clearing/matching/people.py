"""From a registration's row to the person that matching sees, and nothing more (R52)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from services.clearing.matching.profiles import HeldSkill, Occupation, Person, Qualification
from services.clearing.matching.profiles import Registration as HeldRegistration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import (
    MATCHED_STATES,
    has_regional_scope,
    is_redundancy,
    latest_protected_start,
    tier_on,
)
from shared.reference.occupations import family_of
from shared.reference.pay import in_pay_year_of, pay_year_of

COLUMNS = tuple(
    getattr(Registration, name)
    for name in (
        "id", "home_employer_id", "name", "email", "reason", "state", "tier", "protected_until", "band",
        "fte_pay_pence", "pay_effective_from", "hours_hundredths", "hours_min", "hours_max", "verified_at", "outcode",
        "employment_ends_on", "max_travel_minutes", "max_miles", "hybrid_max_travel_minutes", "travel_corrections",
        "areas", "accepts_fixed_term", "accepts_short_fixed_term", "accepts_more_than_two_bands_lower",
        "working_patterns", "skills", "qualifications", "professional_registrations", "occupations",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person as matching sees them, with what only the message about a match needs. No repr of the latter."""

    person: Person
    name: str = field(repr=False)
    email: str = field(repr=False)


class SuccessorGroups(Protocol):
    """Which councils become one body (R12)."""

    def group_of(self, employer_id: UUID) -> str | None: ...


def candidate_of(row: Any, groups: SuccessorGroups, today: date) -> Candidate:
    """As of `today`: the pay year, the successor group, and a tier whose protection may have run out (R11)."""
    return Candidate(_person(row, groups, today), row.name, row.email)


def _person(row: Any, groups: SuccessorGroups, today: date) -> Person:
    ends_on = row.employment_ends_on
    has_interval = ends_on is not None and is_redundancy(row.reason)
    return Person(
        registration_id=row.id,
        home_employer_id=row.home_employer_id,
        tier=tier_on(row.tier, row.reason, row.protected_until, today),
        band=row.band,
        current_fte_pence=in_todays_pounds(row.fte_pay_pence, row.pay_effective_from, today),
        current_hours=row.hours_hundredths,
        verified_at=row.verified_at,
        outcode=row.outcode,
        min_hours=row.hours_min,
        max_hours=row.hours_max,
        employment_ends_on=ends_on,
        latest_protected_start=latest_protected_start(ends_on) if has_interval else None,
        successor_group=groups.group_of(row.home_employer_id),
        is_live=row.state in MATCHED_STATES,
        is_own_council_only=not has_regional_scope(row.reason),
        max_travel_minutes=row.max_travel_minutes,
        max_miles=row.max_miles,
        hybrid_max_travel_minutes=row.hybrid_max_travel_minutes,
        travel_corrections=row.travel_corrections,
        ticked_areas=frozenset(row.areas),
        accepts_fixed_term=row.accepts_fixed_term,
        accepts_short_fixed_term=row.accepts_short_fixed_term,
        accepts_more_than_two_bands_lower=row.accepts_more_than_two_bands_lower,
        working_patterns=None if row.working_patterns is None else frozenset(row.working_patterns),
        **_stated(row, today),
    )


def in_todays_pounds(pence: int, paid_on: date, today: date) -> int:
    """Exact and quick where both days are in one pay year, as they nearly always are."""
    if pay_year_of(paid_on) == pay_year_of(today):
        return pence
    return in_pay_year_of(pence, paid_on=paid_on, wanted_on=today)


def _stated(row: Any, today: date) -> dict[str, Any]:
    """What the person has said; a section that was never filled in stays None (R28)."""
    stated: dict[str, Any] = {}
    if row.skills is not None:
        stated["skills"] = {each["skill_id"]: HeldSkill(each["level"], each["is_confirmed"]) for each in row.skills}
    if row.qualifications is not None:
        stated["qualifications"] = tuple(Qualification(each["level"], each["subject"]) for each in row.qualifications)
    if row.professional_registrations is not None:
        stated["registrations"] = tuple(
            HeldRegistration(each["code"], _day(each["valid_to"])) for each in row.professional_registrations
        )
    if row.occupations is not None:
        stated["occupations"] = tuple(_occupation(each, today) for each in row.occupations)
    return stated


def _occupation(held: dict[str, Any], today: date) -> Occupation:
    """A job still held ends on the day of the snapshot."""
    family = held["family"] or family_of(held["title"], held["soc2020"])
    if held["months"] is not None:
        return Occupation(family, held["soc2020"], months=held["months"])
    started_on = date.fromisoformat(held["started_on"])
    return Occupation(
        family, held["soc2020"], started_on=started_on, ended_on=_day(held["ended_on"]) or max(today, started_on)
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
