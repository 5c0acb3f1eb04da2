from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.ats.approvals import commands, queries
from services.ats.approvals.schemas import ApprovalRead, Attestation, DecisionReason
from services.ats.audit.actor import Actor
from services.ats.vacancies.queries import get_vacancy
from services.ats.vacancies.routes import MOVE_PROBLEMS, answer
from services.ats.vacancies.schemas import Reason, VacancyRead
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.etag import IfMatch
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1/vacancies/{vacancy_id}", tags=["approvals"], route_class=IdempotentRoute)
Requester = Annotated[Principal, Depends(allow(Scope.VACANCIES_WRITE))]
Approver = Annotated[Principal, Depends(allow_decision(Role.APPROVER))]
Attester = Annotated[Principal, Depends(allow(Scope.VACANCIES_ATTEST))]
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]


@router.post("/submit", summary="Ask for approval of the content", response_model=VacancyRead, responses=MOVE_PROBLEMS)
async def submit_vacancy(
    vacancy_id: UUID, session: SessionDep, caller: Requester, now: Now, expected: IfMatch, response: Response
) -> VacancyRead:
    vacancy = await commands.request_approval(session, vacancy_id, actor=Actor.of(caller), expected=expected, now=now)
    return answer(vacancy, caller, response)


@router.post(
    "/approve",
    summary="Approve; with the last approval it needs, the vacancy enters clearing at once",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def approve_vacancy(
    vacancy_id: UUID,
    session: SessionDep,
    caller: Approver,
    now: Now,
    expected: IfMatch,
    response: Response,
    decision: DecisionReason | None = None,
) -> VacancyRead:
    vacancy = await commands.approve_vacancy(
        session,
        vacancy_id,
        actor=Actor.of(caller),
        reason=None if decision is None else decision.reason,
        expected=expected,
        now=now,
    )
    return answer(vacancy, caller, response)


@router.post("/reject", summary="Reject, with the reason", response_model=VacancyRead, responses=MOVE_PROBLEMS)
async def reject_vacancy(
    vacancy_id: UUID,
    why: Reason,
    session: SessionDep,
    caller: Approver,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> VacancyRead:
    vacancy = await commands.reject_vacancy(
        session, vacancy_id, actor=Actor.of(caller), reason=why.reason, expected=expected, now=now
    )
    return answer(vacancy, caller, response)


@router.post(
    "/attest-approval",
    summary="Attest an approval given in the council's own system",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def attest_approval(
    vacancy_id: UUID,
    attested: Attestation,
    session: SessionDep,
    caller: Attester,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> VacancyRead:
    vacancy = await commands.attest_approval(
        session, vacancy_id, attested, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(vacancy, caller, response)


@router.get(
    "/approvals",
    summary="List the requests for approval and their decisions",
    response_model=list[ApprovalRead],
    responses=problems(404),
)
async def list_approvals(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> list[ApprovalRead]:
    return await queries.approvals_of_vacancy(session, await get_vacancy(session, vacancy_id))
