"""A panel over HTTP: who sits on it, what conflicts they have, their scores, and what was made of scores apart."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from services.ats.audit.actor import Actor
from services.ats.panels import commands, queries
from services.ats.panels.callers import Manager, Member, Reader
from services.ats.panels.presenting import present_candidate, present_panel
from services.ats.panels.schemas import (
    DeclarationWrite,
    ModerationWrite,
    PanelApplication,
    PanelRead,
    PanelWrite,
    SeatRead,
    SheetWrite,
)
from services.ats.panels.seats import Seat, take_seat
from services.ats.panels.waiting import seats_with_work
from shared.app import Now, SessionDep
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1/panels", tags=["selection"], route_class=IdempotentRoute)
SCORING_PROBLEMS = problems(404, 409)


@router.get("", summary="The panels that you sit on, and what waits for you", response_model=list[SeatRead])
async def list_panels(session: SessionDep, caller: Reader) -> list[SeatRead]:
    return await seats_with_work(session, caller)


@router.get(
    "/{vacancy_id}",
    summary="Read a panel: its members, its candidates without names, and the scores that you may see",
    response_model=PanelRead,
    responses=problems(404),
)
async def get_panel(vacancy_id: UUID, session: SessionDep, caller: Reader) -> PanelRead:
    """For its members, of other councils too, and for the recruiters and hiring managers of the employer. Others'
    scores show once your own of that candidate are submitted; to who does not score, once all are.
    """
    return await present_panel(session, await take_seat(session, vacancy_id, caller), caller.staff_id)


@router.put(
    "/{vacancy_id}",
    summary="Name the lead and the members of a vacancy's panel",
    response_model=PanelRead,
    responses=SCORING_PROBLEMS,
)
async def name_panel(vacancy_id: UUID, wanted: PanelWrite, session: SessionDep, caller: Manager, now: Now) -> PanelRead:
    """The whole panel, of at least two. Who leaves keeps what they submitted, as a former member's; a new lead loses
    nobody's scores.
    """
    vacancy = await commands.name_panel(
        session, vacancy_id, wanted, actor=Actor.of(caller), tenancy=caller.tenancy, now=now
    )
    return await present_panel(session, Seat(vacancy, None), caller.staff_id)


@router.post(
    "/{vacancy_id}/declarations",
    summary="Declare a conflict of interest, or that you have none",
    status_code=201,
    response_model=PanelRead,
    responses=SCORING_PROBLEMS,
)
async def declare_interests(
    vacancy_id: UUID, wanted: DeclarationWrite, session: SessionDep, caller: Member, now: Now
) -> PanelRead:
    seat = await take_seat(session, vacancy_id, caller)
    await commands.declare_interests(session, seat, wanted, now=now)
    return await present_panel(session, seat, caller.staff_id)


@router.put(
    "/{vacancy_id}/applications/{application_id}/scores",
    summary="Save your scores of a candidate as a draft that only you see",
    response_model=PanelApplication,
    responses=SCORING_PROBLEMS,
)
async def save_scores(
    vacancy_id: UUID, application_id: UUID, wanted: SheetWrite, session: SessionDep, caller: Member, now: Now
) -> PanelApplication:
    seat = await take_seat(session, vacancy_id, caller)
    await commands.save_scores(session, seat, application_id, wanted.scores, now=now)
    return await _candidate(session, seat, application_id)


@router.post(
    "/{vacancy_id}/applications/{application_id}/submit-scores",
    summary="Submit your scores of a candidate: final, and seen by who has submitted too",
    response_model=PanelApplication,
    responses=SCORING_PROBLEMS,
)
async def submit_scores(
    vacancy_id: UUID, application_id: UUID, session: SessionDep, caller: Member, now: Now
) -> PanelApplication:
    seat = await take_seat(session, vacancy_id, caller)
    await commands.submit_scores(session, seat, application_id, now=now)
    return await _candidate(session, seat, application_id)


@router.post(
    "/{vacancy_id}/applications/{application_id}/moderate",
    summary="Say, as the lead, what the panel made of scores that lie 2 or more apart",
    response_model=PanelApplication,
    responses=SCORING_PROBLEMS,
)
async def moderate_scores(
    vacancy_id: UUID, application_id: UUID, wanted: ModerationWrite, session: SessionDep, caller: Member, now: Now
) -> PanelApplication:
    seat = await take_seat(session, vacancy_id, caller)
    await commands.moderate(session, seat, application_id, wanted.note, now=now)
    return await _candidate(session, seat, application_id)


async def _candidate(session: SessionDep, seat: Seat, application_id: UUID) -> PanelApplication:
    panel = await queries.get_panel(session, seat.vacancy.id)
    application = await queries.application_of_panel(session, seat.vacancy.id, application_id)
    return present_candidate(application, seat.vacancy, panel, seat.as_member.staff_id)
