"""A candidate who wants to be asked before a referee is written to, by their own link."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.own import reach_employer
from services.ats.applications.queries import ApplicationNotFound
from services.ats.audit.actor import Actor
from services.ats.employment_references import commands, queries
from services.ats.employment_references.schemas import OwnConsent
from shared.principals import Principal


async def own_consents(session: AsyncSession, caller: Principal) -> list[OwnConsent]:
    """Those that they asked to be told of. Raises ApplicationNotFound."""
    application_id = _own(caller)
    await reach_employer(session, application_id, caller)
    found = await queries.references_of(session, application_id)
    return [OwnConsent.model_validate(each) for each in found if each.asks_first]


async def answer_own_consent(
    session: AsyncSession, reference_id: UUID, caller: Principal, *, agrees: bool, now: datetime
) -> None:
    """Raises ApplicationNotFound, ReferenceNotFound, ReferenceNotOpen."""
    application_id = _own(caller)
    # Row-level security shows a candidate no reference but their own.
    await queries.get_reference(session, reference_id)
    await reach_employer(session, application_id, caller)
    await commands.answer_consent(session, reference_id, application_id, agrees=agrees, actor=Actor.of(caller), now=now)


def _own(caller: Principal) -> UUID:
    if caller.subject_id is None:
        raise ApplicationNotFound
    return caller.subject_id
