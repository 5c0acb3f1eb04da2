"""When an interview may be set up, booked, moved and cancelled. No database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from services.ats.interviews.models import InterviewBooking, InterviewRound, InterviewSlot
from services.ats.interviews.states import BookingState
from services.ats.panels.rules import Panel, is_barred
from shared.errors import DomainError, Forbidden, Invalid

BY_VIDEO = "By video"


class SlotInThePast(Invalid):
    code = "slot_in_the_past"
    title = "The interview would begin in the past"


class WhereMissing(Invalid):
    code = "where_missing"
    title = "Say where the interview is: a place, or the address of a video call"


class CapacityTaken(Invalid):
    code = "capacity_taken"
    title = "More places than that are booked already"


class NotOnThisPanel(Invalid):
    code = "not_on_this_panel"
    title = "Only members of the vacancy's panel interview for it"


class MemberBusy(DomainError):
    code = "member_busy"
    title = "Somebody on the panel is in another interview at that time"


class RoomTaken(DomainError):
    code = "room_taken"
    title = "The room is in use for another interview at that time"


class SlotCancelled(DomainError):
    code = "slot_cancelled"
    title = "This interview time was cancelled"


class SlotOver(DomainError):
    code = "slot_over"
    title = "This interview time has begun or is over"


class SlotFull(DomainError):
    code = "slot_full"
    title = "Every place at this time is taken"


class SlotNotOffered(DomainError):
    code = "slot_not_offered"
    title = "This time is not offered to this candidate"


class NotInvited(DomainError):
    code = "not_invited"
    title = "The candidate is not invited to this round of interviews"


class AlreadyBooked(DomainError):
    code = "already_booked"
    title = "An interview of this round is booked already"


class OtherRound(DomainError):
    code = "other_round"
    title = "An interview is moved to another time of its own round"


class BookingEnded(DomainError):
    code = "booking_ended"
    title = "This interview was cancelled"


class TooLateToChange(DomainError):
    code = "too_late_to_change"
    title = "It is too late to choose another time"


class OrganiserOnly(Forbidden):
    code = "organiser_only"
    title = "Who sits on the panel does not read what adjustments candidates asked for"


def change_until(interviews: InterviewRound, slot: InterviewSlot) -> datetime:
    """Until when the candidate may choose another time by their link."""
    return slot.starts_at - timedelta(hours=interviews.change_until_hours)


def where(slot: InterviewSlot) -> str:
    """In words for the candidate: the place with its room, or that it is by video."""
    named = ", ".join(each for each in (slot.place, slot.room) if each)
    return named or BY_VIDEO


def refuse_bad_slot(slot: InterviewSlot, now: datetime) -> None:
    """Raises SlotInThePast, WhereMissing, CapacityTaken."""
    if slot.starts_at <= now:
        raise SlotInThePast(field="starts_at")
    if slot.place is None and slot.video_url is None:
        raise WhereMissing(field="place")
    if slot.capacity < slot.taken:
        raise CapacityTaken(f"{slot.taken} are booked.", field="capacity", next_step="Cancel or move some first.")


def refuse_strangers(panel: Panel, staff_ids: Collection[UUID]) -> None:
    """Raises NotOnThisPanel, naming the place in the list."""
    seated = {each.staff_id for each in panel.current}
    for place, staff_id in enumerate(staff_ids):
        if staff_id not in seated:
            raise NotOnThisPanel(field=f"panel.{place}", next_step="Name them for the vacancy's panel first.")


def is_offered(panel: Panel, staff_ids: Collection[UUID], application_id: UUID) -> bool:
    """Nobody of the panel there has declared a conflict of interest about this candidate."""
    return not any(is_barred(panel.declarations.get(each), application_id) for each in staff_ids)


def refuse_standing(slot: InterviewSlot, now: datetime) -> None:
    """Raises SlotCancelled, SlotOver."""
    if slot.cancelled_at is not None:
        raise SlotCancelled(next_step="Choose another time.")
    if slot.starts_at <= now:
        raise SlotOver(next_step="Choose another time.")


def take_place(slot: InterviewSlot, now: datetime) -> None:
    """The caller has the slot locked: of two who want its last place one gets it. Raises SlotCancelled, SlotOver,
    SlotFull.
    """
    refuse_standing(slot, now)
    if slot.taken >= slot.capacity:
        raise SlotFull(next_step="Choose another time.")
    slot.taken += 1


def refuse_ended(booking: InterviewBooking) -> None:
    """Raises BookingEnded."""
    if booking.state is not BookingState.BOOKED:
        raise BookingEnded(next_step="Book another time, where one is offered.")


def refuse_late_change(interviews: InterviewRound, slot: InterviewSlot, now: datetime) -> None:
    """For the candidate: staff may move an interview until it begins. Raises TooLateToChange."""
    until = change_until(interviews, slot)
    if now > until:
        raise TooLateToChange(
            f"This could be done until {interviews.change_until_hours} hours before the interview.",
            change_until=until.isoformat(),
            next_step="Ring the council: it can still move your interview. Or cancel it.",
        )


def note_change(booking: InterviewBooking, now: datetime) -> None:
    """The appointment in the candidate's calendar takes what comes with the higher sequence."""
    booking.sequence += 1
    booking.changed_at = now
