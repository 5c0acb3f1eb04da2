"""Checks before a start: what is asked for, what was found, waivers, and an employer's own rules."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.checks import commands, presenting, queries, setting_out
from services.ats.checks.callers import Checker, Reader, WaiverApprover
from services.ats.checks.models import CheckEntry, PreEmploymentCheck
from services.ats.checks.policies import present_policy, replace_policy
from services.ats.checks.rules import Person
from services.ats.checks.schemas import (
    CheckEntryRead,
    CheckPassed,
    CheckRead,
    ChecksRead,
    ChecksSetOut,
    CheckWords,
    DueFilter,
    PolicyRead,
    PolicyWrite,
    WaiverAsked,
)
from services.ats.checks.states import WaiverState
from services.ats.establishment.commands import employer_of
from services.ats.vacancies.routes import MOVE_PROBLEMS
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.calendar import local_date
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1", tags=["checks"], route_class=IdempotentRoute)
PolicyReader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Administrator = Annotated[Principal, Depends(allow_decision(Role.COUNCIL_ADMIN, scope=Scope.VACANCIES_WRITE))]


@router.get(
    "/applications/{application_id}/checks",
    summary="Which checks a candidate needs, what was found, and what is missing",
    response_model=ChecksRead,
    responses=problems(404),
)
async def list_checks(application_id: UUID, session: SessionDep, caller: Reader, now: Now) -> ChecksRead:
    return await presenting.present_checks(session, application_id, caller, now)


@router.post(
    "/applications/{application_id}/checks",
    summary="Say who the candidate is, and set out the checks that follow",
    response_model=ChecksRead,
    responses=problems(404, 409),
)
async def set_out_checks(
    application_id: UUID, wanted: ChecksSetOut, session: SessionDep, caller: Checker, now: Now
) -> ChecksRead:
    person = Person(wanted.engagement, wanted.has_lived_abroad)
    await setting_out.set_out_checks(session, application_id, person, actor=Actor.of(caller), now=now)
    return await presenting.present_checks(session, application_id, caller, now)


@router.get(
    "/checks",
    summary="List checks that run out, are to be followed up, or whose waiver ends",
    response_model=Page[CheckRead],
    responses=problems(400),
)
async def list_due_checks(
    session: SessionDep, _caller: Reader, page: PageQuery, wanted: Annotated[DueFilter, Query()], now: Now
) -> Page[CheckRead]:
    found, cursor = await queries.search_due(session, wanted.due_by or local_date(now), page)
    return Page[CheckRead](items=[CheckRead.model_validate(each) for each in found], next_cursor=cursor)


@router.get("/checks/{check_id}", summary="Read a check", response_model=CheckRead, responses=problems(404))
async def get_check(check_id: UUID, session: SessionDep, caller: Reader, response: Response) -> CheckRead:
    shown = await presenting.present_one(session, check_id, caller)
    response.headers["ETag"] = etag_of(shown.version)
    return shown


@router.get(
    "/checks/{check_id}/history",
    summary="Every outcome of a check, oldest first",
    response_model=list[CheckEntryRead],
    responses=problems(404),
)
async def list_check_history(check_id: UUID, session: SessionDep, _caller: Reader) -> list[CheckEntry]:
    await queries.get_check(session, check_id)
    return list(await queries.history_of(session, check_id))


@router.post(
    "/checks/{check_id}/pass",
    summary="Record that a check is passed",
    response_model=CheckRead,
    responses=MOVE_PROBLEMS,
)
async def pass_check(
    check_id: UUID,
    shown: CheckPassed,
    session: SessionDep,
    caller: Checker,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> CheckRead:
    check = await commands.pass_check(session, check_id, shown.shown(), caller=caller, expected=expected, now=now)
    return await _answer(session, check, caller, response)


@router.post(
    "/checks/{check_id}/fail",
    summary="Record that a check is not passed, and why",
    response_model=CheckRead,
    responses=MOVE_PROBLEMS,
)
async def fail_check(
    check_id: UUID,
    why: CheckWords,
    session: SessionDep,
    caller: Checker,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> CheckRead:
    check = await commands.fail_check(session, check_id, why.reason, caller=caller, expected=expected, now=now)
    return await _answer(session, check, caller, response)


@router.post(
    "/checks/{check_id}/not-applicable",
    summary="Record that a check does not apply to this candidate, and why",
    response_model=CheckRead,
    responses=MOVE_PROBLEMS,
)
async def call_not_applicable(
    check_id: UUID,
    why: CheckWords,
    session: SessionDep,
    caller: Checker,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> CheckRead:
    check = await commands.call_not_applicable(session, check_id, why.reason, caller=caller, expected=expected, now=now)
    return await _answer(session, check, caller, response)


@router.post(
    "/checks/{check_id}/ask-waiver",
    summary="Ask that somebody may start without this check until a day",
    response_model=CheckRead,
    responses=MOVE_PROBLEMS,
)
async def ask_waiver(
    check_id: UUID,
    asked: WaiverAsked,
    session: SessionDep,
    caller: Checker,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> CheckRead:
    check = await commands.ask_waiver(session, check_id, asked, caller=caller, expected=expected, now=now)
    return await _answer(session, check, caller, response)


@router.post(
    "/checks/{check_id}/approve-waiver",
    summary="Approve a waiver that somebody else asked for",
    response_model=CheckRead,
    responses=MOVE_PROBLEMS,
)
async def approve_waiver(
    check_id: UUID, session: SessionDep, caller: WaiverApprover, now: Now, expected: IfMatch, response: Response
) -> CheckRead:
    check = await commands.decide_waiver(
        session, check_id, WaiverState.APPROVED, caller=caller, expected=expected, now=now
    )
    return await _answer(session, check, caller, response)


@router.post(
    "/checks/{check_id}/refuse-waiver", summary="Refuse a waiver", response_model=CheckRead, responses=MOVE_PROBLEMS
)
async def refuse_waiver(
    check_id: UUID, session: SessionDep, caller: WaiverApprover, now: Now, expected: IfMatch, response: Response
) -> CheckRead:
    check = await commands.decide_waiver(
        session, check_id, WaiverState.REFUSED, caller=caller, expected=expected, now=now
    )
    return await _answer(session, check, caller, response)


@router.get(
    "/employers/{code}/check-policy",
    summary="Which checks an employer asks for, and where",
    response_model=PolicyRead,
    responses=problems(404),
)
async def read_check_policy(code: str, session: SessionDep, caller: PolicyReader, now: Now) -> PolicyRead:
    return await present_policy(session, await employer_of(session, code, caller), local_date(now))


@router.put(
    "/employers/{code}/check-policy",
    summary="Set which checks an employer asks for, from a day on",
    response_model=PolicyRead,
    responses=problems(404),
)
async def replace_check_policy(
    code: str, wanted: PolicyWrite, session: SessionDep, caller: Administrator, now: Now
) -> PolicyRead:
    employer = await employer_of(session, code, caller)
    await replace_policy(session, employer, wanted, actor=Actor.of(caller), now=now)
    await session.flush()
    return await present_policy(session, employer, local_date(now))


async def _answer(session: AsyncSession, check: PreEmploymentCheck, caller: Principal, response: Response) -> CheckRead:
    response.headers["ETag"] = etag_of(check.version)
    return await presenting.present_one(session, check.id, caller)
