from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.states import Stage
from services.ats.employment_references.coverage import Period
from services.ats.employment_references.models import (
    ExplainedGap,
    ReferenceAnswers,
    ReferenceRequest,
    ReferenceState,
)
from shared.errors import NotFound

LINKS_AT_ONCE = 10
ASKED_AT = frozenset(
    {Stage.SHORTLISTED, Stage.INTERVIEW, Stage.RESERVE_LISTED, Stage.OFFERED, Stage.ACCEPTED, Stage.CLEARED}
)
"""Only of people who are considered: never of everybody who applies."""


class ReferenceNotFound(NotFound):
    code = "reference_not_found"
    title = "There is no such reference here for you"


async def get_reference(session: AsyncSession, reference_id: UUID, *, lock: bool = False) -> ReferenceRequest:
    """Raises ReferenceNotFound, for another employer's too."""
    query = select(ReferenceRequest).where(ReferenceRequest.id == reference_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise ReferenceNotFound
    return found


async def references_of(session: AsyncSession, application_id: UUID) -> Sequence[ReferenceRequest]:
    """The latest employment first."""
    found = await session.scalars(
        select(ReferenceRequest)
        .where(ReferenceRequest.application_id == application_id)
        .order_by(ReferenceRequest.employed_from.desc(), ReferenceRequest.id)
    )
    return found.all()


async def candidates_to_ask_about(session: AsyncSession, vacancy_id: UUID) -> Sequence[Row[UUID, str, int, int]]:
    """Whom of a vacancy references may be asked about, by reference alone, with how many are asked and complete."""
    asked, complete = func.count(ReferenceRequest.id), func.count(ReferenceRequest.completed_at)
    query = (
        select(Application.id, Application.reference, asked.label("asked"), complete.label("complete"))
        .outerjoin(ReferenceRequest, ReferenceRequest.application_id == Application.id)
        .where(Application.vacancy_id == vacancy_id, Application.stage.in_(ASKED_AT))
        .group_by(Application.id, Application.reference)
        .order_by(Application.reference)
    )
    return (await session.execute(query)).all()


async def find_answers(session: AsyncSession, reference_id: UUID) -> ReferenceAnswers | None:
    return await session.get(ReferenceAnswers, reference_id)


async def explained_gaps(session: AsyncSession, application_id: UUID) -> Sequence[ExplainedGap]:
    found = await session.scalars(
        select(ExplainedGap)
        .where(ExplainedGap.application_id == application_id)
        .order_by(ExplainedGap.first_on, ExplainedGap.id)
    )
    return found.all()


async def covered(session: AsyncSession, application_id: UUID, today: date) -> list[Period]:
    """The times that a complete reference or an explanation covers. Who is still employed there is so until today."""
    found = [
        Period(each.employed_from, each.employed_to or today)
        for each in await references_of(session, application_id)
        if each.completed_at is not None
    ]
    found += [Period(each.first_on, each.last_on) for each in await explained_gaps(session, application_id)]
    return found


async def open_for_referee(session: AsyncSession, referee_key: str) -> Sequence[ReferenceRequest]:
    """What somebody at this address is still asked for."""
    query = select(ReferenceRequest).where(
        ReferenceRequest.referee_key == referee_key, ReferenceRequest.state == ReferenceState.REQUESTED
    )
    return (await session.scalars(query.order_by(ReferenceRequest.requested_at.desc()).limit(LINKS_AT_ONCE))).all()
