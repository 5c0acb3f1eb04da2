"""Who is asked whether an offer outside the grade may go out, and who hears what was decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.offers.models import Offer, OfferState
from services.ats.vacancies.models import Vacancy
from shared import outbox
from shared.events.applications import OfferApprovalDecided, OfferApprovalWanted
from shared.events.base import Contact
from shared.registry import find_staff, staff_with_role
from shared.vocabulary import Role, Service


async def ask_approvers(session: AsyncSession, vacancy: Vacancy, offer: Offer, *, now: datetime) -> None:
    """One fact per approver, so that each mail has its own. Never who made the offer."""
    for person in await staff_with_role(session, Role.APPROVER, vacancy.employer_id):
        if person.id == offer.made_by:
            continue
        wanted = OfferApprovalWanted(
            offer_id=offer.id,
            application_id=offer.application_id,
            vacancy_id=vacancy.id,
            employer_id=vacancy.employer_id,
            approver_id=person.id,
            vacancy_title=vacancy.title,
            reference=vacancy.reference,
        )
        contact = Contact(name=person.name, email=person.email)
        await outbox.record(session, wanted, now=now, sealed={Service.NOTIFICATIONS: contact})


async def tell_maker(session: AsyncSession, vacancy: Vacancy, offer: Offer, *, now: datetime) -> None:
    person = None if offer.made_by is None else await find_staff(session, offer.made_by)
    if person is None:
        return
    decided = OfferApprovalDecided(
        offer_id=offer.id,
        application_id=offer.application_id,
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        maker_id=person.id,
        decision="refused" if offer.state is OfferState.REFUSED else "approved",
        vacancy_title=vacancy.title,
        reference=vacancy.reference,
    )
    contact = Contact(name=person.name, email=person.email)
    await outbox.record(session, decided, now=now, sealed={Service.NOTIFICATIONS: contact})
