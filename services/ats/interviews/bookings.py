"""Booking, moving and cancelling a candidate's interview. Locks in this order: vacancy, application, slots by id."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import rules as application_rules
from services.ats.applications.commands import load_for
from services.ats.applications.models import Application
from services.ats.applications.own import reach_employer
from services.ats.applications.queries import get_application, vacancy_of
from services.ats.applications.states import MOVES, ApplicationAction
from services.ats.applications.telling import audit_application
from services.ats.audit.actor import Actor, ActorKind
from services.ats.interviews import queries, rules
from services.ats.interviews.models import AdjustmentRequest, InterviewBooking, InterviewInvitation, InterviewSlot
from services.ats.interviews.panel_telling import members_in
from services.ats.interviews.schemas import BookingWrite
from services.ats.interviews.states import BookingState, CancelReason
from services.ats.interviews.telling import (
    Appointment,
    tell_booked,
    tell_cancelled,
    tell_moved,
    tell_of_round,
    tell_panel_of,
)
from services.ats.panels.queries import get_panel
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import VacancyNotFound, watch_vacancy
from shared.principals import Principal


async def invite_to_book(
    session: AsyncSession,
    application_id: UUID,
    round_id: UUID,
    *,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Application:
    """Let a candidate choose a time of a round by a link; again to send another link.

    Raises StageNotReachable, ShortlistNotConfirmed, RoundNotFound.
    """
    vacancy, application = await _lock(session, application_id, ApplicationAction.INVITE_TO_BOOK, expected)
    if vacancy.shortlist_confirmed_at is None:
        raise application_rules.ShortlistNotConfirmed(next_step="Confirm the shortlist of the vacancy first.")
    interviews = await queries.get_round(session, round_id)
    if interviews.vacancy_id != vacancy.id:
        raise queries.RoundNotFound
    if not await queries.is_invited(session, application_id, round_id):
        invitation = InterviewInvitation(
            employer_id=vacancy.employer_id,
            application_id=application_id,
            round_id=round_id,
            invited_at=now,
            invited_by=actor.id,
        )
        session.add(invitation)
    application_rules.move(application, ApplicationAction.INVITE_TO_BOOK, now)
    audit_application(session, application, "invited_to_book", actor=actor, at=now)
    await tell_of_round(session, application, vacancy, interviews, now=now)
    return application


async def book_interview(
    session: AsyncSession,
    application_id: UUID,
    wanted: BookingWrite,
    *,
    caller: Principal,
    expected: int | None = None,
    now: datetime,
) -> InterviewBooking:
    """Of several who want the last place of a time, one gets it.

    Raises ApplicationNotFound, StageNotReachable, IllegalMove, SlotNotFound, NotInvited, AlreadyBooked, SlotCancelled,
    SlotOver, SlotNotOffered, SlotFull.
    """
    await reach_employer(session, application_id, caller)
    vacancy, application = await _lock(session, application_id, ApplicationAction.BOOK_INTERVIEW, expected)
    application_rules.refuse_outside_selection(vacancy)
    slot = await _slot_for(session, application, wanted.slot_id)
    interviews = await queries.get_round(session, slot.round_id)
    await _refuse_uninvited(session, application_id, slot.round_id)
    rules.take_place(slot, now)
    actor = Actor.of(caller)
    booking = InterviewBooking(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        application_id=application_id,
        round_id=slot.round_id,
        slot_id=slot.id,
        booked_at=now,
        changed_at=now,
    )
    session.add(booking)
    application_rules.move(application, ApplicationAction.BOOK_INTERVIEW, now)
    _appoint(application, slot)
    await _note_adjustments(session, application, wanted.adjustments, now=now)
    audit_application(session, application, "interview_booked", actor=actor, at=now)
    await tell_booked(session, Appointment(vacancy, application, interviews, slot, booking), now=now)
    await session.flush()
    return booking


async def _refuse_uninvited(session: AsyncSession, application_id: UUID, round_id: UUID) -> None:
    """Raises NotInvited, AlreadyBooked."""
    if not await queries.is_invited(session, application_id, round_id):
        raise rules.NotInvited(next_step="Ask the council to invite you to this round.")
    for each in await queries.bookings_of(session, application_id):
        if each.round_id == round_id:
            raise rules.AlreadyBooked(booking_id=str(each.id), next_step="Move it to another time.")


async def move_booking(
    session: AsyncSession, booking_id: UUID, slot_id: UUID, *, caller: Principal, now: datetime
) -> InterviewBooking:
    """To another time of the same round: by the candidate until the round's limit, by staff until it begins.

    Raises BookingNotFound, StageNotReachable, BookingEnded, TooLateToChange, SlotNotFound, OtherRound, SlotCancelled,
    SlotOver, SlotNotOffered, SlotFull.
    """
    made = await _appointment(session, booking_id, caller, ApplicationAction.BOOK_INTERVIEW, also=slot_id)
    booking, old = made.booking, made.slot
    rules.refuse_standing(old, now)
    actor = Actor.of(caller)
    if actor.kind is ActorKind.CANDIDATE:
        rules.refuse_late_change(made.interviews, old, now)
    new = await _slot_for(session, made.application, slot_id)
    if new.round_id != booking.round_id:
        raise rules.OtherRound(field="slot_id")
    if new is old:
        return booking
    rules.take_place(new, now)
    panel_before = await members_in(session, old)
    old.taken -= 1
    booking.slot_id = new.id
    rules.note_change(booking, now)
    application_rules.move(made.application, ApplicationAction.BOOK_INTERVIEW, now)
    _appoint(made.application, new)
    audit_application(session, made.application, "interview_moved", actor=actor, at=now)
    moved = Appointment(made.vacancy, made.application, made.interviews, new, booking)
    await tell_moved(session, moved, panel_before=panel_before, now=now)
    await session.flush()
    return booking


async def cancel_booking(
    session: AsyncSession, booking_id: UUID, reason: CancelReason, *, caller: Principal, now: datetime
) -> InterviewBooking:
    """Free the place, until the interview begins. The last one cancelled leads back to the shortlist. A candidate's
    reason is always that they cannot come.

    Raises BookingNotFound, StageNotReachable, BookingEnded, SlotOver.
    """
    made = await _appointment(session, booking_id, caller, ApplicationAction.CANCEL_INTERVIEW)
    rules.refuse_standing(made.slot, now)
    actor = Actor.of(caller)
    given = CancelReason.CANDIDATE_UNABLE if actor.kind is ActorKind.CANDIDATE else reason
    await _cancel(session, made, given, actor=actor, now=now)
    return made.booking


async def follow_slot(
    session: AsyncSession,
    vacancy: Vacancy,
    slot: InterviewSlot,
    *,
    panel_before: Collection[UUID],
    is_moved: bool,
    now: datetime,
) -> None:
    """Every appointment in it changed: candidates are told of another time or place. Vacancy and slot are locked."""
    interviews = await queries.get_round(session, slot.round_id)
    for booking in await queries.bookings_in(session, slot.id):
        application = await get_application(session, booking.application_id, lock=True)
        rules.note_change(booking, now)
        made = Appointment(vacancy, application, interviews, slot, booking)
        if not is_moved:
            await tell_panel_of(session, made, panel_before=panel_before, now=now)
            continue
        _appoint(application, slot)
        application.version += 1
        await tell_moved(session, made, panel_before=panel_before, now=now)


async def empty_slot(
    session: AsyncSession, vacancy: Vacancy, slot: InterviewSlot, reason: CancelReason, *, actor: Actor, now: datetime
) -> None:
    """Cancel everybody's interview in it. The vacancy and the slot are locked."""
    interviews = await queries.get_round(session, slot.round_id)
    for booking in await queries.bookings_in(session, slot.id):
        application = await get_application(session, booking.application_id, lock=True)
        made = Appointment(vacancy, application, interviews, slot, booking)
        await _cancel(session, made, reason, actor=actor, now=now)


