"""What a candidate must know of a post before applying, as it is published: without who approved it and when."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from shared.money import decimal_pounds


class JobSupplement(BaseModel):
    """Pay above the grade."""

    kind: str
    amount_pence: int
    paid: str


class JobFlags(BaseModel):
    """Read off a vacancy's flags: what is not named here is not published."""

    is_hybrid: bool = False
    is_job_share: bool = False
    is_politically_restricted: bool = False
    dbs_level: str = "none"
    barred_lists: list[str] = []
    regulated_registration: str | None = None
    requires_driving: bool = False
    weeks_per_year: int | None = None
    pay_supplement: JobSupplement | None = None


def published_flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    return JobFlags.model_validate(flags).model_dump(exclude_defaults=True)


def in_words(flags: Mapping[str, Any]) -> list[str]:
    """A short sentence for each, in the order in which people ask."""
    has = JobFlags.model_validate(flags)
    said = {
        f"Term time: {has.weeks_per_year} weeks a year, and paid for those": has.weeks_per_year is not None,
        "May be shared by two people": has.is_job_share,
        "Part of the week may be worked from home": has.is_hybrid,
        _supplement(has.pay_supplement): has.pay_supplement is not None,
        _check(has): has.dbs_level != "none",
        f"Needs registration: {has.regulated_registration}": has.regulated_registration is not None,
        "Needs a driving licence": has.requires_driving,
        "Politically restricted (Local Government and Housing Act 1989)": has.is_politically_restricted,
    }
    return [words for words, is_so in said.items() if is_so]


def _supplement(paid: JobSupplement | None) -> str:
    if paid is None:
        return ""
    how_often = "once" if paid.paid == "once" else "a year"
    amount = Decimal(decimal_pounds(paid.amount_pence))
    return f"{paid.kind.replace('_', ' ').capitalize()}: £{amount:,} {how_often}"


def _check(has: JobFlags) -> str:
    lists = f", with the barred list for {' and '.join(has.barred_lists)}" if has.barred_lists else ""
    return f"{has.dbs_level.capitalize()} DBS check{lists}"
