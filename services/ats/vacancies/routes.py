from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.ats.audit.actor import Actor
from services.ats.vacancies import commands, lifecycle, queries
from services.ats.vacancies.advert_schemas import EarlyClose, HoldWanted
from services.ats.vacancies.examples import CREATE_EXAMPLES
from services.ats.vacancies.filters import VacancyFilter
from services.ats.vacancies.following import VacancyPage, follow
from services.ats.vacancies.models import Vacancy, VacancyAlert
from services.ats.vacancies.presenting import present_vacancy
from services.ats.vacancies.schemas import (
    AlertRead,
    Reason,
    VacancyChange,
    VacancyChecked,
    VacancyCreate,
    VacancyRead,
)
from shared.app import Now, SessionDep
from shared.auth import Principal, allow
from shared.etag import IfMatch, etag_of
from shared.idempotency import IdempotentRoute
from shared.pagination import PageQuery
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1/vacancies", tags=["vacancies"], route_class=IdempotentRoute)
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Writer = Annotated[Principal, Depends(allow(Scope.VACANCIES_WRITE))]
MOVE_PROBLEMS = problems(404, 409, 412)


def answer(vacancy: Vacancy, caller: Principal, response: Response) -> VacancyRead:
    """The vacancy as it now is, with its ETag."""
    response.headers["ETag"] = etag_of(vacancy.version)
    return present_vacancy(vacancy, caller)


@router.post(
    "",
    summary="Create a vacancy as a draft",
    status_code=201,
    response_model=VacancyRead | VacancyChecked,
    responses=problems(404, 409),
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": CREATE_EXAMPLES}}}},
)
async def create_vacancy(
    wanted: VacancyCreate,
    session: SessionDep,
    caller: Writer,
    now: Now,
    response: Response,
    validate_only: Annotated[bool, Query(description="Check everything, store nothing")] = False,
) -> VacancyRead | VacancyChecked:
    if validate_only:
        response.status_code = 200
        return await commands.check_vacancy(session, wanted, caller=caller, now=now)
    vacancy = await commands.create_vacancy(session, wanted, caller=caller, now=now)
    response.headers["Location"] = f"/v1/vacancies/{vacancy.id}"
    return answer(vacancy, caller, response)


@router.get(
    "",
    summary="List vacancies by their last change, or what changed since you last asked",
    response_model=VacancyPage,
    responses=problems(400, 404),
)
async def list_vacancies(
    session: SessionDep, caller: Reader, page: PageQuery, wanted: Annotated[VacancyFilter, Query()]
) -> VacancyPage:
    if wanted.updated_since is None:
        found, cursor = await queries.search_vacancies(session, wanted, page)
        answer = VacancyPage(items=[], next_cursor=cursor)
    else:
        found, answer = await follow(session, wanted, page)
    answer.items = [present_vacancy(each, caller) for each in found]
    return answer


@router.get("/{vacancy_id}", summary="Read a vacancy", response_model=VacancyRead, responses=problems(404))
async def get_vacancy(vacancy_id: UUID, session: SessionDep, caller: Reader, response: Response) -> VacancyRead:
    return answer(await queries.get_vacancy(session, vacancy_id), caller, response)


@router.get(
    "/{vacancy_id}/alerts",
    summary="List what a person must look at",
    response_model=list[AlertRead],
    responses=problems(404),
)
async def list_alerts(vacancy_id: UUID, session: SessionDep, _caller: Reader) -> Sequence[VacancyAlert]:
    await queries.get_vacancy(session, vacancy_id)
    return await queries.alerts_of_vacancy(session, vacancy_id)


@router.patch(
    "/{vacancy_id}",
    summary="Change a vacancy; once it is live, what is not locked",
    response_model=VacancyRead | VacancyChecked,
    responses=MOVE_PROBLEMS,
)
async def change_vacancy(
    vacancy_id: UUID,
    change: VacancyChange,
    session: SessionDep,
    caller: Writer,
    now: Now,
    expected: IfMatch,
    response: Response,
    validate_only: Annotated[bool, Query(description="Check everything, store nothing")] = False,
) -> VacancyRead | VacancyChecked:
    if validate_only:
        return await commands.check_change(session, vacancy_id, change, expected=expected, now=now)
    vacancy = await commands.change_vacancy(session, vacancy_id, change, caller=caller, expected=expected, now=now)
    return answer(vacancy, caller, response)


@router.post(
    "/{vacancy_id}/publish",
    summary="Publish a vacancy that clearing has released",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def publish_vacancy(
    vacancy_id: UUID, session: SessionDep, caller: Writer, now: Now, expected: IfMatch, response: Response
) -> VacancyRead:
    vacancy = await lifecycle.publish_vacancy(session, vacancy_id, actor=Actor.of(caller), expected=expected, now=now)
    return answer(vacancy, caller, response)


@router.post(
    "/{vacancy_id}/close",
    summary="Close the advert before its deadline",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def close_vacancy(
    vacancy_id: UUID,
    session: SessionDep,
    caller: Writer,
    now: Now,
    expected: IfMatch,
    response: Response,
    why: EarlyClose | None = None,
) -> VacancyRead:
    reason = None if why is None else why.reason
    vacancy = await lifecycle.close_vacancy(
        session, vacancy_id, reason=reason, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(vacancy, caller, response)


@router.post(
    "/{vacancy_id}/resume",
    summary="Resume a vacancy that is on hold",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def resume_vacancy(
    vacancy_id: UUID, session: SessionDep, caller: Writer, now: Now, expected: IfMatch, response: Response
) -> VacancyRead:
    vacancy = await lifecycle.resume_vacancy(session, vacancy_id, actor=Actor.of(caller), expected=expected, now=now)
    return answer(vacancy, caller, response)


@router.post("/{vacancy_id}/hold", summary="Put a vacancy on hold", response_model=VacancyRead, responses=MOVE_PROBLEMS)
async def hold_vacancy(
    vacancy_id: UUID,
    wanted: HoldWanted,
    session: SessionDep,
    caller: Writer,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> VacancyRead:
    """An approver's decision: a client names the approver in `On-Behalf-Of`, signed-in staff in `approved_by`."""
    vacancy = await lifecycle.hold_vacancy(session, vacancy_id, wanted, caller=caller, expected=expected, now=now)
    return answer(vacancy, caller, response)


@router.post("/{vacancy_id}/cancel", summary="Cancel a vacancy", response_model=VacancyRead, responses=MOVE_PROBLEMS)
async def cancel_vacancy(
    vacancy_id: UUID, why: Reason, session: SessionDep, caller: Writer, now: Now, expected: IfMatch, response: Response
) -> VacancyRead:
    vacancy = await lifecycle.cancel_vacancy(
        session, vacancy_id, reason=why.reason, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(vacancy, caller, response)


@router.post(
    "/{vacancy_id}/mark-unfilled",
    summary="End a campaign without an appointment",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def mark_unfilled(
    vacancy_id: UUID, why: Reason, session: SessionDep, caller: Writer, now: Now, expected: IfMatch, response: Response
) -> VacancyRead:
    vacancy = await lifecycle.mark_unfilled(
        session, vacancy_id, reason=why.reason, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(vacancy, caller, response)


@router.post(
    "/{vacancy_id}/readvertise",
    summary="Advertise the open posts again, displaced staff first",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def readvertise_vacancy(
    vacancy_id: UUID, why: Reason, session: SessionDep, caller: Writer, now: Now, expected: IfMatch, response: Response
) -> VacancyRead:
    vacancy = await lifecycle.readvertise_vacancy(
        session, vacancy_id, reason=why.reason, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(vacancy, caller, response)