async def _cancel(
    session: AsyncSession, made: Appointment, reason: CancelReason, *, actor: Actor, now: datetime
) -> None:
    application, booking = made.application, made.booking
    others = [each for each in await queries.bookings_of(session, application.id) if each is not booking]
    if application.stage in MOVES[ApplicationAction.CANCEL_INTERVIEW]:
        application_rules.cancel_interview(application, is_last=not others, at=now)
    free_place(booking, made.slot, reason, now)
    application.interview_at, application.interview_place = None, None
    if others:
        _appoint(application, await queries.get_slot(session, others[-1].slot_id))
    audit_application(session, application, "interview_cancelled", actor=actor, at=now, reason=reason.value)
    await tell_cancelled(session, made, reason, now=now)
    await session.flush()


def free_place(booking: InterviewBooking, slot: InterviewSlot, reason: CancelReason, now: datetime) -> None:
    booking.state, booking.cancel_reason = BookingState.CANCELLED, reason
    rules.note_change(booking, now)
    slot.taken -= 1


def _appoint(application: Application, slot: InterviewSlot) -> None:
    application.interview_at, application.interview_place = slot.starts_at, rules.where(slot)[:200]


async def _note_adjustments(session: AsyncSession, application: Application, words: str, *, now: datetime) -> None:
    """What was said last holds for every interview of theirs; nothing said changes nothing."""
    if not words:
        return
    asked = await queries.find_adjustments(session, application.id)
    if asked is None:
        asked = AdjustmentRequest(
            employer_id=application.employer_id,
            vacancy_id=application.vacancy_id,
            application_id=application.id,
            words=words,
            asked_at=now,
        )
        session.add(asked)
    asked.words, asked.asked_at = words, now


