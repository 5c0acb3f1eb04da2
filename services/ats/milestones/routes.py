from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.ats.audit.actor import Actor
from services.ats.milestones import commands, queries
from services.ats.milestones.models import Milestone
from services.ats.milestones.schemas import NOT_CORRECTED, MilestoneBatch, MilestoneRead, MilestoneResults, ResultStatus
from services.ats.milestones.telling import Telling
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.idempotency import IdempotentRoute
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1/vacancies/{vacancy_id}/milestones", tags=["milestones"], route_class=IdempotentRoute)
Reporter = Annotated[Principal, Depends(allow(Scope.MILESTONES_WRITE))]
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ, Scope.MILESTONES_WRITE))]


@router.post(
    "",
    summary="Report what happened in the council's own system",
    response_model=MilestoneResults,
    responses=problems(404, 409),
)
async def record_milestones(
    vacancy_id: UUID,
    batch: MilestoneBatch,
    session: SessionDep,
    caller: Reporter,
    now: Now,
) -> MilestoneResults:
    by = Telling(Actor.of(caller))
    results = await commands.record_milestones(session, vacancy_id, batch.milestones, by=by, now=now)
    counts = Counter(each.status for each in results)
    return MilestoneResults(
        results=results,
        recorded=counts[ResultStatus.RECORDED],
        duplicates=counts[ResultStatus.DUPLICATE],
        conflicts=counts[ResultStatus.CONFLICT],
        in_the_future=counts[ResultStatus.IN_THE_FUTURE],
        not_corrected=sum(counts[each] for each in NOT_CORRECTED),
    )


@router.get("", summary="List the milestones reported", response_model=list[MilestoneRead], responses=problems(404))
async def list_milestones(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> Sequence[Milestone]:
    await get_vacancy(session, vacancy_id)
    return await queries.milestones_of_vacancy(session, vacancy_id)
