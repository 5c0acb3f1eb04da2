"""Which adverts fit, and in what order: the conditions that the list, the counts and the alerts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Text, Uuid, case, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from services.ats.jobs.marking import highlight_of, tsquery_of, with_marks
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.schemas import Highlight, JobCriteria, JobFilter, JobSort, JobSummary
from services.ats.jobs.spelling import corrected
from services.ats.jobs.towns import Reach, within_reach
from services.ats.jobs.workplaces import DAYS_OF_A_WEEK_AT_THE_OFFICE, Workplace
from shared.errors import Invalid
from shared.pagination import PageRequest, paginate
from shared.reference.places import metres_between
from shared.registry import list_employers

WORKPLACE = case(
    (PublishedJob.office_days_per_week == 0, Workplace.REMOTE.value),
    (PublishedJob.office_days_per_week < DAYS_OF_A_WEEK_AT_THE_OFFICE, Workplace.HYBRID.value),
    (
        PublishedJob.office_days_per_week.is_(None) & PublishedJob.flags.contains({"is_hybrid": True}),
        Workplace.HYBRID.value,
    ),
    else_=Workplace.OFFICE.value,
)
UNSEEN_IN_LISTS = (
    *(PublishedJob.description, PublishedJob.essential, PublishedJob.desirable),
    PublishedJob.application_form,
)
# A filter that is counted, and the column that it looks at.
FACETS: dict[str, ColumnElement[Any]] = {
    "employer": PublishedJob.employer_code.expression,
    "family": PublishedJob.family.expression,
    "contract": PublishedJob.contract.expression,
    "working_pattern": PublishedJob.working_pattern.expression,
    "workplace": WORKPLACE,
}


class EmployerNotListed(Invalid):
    code = "not_in_the_list"
    title = "No employer has this code"


@dataclass(frozen=True)
class Found:
    """One page: the adverts, the cursor of the next, and the words searched for where they are not those asked for."""

    jobs: list[JobSummary]
    next_cursor: str | None
    searched_for: str | None


async def refuse_unknown_employers(session: AsyncSession, wanted: JobCriteria, *, field: str = "employer") -> None:
    """Raises EmployerNotListed: an empty list would say that an employer has no adverts."""
    if wanted.employer:
        known = {each.code for each in await list_employers(session)}
        if not {each.upper() for each in wanted.employer} <= known:
            raise EmployerNotListed(field=field, next_step="Take codes of GET /v1/employers")


async def search_jobs(session: AsyncSession, wanted: JobFilter, page: PageRequest, *, now: datetime) -> Found:
    """Live adverts that fit. Raises EmployerNotListed, PlaceUnknown."""
    await refuse_unknown_employers(session, wanted)
    reach = reach_of(wanted)
    words = wanted.q
    jobs, cursor = await _page(session, wanted, words, reach, page, now=now)
    if words and not jobs:
        words = await corrected(session, words, now=now)
        if words != wanted.q:
            jobs, cursor = await _page(session, wanted, words, reach, page, now=now)
    shown = [
        JobSummary.model_validate(job).model_copy(
            update={
                "highlight": highlight,
                "distance_metres": metres_between(reach.origin, job.outcode) if reach else None,
            }
        )
        for job, highlight in jobs
    ]
    return Found(shown, cursor, words if words != wanted.q else None)


async def _page(
    session: AsyncSession,
    wanted: JobFilter,
    words: str | None,
    reach: Reach | None,
    page: PageRequest,
    *,
    now: datetime,
) -> tuple[list[tuple[PublishedJob, Highlight | None]], str | None]:
    """The ids are put in order first: what is sorted is a few columns of thousands, what is read whole is one page."""
    conditions = (*common_conditions(wanted, words, reach, now=now), *facet_conditions(wanted).values())
    order, descending = _order(wanted, words, reach)
    ids, cursor = await paginate(
        session, select(PublishedJob.id).where(*conditions), page, order=order, descending=descending
    )
    found = await _shown(session, ids, words) if ids else {}
    # What was taken down in between is left out.
    return [found[job_id] for job_id in ids if job_id in found], cursor


async def _shown(
    session: AsyncSession, ids: list[UUID], words: str | None
) -> Mapping[UUID, tuple[PublishedJob, Highlight | None]]:
    """One statement for a page of any length: the cache of compiled statements knows it again."""
    options = [defer(column) for column in UNSEEN_IN_LISTS]
    wanted = PublishedJob.id == func.any(literal(ids, ARRAY(Uuid)))
    if not words:
        plain = await session.scalars(select(PublishedJob).options(*options).where(wanted))
        return {job.id: (job, None) for job in plain}
    marked = with_marks(select(PublishedJob), words)
    rows: Sequence[Any] = (await session.execute(marked.options(*options).where(wanted))).all()
    return {job.id: (job, highlight_of(title, text)) for job, title, text in rows}


def reach_of(wanted: JobCriteria) -> Reach | None:
    return within_reach(wanted.near, wanted.within_miles) if wanted.near else None


def common_conditions(
    wanted: JobCriteria, words: str | None, reach: Reach | None, *, now: datetime
) -> list[ColumnElement[bool]]:
    """What every count keeps: all but the facets."""
    job = PublishedJob
    given: list[tuple[Any, Any]] = [
        (wanted.hours_from, lambda: job.hours_per_week >= wanted.hours_from),
        (wanted.hours_to, lambda: job.hours_per_week <= wanted.hours_to),
        (wanted.salary_from_pence, lambda: job.salary_max_pence >= wanted.salary_from_pence),
        (wanted.salary_to_pence, lambda: job.salary_min_pence <= wanted.salary_to_pence),
        (wanted.scp_from, lambda: job.scp_max >= wanted.scp_from),
        (wanted.scp_to, lambda: job.scp_min <= wanted.scp_to),
        (wanted.closing_before, lambda: job.closes_at < wanted.closing_before),
        (wanted.closing_within_days, lambda: job.closes_at <= now + timedelta(days=wanted.closing_within_days or 0)),
        (wanted.outcode, lambda: job.outcode == (wanted.outcode or "").upper()),
        (words, lambda: job.search.op("@@")(tsquery_of(words or ""))),
        (reach, lambda: job.outcode.in_(reach.outcodes if reach else ())),
    ]
    return [job.closes_at > now, *(condition() for value, condition in given if value is not None)]


def facet_conditions(wanted: JobCriteria) -> dict[str, ColumnElement[bool]]:
    """For each facet that is chosen from: the condition of that facet."""
    chosen = {
        "employer": [each.upper() for each in wanted.employer],
        "family": wanted.family,
        "contract": wanted.contract,
        "working_pattern": wanted.working_pattern,
        "workplace": [each.value for each in wanted.workplace],
    }
    return {name: FACETS[name].in_(values) if values else true() for name, values in chosen.items()}


def _order(wanted: JobFilter, words: str | None, reach: Reach | None) -> tuple[tuple[Any, ...], bool]:
    """A total order of columns that are never null, and whether it runs down."""
    job = PublishedJob
    match wanted.sort or (JobSort.RELEVANCE if words else JobSort.NEWEST):
        case JobSort.RELEVANCE if words:
            # A whole number, so that a cursor finds its place again to the digit.
            rank = cast(func.ts_rank(job.heading, tsquery_of(words), 1) * 1_000_000, Integer)
            return (rank, job.published_at, job.id), True
        case JobSort.CLOSING:
            return (job.closes_at, job.id), False
        case JobSort.PAY:
            return (job.salary_max_pence, job.id), True
        case JobSort.DISTANCE if reach:
            place = func.array_position(literal(list(reach.outcodes), ARRAY(Text)), cast(job.outcode, Text))
            return (cast(place, Integer), job.id), False
        case _:
            return (job.published_at, job.id), True
