"""A candidate's own application, as their link shows it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.own import reach_employer
from services.ats.applications.permitted import allowed_actions
from services.ats.applications.queries import ApplicationNotFound
from services.ats.applications.states import Stage
from services.ats.offers import queries
from services.ats.offers.schemas import OwnApplication, OwnOffer
from services.ats.reserve_lists.queries import find_standing
from services.ats.vacancies.queries import get_vacancy
from shared.principals import Principal
from shared.registry import get_employer


async def own_application(session: AsyncSession, caller: Principal) -> OwnApplication:
    """Raises ApplicationNotFound."""
    if caller.subject_id is None:
        raise ApplicationNotFound
    application = await application_queries.get_application(session, caller.subject_id)
    offer = await queries.find_latest_out(session, application.id)
    await reach_employer(session, application.id, caller)
    vacancy = await get_vacancy(session, application.vacancy_id)
    employer = await get_employer(session, application.employer_id)
    rejection = await application_queries.rejection_in_force(session, application.id)
    # Not told yet: it may still be undone, and then there was nothing to tell.
    pending = rejection if rejection is not None and rejection.told_at is None else None
    listing = await find_standing(session, application.id)
    is_listing_untold = listing is not None and listing.told_at is None
    shown = Stage.INTERVIEW if is_listing_untold else application.stage
    return OwnApplication(
        id=application.id,
        reference=application.reference,
        vacancy_title=vacancy.title,
        employer_name=employer.title,
        stage=shown if pending is None else pending.from_stage,
        rejection_reason=application.rejection_reason if pending is None else None,
        submitted_at=application.submitted_at,
        interview_at=application.interview_at,
        interview_place=application.interview_place,
        starts_on=application.starts_on,
        reserve_listed_until=None if listing is None or is_listing_untold else listing.until,
        offer=None if offer is None else OwnOffer.model_validate(offer),
        version=application.version,
        allowed_actions=allowed_actions(application, caller),
    )