async def _lock(
    session: AsyncSession, application_id: UUID, action: ApplicationAction, expected: int | None
) -> tuple[Vacancy, Application]:
    """Raises ApplicationNotFound, StaleVersion, StageNotReachable, DecidedInClearing."""
    vacancy = await watch_vacancy(session, await vacancy_of(session, application_id))
    application = await load_for(session, application_id, action, expected)
    if vacancy is None:
        raise VacancyNotFound
    return vacancy, application


async def _slot_for(session: AsyncSession, application: Application, slot_id: UUID) -> InterviewSlot:
    """Locked, of this candidate's vacancy and offered to them. Raises SlotNotFound, SlotNotOffered."""
    slot = await queries.get_slot(session, slot_id, lock=True)
    if slot.vacancy_id != application.vacancy_id:
        raise queries.SlotNotFound
    members = (await queries.members_of(session, [slot.id])).get(slot.id, [])
    if not rules.is_offered(await get_panel(session, slot.vacancy_id), members, application.id):
        raise rules.SlotNotOffered(next_step="Choose another time.")
    return slot


async def _appointment(
    session: AsyncSession,
    booking_id: UUID,
    caller: Principal,
    action: ApplicationAction,
    *,
    also: UUID | None = None,
) -> Appointment:
    """A booking and what stands around it, locked, with the slot `also`, in the one order.

    Raises BookingNotFound, another candidate's too, StageNotReachable, BookingEnded, SlotNotFound.
    """
    application_id = await reach_booking(session, booking_id, caller)
    vacancy, application = await _lock(session, application_id, action, None)
    booking = await queries.get_booking(session, booking_id, lock=True)
    rules.refuse_ended(booking)
    for each in sorted({booking.slot_id, also or booking.slot_id}):
        await queries.get_slot(session, each, lock=True)
    slot = await queries.get_slot(session, booking.slot_id)
    return Appointment(vacancy, application, await queries.get_round(session, booking.round_id), slot, booking)


async def reach_booking(session: AsyncSession, booking_id: UUID, caller: Principal) -> UUID:
    """The application of a booking, as far as the caller reaches: a candidate their own. Raises BookingNotFound."""
    if caller.subject_id is not None:
        await reach_employer(session, caller.subject_id, caller)
    application_id = (await queries.get_booking(session, booking_id)).application_id
    if caller.subject_id is not None and application_id != caller.subject_id:
        raise queries.BookingNotFound
    return application_id
