"""A candidate's own application, as their link shows it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.models import Application
from services.ats.applications.own import reach_employer
from services.ats.applications.queries import ApplicationNotFound
from services.ats.offers import queries
from services.ats.offers.models import Offer
from services.ats.offers.schemas import OwnOffer
from services.ats.vacancies.models import Vacancy
from shared.principals import Principal
from shared.registry import get_employer


@dataclass(frozen=True, slots=True)
class Own:
    application: Application
    vacancy_title: str
    employer_name: str
    offer: OwnOffer | None


async def own_application(session: AsyncSession, caller: Principal) -> Own:
    """Raises ApplicationNotFound."""
    if caller.subject_id is None:
        raise ApplicationNotFound
    application = await application_queries.get_application(session, caller.subject_id)
    offers = await queries.offers_of(session, application.id)
    await reach_employer(session, application.id, caller)
    vacancy = await session.get(Vacancy, application.vacancy_id)
    employer = await get_employer(session, application.employer_id)
    latest: Offer | None = offers[-1] if offers else None
    return Own(
        application=application,
        vacancy_title="" if vacancy is None else vacancy.title,
        employer_name=employer.title,
        offer=None if latest is None else OwnOffer.model_validate(latest),
    )
