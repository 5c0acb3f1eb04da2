"""The 33 councils of the region and the bodies that recruit beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from uuid import UUID, uuid5

from shared.errors import NotFound
from shared.reference.tables import date_or_none, number_or_none, read_table, text_or_none

EMPLOYERS = UUID("5a0c5f0e-7c58-5b7e-9f3c-1d2a6b8e4c10")
"""Namespace of employers' ids. Never change it: every stored row hangs on it."""


class EmployerKind(StrEnum):
    COUNCIL = "council"
    COMBINED_AUTHORITY = "combined_authority"
    FIRE_SERVICE = "fire_service"
    CHILDRENS_COMPANY = "childrens_company"


class EmployerNotKnown(NotFound):
    code = "employer_not_known"
    title = "No employer of the region has this code"


@dataclass(frozen=True, slots=True)
class Employer:
    """One row of the registry. `code` is the three-letter local authority register code for a council.

    `lat` and `lon` are the approximate centre of the area (WGS84), not a head office. `parent` is the county of a
    district, or the council whose duty a company or a county's fire service carries out.
    """

    id: UUID
    code: str
    kind: EmployerKind
    gss_code: str | None
    name: str
    short_name: str
    council_type: str | None
    tier: str | None
    parent: str | None
    lat: float
    lon: float
    population_2020: int | None
    adult_social_care: bool
    children_social_care: bool
    valid_from: date
    valid_to: date | None
    successor: str | None

    def exists_on(self, day: date) -> bool:
        """`valid_to` is the last day of the body's life."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def employer_id(code: str) -> UUID:
    """The id of an employer in all three services: a uuid5 of its code (design section 3)."""
    return uuid5(EMPLOYERS, code.strip().upper())


@cache
def employers() -> tuple[Employer, ...]:
    """Councils first, in the registry's order, then the bodies beside them."""
    return tuple(_employer(row) for row in read_table("employers"))


@cache
def councils() -> tuple[Employer, ...]:
    return tuple(body for body in employers() if body.kind is EmployerKind.COUNCIL)


def employer(code: str) -> Employer:
    """Raises EmployerNotKnown."""
    found = _by_code().get(code.strip().upper())
    if found is None:
        raise EmployerNotKnown(field="code")
    return found


def employer_of_gss(gss_code: str) -> Employer:
    """The council with this ONS code. Raises EmployerNotKnown."""
    found = _by_gss().get(gss_code.strip().upper())
    if found is None:
        raise EmployerNotKnown(field="gss_code")
    return found


@cache
def _by_code() -> dict[str, Employer]:
    return {body.code: body for body in employers()}


@cache
def _by_gss() -> dict[str, Employer]:
    return {body.gss_code: body for body in employers() if body.gss_code is not None}


def _employer(row: dict[str, str]) -> Employer:
    return Employer(
        id=employer_id(row["code"]),
        code=row["code"],
        kind=EmployerKind(row["kind"]),
        gss_code=text_or_none(row["gss_code"]),
        name=row["name"],
        short_name=row["short_name"],
        council_type=text_or_none(row["council_type"]),
        tier=text_or_none(row["tier"]),
        parent=text_or_none(row["parent"]),
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population_2020=number_or_none(row["population_2020"]),
        adult_social_care=row["adult_social_care"] == "yes",
        children_social_care=row["children_social_care"] == "yes",
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date_or_none(row["valid_to"]),
        successor=text_or_none(row["successor"]),
    )
