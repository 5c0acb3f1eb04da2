"""One decision about many candidates over HTTP: asked once, done one by one, read as it goes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from fastapi import APIRouter, Response

from services.ats.applications.routes import Manager, Reader
from services.ats.bulk_actions import commands, queries
from services.ats.bulk_actions.schemas import MOST_AT_ONCE, BatchCreate, BatchRead, BatchReport
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.idempotency import IdempotentRoute
from shared.problems import problems

router = APIRouter(prefix="/v1", tags=["selection"], route_class=IdempotentRoute)


@router.post(
    "/vacancies/{vacancy_id}/bulk-actions",
    summary=f"Shortlist, reject, invite or record up to {MOST_AT_ONCE} candidates in one go",
    status_code=202,
    response_model=BatchReport,
    responses=problems(404, 409),
)
async def begin_bulk_action(
    vacancy_id: UUID, wanted: BatchCreate, session: SessionDep, caller: Manager, now: Now, response: Response
) -> BatchReport:
    """Each application is done by the rules of the single step, in a transaction of its own. One that is refused has
    the problem document that it would get alone, and its neighbours are done all the same.
    """
    batch = await commands.begin_batch(session, vacancy_id, wanted, caller=caller, now=now)
    response.headers["Location"] = f"/v1/bulk-actions/{batch.id}"
    return await queries.read_batch(session, batch)


@router.get(
    "/vacancies/{vacancy_id}/bulk-actions",
    summary="List what was asked for many candidates of a vacancy, the newest first",
    response_model=list[BatchRead],
    responses=problems(404),
)
async def list_bulk_actions(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> Sequence[BatchRead]:
    await get_vacancy(session, vacancy_id)
    return await queries.batches_of(session, vacancy_id)


@router.get(
    "/bulk-actions/{batch_id}",
    summary="Read how far a batch is, and what became of each candidate",
    response_model=BatchReport,
    responses=problems(404),
)
async def get_bulk_action(batch_id: UUID, session: SessionDep, _caller: Reader) -> BatchReport:
    return await queries.read_batch(session, await queries.get_batch(session, batch_id))
