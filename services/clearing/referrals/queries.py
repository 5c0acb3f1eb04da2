from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Select, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from services.clearing.audit.models import Reading
from services.clearing.referrals.models import Offer, Referral
from services.clearing.referrals.rules import LIVE_STATES, Place
from services.clearing.referrals.states import OfferState, ReferralState
from shared.errors import NotFound
from shared.pagination import PagedFilter, PageRequest, paginate
from shared.principals import Principal
from shared.vocabulary import Scope

T = TypeVar("T")
FRESH = {"populate_existing": True}


class ReferralUnknown(NotFound):
    code: ClassVar[str] = "referral_not_found"
    title: ClassVar[str] = "There is no such referral here for you"


class OfferUnknown(NotFound):
    code: ClassVar[str] = "offer_not_found"
    title: ClassVar[str] = "There is no such offer here for you"


class ReferralFilter(PagedFilter):
    vacancy_id: UUID | None = None
    registration_id: UUID | None = None
    state: ReferralState | None = None


async def get_referral(session: AsyncSession, referral_id: UUID, *, lock: bool = False) -> Referral:
    """Raises ReferralUnknown."""
    query = select(Referral).where(Referral.id == referral_id)
    found = await session.scalar(_locked(query) if lock else query)
    if found is None:
        raise ReferralUnknown
    return found


async def get_referral_for(session: AsyncSession, referral_id: UUID, caller: Principal) -> Referral:
    """One that this caller may read (see `readable_by`). Raises ReferralUnknown."""
    found = await session.scalar(readable_by(select(Referral).where(Referral.id == referral_id), caller))
    if found is None:
        raise ReferralUnknown
    return found


def readable_by(query: Select[Referral], caller: Principal) -> Select[Referral]:
    """Recruiters read what comes to their own vacancies; who of their own colleagues is leaving is HR's to know."""
    at_home = caller.limited_to(Scope.CLEARING_READ)
    if at_home.is_region or caller.subject_id is not None:
        return query
    gaining = caller.limited_to(Scope.CLEARING_READ, Scope.APPLICATIONS_READ)
    if gaining.is_region:
        return query
    return query.where(
        or_(Referral.gaining_employer_id.in_(gaining.employer_ids), Referral.home_employer_id.in_(at_home.employer_ids))
    )


async def search_referrals(
    session: AsyncSession, wanted: ReferralFilter, page: PageRequest, caller: Principal
) -> tuple[Sequence[Referral], str | None]:
    """Newest first."""
    query = readable_by(select(Referral), caller)
    if wanted.vacancy_id is not None:
        query = query.where(Referral.vacancy_id == wanted.vacancy_id)
    if wanted.registration_id is not None:
        query = query.where(Referral.registration_id == wanted.registration_id)
    if wanted.state is not None:
        query = query.where(Referral.state == wanted.state)
    return await paginate(session, query, page, order=(Referral.interested_at, Referral.id), descending=True)


async def referrals_of(session: AsyncSession, registration_id: UUID) -> Sequence[Referral]:
    """A person's own, newest first; their page shows the latest hundred."""
    query = select(Referral).where(Referral.registration_id == registration_id)
    return (await session.scalars(query.order_by(Referral.interested_at.desc(), Referral.id).limit(100))).all()


async def ranked_referrals(session: AsyncSession, vacancy_id: UUID, caller: Principal) -> Sequence[Referral]:
    """Who was interested in a vacancy, best rank first."""
    query = readable_by(select(Referral).where(Referral.vacancy_id == vacancy_id), caller)
    return (await session.scalars(query.order_by(Referral.rank_key, Referral.id))).all()


async def queue_of(session: AsyncSession, vacancy_id: UUID) -> Sequence[Place]:
    """Who still waits for an outcome of this vacancy."""
    query = select(Referral.id, Referral.rank_key, Referral.priority_band, Referral.state).where(
        Referral.vacancy_id == vacancy_id, Referral.state.in_(LIVE_STATES)
    )
    return [Place(*row) for row in await session.execute(query)]


