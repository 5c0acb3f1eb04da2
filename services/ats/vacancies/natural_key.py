"""Vacancies by the council's own name for them: made, changed and read without keeping an id of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.vacancies import queries, rules
from services.ats.vacancies.announcing import announce
from services.ats.vacancies.commands import (
    VacancyExists,
    apply_change,
    check_change,
    check_vacancy,
    create_vacancy,
    employer_of,
    refuse_change,
)
from services.ats.vacancies.content import change_to, changed_columns
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.schemas import VacancyChecked, VacancyCreate, VacancyPut
from shared.calendar import local_date
from shared.errors import Invalid, StaleVersion
from shared.etag import refuse_stale
from shared.principals import Principal
from shared.registry import get_employer_by_code


class ManagementFixed(Invalid):
    code = "management_fixed"
    title = "Who manages a vacancy is said when it is created and stays so"


@dataclass(frozen=True, slots=True)
class NaturalKey:
    """`employer` is the code."""

    employer: str
    source_system: str
    external_reference: str


async def find_by_key(session: AsyncSession, key: NaturalKey, *, lock: bool = False) -> Vacancy | None:
    """Raises EmployerUnknown."""
    employer = await get_employer_by_code(session, key.employer)
    found = await queries.find_by_natural_key(session, employer.id, key.source_system, key.external_reference)
    return None if found is None else await queries.find_vacancy(session, found, lock=lock)


async def get_by_key(session: AsyncSession, key: NaturalKey) -> Vacancy:
    """Raises EmployerUnknown, VacancyNotFound."""
    found = await find_by_key(session, key)
    if found is None:
        raise queries.VacancyNotFound
    return found


async def put_vacancy(
    session: AsyncSession,
    key: NaturalKey,
    wanted: VacancyPut,
    *,
    caller: Principal,
    expected: int | None,
    now: datetime,
) -> tuple[Vacancy, bool]:
    """The vacancy under this key as wanted, and whether it was made now. The same again changes nothing.

    Raises what creating and changing raise (but not VacancyExists), and ManagementFixed.
    """
    await employer_of(session, key.employer, caller)
    found = await find_by_key(session, key, lock=True)
    if found is None:
        if expected is not None:
            raise StaleVersion(next_step="It is not there any more: send it without If-Match to make it anew.")
        try:
            # A twin that was faster: the number taken for the reference is given back.
            async with session.begin_nested():
                return await create_vacancy(session, named(key, wanted), caller=caller, now=now), True
        except VacancyExists:
            found = await find_by_key(session, key, lock=True)
    if found is None:
        raise queries.VacancyNotFound
    refuse_stale(expected, found.version)
    return await replace(session, found, wanted, caller=caller, now=now), False


async def replace(
    session: AsyncSession, vacancy: Vacancy, wanted: VacancyPut, *, caller: Principal, now: datetime
) -> Vacancy:
    """What is sent as it stands is no change, so it is refused of no state. Raises what a change raises."""
    refuse_other_management(vacancy, wanted)
    changed = changed_columns(vacancy, change_to(vacancy, wanted), today=local_date(now))
    if changed:
        rules.refuse_unchangeable(vacancy)
        await refuse_change(session, vacancy, changed, now=now)
        apply_change(session, vacancy, changed, caller=caller, now=now)
        await announce(session, vacancy, now=now)
    return vacancy


async def check_put(
    session: AsyncSession,
    key: NaturalKey,
    wanted: VacancyPut,
    *,
    caller: Principal,
    expected: int | None,
    now: datetime,
) -> VacancyChecked:
    """All that `put_vacancy` would check. Stores nothing. Raises what it raises."""
    found = await find_by_key(session, key)
    if found is None:
        return await check_vacancy(session, named(key, wanted), caller=caller, now=now)
    refuse_other_management(found, wanted)
    return await check_change(session, found.id, change_to(found, wanted), expected=expected, now=now)


def refuse_other_management(vacancy: Vacancy, wanted: VacancyPut) -> None:
    """Raises ManagementFixed."""
    if "management" in wanted.model_fields_set and wanted.management is not vacancy.management:
        raise ManagementFixed(
            field="management", next_step="Cancel it, and create another one under another external_reference."
        )


def named(key: NaturalKey, wanted: VacancyPut) -> VacancyCreate:
    """The body of a PUT as the body of a POST: checked already, and so not checked again."""
    own = {"employer": key.employer, "source_system": key.source_system, "external_reference": key.external_reference}
    return VacancyCreate.model_construct(wanted.model_fields_set, **(dict(wanted) | own))
