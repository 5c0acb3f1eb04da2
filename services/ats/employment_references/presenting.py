"""A candidate's references as the API and the pages show them: never what was answered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.employment_references import evidence, queries
from services.ats.employment_references.models import ReferenceRequest
from services.ats.employment_references.permitted import allowed_actions
from services.ats.employment_references.schemas import Gap, ReferenceRead, ReferencesRead
from shared.calendar import local_date
from shared.principals import Principal

AS_STORED = frozenset(ReferenceRead.model_fields) - {"allowed_actions"}


def present_reference(reference: ReferenceRequest, caller: Principal) -> ReferenceRead:
    shown = {name: getattr(reference, name) for name in AS_STORED}
    return ReferenceRead(**shown, allowed_actions=allowed_actions(reference, caller))


async def present_references(
    session: AsyncSession, application_id: UUID, caller: Principal, now: datetime
) -> ReferencesRead:
    """Raises ApplicationNotFound."""
    application = await get_application(session, application_id)
    whole, open_gaps = await evidence.coverage_of(session, application, local_date(now))
    return ReferencesRead(
        application_id=application_id,
        looked_back_on_from=whole.first,
        gaps=[Gap(first_on=each.first, last_on=each.last, days=each.days) for each in open_gaps],
        references=[present_reference(each, caller) for each in await queries.references_of(session, application_id)],
    )
