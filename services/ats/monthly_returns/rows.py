"""One row of a monthly return, as it was written. What is wrong with a cell is said of that cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from services.ats.milestones.schemas import EARLIEST_YEAR
from services.ats.monthly_returns.columns import FEWEST_OPENINGS, MOST_OPENINGS, REQUIRED, STEPS
from services.ats.monthly_returns.models import DateSource, OpeningOutcome
from services.ats.vacancy_uploads.lines import TOO_LONG, RowNotRead, cells_of
from services.ats.vacancy_uploads.reading import RowTooLong
from shared.errors import DomainError
from shared.intake import NOT_TEXT
from shared.vocabulary import HiringRoute

LENGTHS = {"source_system": 60, "external_reference": 120}
LISTED: Mapping[str, type[StrEnum]] = {"route": HiringRoute, "source": DateSource, "outcome": OpeningOutcome}
COUNTS = ("openings", "opening_no")
DAYS = (*STEPS, "ended_on")
ISO, DAY_FIRST = re.compile(r"(\d{4})-(\d\d)-(\d\d)"), re.compile(r"(\d\d?)/(\d\d?)/(\d{4})")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


class Finding(NamedTuple):
    """What is wrong in a row, or worth knowing. It never repeats a cell, which may hold what should not be there."""

    column: str
    rule: str
    detail: str
    what_to_do: str


class Key(NamedTuple):
    """Of a campaign of one employer."""

    source_system: str
    external_reference: str


@dataclass(slots=True)
class Row:
    """`cells` holds what could be read, by column, as dates, numbers and words of the lists."""

    number: int
    key: Key | None = None
    cells: Mapping[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def opening_no(self) -> int:
        return self.cells.get("opening_no", FEWEST_OPENINGS)


def read_row(number: int, raw: bytes, header: Sequence[str], *, employer: str, today: date) -> Row:
    """Every cell for itself: all that is wrong is told at once. `today` is London's."""
    try:
        if raw == TOO_LONG:
            raise RowTooLong
        written = cells_of(raw)
        if len(written) > len(header):
            raise RowNotRead
    except DomainError as error:
        return Row(number, findings=[Finding("", error.code, error.detail, "Write the row anew from the template.")])
    texts = {name: cell.strip() for name, cell in zip(header, written, strict=False) if cell.strip()}
    if unfit := list(_unfit(texts)):
        return Row(number, findings=unfit)
    cells: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, text in texts.items():
        read = _read(name, text, today)
        if isinstance(read, Finding):
            findings.append(read)
        else:
            cells[name] = read
    findings += _missing(texts)
    if texts.get("employer", employer).upper() != employer:
        what_to_do = f"Send it in a return of its own: this one is {employer}'s."
        findings.append(Finding("employer", "other_employer", "The row names another employer.", what_to_do))
    key = Key(texts["source_system"], texts["external_reference"]) if set(texts) >= set(Key._fields) else None
    return Row(number, key, cells, findings)


def _unfit(texts: Mapping[str, str]) -> Iterator[Finding]:
    """Cells that cannot be kept at all: nothing else of their row is looked at, or said again."""
    for name, text in texts.items():
        if EMAIL.search(text):
            what_to_do = "Take it out: a return holds nothing about people."
            yield Finding(name, "personal_data", "The cell holds an e-mail address.", what_to_do)
        elif NOT_TEXT.search(text):
            yield Finding(name, "not_text", "The cell holds a character that is not text.", "Write the cell anew.")
        elif len(text) > LENGTHS.get(name, 120):
            what_to_do = f"Use at most {LENGTHS.get(name, 120)} characters."
            yield Finding(name, "too_long", "The cell is too long.", what_to_do)


def _missing(texts: Iterable[str]) -> Iterator[Finding]:
    for name in REQUIRED:
        if name not in texts:
            yield Finding(name, "required", f"{name} is empty.", "Fill it in.")


def _read(name: str, text: str, today: date) -> Any:
    if name in DAYS:
        return _day(name, text, today)
    if name in LISTED:
        allowed = [each.value for each in LISTED[name]]
        word = text.lower()
        what_to_do = f"Use one of: {', '.join(allowed)}."
        return (
            LISTED[name](word) if word in allowed else Finding(name, "not_listed", "Not one of the list.", what_to_do)
        )
    if name in COUNTS:
        is_one = text.isascii() and text.isdigit() and len(text) < 5
        if is_one and FEWEST_OPENINGS <= int(text) <= MOST_OPENINGS:
            return int(text)
        return Finding(
            name, "not_a_number", "Not a number of openings.", f"Write a whole number, 1 to {MOST_OPENINGS}."
        )
    return text


def _day(name: str, text: str, today: date) -> date | Finding:
    """A day is taken as it is written or not at all: never moved to one that would fit."""
    iso, day_first = ISO.fullmatch(text), DAY_FIRST.fullmatch(text)
    parts = iso.groups() if iso else day_first.groups()[::-1] if day_first else None
    try:
        day = None if parts is None else date(*map(int, parts))
    except ValueError:
        day = None
    if day is None:
        what_to_do = "Write it as 2026-11-05, or as 05/11/2026 with the day first."
        return Finding(name, "not_a_date", "Not a day of the calendar.", what_to_do)
    if day.year < EARLIEST_YEAR:
        what_to_do = "Look at the century of the date."
        return Finding(name, "before_2000", f"The date lies before the year {EARLIEST_YEAR}.", what_to_do)
    if day > today:
        what_to_do = "Leave it empty until it has happened: a return tells what was, not what is planned."
        return Finding(name, "in_the_future", "The date lies in the future.", what_to_do)
    return day
