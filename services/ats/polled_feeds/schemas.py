from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.ats.polled_feeds.mapping import Mapping
from services.ats.polled_feeds.models import FeedFormat, FeedState, ReadOutcome
from services.ats.vacancies.criteria import Strict
from shared.problems import Problem

MAPPING_EXAMPLE = {
    "items": "job",
    "fields": {
        "external_reference": {"path": "@id"},
        "title": {"path": "title"},
        "hours_per_week": {"path": "hours", "otherwise": "37"},
        "contract": {"path": "type", "values": {"FT": "permanent"}},
        "postcode": {"path": "location/postcode"},
        "salary_min_pence": {"path": "salary", "read_as": "lowest_pounds"},
        "salary_max_pence": {"path": "salary", "read_as": "highest_pounds"},
        "closes_at": {"path": "expires", "date_format": "%d/%m/%Y"},
        "management": {"constant": "external"},
        "apply.method": {"constant": "url"},
        "apply.url": {"path": "url"},
    },
}


class FeedSettings(Strict):
    """Where the feed is, what its rows mean, and how often it is read."""

    url: str = Field(min_length=8, max_length=1000, examples=["https://jobs.tribepad.example/feeds/saw.xml"])
    format: FeedFormat
    mapping: Mapping = Field(examples=[MAPPING_EXAMPLE])
    interval_minutes: int = Field(default=60, ge=15, le=1440)


class FeedWrite(FeedSettings):
    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{1,59}$")] = Field(
        description="Becomes the source_system of the feed's vacancies, and stays so", examples=["tribepad"]
    )


class Attention(StrEnum):
    """Why somebody should look at a feed."""

    FAILING = "failing"
    HELD = "held"
    EMPTY = "empty"


class FeedRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    employer_id: UUID
    channel: str
    url: str
    format: FeedFormat
    mapping: Mapping
    interval_minutes: int
    state: FeedState
    version: int
    failures: int = Field(description="Failed reads in a row")
    next_at: datetime
    last_read_at: datetime | None
    last_good_at: datetime | None
    last_outcome: ReadOutcome | None
    needs: Attention | None = Field(description="What somebody should look at, else null")


class FeedRowResult(BaseModel):
    """What became of one row. `problem`: what a PUT of it would get, or why its approval did not count."""

    row: int = Field(description="From 1, in the feed's own order")
    status: Literal["created", "changed", "unchanged", "refused"]
    external_reference: str | None = None
    id: UUID | None = None
    version: int | None = None
    is_attested: bool = Field(default=False, description="The row's own approval was taken in this read")
    problem: Problem | None = None


class MissingResult(BaseModel):
    """A vacancy that the feed has shown before and does not show now."""

    external_reference: str
    absences: int = Field(description="Good reads in a row without it")
    status: Literal["noted", "held", "closed", "deleted", "cancelled", "kept"] = Field(
        description="noted: once more and it is unpublished; held: nothing happens until somebody confirms it; kept: it"
        " could not be unpublished, see `problem`"
    )
    problem: Problem | None = None


class RunRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    feed_id: UUID
    started_at: datetime
    finished_at: datetime
    outcome: ReadOutcome
    counts: dict[str, int] = Field(examples=[{"created": 2, "changed": 0, "unchanged": 31, "refused": 1, "missing": 0}])
    problem: Problem | None = None
    absences_confirmed_at: datetime | None = None


class RunReport(RunRead):
    results: list[FeedRowResult] = Field(description="Rows that stayed as they are are only counted")
    missing: list[MissingResult]


class TriedRow(FeedRowResult):
    read: dict[str, Any] | None = Field(default=None, description="What the mapping made of it (the first 50 rows)")


class TryReport(BaseModel):
    """What a read would do now. Nothing is stored, nobody is told."""

    outcome: ReadOutcome
    counts: dict[str, int]
    problem: Problem | None = None
    results: list[TriedRow]
    missing: list[MissingResult]
