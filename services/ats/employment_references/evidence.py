"""What references show of the years that the check on references asks for."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.queries import get_application
from services.ats.audit.actor import Actor
from services.ats.checks import commands as checks
from services.ats.checks.queries import policy_in_force
from services.ats.checks.states import CheckKind, CheckMethod
from services.ats.employment_references import queries
from services.ats.employment_references.coverage import Period, gaps, looked_back_on
from shared.calendar import local_date


async def coverage_of(session: AsyncSession, application: Application, today: date) -> tuple[Period, list[Period]]:
    """The years that the employer's policy looks back on, and the gaps in them that nothing explains."""
    policy = await policy_in_force(session, application.employer_id, today)
    whole = looked_back_on(today, policy.reference_years)
    return whole, gaps(whole, await queries.covered(session, application.id, today))


async def note_evidence(session: AsyncSession, application_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Once the years are covered, the check says where that is shown. What it comes to, staff decide."""
    application = await get_application(session, application_id)
    _, open_gaps = await coverage_of(session, application, local_date(now))
    is_any_complete = any(each.completed_at for each in await queries.references_of(session, application_id))
    if open_gaps or not is_any_complete:
        return
    shown = checks.Evidence(
        CheckKind.REFERENCES, CheckMethod.REFERENCES_RECEIVED, f"References {application.reference}"
    )
    await checks.note_evidence(session, application, shown, actor=actor, now=now)
