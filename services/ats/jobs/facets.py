"""How many adverts each value of a filter would leave, in one pass over what the other filters leave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.jobs.models import PublishedJob
from services.ats.jobs.schemas import FacetValue, JobCriteria, JobFacets
from services.ats.jobs.search import (
    FACETS,
    common_conditions,
    facet_conditions,
    reach_of,
    refuse_unknown_employers,
)
from services.ats.jobs.spelling import corrected
from services.ats.jobs.workplaces import WORKPLACE_LABELS, Workplace
from shared.reference.occupations import families


async def count_facets(session: AsyncSession, wanted: JobCriteria, *, now: datetime) -> JobFacets:
    """Adverts for each value of each facet, the other filters kept. Raises EmployerNotListed, PlaceUnknown."""
    await refuse_unknown_employers(session, wanted)
    found = await _count(session, wanted, wanted.q, now=now)
    if wanted.q and not found.total:
        words = await corrected(session, wanted.q, now=now)
        if words != wanted.q:
            return await _count(session, wanted, words, now=now)
    return found


async def _count(session: AsyncSession, wanted: JobCriteria, words: str | None, *, now: datetime) -> JobFacets:
    chosen = {name: condition for name, condition in facet_conditions(wanted).items() if getattr(wanted, name)}
    fitting = (
        select(
            PublishedJob.employer_name,
            *(column.label(name) for name, column in FACETS.items()),
            *(condition.label(f"fits_{name}") for name, condition in chosen.items()),
        )
        .where(*common_conditions(wanted, words, reach_of(wanted), now=now))
        .cte("fitting")
    )
    columns = [fitting.c[name] for name in FACETS]
    statement = select(
        *columns,
        *(func.grouping(column).label(f"without_{column.name}") for column in columns),
        # Not the greatest: comparing names by their language's order ten thousand times takes longer than counting.
        func.any_value(fitting.c.employer_name).label("employer_name"),
        *(_count_fitting(fitting, chosen, name).label(f"jobs_{name}") for name in FACETS),
        _count_fitting(fitting, chosen, None).label("total"),
    ).group_by(func.grouping_sets(*columns, literal_column("()")))
    return _read((await session.execute(statement)).mappings())


def _count_fitting(fitting: CTE, chosen: Collection[str], left_out: str | None) -> ColumnElement[int]:
    """Of what fits every filter that is chosen from, but the one left out."""
    others = [fitting.c[f"fits_{name}"] for name in chosen if name != left_out]
    return func.count().filter(and_(*others)) if others else func.count()


def _read(rows: Iterable[Mapping[Any, Any]]) -> JobFacets:
    total = 0
    found: dict[str, list[FacetValue]] = {name: [] for name in FACETS}
    for row in rows:
        name = next((name for name in FACETS if not row[f"without_{name}"]), None)
        if name is None:
            total = row["total"]
        elif row[name] is not None and row[f"jobs_{name}"]:
            label = _label(name, row[name], row["employer_name"])
            found[name].append(FacetValue(value=row[name], label=label, jobs=row[f"jobs_{name}"]))
    for values in found.values():
        values.sort(key=lambda each: (-each.jobs, each.label))
    return JobFacets(total=total, **found)


def _label(facet: str, value: str, employer_name: str) -> str:
    match facet:
        case "employer":
            return employer_name
        case "family":
            return families()[value].label if value in families() else value
        case "workplace":
            return WORKPLACE_LABELS[Workplace(value)]
        case _:
            return value.replace("_", " ").capitalize()