async def count_referrals(session: AsyncSession, vacancy_id: UUID) -> tuple[int, int]:
    """How many were interested in a vacancy, and how many of them still wait for an outcome."""
    waiting = func.count().filter(Referral.state.in_(LIVE_STATES))
    query = select(func.count(), waiting).where(Referral.vacancy_id == vacancy_id)
    interested, awaiting = (await session.execute(query)).one()
    return interested, awaiting


async def live_referrals_of_vacancy(session: AsyncSession, vacancy_id: UUID) -> Sequence[Referral]:
    """Locked."""
    query = select(Referral).where(Referral.vacancy_id == vacancy_id, Referral.state.in_(LIVE_STATES))
    return (await session.scalars(_locked(query.order_by(Referral.id)))).all()


async def live_referrals_of(session: AsyncSession, registration_id: UUID) -> Sequence[Referral]:
    """Locked."""
    query = select(Referral).where(Referral.registration_id == registration_id, Referral.state.in_(LIVE_STATES))
    return (await session.scalars(_locked(query.order_by(Referral.id)))).all()


async def waiting_for_review(session: AsyncSession, limit: int, *, among: ColumnElement[bool]) -> Sequence[UUID]:
    query = select(Referral.id).where(Referral.state == ReferralState.INTERESTED, among)
    return (await session.scalars(query.order_by(Referral.id).limit(limit))).all()


async def overdue_reviews(
    session: AsyncSession, now: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    query = select(Referral.id).where(
        Referral.state == ReferralState.HR_REVIEW,
        Referral.review_due_at < now,
        Referral.alerted_at.is_(None),
        among,
    )
    return (await session.scalars(query.order_by(Referral.review_due_at, Referral.id).limit(limit))).all()


async def get_offer(session: AsyncSession, offer_id: UUID, *, lock: bool = False) -> Offer:
    """Raises OfferUnknown."""
    query = select(Offer).where(Offer.id == offer_id)
    found = await session.scalar(_locked(query) if lock else query)
    if found is None:
        raise OfferUnknown
    return found


async def live_offer_of(session: AsyncSession, referral_id: UUID) -> Offer | None:
    """The offer of this referral that is asked for or open, locked."""
    query = select(Offer).where(
        Offer.referral_id == referral_id, Offer.state.in_((OfferState.REQUESTED, OfferState.OFFERED))
    )
    return await session.scalar(_locked(query))


def has_open_offer(registration_id: InstrumentedAttribute[UUID]) -> Exists:
    return exists().where(Offer.registration_id == registration_id, Offer.state == OfferState.OFFERED)


async def offers_of(session: AsyncSession, registration_id: UUID) -> Sequence[Offer]:
    """Made to a person, newest first."""
    query = select(Offer).where(Offer.registration_id == registration_id, Offer.made_at.is_not(None))
    return (await session.scalars(query.order_by(Offer.made_at.desc(), Offer.id))).all()


async def waiting_for_follow_up(session: AsyncSession, limit: int, *, among: ColumnElement[bool]) -> Sequence[UUID]:
    query = select(Offer.id).where(Offer.follow_up.is_not(None), among).order_by(Offer.id).limit(limit)
    return (await session.scalars(query)).all()


async def offers_past_reply(
    session: AsyncSession, now: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    query = select(Offer.id).where(Offer.state == OfferState.OFFERED, Offer.reply_by < now, among)
    return (await session.scalars(query.order_by(Offer.reply_by, Offer.id).limit(limit))).all()


async def note_opened(session: AsyncSession, referral: Referral, reader_id: UUID, now: datetime) -> None:
    """R49: remember the first time that this caller read this referral."""
    await session.execute(
        insert(Reading)
        .values(
            referral_id=referral.id,
            reader_id=reader_id,
            home_employer_id=referral.home_employer_id,
            gaining_employer_id=referral.gaining_employer_id,
            opened_at=now,
        )
        .on_conflict_do_nothing()
    )


async def has_opened(session: AsyncSession, referral_id: UUID, reader_id: UUID) -> bool:
    return await session.get(Reading, (referral_id, reader_id)) is not None


def _locked(query: Select[T]) -> Select[T]:
    """What is locked is also read anew: another transaction may have changed it before the lock was ours."""
    return query.with_for_update().execution_options(**FRESH)
