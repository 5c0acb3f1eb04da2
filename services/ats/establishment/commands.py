from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.establishment.models import EstablishmentFigure, RecruitmentFreeze
from services.ats.establishment.rules import FreezeLifted
from services.ats.establishment.schemas import EstablishmentWrite, FreezeWrite
from shared.errors import NotFound
from shared.principals import Principal
from shared.registry import Employer, EmployerUnknown, get_employer_by_code


class FreezeNotFound(NotFound):
    code = "freeze_not_found"
    title = "There is no such freeze here for you"


async def employer_of(session: AsyncSession, code: str, caller: Principal) -> Employer:
    """Raises EmployerUnknown for one that the caller may not act for, as for one that does not exist."""
    employer = await get_employer_by_code(session, code)
    if not caller.may_act_for(employer.id):
        raise EmployerUnknown(field="code")
    return employer


async def replace_establishment(
    session: AsyncSession, employer: Employer, wanted: EstablishmentWrite, *, actor: Actor, now: datetime
) -> None:
    """The figures as given and no others."""
    await session.execute(delete(EstablishmentFigure).where(EstablishmentFigure.employer_id == employer.id))
    for each in wanted.figures:
        session.add(EstablishmentFigure(employer_id=employer.id, as_at=wanted.as_at, **each.model_dump()))
    subject = Subject("establishment", employer.id, employer.id)
    write_audit(session, "establishment_replaced", subject, actor=actor, at=now, reason=wanted.as_at.isoformat())


async def freeze_recruitment(
    session: AsyncSession, employer: Employer, wanted: FreezeWrite, *, actor: Actor, now: datetime
) -> RecruitmentFreeze:
    """From its first day nothing goes for approval without one of its grounds."""
    freeze = RecruitmentFreeze(
        employer_id=employer.id, made_by=actor.id, made_at=now, **wanted.model_dump(mode="python")
    )
    session.add(freeze)
    subject = Subject("recruitment_freeze", freeze.id, employer.id)
    write_audit(session, "recruitment_frozen", subject, actor=actor, at=now, reason=wanted.reason)
    return freeze


async def lift_freeze(
    session: AsyncSession, freeze_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> RecruitmentFreeze:
    """Raises FreezeNotFound, FreezeLifted."""
    freeze = await session.scalar(select(RecruitmentFreeze).where(RecruitmentFreeze.id == freeze_id).with_for_update())
    if freeze is None:
        raise FreezeNotFound
    if freeze.lifted_at is not None:
        raise FreezeLifted
    freeze.lifted_at = now
    subject = Subject("recruitment_freeze", freeze.id, freeze.employer_id)
    write_audit(session, "freeze_lifted", subject, actor=actor, at=now, reason=reason)
    return freeze
