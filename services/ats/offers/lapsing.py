"""An offer that nobody answers ends with its reply-by, and no longer holds an opening back from others."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications import rules as application_rules
from services.ats.applications.telling import audit_application, tell
from services.ats.audit.actor import SYSTEM
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.offers import queries, rules
from services.ats.offers.models import Offer, OfferState
from services.ats.offers.standing import free_what_was_held
from services.ats.vacancies import queries as vacancy_queries
from services.ats.vacancies.announcing import announce
from shared.due_rows import do_each, not_held_back
from shared.events.applications import OfferLapsed

BATCH = 100


async def lapse_offers(session: AsyncSession, now: datetime) -> int:
    """Due work: end each offer at the very instant of its reply-by, and tell the candidate."""
    due = (
        select(Offer.id)
        .where(Offer.state == OfferState.MADE, Offer.reply_by <= now, not_held_back(lapse_offers, Offer.id))
        .order_by(Offer.reply_by, Offer.id)
    )
    ids = (await session.scalars(due.limit(BATCH))).all()

    async def lapse_one(offer_id: UUID) -> None:
        await _lapse(session, offer_id, now=now)

    return await do_each(session, lapse_offers, ids, lapse_one)


async def _lapse(session: AsyncSession, offer_id: UUID, *, now: datetime) -> None:
    application_id = (await queries.get_offer(session, offer_id)).application_id
    vacancy_id = await application_queries.vacancy_of(session, application_id)
    vacancy = await vacancy_queries.get_vacancy(session, vacancy_id, lock=True)
    application = await application_queries.get_application(session, application_id, lock=True)
    offer = await queries.get_offer(session, offer_id, lock=True)
    if offer.state is not OfferState.MADE or offer.reply_by > now:
        return
    at = offer.reply_by
    rules.lapse(offer)
    application_rules.lapse_offer(application, at)
    free_what_was_held(session, vacancy, application, HiringEvent.OFFER_LAPSED, actor=SYSTEM, now=at)
    audit_application(session, application, "offer_lapsed", actor=SYSTEM, at=at)
    await announce(session, vacancy, now=now, at=at)
    lapsed = OfferLapsed(
        application_id=application.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        offer_id=offer.id,
        vacancy_title=vacancy.title,
        reply_by=offer.reply_by,
    )
    await tell(session, application, lapsed, now=at)
