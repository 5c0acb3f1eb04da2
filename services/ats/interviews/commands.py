"""Rounds and their times. Every command that changes a time locks the vacancy, which each booking watches."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.commands import is_breach_of
from services.ats.applications.rules import refuse_elsewhere, refuse_outside_selection
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.interviews import bookings, queries, rules
from services.ats.interviews.models import InterviewRound, InterviewSlot, SlotMember
from services.ats.interviews.panel_telling import members_in
from services.ats.interviews.schemas import RoundCreate, SlotChange, SlotsCreate
from services.ats.interviews.states import CancelReason
from services.ats.panels.queries import get_panel
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import get_vacancy

APPOINTMENT = ("starts_at", "ends_at", "place", "video_url", "room")
"""What a candidate has in their calendar: they are told when one of these changes."""
WHERE_AND_HOW_MANY = frozenset({"capacity", "place", "video_url", "room"})


async def add_round(
    session: AsyncSession, vacancy_id: UUID, wanted: RoundCreate, *, actor: Actor, now: datetime
) -> InterviewRound:
    """The next round of interviews. Raises VacancyNotFound, ManagedElsewhere, IllegalMove."""
    vacancy = await get_vacancy(session, vacancy_id, lock=True)
    refuse_elsewhere(vacancy)
    refuse_outside_selection(vacancy)
    before = select(func.coalesce(func.max(InterviewRound.round_no), 0)).where(InterviewRound.vacancy_id == vacancy_id)
    interviews = InterviewRound(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        round_no=(await session.scalars(before)).one() + 1,
        title=wanted.title,
        change_until_hours=wanted.change_until_hours,
        made_at=now,
        made_by=actor.id,
    )
    session.add(interviews)
    write_audit(session, "interview_round_added", _subject(vacancy), actor=actor, at=now)
    await session.flush()
    return interviews


async def add_slots(
    session: AsyncSession, round_id: UUID, wanted: SlotsCreate, *, actor: Actor, now: datetime
) -> Sequence[InterviewSlot]:
    """Times one after another; all of them or none.

    Raises RoundNotFound, IllegalMove, SlotInThePast, WhereMissing, NotOnThisPanel, MemberBusy, RoomTaken.
    """
    interviews = await queries.get_round(session, round_id)
    vacancy = await get_vacancy(session, interviews.vacancy_id, lock=True)
    refuse_outside_selection(vacancy)
    rules.refuse_strangers(await get_panel(session, vacancy.id), wanted.panel)
    length, pause = timedelta(minutes=wanted.minutes), timedelta(minutes=wanted.gap_minutes)
    slots = [
        InterviewSlot(
            employer_id=vacancy.employer_id,
            vacancy_id=vacancy.id,
            round_id=interviews.id,
            starts_at=wanted.starts_at + number * (length + pause),
            ends_at=wanted.starts_at + number * (length + pause) + length,
            capacity=wanted.capacity,
            place=wanted.place,
            video_url=wanted.video_url,
            room=wanted.room,
        )
        for number in range(wanted.count)
    ]
    for each in slots:
        rules.refuse_bad_slot(each, now)
    async with _one_place_at_a_time(session):
        session.add_all(slots)
        await session.flush()
        for each in slots:
            _seat(session, each, wanted.panel)
    write_audit(session, "interview_slots_added", _subject(vacancy), actor=actor, at=now)
    return slots


async def change_slot(
    session: AsyncSession, slot_id: UUID, change: SlotChange, *, actor: Actor, now: datetime
) -> InterviewSlot:
    """Another time, place, room or panel; who has booked is told of what is in their calendar.

    Raises SlotNotFound, SlotCancelled, SlotOver, SlotInThePast, WhereMissing, CapacityTaken, NotOnThisPanel,
    MemberBusy, RoomTaken.
    """
    vacancy, slot = await _lock(session, slot_id)
    rules.refuse_standing(slot, now)
    given = change.model_dump(exclude_unset=True)
    if change.panel is not None:
        rules.refuse_strangers(await get_panel(session, vacancy.id), change.panel)
    before = [getattr(slot, name) for name in APPOINTMENT]
    panel_before = await members_in(session, slot)
    async with _one_place_at_a_time(session):
        if change.panel is not None:
            await session.execute(delete(SlotMember).where(SlotMember.slot_id == slot.id))
        starts_at = change.starts_at or slot.starts_at
        length = slot.ends_at - slot.starts_at if change.minutes is None else timedelta(minutes=change.minutes)
        slot.starts_at, slot.ends_at = starts_at, starts_at + length
        for name in WHERE_AND_HOW_MANY & given.keys():
            if name != "capacity" or given[name] is not None:
                setattr(slot, name, given[name])
        rules.refuse_bad_slot(slot, now)
        await session.flush()
        if change.panel is not None:
            _seat(session, slot, change.panel)
    write_audit(session, "interview_slot_changed", _subject(vacancy), actor=actor, at=now)
    is_moved = before != [getattr(slot, name) for name in APPOINTMENT]
    if is_moved or panel_before != await members_in(session, slot):
        await bookings.follow_slot(session, vacancy, slot, panel_before=panel_before, is_moved=is_moved, now=now)
    return slot


async def cancel_slot(
    session: AsyncSession, slot_id: UUID, reason: CancelReason, *, actor: Actor, now: datetime
) -> InterviewSlot:
    """Everybody who booked it is told, and may choose another time. Raises SlotNotFound, SlotCancelled, SlotOver."""
    vacancy, slot = await _lock(session, slot_id)
    rules.refuse_standing(slot, now)
    await bookings.empty_slot(session, vacancy, slot, reason, actor=actor, now=now)
    slot.cancelled_at = now
    await session.execute(delete(SlotMember).where(SlotMember.slot_id == slot.id))
    write_audit(session, "interview_slot_cancelled", _subject(vacancy), actor=actor, at=now, reason=reason.value)
    await session.flush()
    return slot


async def _lock(session: AsyncSession, slot_id: UUID) -> tuple[Vacancy, InterviewSlot]:
    """Raises SlotNotFound."""
    vacancy_id = (await queries.get_slot(session, slot_id)).vacancy_id
    vacancy = await get_vacancy(session, vacancy_id, lock=True)
    return vacancy, await queries.get_slot(session, slot_id, lock=True)


def _seat(session: AsyncSession, slot: InterviewSlot, staff_ids: Collection[UUID]) -> None:
    for staff_id in sorted(set(staff_ids)):
        member = SlotMember(
            employer_id=slot.employer_id,
            slot_id=slot.id,
            staff_id=staff_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
        )
        session.add(member)


@asynccontextmanager
async def _one_place_at_a_time(session: AsyncSession) -> AsyncGenerator[None]:
    """The database refuses a person or a room that is taken, of two at once too. Raises MemberBusy, RoomTaken."""
    try:
        async with session.begin_nested():
            yield
            await session.flush()
    except IntegrityError as error:
        if is_breach_of(error, "ex_interview_slot_members_staff"):
            raise rules.MemberBusy(field="panel", next_step="Choose another time or another member.") from None
        if is_breach_of(error, "ex_interview_slots_room"):
            raise rules.RoomTaken(field="room", next_step="Choose another time or another room.") from None
        raise


def _subject(vacancy: Vacancy) -> Subject:
    return Subject("vacancy", vacancy.id, vacancy.employer_id)
