"""The time-to-hire report: the log turned into openings, and openings into figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from statistics import median

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.hires.queries import new_starters
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.time_to_hire import queries
from services.ats.time_to_hire.log import LogEntry
from services.ats.time_to_hire.rules import COMPETITIVE, Opening, campaign_days, openings_at, sample
from services.ats.time_to_hire.schemas import (
    DaysAddedRead,
    LatestCampaignRead,
    MeasureRead,
    NewStartersRead,
    ReportFilter,
    TimeToHireReport,
)
from services.ats.time_to_hire.starters import shown_starters
from services.ats.time_to_hire.statistics import shares_by, summarise
from services.ats.time_to_hire.unmatched import unmatched_waits
from services.ats.time_to_hire.vocabulary import Measure, Outcome
from shared.calendar import local_date, working_days_between
from shared.registry import get_employer_by_code

LANDMARK_DAYS = 100
SHOWN = (Measure.ADVERT_TO_CLEARED, Measure.APPROVED_TO_CLEARED)
ALL_ROUTES = frozenset({Measure.APPROVED_TO_CLEARED})
"""From the approval every route counts, redeployment too: what clearing fills is filled."""


async def time_to_hire(session: AsyncSession, wanted: ReportFilter, *, now: datetime) -> TimeToHireReport:
    """Figures over the openings that the caller may see. Raises EmployerUnknown."""
    as_at = wanted.as_at or now
    employer_id = None if wanted.employer is None else (await get_employer_by_code(session, wanted.employer)).id
    log = await queries.read_log(session, as_at=as_at, is_replay=wanted.as_at is not None, employer_id=employer_id)
    openings = openings_at(log, as_at)
    starters = shown_starters(await new_starters(session, on=local_date(as_at)), employer_id)
    return TimeToHireReport(
        as_at=as_at,
        measures=[_measure(_cohort(openings, measure, wanted.cohort), measure) for measure in SHOWN],
        latest_campaign=_latest_campaign(_cohort(openings, Measure.ADVERT_TO_CLEARED, wanted.cohort)),
        days_added_to_unmatched_vacancies=_days_added(log),
        new_starters=[NewStartersRead(route=route, **counts) for route, counts in starters.items()],
    )


def _cohort(openings: Sequence[Opening], measure: Measure, cohort: str | None) -> list[Opening]:
    if cohort is None:
        return list(openings)
    first, following = queries.quarter_of(cohort)
    begun = measure.ends[0]
    return [each for each in openings if begun in each.reached and first <= local_date(each.reached[begun]) < following]


def _measure(openings: Sequence[Opening], measure: Measure) -> MeasureRead:
    found = sample(openings, measure, None if measure in ALL_ROUTES else COMPETITIVE)
    summary = summarise(found.observations)
    shares = shares_by(found.observations, LANDMARK_DAYS)
    return MeasureRead(
        measure=measure,
        from_event=measure.ends[0],
        to_event=measure.ends[1],
        openings=summary.openings,
        filled=summary.filled,
        open=summary.still_open,
        cancelled=summary.cancelled,
        failed=summary.failed,
        excluded=found.excluded,
        not_begun=found.not_begun,
        other_routes=found.other_routes,
        median_days=_days(summary.median),
        median_low_days=summary.median_low,
        median_high_days=summary.median_high,
        is_too_few=summary.is_too_few,
        share_filled_by_day_100=f"{float(shares[Outcome.FILLED]):.4f}",
    )


def _latest_campaign(openings: Sequence[Opening]) -> LatestCampaignRead:
    filled = [each for each in openings if HiringEvent.CLEARED in each.reached and each.route in COMPETITIVE]
    days = [found for each in filled if (found := campaign_days(each)) is not None]
    again = sum(len(each.adverts) > 1 for each in filled)
    return LatestCampaignRead(filled=len(filled), advertised_again=again, median_days=_median(days))


def _days_added(log: Sequence[LogEntry]) -> DaysAddedRead:
    waits = unmatched_waits(log)
    return DaysAddedRead(
        vacancies=len(waits),
        median_calendar_days=_median([(end - start).days for start, end in waits]),
        median_working_days=_median([working_days_between(start, end) for start, end in waits]),
    )


def _median(days: Sequence[int]) -> str | None:
    return _days(Fraction(median([Fraction(each) for each in days]))) if days else None


def _days(value: Fraction | None) -> str | None:
    """Whole or half days as a decimal string."""
    if value is None:
        return None
    return str(value.numerator) if value.denominator == 1 else f"{float(value):.1f}"
