"""Interviews over HTTP: rounds and their times for staff, booking for candidates by their link too."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.ats.applications.routes import Manager, Reader, answer
from services.ats.applications.schemas import ApplicationRead
from services.ats.audit.actor import Actor
from services.ats.interviews import bookings, commands, organising
from services.ats.interviews.callers import Candidate, ManagerOrCandidate, Organiser, ReaderOrCandidate
from services.ats.interviews.models import AdjustmentRequest, InterviewBooking, InterviewRound
from services.ats.interviews.own import own_interviews
from services.ats.interviews.presenting import calendar_entry_of, present_interviews, present_one_slot
from services.ats.interviews.schemas import (
    AdjustmentRead,
    BookingMove,
    BookingRead,
    BookingWrite,
    Cancellation,
    InterviewsRead,
    InviteToBook,
    OwnInterviews,
    RoundCreate,
    RoundRead,
    SlotChange,
    SlotRead,
    SlotsCreate,
)
from services.ats.vacancies.routes import MOVE_PROBLEMS
from shared.app import Now, SessionDep
from shared.calendar_files import FILE_NAME, MEDIA_TYPE, calendar_file
from shared.etag import IfMatch
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["interviews"], route_class=IdempotentRoute)
SETTING_UP = problems(404, 409)


@router.get(
    "/vacancies/{vacancy_id}/interviews",
    summary="Read a vacancy's interviews: rounds, times, who is invited and who has booked",
    response_model=InterviewsRead,
    responses=problems(404),
)
async def get_interviews(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> InterviewsRead:
    return await present_interviews(session, vacancy_id)


@router.post(
    "/vacancies/{vacancy_id}/interview-rounds",
    summary="Add a round of interviews",
    status_code=201,
    response_model=RoundRead,
    responses=SETTING_UP,
)
async def add_interview_round(
    vacancy_id: UUID, wanted: RoundCreate, session: SessionDep, caller: Manager, now: Now
) -> InterviewRound:
    return await commands.add_round(session, vacancy_id, wanted, actor=Actor.of(caller), now=now)


@router.post(
    "/interview-rounds/{round_id}/slots",
    summary="Add interview times, one or several after one another",
    status_code=201,
    response_model=list[SlotRead],
    responses=SETTING_UP,
)
async def add_interview_slots(
    round_id: UUID, wanted: SlotsCreate, session: SessionDep, caller: Manager, now: Now
) -> list[SlotRead]:
    """All of them or none: no member of a panel and no room of the employer's is in two interviews at once."""
    slots = await commands.add_slots(session, round_id, wanted, actor=Actor.of(caller), now=now)
    return [await present_one_slot(session, each) for each in slots]


@router.patch(
    "/interview-slots/{slot_id}",
    summary="Change an interview time; who has booked it is told",
    response_model=SlotRead,
    responses=SETTING_UP,
)
async def change_interview_slot(
    slot_id: UUID, change: SlotChange, session: SessionDep, caller: Manager, now: Now
) -> SlotRead:
    slot = await commands.change_slot(session, slot_id, change, actor=Actor.of(caller), now=now)
    return await present_one_slot(session, slot)


@router.post(
    "/interview-slots/{slot_id}/cancel",
    summary="Cancel an interview time; who has booked it may choose another",
    response_model=SlotRead,
    responses=SETTING_UP,
)
async def cancel_interview_slot(
    slot_id: UUID, why: Cancellation, session: SessionDep, caller: Manager, now: Now
) -> SlotRead:
    slot = await commands.cancel_slot(session, slot_id, why.reason, actor=Actor.of(caller), now=now)
    return await present_one_slot(session, slot)


@router.post(
    "/applications/{application_id}/invite-to-book",
    summary="Let a candidate choose a time of a round by a signed link; again to send another link",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def invite_to_book(
    application_id: UUID,
    wanted: InviteToBook,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ApplicationRead:
    application = await bookings.invite_to_book(
        session, application_id, wanted.round_id, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.post(
    "/applications/{application_id}/book-interview",
    summary="Book an interview time, by the candidate or for them",
    status_code=201,
    response_model=BookingRead,
    responses=MOVE_PROBLEMS,
)
async def book_interview(
    application_id: UUID,
    wanted: BookingWrite,
    session: SessionDep,
    caller: ManagerOrCandidate,
    now: Now,
    expected: IfMatch,
) -> InterviewBooking:
    return await bookings.book_interview(session, application_id, wanted, caller=caller, expected=expected, now=now)


@router.post(
    "/interview-bookings/{booking_id}/move",
    summary="Move an interview to another time of its round, by the candidate or by the council",
    response_model=BookingRead,
    responses=SETTING_UP,
)
async def move_interview(
    booking_id: UUID, wanted: BookingMove, session: SessionDep, caller: ManagerOrCandidate, now: Now
) -> InterviewBooking:
    return await bookings.move_booking(session, booking_id, wanted.slot_id, caller=caller, now=now)


@router.post(
    "/interview-bookings/{booking_id}/cancel",
    summary="Cancel an interview, by the candidate or by the council",
    response_model=BookingRead,
    responses=SETTING_UP,
)
async def cancel_interview(
    booking_id: UUID, why: Cancellation, session: SessionDep, caller: ManagerOrCandidate, now: Now
) -> InterviewBooking:
    return await bookings.cancel_booking(session, booking_id, why.reason, caller=caller, now=now)


@router.get(
    "/interview-bookings/{booking_id}/calendar",
    summary="Download an interview as a calendar file",
    response_class=Response,
    responses={**problems(404), 200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def get_interview_calendar(
    booking_id: UUID, request: Request, session: SessionDep, caller: ReaderOrCandidate
) -> Response:
    entry = await calendar_entry_of(session, booking_id, caller)
    content = calendar_file(entry, organiser=request.state.settings.mail_address)
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.get(
    "/vacancies/{vacancy_id}/interview-adjustments",
    summary="What candidates need changed to take part fully: for who organises the interviews alone",
    response_model=list[AdjustmentRead],
    responses=problems(404),
)
async def read_interview_adjustments(
    vacancy_id: UUID, session: SessionDep, caller: Organiser, now: Now
) -> Sequence[AdjustmentRequest]:
    """A recruiter who does not sit on the panel; each read is audited."""
    return await organising.read_adjustments(session, vacancy_id, caller=caller, now=now)


@router.get(
    "/my/interviews",
    summary="What one may book, and has booked, behind a signed link",
    response_model=OwnInterviews,
    responses=problems(404),
)
async def get_own_interviews(session: SessionDep, caller: Candidate, now: Now) -> OwnInterviews:
    return await own_interviews(session, caller, now)
