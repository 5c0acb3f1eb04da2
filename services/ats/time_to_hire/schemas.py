from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.ats.audit.actor import ActorKind
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from services.ats.time_to_hire.vocabulary import Measure
from services.ats.vacancies.criteria import Strict
from shared.vocabulary import HiringRoute


class LogEntryRead(BaseModel):
    """One step of one vacancy. `occurred_at` is when it happened, `recorded_at` when we were told."""

    model_config = ConfigDict(from_attributes=True)

    event: HiringEvent
    occurred_at: datetime
    recorded_at: datetime
    opening_no: int | None
    application_id: UUID | None
    route: HiringRoute | None
    reason: str | None = Field(
        description="Of a release: why clearing let it go. Of what a monthly return told: which one",
        examples=["nobody_matched"],
    )
    id: int
    corrects_id: int | None = Field(description="The entry whose place this one takes")
    takes_back: bool = Field(description="The step did not happen: this entry only ends the one that it corrects")
    source: LogSource
    actor_kind: ActorKind


class ReportFilter(Strict):
    employer: str | None = Field(default=None, max_length=10, description="Code of one employer")
    cohort: Annotated[str, StringConstraints(pattern=r"^\d{4}-Q[1-4]$")] | None = Field(
        default=None, description="Openings whose clock began in this quarter", examples=["2026-Q4"]
    )
    as_at: AwareDatetime | None = Field(default=None, description="Replay: what was known at this instant")


class MeasureRead(BaseModel):
    """One pair of events over openings. Days are calendar days; the median counts open openings as still waiting."""

    measure: Measure
    from_event: HiringEvent
    to_event: HiringEvent
    openings: int
    filled: int
    open: int
    cancelled: int
    failed: int
    excluded: int = Field(description="On the data-quality list: dates that contradict each other")
    not_begun: int = Field(description="The first event has not happened")
    other_routes: int = Field(description="Internal, redeployment and other routes, left out of this measure")
    median_days: str | None = Field(description="Kaplan-Meier; null when half are not reached", examples=["41.5"])
    median_low_days: int | None = Field(description="95% log-log Greenwood interval")
    median_high_days: int | None
    is_too_few: bool = Field(description="Fewer than 5 openings: say so instead of the median")
    share_filled_by_day_100: str = Field(description="Aalen-Johansen, 0 to 1, four places", examples=["0.5400"])


class LatestCampaignRead(BaseModel):
    """Beside the headline, never instead of it: filled openings, counted from the latest advert before the end."""

    filled: int
    advertised_again: int = Field(description="Of these, how many needed more than one advert")
    median_days: str | None = Field(description="Of those filled; this clock starts anew with every advert")


class DaysAddedRead(BaseModel):
    """What clearing added to vacancies that matched nobody: from entering clearing to the release. To be kept small."""

    vacancies: int = Field(description="One that is advertised again counts for each time")
    median_calendar_days: str | None
    median_working_days: str | None


class NewStartersRead(BaseModel):
    """What became of those who were hired here by one route and came. Placements of clearing are not among them.

    A number from 1 to 4 is null, and so is what would give it away.
    """

    route: HiringRoute
    started: int | None
    first_year_over: int | None = Field(description="Of these, whose first year has passed")
    left_in_first_year: int | None = Field(
        description="Of those who started; more may yet leave before their year is over"
    )


class TimeToHireReport(BaseModel):
    as_at: datetime
    measures: list[MeasureRead] = Field(description="The headline first, and beside it from the approval")
    latest_campaign: LatestCampaignRead
    days_added_to_unmatched_vacancies: DaysAddedRead
    new_starters: list[NewStartersRead] = Field(description="New-starter turnover by route")
