"""Job families, and how a council's job title and SOC 2020 code lead to one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from shared.reference.tables import read_table, text_or_none

OTHER_FAMILY = "other"


@dataclass(frozen=True, slots=True)
class Family:
    family: str
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """One SOC 2020 unit group with its job family, and the second-best family where there is one."""

    soc2020: str
    title: str
    family: str
    alternative_family: str | None


@dataclass(frozen=True, slots=True)
class CouncilTitle:
    """A common council job title coded by hand. `is_confirmed` where an ONS list agrees with the code."""

    title: str
    soc2020: str
    is_confirmed: bool


@cache
def families() -> dict[str, Family]:
    return {row["family"]: Family(row["family"], row["label"], row["description"]) for row in read_table("families")}


@cache
def unit_groups() -> dict[str, UnitGroup]:
    return {
        row["soc2020"]: UnitGroup(
            row["soc2020"], row["unit_group"], row["family"], text_or_none(row["alternative_family"])
        )
        for row in read_table("family_by_soc2020")
    }


@cache
def council_titles() -> tuple[CouncilTitle, ...]:
    return tuple(
        CouncilTitle(row["job_title"], row["soc2020"], row["check"].endswith(("_agrees", "_consistent")))
        for row in read_table("council_titles")
    )


def soc_of_title(title: str) -> str | None:
    """SOC 2020 code of a common council title, matched without regard to case and spacing; None if not listed."""
    return _soc_by_title().get(_plain(title))


def family_of(title: str | None, soc2020: str | None) -> str:
    """Job family: the title's override, else that of the SOC 2020 code, else of the title's own code, else other.

    A hint for search and reports and a set that experience is counted in; never a hard constraint by itself.
    """
    if title is not None and (override := _family_by_title().get(_plain(title))):
        return override
    code = soc2020 or (soc_of_title(title) if title is not None else None)
    group = unit_groups().get(code) if code is not None else None
    return group.family if group is not None else OTHER_FAMILY


@cache
def _soc_by_title() -> dict[str, str]:
    return {_plain(row.title): row.soc2020 for row in council_titles()}


@cache
def _family_by_title() -> dict[str, str]:
    return {_plain(row["title"]): row["family"] for row in read_table("family_by_title")}


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
