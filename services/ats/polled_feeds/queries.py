from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.polled_feeds.models import FeedItem, FeedRun, PolledFeed, ReadOutcome
from services.ats.polled_feeds.rules import FAILURES_UNTIL_SEEN, Absence
from services.ats.polled_feeds.schemas import Attention, FeedRead
from services.ats.vacancies.actions import ENDED
from services.ats.vacancies.models import Vacancy
from shared.errors import NotFound
from shared.vocabulary import VacancyState

OVER = (VacancyState.CLOSED, VacancyState.PARTIALLY_FILLED, *ENDED)
NEEDS = {ReadOutcome.HELD: Attention.HELD, ReadOutcome.EMPTY: Attention.EMPTY}


class FeedNotFound(NotFound):
    code = "polled_feed_not_found"
    title = "There is no such feed here for you"


class RunNotFound(NotFound):
    code = "feed_run_not_found"
    title = "There is no such read of this feed, or it is too long ago"


@dataclass(frozen=True, slots=True)
class Known:
    """A reference that the feed has shown and that has not left it. `is_over`: no advert of it is to come or to end."""

    absence: Absence
    is_over: bool
    left_at: datetime | None


async def get_feed(session: AsyncSession, feed_id: UUID, *, lock: bool = False) -> PolledFeed:
    """Raises FeedNotFound, for another employer's feed too."""
    found = await session.get(PolledFeed, feed_id, with_for_update=lock)
    if found is None:
        raise FeedNotFound
    return found


async def list_feeds(session: AsyncSession, employer_id: UUID) -> list[FeedRead]:
    query = select(PolledFeed).where(PolledFeed.employer_id == employer_id).order_by(PolledFeed.channel)
    return [read_of(each) for each in await session.scalars(query)]


def read_of(feed: PolledFeed) -> FeedRead:
    needs = (
        Attention.FAILING if feed.failures >= FAILURES_UNTIL_SEEN else NEEDS.get(feed.last_outcome or ReadOutcome.GOOD)
    )
    shown = {name: getattr(feed, name) for name in FeedRead.model_fields if name != "needs"}
    return FeedRead.model_validate(shown | {"needs": needs})


async def list_runs(session: AsyncSession, feed_id: UUID) -> Sequence[FeedRun]:
    """Newest first. Raises FeedNotFound."""
    await get_feed(session, feed_id)
    query = select(FeedRun).where(FeedRun.feed_id == feed_id).order_by(FeedRun.started_at.desc(), FeedRun.id)
    return (await session.scalars(query)).all()


async def get_run(session: AsyncSession, run_id: UUID) -> FeedRun:
    """Raises RunNotFound."""
    found = await session.get(FeedRun, run_id)
    if found is None:
        raise RunNotFound
    return found


async def known_items(session: AsyncSession, feed: PolledFeed) -> dict[str, Known]:
    """By reference. One whose row was always refused has no vacancy, and so nothing to unpublish."""
    its_vacancy = and_(
        Vacancy.employer_id == feed.employer_id,
        Vacancy.source_system == feed.channel,
        Vacancy.external_reference == FeedItem.external_reference,
    )
    query = (
        select(
            FeedItem.external_reference,
            FeedItem.absences,
            FeedItem.is_absence_confirmed,
            FeedItem.left_at,
            Vacancy.state,
        )
        .outerjoin(Vacancy, its_vacancy)
        .where(FeedItem.feed_id == feed.id)
    )
    return {
        row.external_reference: Known(
            Absence(row.absences, row.is_absence_confirmed),
            is_over=row.state is None or row.state in OVER,
            left_at=row.left_at,
        )
        for row in await session.execute(query)
    }
