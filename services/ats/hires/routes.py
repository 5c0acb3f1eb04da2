from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.ats.applications.queries import get_application
from services.ats.applications.routes import Manager, Reader, answer
from services.ats.applications.schemas import ApplicationRead
from services.ats.audit.actor import Actor
from services.ats.hires import commands, queries, undoing
from services.ats.hires.models import Hire
from services.ats.hires.presenting import present_hire
from services.ats.hires.schemas import HireRead, HireWanted, Leaving, NoShow, StartWanted, UnhireWanted
from services.ats.vacancies.routes import MOVE_PROBLEMS
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.calendar import local_date
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["hires"], route_class=IdempotentRoute)


@router.post(
    "/applications/{application_id}/hire",
    summary="Hire: the opening is filled",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def hire_candidate(
    application_id: UUID,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
    agreed: HireWanted | None = None,
) -> ApplicationRead:
    application = await commands.hire_candidate(
        session,
        application_id,
        starts_on=None if agreed is None else agreed.starts_on,
        actor=Actor.of(caller),
        expected=expected,
        now=now,
    )
    return answer(application, caller, response)


@router.get(
    "/applications/{application_id}/hire",
    summary="Read a hire: the first day, whether it was come to, and whether the hire was taken back",
    response_model=HireRead,
    responses=problems(404),
)
async def get_hire(application_id: UUID, session: SessionDep, caller: Reader, now: Now, response: Response) -> HireRead:
    await get_application(session, application_id)
    return _answer(await queries.get_hire(session, application_id), caller, now, response)


@router.post(
    "/applications/{application_id}/un-hire",
    summary="Take a hire back: the opening is free and the clock is corrected",
    response_model=ApplicationRead,
    responses=MOVE_PROBLEMS,
)
async def un_hire(
    application_id: UUID,
    wanted: UnhireWanted,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> ApplicationRead:
    application = await undoing.un_hire(
        session, application_id, wanted.reason_code, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(application, caller, response)


@router.post(
    "/applications/{application_id}/confirm-start",
    summary="Confirm that the candidate came, on the day agreed or another",
    response_model=HireRead,
    responses=MOVE_PROBLEMS,
)
async def confirm_start(
    application_id: UUID,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
    wanted: StartWanted | None = None,
) -> HireRead:
    hire = await commands.confirm_start(
        session,
        application_id,
        None if wanted is None else wanted.started_on,
        actor=Actor.of(caller),
        expected=expected,
        now=now,
    )
    return _answer(hire, caller, now, response)


@router.post(
    "/applications/{application_id}/record-no-show",
    summary="Record that the candidate did not come; the opening waits or is free",
    response_model=HireRead,
    responses=MOVE_PROBLEMS,
)
async def record_no_show(
    application_id: UUID,
    wanted: NoShow,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> HireRead:
    hire = await undoing.record_no_show(
        session,
        application_id,
        frees_opening=wanted.frees_opening,
        actor=Actor.of(caller),
        expected=expected,
        now=now,
    )
    return _answer(hire, caller, now, response)


@router.post(
    "/applications/{application_id}/record-leaving",
    summary="Record when and why somebody left",
    response_model=HireRead,
    responses=MOVE_PROBLEMS,
)
async def record_leaving(
    application_id: UUID,
    leaving: Leaving,
    session: SessionDep,
    caller: Manager,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> HireRead:
    hire = await commands.record_leaving(
        session, application_id, leaving, actor=Actor.of(caller), expected=expected, now=now
    )
    return _answer(hire, caller, now, response)


def _answer(hire: Hire, caller: Principal, now: Now, response: Response) -> HireRead:
    response.headers["ETag"] = etag_of(hire.version)
    return present_hire(hire, caller, local_date(now))
