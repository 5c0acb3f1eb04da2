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


async def find_standing(session: AsyncSession, application_id: UUID, *, lock: bool = False) -> Offer | None:
    """The offer that is made or accepted: at most one."""
    query = select(Offer).where(Offer.application_id == application_id, Offer.state.in_(STANDING))
    return await session.scalar(query.with_for_update() if lock else query)


async def offers_of(session: AsyncSession, application_id: UUID) -> Sequence[Offer]:
    """Oldest first."""
    found = await session.scalars(
        select(Offer).where(Offer.application_id == application_id).order_by(Offer.recorded_at, Offer.id)
    )
    return found.all()
