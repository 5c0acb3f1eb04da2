from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.ats.applications.routes import Manager, PanelMember, Reader, answer
from services.ats.applications.schemas import ApplicationRead
from services.ats.audit.actor import Actor
from services.ats.reserve_lists import commands, queries
from services.ats.reserve_lists.schemas import ReserveEntryRead, ReserveOrder, ReserveWanted
from services.ats.vacancies.routes import MOVE_PROBLEMS
from shared.app import Now, SessionDep
from shared.etag import IfMatch
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["selection"], route_class=IdempotentRoute)


@router.post(
    "/applications/{application_id}/reserve",
    summary="Put a candidate who could do the job on the vacancy's reserve list",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def reserve_application(
    application_id: UUID,
    wanted: ReserveWanted,
    session: SessionDep,
    caller: PanelMember,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ApplicationRead:
    """They are told when the employer's delay is over. For as long as they are on the list nobody rejects them: an
    offer is made straight from it, in the order of the ranks.
    """
    application = await commands.reserve_application(
        session, application_id, rank=wanted.rank, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.post(
    "/applications/{application_id}/take-off-reserve-list",
    summary="Take a candidate off the reserve list: back to the interview",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def take_off_reserve_list(
    application_id: UUID, session: SessionDep, caller: PanelMember, now: Now, expected: IfMatch, response: Response
) -> ApplicationRead:
    """Where the vacancy has been filled since, they are told with it that somebody else was chosen."""
    application = await commands.take_off_reserve_list(
        session, application_id, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.get(
    "/vacancies/{vacancy_id}/reserve-list",
    summary="Read a vacancy's reserve list, by rank",
    response_model=list[ReserveEntryRead],
    responses=problems(404),
)
async def read_reserve_list(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> list[ReserveEntryRead]:
    return await queries.read_list(session, vacancy_id)


@router.post(
    "/vacancies/{vacancy_id}/reserve-list/reorder",
    summary="Change the order of a vacancy's reserve list",
    response_model=list[ReserveEntryRead],
    responses=problems(404),
)
async def reorder_reserve_list(
    vacancy_id: UUID, wanted: ReserveOrder, session: SessionDep, caller: Manager, now: Now
) -> list[ReserveEntryRead]:
    await commands.reorder_reserve_list(session, vacancy_id, wanted.application_ids, actor=Actor.of(caller), now=now)
    await session.flush()
    return await queries.read_list(session, vacancy_id)
