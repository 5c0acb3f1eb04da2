from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.clearing.audit.actors import Actor
from services.clearing.audit.commands import note_reads
from services.clearing.audit.models import Subject
from services.clearing.registrations.callers import Person, Reader
from services.clearing.trials import commands, queries
from services.clearing.trials.models import Placement
from services.clearing.trials.queries import PlacementFilter
from services.clearing.trials.schemas import EmployerSaving, MyTrialEnding, PlacementRead, Savings, TrialEnding
from services.clearing.trials.states import TrialState
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_decision
from shared.idempotency import IdempotentRoute
from shared.money import decimal_pounds
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/v1", tags=["trials"], route_class=IdempotentRoute)
ReportReader = Annotated[Principal, Depends(allow(Scope.REPORTS_READ, Scope.CLEARING_READ))]
Ender = Annotated[Principal, Depends(allow_decision(Role.COUNCIL_HR, Role.HIRING_MANAGER))]
ENDINGS = {"employee": TrialState.ENDED_BY_EMPLOYEE, "employer": TrialState.ENDED_BY_EMPLOYER}


@router.get(
    "/trials",
    summary="List placements with their trials, the latest start first",
    response_model=Page[PlacementRead],
    responses=problems(400),
)
async def list_trials(
    session: SessionDep, caller: Reader, page: PageQuery, wanted: Annotated[PlacementFilter, Query()], now: Now
) -> dict[str, object]:
    found, cursor = await queries.search_placements(session, wanted, page)
    await note_reads(session, Subject.TRIAL, found, caller, now=now)
    return {"items": found, "next_cursor": cursor}


@router.get(
    "/trials/{placement_id}",
    summary="Read a placement with its trial",
    response_model=PlacementRead,
    responses=problems(404),
)
async def get_trial(placement_id: UUID, session: SessionDep, caller: Reader, now: Now) -> Placement:
    placement = await queries.get_placement(session, placement_id)
    await note_reads(session, Subject.TRIAL, [placement], caller, now=now)
    return placement


@router.post(
    "/trials/{placement_id}/end",
    summary="End a trial in time: the gaining council; either council may record that the employee ended it",
    response_model=PlacementRead,
    responses=problems(404, 409),
)
async def end_trial(placement_id: UUID, ending: TrialEnding, session: SessionDep, caller: Ender, now: Now) -> Placement:
    return await commands.end_trial_by_council(
        session, placement_id, ENDINGS[ending.ended_by], reason=ending.reason, by=Actor.of(caller), now=now
    )


@router.get("/me/trials", summary="List my trials", response_model=list[PlacementRead], responses=problems())
async def list_my_trials(session: SessionDep, caller: Person) -> Sequence[Placement]:
    assert caller.subject_id is not None
    return await queries.placements_of(session, caller.subject_id)


@router.post(
    "/me/trials/{placement_id}/end",
    summary="End my trial, for any reason, before its last day is over",
    response_model=PlacementRead,
    responses=problems(404, 409),
)
async def end_my_trial(
    placement_id: UUID, ending: MyTrialEnding, session: SessionDep, caller: Person, now: Now
) -> Placement:
    return await commands.end_trial(
        session, placement_id, TrialState.ENDED_BY_EMPLOYEE, reason=ending.reason, by=Actor.of(caller), now=now
    )


@router.get(
    "/savings",
    summary="What confirmed redeployments saved their home councils",
    response_model=Savings,
    responses=problems(),
)
async def get_savings(session: SessionDep, _: ReportReader) -> Savings:
    rows = await queries.savings_by_employer(session)
    net = sum(row[2] for row in rows)
    return Savings(
        redeployed=sum(row[1] for row in rows),
        net_pence=net,
        net_gbp=decimal_pounds(net),
        by_employer=[EmployerSaving(employer_id=row[0], redeployed=row[1], net_pence=row[2]) for row in rows],
    )
