from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.queries import ApplicationNotFound
from services.ats.applications.states import ApplicationSource, Stage
from services.ats.panels.models import ConflictDeclaration, ModerationNote, PanelMember, ScoreSheet
from services.ats.panels.rules import Panel

MOST_SHOWN = 500


async def find_seat(session: AsyncSession, vacancy_id: UUID, staff_id: UUID) -> PanelMember | None:
    """The place of somebody on the panel as it is now."""
    seat = select(PanelMember).where(
        PanelMember.vacancy_id == vacancy_id, PanelMember.staff_id == staff_id, PanelMember.ended_at.is_(None)
    )
    return await session.scalar(seat)


async def seats_of(session: AsyncSession, staff_id: UUID) -> Sequence[PanelMember]:
    """Every panel that somebody sits on now, the newest first. The session must be able to see them."""
    seats = select(PanelMember).where(PanelMember.staff_id == staff_id, PanelMember.ended_at.is_(None))
    return (await session.scalars(seats.order_by(PanelMember.named_at.desc(), PanelMember.id).limit(100))).all()


async def get_panel(session: AsyncSession, vacancy_id: UUID) -> Panel:
    """The vacancy's panel, or one of nobody."""
    members = select(PanelMember).where(PanelMember.vacancy_id == vacancy_id)
    found = (
        await session.scalars(members.order_by(PanelMember.is_lead.desc(), PanelMember.named_at, PanelMember.id))
    ).all()
    if not found:
        return Panel((), {}, (), ())
    declared = select(ConflictDeclaration).where(ConflictDeclaration.vacancy_id == vacancy_id)
    in_order = declared.order_by(ConflictDeclaration.recorded_at, ConflictDeclaration.id)
    newest = {each.staff_id: each for each in await session.scalars(in_order)}
    sheets = select(ScoreSheet).where(ScoreSheet.vacancy_id == vacancy_id).order_by(ScoreSheet.id)
    notes = select(ModerationNote).where(ModerationNote.vacancy_id == vacancy_id)
    in_time = notes.order_by(ModerationNote.noted_at, ModerationNote.id)
    return Panel(found, newest, (await session.scalars(sheets)).all(), (await session.scalars(in_time)).all())


async def find_sheet(session: AsyncSession, application_id: UUID, staff_id: UUID) -> ScoreSheet | None:
    own = select(ScoreSheet).where(ScoreSheet.application_id == application_id, ScoreSheet.staff_id == staff_id)
    return await session.scalar(own)


async def applications_for_panel(session: AsyncSession, vacancy_id: UUID) -> Sequence[Application]:
    """Everybody who applied and has not withdrawn, in the order of their coming. Referred redeployees are decided in
    clearing, before a panel sits.
    """
    ordinary = select(Application).where(
        Application.vacancy_id == vacancy_id,
        Application.source != ApplicationSource.CLEARING,
        Application.stage != Stage.WITHDRAWN,
    )
    return (await session.scalars(ordinary.order_by(Application.submitted_at, Application.id).limit(MOST_SHOWN))).all()


async def application_of_panel(
    session: AsyncSession, vacancy_id: UUID, application_id: UUID, *, lock: bool = False
) -> Application:
    """One of them. Raises ApplicationNotFound."""
    query = select(Application).where(
        Application.id == application_id,
        Application.vacancy_id == vacancy_id,
        Application.source != ApplicationSource.CLEARING,
    )
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise ApplicationNotFound
    return found


async def known_applications(session: AsyncSession, vacancy_id: UUID, ids: Collection[UUID]) -> set[UUID]:
    found = await session.scalars(
        select(Application.id).where(Application.vacancy_id == vacancy_id, Application.id.in_(ids))
    )
    return set(found)


async def is_sifted_without_panel(session: AsyncSession, vacancy_id: UUID) -> bool:
    """Whether somebody is on the shortlist of a vacancy that never had a panel."""
    had_one = select(PanelMember.id).where(PanelMember.vacancy_id == vacancy_id).limit(1)
    if await session.scalar(had_one) is not None:
        return False
    on_it = select(Application.id).where(
        Application.vacancy_id == vacancy_id,
        Application.source != ApplicationSource.CLEARING,
        Application.stage.not_in((Stage.SUBMITTED, Stage.REJECTED, Stage.WITHDRAWN)),
    )
    return await session.scalar(on_it.limit(1)) is not None
