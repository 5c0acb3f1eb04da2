"""Interviews on the pages of staff: a vacancy's rounds, times and bookings, and the days of an employer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.routes import Manager
from services.ats.applications.states import MOVES, ApplicationAction
from services.ats.audit.actor import Actor
from services.ats.interviews import bookings, commands, organising, queries
from services.ats.interviews.callers import Organiser
from services.ats.interviews.presenting import present_interviews
from services.ats.interviews.schemas import BookingMove, Cancellation, RoundCreate, SlotsCreate, StaffReason
from services.ats.interviews.states import CANCEL_LABELS
from services.ats.panels.queries import applications_for_panel, get_panel
from services.ats.panels.seats import people_of_region
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.calendar import local_date, start_of_local_day
from shared.errors import DomainError
from shared.pages import Crumb, FormError, render
from shared.registry import list_employers
from shared.tenancy import Tenancy

router = APIRouter(include_in_schema=False)
DAYS_SHOWN = 7
REASONS = [(each.value, CANCEL_LABELS[each]) for each in get_args(StaffReason)]
WORDS = {
    "title": "Enter what the round is called",
    "change_until_hours": "Enter a number of hours, at most 336",
    "starts_at": "Enter a real day and a time, such as 9:30",
    "minutes": "Enter how many minutes an interview takes, from 5 to 480",
    "count": "Enter how many times there are, at most 20",
    "gap_minutes": "Enter the minutes between two interviews, at most 240",
    "capacity": "Enter how many candidates are seen together, at most 50",
    "video_url": "Enter an address that begins with https://",
    "place": "Enter the place, in at least two letters",
    "reason": "Choose a reason",
    "round_id": "Choose a round",
    "slot_id": "Choose a time",
}


class Sent(BaseModel):
    """A form as it came: every field is looked at by name, and shown again where something was wrong."""

    model_config = ConfigDict(extra="allow")

    def given(self, *names: str) -> dict[str, Any]:
        """What was filled in of these; what was left empty is not there."""
        found = {name: self.text(name) for name in names}
        return {name: value for name, value in found.items() if value}

    def text(self, name: str) -> str:
        return str((self.model_extra or {}).get(name, "")).strip()

    def several(self, name: str) -> list[str]:
        value = (self.model_extra or {}).get(name, [])
        return [str(each) for each in value] if isinstance(value, list) else [str(value)]

    @property
    def typed(self) -> Mapping[str, Any]:
        return self.model_extra or {}


Given = Annotated[Sent, Form()]


@router.get("/interviews")
async def interview_days_page(
    request: Request, session: SessionDep, _caller: Manager, now: Now, begin: Annotated[date | None, Query()] = None
) -> Response:
    """Seven days, each as a table."""
    first = begin or local_date(now)
    end = first + timedelta(days=DAYS_SHOWN)
    found = await queries.slots_between(session, start_of_local_day(first), start_of_local_day(end))
    by_day = groupby(found, key=lambda row: local_date(row[0].starts_at))
    return render(
        request,
        "interviews/days.html",
        days=[(day, list(rows)) for day, rows in by_day],
        first=first,
        before=first - timedelta(days=DAYS_SHOWN),
        after=end,
        codes={each.id: each.code for each in await list_employers(session)},
    )


@router.get("/vacancies/{vacancy_id}/interviews")
async def interviews_page(
    request: Request, vacancy_id: UUID, session: SessionDep, _caller: Manager, now: Now
) -> Response:
    return await _interviews(request, vacancy_id, session, now)


@router.get("/vacancies/{vacancy_id}/interview-adjustments")
async def adjustments_page(
    request: Request, vacancy_id: UUID, session: SessionDep, caller: Organiser, now: Now
) -> Response:
    vacancy = await get_vacancy(session, vacancy_id)
    asked = await organising.read_adjustments(session, vacancy_id, caller=caller, now=now)
    shown = await present_interviews(session, vacancy_id)
    references = await _references(session, vacancy_id)
    times = {each.id: each for each in shown.slots}
    return render(
        request,
        "interviews/adjustments.html",
        vacancy=vacancy,
        asked=asked,
        references=references,
        times={each.application_id: times[each.slot_id] for each in shown.bookings if each.state == "booked"},
        breadcrumbs=_crumbs(vacancy.id, vacancy.reference, "Adjustments"),
    )


@router.post("/vacancies/{vacancy_id}/interviews/rounds")
async def add_round_on_page(
    request: Request, vacancy_id: UUID, session: SessionDep, caller: Manager, now: Now, given: Given
) -> Response:
    try:
        wanted = RoundCreate.model_validate(given.given("title", "change_until_hours"))
        await commands.add_round(session, vacancy_id, wanted, actor=Actor.of(caller), now=now)
    except (ValidationError, DomainError) as refused:
        return await _interviews(request, vacancy_id, session, now, _errors(refused), given)
    return _back(vacancy_id)


@router.post("/interview-rounds/{round_id}/slots")
async def add_slots_on_page(
    request: Request, round_id: UUID, session: SessionDep, caller: Manager, now: Now, given: Given
) -> Response:
    vacancy_id = (await queries.get_round(session, round_id)).vacancy_id
    fields = given.given("minutes", "count", "gap_minutes", "capacity", "place", "video_url", "room")
    day = "-".join(given.text(f"day-{part}").zfill(2) for part in ("year", "month", "day"))
    fields |= {"starts_at": f"{day}T{given.text('starts_at').zfill(5)}", "panel": given.several("panel")}
    try:
        wanted = SlotsCreate.model_validate(fields)
        await commands.add_slots(session, round_id, wanted, actor=Actor.of(caller), now=now)
    except (ValidationError, DomainError) as refused:
        return await _interviews(request, vacancy_id, session, now, _errors(refused), given)
    return _back(vacancy_id)


@router.post("/vacancies/{vacancy_id}/interviews/invite")
async def invite_to_book_on_page(
    request: Request, vacancy_id: UUID, session: SessionDep, caller: Manager, now: Now, given: Given
) -> Response:
    """Each by themselves: one who cannot be invited is named, and the others are."""
    await get_vacancy(session, vacancy_id)
    references = await _references(session, vacancy_id)
    errors: list[FormError] = []
    chosen = [each for each in references if str(each) in given.several("applications")]
    if not chosen:
        errors.append(FormError("applications", "Choose who is invited"))
    for application_id in chosen:
        try:
            round_id = UUID(given.text("round_id"))
            async with session.begin_nested():
                await bookings.invite_to_book(session, application_id, round_id, actor=Actor.of(caller), now=now)
        except ValueError:
            errors = [FormError("round_id", WORDS["round_id"])]
        except DomainError as refused:
            errors.append(FormError("applications", f"{references[application_id]}: {_words(refused)}"))
    if errors:
        return await _interviews(request, vacancy_id, session, now, errors, given)
    return _back(vacancy_id)


@router.post("/interview-slots/{slot_id}/cancel")
async def cancel_slot_on_page(
    request: Request, slot_id: UUID, session: SessionDep, caller: Manager, now: Now, given: Given
) -> Response:
    vacancy_id = (await queries.get_slot(session, slot_id)).vacancy_id
    try:
        why = Cancellation.model_validate(given.given("reason"))
        await commands.cancel_slot(session, slot_id, why.reason, actor=Actor.of(caller), now=now)
    except (ValidationError, DomainError) as refused:
        return await _interviews(request, vacancy_id, session, now, _errors(refused), given)
    return _back(vacancy_id)


@router.post("/interview-bookings/{booking_id}/change")
async def change_booking_on_page(
    request: Request, booking_id: UUID, session: SessionDep, caller: Manager, now: Now, given: Given
) -> Response:
    """To another time, or cancelled where a reason was chosen in its place."""
    vacancy_id = (await queries.get_booking(session, booking_id)).vacancy_id
    try:
        if given.text("then") == "cancel":
            why = Cancellation.model_validate(given.given("reason"))
            await bookings.cancel_booking(session, booking_id, why.reason, caller=caller, now=now)
        else:
            wanted = BookingMove.model_validate(given.given("slot_id"))
            await bookings.move_booking(session, booking_id, wanted.slot_id, caller=caller, now=now)
    except (ValidationError, DomainError) as refused:
        return await _interviews(request, vacancy_id, session, now, _errors(refused), given)
    return _back(vacancy_id)


async def _interviews(
    request: Request,
    vacancy_id: UUID,
    session: AsyncSession,
    now: Now,
    errors: Sequence[FormError] = (),
    sent: Sent | None = None,
) -> Response:
    """Only what is still to come can be changed; what was typed is shown again where something was wrong with it."""
    vacancy = await get_vacancy(session, vacancy_id)
    shown = await present_interviews(session, vacancy_id)
    panel = await get_panel(session, vacancy_id)
    seats = [each.staff_id for each in panel.current]
    people = await people_of_region(session, seats, Tenancy.of((vacancy.employer_id,)))
    applications = await applications_for_panel(session, vacancy_id)
    invitable = MOVES[ApplicationAction.INVITE_TO_BOOK]
    return render(
        request,
        "interviews/vacancy.html",
        status_code=422 if errors else 200,
        vacancy=vacancy,
        shown=shown,
        now=now,
        names={each.id: each.name for each in people.values()},
        references={each.id: each.reference for each in applications},
        invitable=[(str(each.id), each.reference) for each in applications if each.stage in invitable],
        reasons=REASONS,
        labels=CANCEL_LABELS,
        errors=list(errors),
        typed={} if sent is None else sent.typed,
        breadcrumbs=_crumbs(vacancy.id, vacancy.reference, "Interviews"),
    )


async def _references(session: AsyncSession, vacancy_id: UUID) -> dict[UUID, str]:
    return {each.id: each.reference for each in await applications_for_panel(session, vacancy_id)}


def _crumbs(vacancy_id: UUID, reference: str, last: str) -> list[Crumb]:
    return [Crumb("Vacancies", "/vacancies"), Crumb(reference, f"/vacancies/{vacancy_id}"), Crumb(last)]


def _back(vacancy_id: UUID) -> Response:
    return RedirectResponse(f"/vacancies/{vacancy_id}/interviews", status_code=303)


def _errors(refused: ValidationError | DomainError) -> list[FormError]:
    if isinstance(refused, DomainError):
        return [FormError((refused.field or "reason").split(".")[0], _words(refused))]
    names = dict.fromkeys(str(error["loc"][0]) if error["loc"] else "place" for error in refused.errors())
    return [FormError(name, WORDS.get(name, "Enter something else here")) for name in names]


def _words(refused: DomainError) -> str:
    return " ".join(each for each in (f"{refused.title}.", refused.next_step) if each)
