from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.establishment.models import EstablishmentFigure, RecruitmentFreeze
from services.ats.establishment.schemas import EstablishmentRead, FigureRead
from shared.registry import Employer


async def get_establishment(session: AsyncSession, employer: Employer) -> EstablishmentRead:
    """The figures of an employer by job family; none where it has given none."""
    of_the_employer = select(EstablishmentFigure).where(EstablishmentFigure.employer_id == employer.id)
    found = await session.scalars(of_the_employer.order_by(EstablishmentFigure.family))
    return EstablishmentRead(
        employer=employer.code,
        figures=[
            FigureRead(
                family=each.family,
                as_at=each.as_at,
                established_fte=each.established_fte,
                in_post_fte=each.in_post_fte,
                agency_fte=each.agency_fte,
                vacant_fte=max(each.established_fte - each.in_post_fte, Decimal(0)),
            )
            for each in found
        ],
    )


async def list_freezes(session: AsyncSession, employer_id: UUID) -> Sequence[RecruitmentFreeze]:
    """Every freeze there was, newest first."""
    of_the_employer = select(RecruitmentFreeze).where(RecruitmentFreeze.employer_id == employer_id)
    newest_first = (RecruitmentFreeze.starts_on.desc(), RecruitmentFreeze.id)
    return (await session.scalars(of_the_employer.order_by(*newest_first))).all()


async def freezes_in_force(session: AsyncSession, employer_id: UUID, *, today: date) -> Sequence[RecruitmentFreeze]:
    """Freezes that cover the local day `today`, and were not lifted."""
    in_force = select(RecruitmentFreeze).where(
        RecruitmentFreeze.employer_id == employer_id,
        RecruitmentFreeze.starts_on <= today,
        or_(RecruitmentFreeze.ends_on.is_(None), RecruitmentFreeze.ends_on >= today),
        RecruitmentFreeze.lifted_at.is_(None),
    )
    return (await session.scalars(in_force.order_by(RecruitmentFreeze.starts_on, RecruitmentFreeze.id))).all()
