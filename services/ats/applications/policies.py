"""How an employer takes applications, from which day on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import ApplicationPolicy
from services.ats.applications.schemas import PolicyWrite
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from shared.calendar import local_date
from shared.errors import Invalid
from shared.registry import Employer


class PolicyInThePast(Invalid):
    code = "policy_in_the_past"
    title = "A policy begins today or later: what was taken under another stays as it was"


async def find_policy(session: AsyncSession, employer_id: UUID, *, on: date) -> ApplicationPolicy | None:
    """The one in force on a local day; none where the employer has never made one."""
    begun = select(ApplicationPolicy).where(
        ApplicationPolicy.employer_id == employer_id, ApplicationPolicy.valid_from <= on
    )
    return await session.scalar(begun.order_by(ApplicationPolicy.valid_from.desc()).limit(1))


async def list_policies(session: AsyncSession, employer_id: UUID) -> Sequence[ApplicationPolicy]:
    """Newest first."""
    of_the_employer = select(ApplicationPolicy).where(ApplicationPolicy.employer_id == employer_id)
    return (await session.scalars(of_the_employer.order_by(ApplicationPolicy.valid_from.desc()))).all()


async def make_policy(
    session: AsyncSession, employer: Employer, wanted: PolicyWrite, *, actor: Actor, now: datetime
) -> None:
    """In the place of one that begins the same day. Raises PolicyInThePast."""
    if wanted.valid_from < local_date(now):
        raise PolicyInThePast(field="valid_from", next_step="Give today's date or a later one.")
    made = ApplicationPolicy(employer_id=employer.id, made_at=now, made_by=actor.id, **wanted.model_dump())
    await session.merge(made)
    subject = Subject("application_policy", employer.id, employer.id)
    write_audit(session, "application_policy_made", subject, actor=actor, at=now, reason=wanted.valid_from.isoformat())
