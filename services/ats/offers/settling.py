"""What becomes of somebody's other applications with an employer once they have accepted its offer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications import rules as application_rules
from services.ats.applications.models import Application
from services.ats.applications.states import UNDECIDED, ApplicationAction, ApplicationSource, Stage
from services.ats.applications.telling import audit_application, tell_with_link
from services.ats.audit.actor import SYSTEM
from services.ats.offers import queries
from services.ats.offers.models import Offer, OfferState
from services.ats.persons.queries import is_of_person
from services.ats.reserve_lists.commands import leave_reserve_list
from services.ats.reserve_lists.models import EndedHow
from services.ats.selection_policy.queries import terms_in_force
from services.ats.selection_policy.schemes import OtherApplications
from services.ats.vacancies.queries import get_vacancy
from shared.calendar import local_date
from shared.due_rows import do_each, not_held_back
from shared.events.applications import OtherApplicationSettled

BATCH = 100
LIVE = UNDECIDED | {Stage.OFFERED}


async def settle_others_by_policy(session: AsyncSession, offer: Offer, *, now: datetime) -> None:
    """By the policy of the day of the acceptance. The work is due at once, under locks of its own: two acceptances
    of one person would else wait for each other.
    """
    terms = await terms_in_force(session, offer.employer_id, today=local_date(now))
    if terms.other_applications is not OtherApplications.LEAVE:
        offer.settles_others, offer.others_due_at = terms.other_applications, now


async def settle_other_applications(session: AsyncSession, now: datetime) -> int:
    """Due work: withdraw, or ask about, each other live application of who accepted an offer, and tell them."""
    due = select(Offer.id).where(Offer.others_due_at <= now, not_held_back(settle_other_applications, Offer.id))
    ids = (await session.scalars(due.order_by(Offer.others_due_at, Offer.id).limit(BATCH))).all()

    async def settle(offer_id: UUID) -> None:
        offer = await queries.get_offer(session, offer_id, lock=True)
        if offer.others_due_at is None or offer.settles_others is None:
            return
        at, offer.others_due_at = offer.others_due_at, None
        if offer.state is not OfferState.ACCEPTED:
            return
        accepted = await application_queries.get_application(session, offer.application_id)
        others = (
            select(Application.id)
            .where(
                Application.employer_id == accepted.employer_id,
                is_of_person(accepted.person_key, Application.employer_id, Application.person_key),
                Application.id != accepted.id,
                Application.source != ApplicationSource.CLEARING,
                Application.stage.in_(LIVE),
            )
            .order_by(Application.vacancy_id, Application.id)
        )
        title = (await get_vacancy(session, offer.vacancy_id)).title
        for other_id in (await session.scalars(others)).all():
            await _settle_one(session, other_id, offer, title, at=at)

    return await do_each(session, settle_other_applications, ids, settle)


async def _settle_one(session: AsyncSession, other_id: UUID, offer: Offer, title: str, *, at: datetime) -> None:
    """Who holds another offer is asked, whatever the policy: they answer it themselves."""
    vacancy = await get_vacancy(session, await application_queries.vacancy_of(session, other_id), lock=True)
    other = await application_queries.get_application(session, other_id, lock=True)
    if other.stage not in LIVE:
        return
    is_withdrawn = offer.settles_others is OtherApplications.WITHDRAW and other.stage in UNDECIDED
    if is_withdrawn:
        await leave_reserve_list(session, other, EndedHow.WITHDRAWN, now=at)
        application_rules.move(other, ApplicationAction.WITHDRAW, at)
    action = "application_withdrawn" if is_withdrawn else "candidate_asked_to_go_on"
    audit_application(session, other, action, actor=SYSTEM, at=at, reason="accepted another offer")
    settled = OtherApplicationSettled(
        application_id=other.id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        accepted_application_id=offer.application_id,
        vacancy_title=vacancy.title,
        accepted_title=title,
        how="withdrawn" if is_withdrawn else "asked",
    )
    await tell_with_link(session, other, settled, now=at)
