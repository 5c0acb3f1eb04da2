from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter

from services.ats.audit.actor import Actor
from services.ats.privacy.asking import own_employer
from services.ats.privacy.callers import Officer
from services.ats.retention import commands, queries
from services.ats.retention.models import RetentionPolicy
from services.ats.retention.outlook import outlook_for
from services.ats.retention.rules import Terms
from services.ats.retention.schemas import RetentionOutlook, RetentionPolicyCreate, RetentionPolicyRead
from shared.app import Now, SessionDep
from shared.calendar import local_date
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["privacy"], route_class=IdempotentRoute)


@router.get(
    "/retention-policies",
    summary="How long employers have chosen to keep what, newest first",
    response_model=list[RetentionPolicyRead],
    responses=problems(),
)
async def list_retention_policies(session: SessionDep, _caller: Officer) -> Sequence[RetentionPolicy]:
    return await queries.all_policies(session)


@router.post(
    "/retention-policies",
    summary="Choose how long an employer keeps one kind of record",
    status_code=201,
    response_model=RetentionPolicyRead,
    responses=problems(404),
)
async def choose_retention_policy(
    wanted: RetentionPolicyCreate, session: SessionDep, caller: Officer, now: Now
) -> RetentionPolicy:
    employer = await own_employer(session, wanted.employer, caller)
    return await commands.choose_policy(
        session,
        employer.id,
        wanted.record_kind,
        terms=Terms(wanted.months, wanted.notice_days),
        valid_from=wanted.valid_from,
        actor=Actor.of(caller),
        now=now,
    )


@router.get(
    "/retention-outlook",
    summary="How many records are forgotten within the next 30 days",
    response_model=list[RetentionOutlook],
    responses=problems(),
)
async def read_retention_outlook(session: SessionDep, caller: Officer, now: Now) -> list[RetentionOutlook]:
    return await outlook_for(session, caller, local_date(now))
