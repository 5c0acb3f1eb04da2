"""The columns of the monthly return: what each means, in which form, and whether it must be there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.monthly_returns.models import DateSource, OpeningOutcome
from services.ats.vacancy_uploads.lines import cells_of
from services.ats.vacancy_uploads.reading import ColumnUnknown
from shared.errors import Invalid
from shared.vocabulary import HiringRoute

A_DAY = "2026-11-05, or 05/11/2026 with the day first"
FEWEST_OPENINGS, MOST_OPENINGS = 1, 200


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    meaning: str
    format: str
    required: bool = False
    example: str = ""


def _one_of(kind: type[DateSource | OpeningOutcome | HiringRoute]) -> str:
    return " | ".join(each.value for each in kind)


OF_THE_CAMPAIGN: Mapping[str, HiringEvent] = {
    "approved_on": HiringEvent.APPROVED,
    "advertised_on": HiringEvent.ADVERT_LIVE,
    "closed_on": HiringEvent.ADVERT_CLOSED,
    "shortlisted_on": HiringEvent.SHORTLISTED,
    "interviewed_on": HiringEvent.INTERVIEWED,
}
OF_AN_OPENING: Mapping[str, HiringEvent] = {
    "offered_on": HiringEvent.OFFER_MADE,
    "accepted_on": HiringEvent.OFFER_ACCEPTED,
    "cleared_on": HiringEvent.CLEARED,
    "started_on": HiringEvent.STARTED,
}
STEPS: Mapping[str, HiringEvent] = {**OF_THE_CAMPAIGN, **OF_AN_OPENING}
"""In the order in which they happen, as milestones are (`services.ats.milestones.rules`)."""
COLUMNS: Sequence[Column] = (
    Column("employer", "The employer's code", "As in GET /v1/employers", required=True, example="SAW"),
    Column(
        "source_system",
        "Which of your systems names the campaign: always the same word",
        "Up to 60 characters",
        required=True,
        example="talentlink",
    ),
    Column(
        "external_reference",
        "The campaign's number in that system. With employer and source_system it is the campaign, month after month",
        "Up to 120 characters",
        required=True,
        example="REQ-1987",
    ),
    Column("openings", "How many posts the campaign fills", f"1 to {MOST_OPENINGS}; empty: 1", example="1"),
    Column(
        "opening_no",
        "Which of them this row is about, where there are several: a row for each. What is of the whole campaign"
        " stands in its first row and may be left empty in the others",
        "1 to the number of openings; empty: 1",
        example="1",
    ),
    Column("route", "How the post is or was filled", _one_of(HiringRoute), required=True, example="external"),
    Column(
        "source",
        "Where the dates come from: kept by the system as it happened, taken from records afterwards, or estimated",
        _one_of(DateSource),
        required=True,
        example="system",
    ),
    Column("approved_on", "The day the vacancy was approved", A_DAY, example="2026-02-02"),
    Column(
        "advertised_on",
        "The first day of the first advert; a later advert changes nothing",
        A_DAY,
        example="2026-02-09",
    ),
    Column("closed_on", "The last closing day before the offer", A_DAY, example="2026-02-23"),
    Column("shortlisted_on", "The day the shortlist was final", A_DAY, example="2026-02-27"),
    Column("interviewed_on", "The day of the last interview", A_DAY, example="2026-03-10"),
    Column(
        "offered_on", "The day of the offer that stands, not of one that came to nothing", A_DAY, example="2026-03-12"
    ),
    Column("accepted_on", "The day it was accepted", A_DAY, example="2026-03-13"),
    Column(
        "cleared_on", "The day the last check was passed: the start could be confirmed", A_DAY, example="2026-04-14"
    ),
    Column("started_on", "The first day in post", A_DAY, example="2026-05-05"),
    Column(
        "outcome",
        "How the opening stands: filled once an offer was accepted, failed where it ended without an appointment",
        _one_of(OpeningOutcome),
        required=True,
        example="filled",
    ),
    Column("ended_on", "The day it was cancelled or given up; empty for open and filled", A_DAY),
)
NAMES = tuple(each.name for each in COLUMNS)
REQUIRED = tuple(each.name for each in COLUMNS if each.required)
PERSONAL = re.compile(
    r"\b(forename|firstname|surname|lastname|fullname|name|names|initials|email|mail|phone|telephone|mobile|address"
    r"|postcode|dob|birth|age|sex|gender|ethnicity|religion|disability|nationality|nino|ni|insurance|payroll"
    r"|candidate|applicant|employee|appointee|manager|contact)\b"
)


class PersonalColumn(Invalid):
    code: ClassVar[str] = "personal_column"
    title: ClassVar[str] = "The return takes nothing about people, and this column is about them"


class ColumnMissing(Invalid):
    code: ClassVar[str] = "column_missing"
    title: ClassVar[str] = "The header lacks a column that has to be there"


class FileEmpty(Invalid):
    code: ClassVar[str] = "file_empty"
    title: ClassVar[str] = "The file has no header"


def header_of(line: bytes) -> Sequence[str]:
    """The names in the first line, in any order. Raises PersonalColumn, ColumnUnknown, ColumnMissing, RowNotRead."""
    names = [each.strip().lower() for each in cells_of(line)]
    for place, name in enumerate(names):
        words = re.sub(r"[\W_]+", " ", name)
        if name not in NAMES and PERSONAL.search(words):
            raise PersonalColumn(
                f"Column {place + 1} is named {name[:60]}. No name, address or number of a person belongs in a return.",
                field=name[:60],
                next_step="Take the column out of the file, with what is in it, and send the file again.",
            )
        if name not in NAMES or name in names[:place]:
            raise ColumnUnknown(f"Column {place + 1}", field=name[:60], next_step=f"Use: {', '.join(NAMES)}")
    for name in REQUIRED:
        if name not in names:
            raise ColumnMissing(f"There is no column {name}.", field=name, next_step="Start from the template.")
    return names
