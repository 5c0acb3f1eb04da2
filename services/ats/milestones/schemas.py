from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.ats.milestones.models import MilestoneKind, Question
from services.ats.vacancies.criteria import Strict
from shared.calendar import local_date, local_instant
from shared.field_errors import wrong_field

MAX_MILESTONES = 500
EARLIEST_YEAR = 2000


class MilestoneReport(Strict):
    """Give the instant, or the day when that is all you know: it counts as noon, or as now while it is not noon yet.

    A correction has an id of its own, names the milestone whose place it takes, and is about the same openings.
    """

    external_event_id: str = Field(min_length=1, max_length=120, examples=["tp-88213"])
    kind: MilestoneKind
    occurred_at: AwareDatetime | None = None
    occurred_on: date | None = Field(default=None, examples=["2026-12-08"])
    count: int | None = Field(default=None, ge=1, le=10_000, description="How many candidates, or openings")
    opening_no: int | None = Field(default=None, ge=1, le=200)
    corrects: str | None = Field(
        default=None, min_length=1, max_length=120, description="The external_event_id of what was told wrongly"
    )
    takes_back: bool = Field(default=False, description="With `corrects`: it did not happen. No date is given then")

    @model_validator(mode="after")
    def _is_a_correction_or_none(self) -> Self:
        if self.takes_back and self.corrects is None:
            raise wrong_field("corrects", "missing", "say which milestone did not happen")
        if self.takes_back and (self.occurred_at or self.occurred_on):
            raise wrong_field("occurred_on", "not_dated", "what did not happen has no date")
        if self.corrects is not None and (self.count is not None or self.opening_no is not None):
            raise wrong_field("opening_no", "same_openings", "a correction is about the openings of what it corrects")
        return self

    @model_validator(mode="after")
    def _is_dated_once(self) -> Self:
        if self.takes_back:
            return self
        if (self.occurred_at is None) == (self.occurred_on is None):
            raise wrong_field("occurred_on", "one_of_two", "give occurred_at or occurred_on")
        told = self.occurred_at or self.occurred_on
        if told is not None and told.year < EARLIEST_YEAR:
            raise wrong_field("occurred_on", "too_early", f"the date lies before the year {EARLIEST_YEAR}")
        if self.opening_no is not None and self.count is not None and self.count > 1:
            raise wrong_field("count", "count_of_one_opening", "a milestone of one opening has no count")
        return self

    def happened_at(self, now: datetime) -> datetime:
        """The instant told; of a day its noon in London. What is told of today has happened, in the morning too.

        What takes another back happens now.
        """
        if self.occurred_at is not None:
            return self.occurred_at
        if self.occurred_on is None:
            return now
        noon = local_instant(self.occurred_on, time(12))
        return now if noon > now and self.occurred_on == local_date(now) else noon

    def tells_of(self, instant: datetime) -> bool:
        """Whether this is when that happened: to the day where only the day is told."""
        return instant == self.occurred_at if self.occurred_on is None else local_date(instant) == self.occurred_on


class MilestoneBatch(Strict):
    milestones: list[MilestoneReport] = Field(min_length=1, max_length=MAX_MILESTONES)


class ResultStatus(StrEnum):
    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    """The same external_event_id told something else before; the first stands. Send a correction: a new
    external_event_id, and the first one as `corrects`."""
    IN_THE_FUTURE = "in_the_future"
    CORRECTS_UNKNOWN = "corrects_unknown"
    """No milestone of this vacancy stands under the id in `corrects`: it never came, or was corrected before. Correct
    the newest."""
    OTHER_KIND = "other_kind"
    """A correction is of the kind that it corrects. Take that one back, and report what did happen."""
    POST_TAKEN = "post_taken"
    """Without this start the vacancy would be open again, and another one is open for its post."""


NOT_CORRECTED = frozenset({ResultStatus.CORRECTS_UNKNOWN, ResultStatus.OTHER_KIND, ResultStatus.POST_TAKEN})


class MilestoneResult(BaseModel):
    external_event_id: str
    status: ResultStatus
    opening_nos: list[int] = Field(default_factory=list, description="The openings that it was about")
    questions: list[Question] = Field(default_factory=list)


class MilestoneResults(BaseModel):
    """One result a milestone, in the order sent. A milestone never takes its neighbours with it."""

    results: list[MilestoneResult]
    recorded: int
    duplicates: int
    conflicts: int
    in_the_future: int
    not_corrected: int = Field(description="Corrections that correct nothing: see the status of each")


class MilestoneRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    external_event_id: str
    kind: MilestoneKind
    occurred_at: datetime
    recorded_at: datetime
    count: int | None
    opening_nos: list[int]
    questions: list[Question]
    corrects: str | None
    takes_back: bool
