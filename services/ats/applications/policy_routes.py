"""What a council says of how it takes applications."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.policies import find_policy, list_policies, make_policy
from services.ats.applications.schemas import PoliciesRead, PolicyRead, PolicyWrite
from services.ats.audit.actor import Actor
from services.ats.establishment.commands import employer_of
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.calendar import local_date
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.registry import Employer
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1", tags=["applications"], route_class=IdempotentRoute)
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Administrator = Annotated[Principal, Depends(allow_decision(Role.COUNCIL_ADMIN, scope=Scope.APPLICATIONS_WRITE))]


@router.get(
    "/employers/{code}/application-policies",
    summary="How an employer takes applications, by the day from which it does",
    response_model=PoliciesRead,
    responses=problems(404),
)
async def read_application_policies(code: str, session: SessionDep, caller: Reader, now: Now) -> PoliciesRead:
    return await _policies(session, await employer_of(session, code, caller), now)


@router.post(
    "/employers/{code}/application-policies",
    summary="Say how applications are taken from a day on",
    status_code=201,
    response_model=PoliciesRead,
    responses=problems(404),
)
async def make_application_policy(
    code: str, wanted: PolicyWrite, session: SessionDep, caller: Administrator, now: Now
) -> PoliciesRead:
    employer = await employer_of(session, code, caller)
    await make_policy(session, employer, wanted, actor=Actor.of(caller), now=now)
    return await _policies(session, employer, now)


async def _policies(session: AsyncSession, employer: Employer, now: Now) -> PoliciesRead:
    every = await list_policies(session, employer.id)
    current = await find_policy(session, employer.id, on=local_date(now))
    return PoliciesRead(
        employer=employer.code,
        in_force=None if current is None else PolicyRead.model_validate(current),
        policies=[PolicyRead.model_validate(each) for each in every],
    )
