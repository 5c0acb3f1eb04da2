"""What is done about an advert beside its states: its deadline, its circle, its copies."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from services.ats.audit.actor import Actor
from services.ats.vacancies import adverts, copying
from services.ats.vacancies.advert_schemas import DeadlineExtension, InternalAudience
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.routes import MOVE_PROBLEMS, Writer, answer
from services.ats.vacancies.schemas import Reason, VacancyRead
from shared.app import Now, SessionDep
from shared.etag import IfMatch
from shared.idempotency import IdempotentRoute
from shared.principals import Principal
from shared.problems import problems

router = APIRouter(prefix="/v1/vacancies", tags=["vacancies"], route_class=IdempotentRoute)


@router.post(
    "/{vacancy_id}/extend-deadline",
    summary="Extend the deadline of an advert that is out",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def extend_deadline(
    vacancy_id: UUID,
    wanted: DeadlineExtension,
    session: SessionDep,
    caller: Writer,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> VacancyRead:
    vacancy = await adverts.extend_deadline(
        session, vacancy_id, wanted, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(vacancy, caller, response)


@router.post(
    "/{vacancy_id}/advertise-internally",
    summary="Show a released vacancy to the employees of a set of employers alone",
    response_model=VacancyRead,
    responses=MOVE_PROBLEMS,
)
async def advertise_internally(
    vacancy_id: UUID,
    audience: InternalAudience,
    session: SessionDep,
    caller: Writer,
    now: Now,
    expected: IfMatch,
    response: Response,
) -> VacancyRead:
    vacancy = await adverts.advertise_internally(
        session, vacancy_id, audience, actor=Actor.of(caller), expected=expected, now=now
    )
    return answer(vacancy, caller, response)


@router.post(
    "/{vacancy_id}/copy",
    summary="Copy a vacancy as a new draft",
    status_code=201,
    response_model=VacancyRead,
    responses=problems(404, 409),
)
async def copy_vacancy(
    vacancy_id: UUID, session: SessionDep, caller: Writer, now: Now, response: Response
) -> VacancyRead:
    return _made(await copying.copy_vacancy(session, vacancy_id, actor=Actor.of(caller), now=now), caller, response)


@router.post(
    "/{vacancy_id}/convert",
    summary="Make a permanent post of a casual one or one of the temporary pool, as a new draft",
    status_code=201,
    response_model=VacancyRead,
    responses=problems(404, 409),
)
async def convert_vacancy(
    vacancy_id: UUID, why: Reason, session: SessionDep, caller: Writer, now: Now, response: Response
) -> VacancyRead:
    actor = Actor.of(caller)
    made = await copying.convert_vacancy(session, vacancy_id, reason=why.reason, actor=actor, now=now)
    return _made(made, caller, response)


def _made(vacancy: Vacancy, caller: Principal, response: Response) -> VacancyRead:
    response.headers["Location"] = f"/v1/vacancies/{vacancy.id}"
    return answer(vacancy, caller, response)
