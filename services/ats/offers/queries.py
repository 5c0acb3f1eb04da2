from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.offers.models import Offer, OfferState
from shared.errors import NotFound

STANDING = (OfferState.MADE, OfferState.ACCEPTED)


class OfferNotFound(NotFound):
    code = "offer_not_found"
    title = "There is no such offer here for you"


async def get_offer(session: AsyncSession, offer_id: UUID, *, lock: bool = False) -> Offer:
    """Raises OfferNotFound."""
    query = select(Offer).where(Offer.id == offer_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise OfferNotFound
    return found


async def find_standing(
    session: AsyncSession, application_id: UUID, *, lock: bool = False, but: UUID | None = None
) -> Offer | None:
    """The offer that is made or accepted: at most one, besides `but`."""
    query = select(Offer).where(Offer.application_id == application_id, Offer.state.in_(STANDING))
    if but is not None:
        query = query.where(Offer.id != but)
    return await session.scalar(query.with_for_update() if lock else query)


async def find_latest_out(session: AsyncSession, application_id: UUID) -> Offer | None:
    """The last one that the candidate was told of: it has held an opening since."""
    out = select(Offer).where(Offer.application_id == application_id, Offer.opening_no.is_not(None))
    return await session.scalar(out.order_by(Offer.sequence_no.desc()).limit(1))


async def pending_offers(session: AsyncSession, vacancy_id: UUID) -> Sequence[Offer]:
    """Those of a vacancy that wait for an approver, oldest first."""
    waiting = select(Offer).where(Offer.vacancy_id == vacancy_id, Offer.state == OfferState.APPROVAL_PENDING)
    return (await session.scalars(waiting.order_by(Offer.recorded_at, Offer.id))).all()


async def offers_of(session: AsyncSession, application_id: UUID) -> Sequence[Offer]:
    """Oldest first."""
    found = await session.scalars(
        select(Offer).where(Offer.application_id == application_id).order_by(Offer.sequence_no)
    )
    return found.all()
