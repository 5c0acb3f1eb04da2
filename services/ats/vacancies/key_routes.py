"""A vacancy at the address that a council's system can work out: employer, system, and the system's own reference.

The key is the path, not a query: it names one thing, as an id does. The reference comes last and may hold slashes.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from services.ats.audit.actor import Actor
from services.ats.vacancies import deletion, natural_key
from services.ats.vacancies.examples import PUT_EXAMPLES
from services.ats.vacancies.natural_key import NaturalKey
from services.ats.vacancies.routes import MOVE_PROBLEMS, Reader, Writer, answer
from services.ats.vacancies.schemas import VacancyChecked, VacancyPut, VacancyRead
from services.ats.vacancies.tombstones import TombstoneRead
from shared.app import Now, SessionDep
from shared.etag import IfMatch
from shared.problems import problems

router = APIRouter(prefix="/v1/vacancies", tags=["vacancies"])
BY_KEY = "/by-key/{employer}/{source_system}/{external_reference:path}"


async def _key(
    employer: Annotated[str, Path(max_length=10, description="The employer's code", examples=["SAW"])],
    source_system: Annotated[str, Path(max_length=60, examples=["talentlink"])],
    external_reference: Annotated[
        str, Path(min_length=1, max_length=120, description="May hold slashes", examples=["REQ-2041"])
    ],
) -> NaturalKey:
    return NaturalKey(employer.strip().upper(), source_system.strip(), external_reference.strip())


Key = Annotated[NaturalKey, Depends(_key)]


@router.put(
    BY_KEY,
    summary="Make a vacancy what it is in your system: created as a draft, changed, or left as it is",
    response_model=VacancyRead | VacancyChecked,
    responses={**MOVE_PROBLEMS, 201: {"model": VacancyRead, "description": "Created as a draft"}},
    openapi_extra={"requestBody": {"content": {"application/json": {"examples": PUT_EXAMPLES}}}},
)
async def put_vacancy(
    key: Key,
    wanted: VacancyPut,
    session: SessionDep,
    caller: Writer,
    now: Now,
    expected: IfMatch,
    response: Response,
    validate_only: Annotated[bool, Query(description="Check everything, store nothing")] = False,
) -> VacancyRead | VacancyChecked:
    """Optional fields that are left out stay as they are; null empties one. The same body again answers with the
    same `version`: nothing was changed. Once the advert is out, locked fields are refused as they are of PATCH.
    """
    if validate_only:
        return await natural_key.check_put(session, key, wanted, caller=caller, expected=expected, now=now)
    vacancy, is_new = await natural_key.put_vacancy(session, key, wanted, caller=caller, expected=expected, now=now)
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"/v1/vacancies/{vacancy.id}"
    return answer(vacancy, caller, response)


@router.get(BY_KEY, summary="Read a vacancy by your own reference", response_model=VacancyRead, responses=problems(404))
async def get_vacancy_by_key(key: Key, session: SessionDep, caller: Reader, response: Response) -> VacancyRead:
    return answer(await natural_key.get_by_key(session, key), caller, response)


@router.delete(
    BY_KEY,
    summary="Delete a draft by your own reference",
    response_model=TombstoneRead,
    responses=MOVE_PROBLEMS,
)
async def delete_vacancy_by_key(
    key: Key, session: SessionDep, caller: Writer, now: Now, expected: IfMatch
) -> TombstoneRead:
    """Only a draft that was never sent for approval: anything else is cancelled, with its reason."""
    return await deletion.delete_by_key(session, key, actor=Actor.of(caller), expected=expected, now=now)


@router.delete("/{vacancy_id}", summary="Delete a draft", response_model=TombstoneRead, responses=MOVE_PROBLEMS)
async def delete_vacancy(
    vacancy_id: UUID, session: SessionDep, caller: Writer, now: Now, expected: IfMatch
) -> TombstoneRead:
    """Only a draft that was never sent for approval: anything else is cancelled, with its reason."""
    return await deletion.delete_vacancy(session, vacancy_id, actor=Actor.of(caller), expected=expected, now=now)
