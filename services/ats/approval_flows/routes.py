"""How an employer approves, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.ats.approval_flows import commands, queries
from services.ats.approval_flows.models import ApprovalDelegation
from services.ats.approval_flows.schemas import DelegationRead, DelegationWrite, FlowRead, FlowWrite
from services.ats.audit.actor import Actor
from services.ats.establishment.commands import employer_of
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1", tags=["approvals"], route_class=IdempotentRoute)
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Administrator = Annotated[Principal, Depends(allow_decision(Role.COUNCIL_ADMIN, scope=Scope.VACANCIES_WRITE))]
Approver = Annotated[Principal, Depends(allow_decision(Role.APPROVER))]


@router.get(
    "/employers/{code}/approval-flow",
    summary="How an employer approves its vacancies",
    response_model=FlowRead,
    responses=problems(404),
)
async def read_approval_flow(code: str, session: SessionDep, caller: Reader) -> FlowRead:
    return await queries.get_flow(session, await employer_of(session, code, caller))


@router.put(
    "/employers/{code}/approval-flow",
    summary="Replace how an employer approves, for requests from now on",
    response_model=FlowRead,
    responses=problems(404),
)
async def replace_approval_flow(
    code: str, wanted: FlowWrite, session: SessionDep, caller: Administrator, now: Now
) -> FlowRead:
    employer = await employer_of(session, code, caller)
    await commands.replace_flow(session, employer, wanted, actor=Actor.of(caller), now=now)
    return await queries.get_flow(session, employer)


@router.get(
    "/employers/{code}/approval-delegations",
    summary="Who stands in for which approver",
    response_model=list[DelegationRead],
    responses=problems(404),
)
async def list_delegations(code: str, session: SessionDep, caller: Reader) -> Sequence[ApprovalDelegation]:
    return await queries.list_delegations(session, (await employer_of(session, code, caller)).id)


@router.post(
    "/employers/{code}/approval-delegations",
    summary="Let another approver decide in your place",
    status_code=201,
    response_model=DelegationRead,
    responses=problems(404),
)
async def delegate_approvals(
    code: str, wanted: DelegationWrite, session: SessionDep, caller: Approver, now: Now
) -> ApprovalDelegation:
    employer = await employer_of(session, code, caller)
    assert caller.staff_id is not None
    return await commands.delegate_approvals(
        session, employer, wanted, from_staff_id=caller.staff_id, actor=Actor.of(caller), now=now
    )


@router.post(
    "/approval-delegations/{delegation_id}/end",
    summary="End a delegation of yours before its last day",
    response_model=DelegationRead,
    responses=problems(404, 409),
)
async def end_delegation(delegation_id: UUID, session: SessionDep, caller: Approver, now: Now) -> ApprovalDelegation:
    assert caller.staff_id is not None
    return await commands.end_delegation(
        session, delegation_id, from_staff_id=caller.staff_id, actor=Actor.of(caller), now=now
    )
