"""A candidate acting on their own application by a signed link."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries
from services.ats.applications.models import Application
from shared.database import enter
from shared.principals import Principal, PrincipalKind
from shared.tenancy import Tenancy


async def reach_employer(session: AsyncSession, application_id: UUID, caller: Principal) -> None:
    """Let a person by link carry out a step on their own application, whose openings and log are the employer's.

    Row-level security has shown that the application is theirs before the transaction reaches further. Staff and
    clients reach as far as they did. Raises ApplicationNotFound.
    """
    if caller.kind is not PrincipalKind.LINK:
        return
    application: Application = await queries.get_application(session, application_id)
    await enter(session, Tenancy(employer_ids=frozenset({application.employer_id}), subject_id=caller.subject_id))
