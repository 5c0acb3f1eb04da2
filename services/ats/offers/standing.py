"""An offer with what stands around it: locked in the one order that everybody keeps, and set free again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.commands import load_for
from services.ats.applications.models import Application
from services.ats.applications.own import reach_employer
from services.ats.applications.states import ApplicationAction
from services.ats.applications.telling import log_application
from services.ats.audit.actor import Actor
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.offers import queries, rules
from services.ats.offers.models import Offer
from services.ats.vacancies import openings
from services.ats.vacancies import queries as vacancy_queries
from services.ats.vacancies.models import Vacancy
from shared.etag import refuse_stale
from shared.principals import Principal, PrincipalKind


async def lock_application(
    session: AsyncSession, application_id: UUID, action: ApplicationAction, expected: int | None
) -> tuple[Vacancy, Application]:
    """Raises ApplicationNotFound, StaleVersion, StageNotReachable, DecidedInClearing."""
    vacancy_id = await application_queries.vacancy_of(session, application_id)
    vacancy = await vacancy_queries.get_vacancy(session, vacancy_id, lock=True)
    return vacancy, await load_for(session, application_id, action, expected)


async def lock_offer(
    session: AsyncSession, offer_id: UUID, caller: Principal, action: ApplicationAction, expected: int | None
) -> tuple[Vacancy, Application, Offer]:
    """`expected` is the offer's version. Raises OfferNotFound, OfferNotOpen for one that a later offer replaced.

    One that waits for an approver replaces nothing yet, and is reached by who decides on it alone.
    """
    application_id = (await queries.get_offer(session, offer_id)).application_id
    await reach_employer(session, application_id, caller)
    vacancy, application = await lock_application(session, application_id, action, None)
    offer = await queries.get_offer(session, offer_id, lock=True)
    refuse_stale(expected, offer.version)
    if offer.opening_no is None and caller.kind is PrincipalKind.LINK:
        raise queries.OfferNotFound
    if action is ApplicationAction.MAKE_OFFER:
        rules.refuse_decided(offer)
    elif await queries.find_latest_out(session, application_id) is not offer:
        raise rules.OfferNotOpen(state=offer.state, next_step="Answer the latest offer.")
    return vacancy, application, offer


def free_what_was_held(
    session: AsyncSession,
    vacancy: Vacancy,
    application: Application,
    ending: HiringEvent,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The opening is free and an acceptance before is void: the clock never stopped."""
    openings.return_opening(vacancy, application.id)
    log_application(session, application, ending, at=now, actor=actor)
    application.opening_no, application.accepted_at, application.cleared_at = None, None, None
