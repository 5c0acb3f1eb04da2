from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.vacancies import queries, rules
from services.ats.vacancies.announcing import announce, audit_vacancy
from services.ats.vacancies.approved_content import content_hash
from services.ats.vacancies.content import changed_columns, columns_of
from services.ats.vacancies.locked_fields import refuse_locked
from services.ats.vacancies.material_change import is_material_change
from services.ats.vacancies.models import Opening, ReferenceCounter, Vacancy, columns_of_vacancy
from services.ats.vacancies.requisitions import refuse_second_requisition
from services.ats.vacancies.schemas import VacancyChange, VacancyChecked, VacancyCreate
from services.ats.vacancies.states import OpeningState
from shared.calendar import local_date
from shared.errors import DomainError, Invalid
from shared.etag import refuse_stale
from shared.principals import Principal
from shared.registry import Employer, EmployerUnknown, find_staff, get_employer_by_code

ASKED_OF_CANDIDATES = frozenset({"application_form", "essential"})


class VacancyExists(DomainError):
    code = "vacancy_exists"
    title = "A vacancy with this source_system and external_reference exists already"


class HiringManagerUnknown(Invalid):
    code = "hiring_manager_unknown"
    title = "This is no active member of the employer's staff"


class OpeningsInUse(DomainError):
    code = "openings_in_use"
    title = "More openings are held or filled than would remain"


async def check_vacancy(
    session: AsyncSession, wanted: VacancyCreate, *, caller: Principal, now: datetime
) -> VacancyChecked:
    """All that creation would check, and what it would work out. Stores nothing. Raises what creation raises."""
    employer = await employer_of(session, wanted.employer, caller)
    columns = columns_of(wanted, today=local_date(now))
    rules.check_deadline(wanted.closes_at, now)
    await _refuse_duplicate(session, wanted, employer)
    await refuse_second_requisition(session, employer.id, wanted.requisition.post_id)
    await check_hiring_manager(session, wanted.hiring_manager_id, employer.id)
    return VacancyChecked.model_validate(
        {name: columns[name] for name in VacancyChecked.model_fields if name != "valid"}
    )


async def create_vacancy(session: AsyncSession, wanted: VacancyCreate, *, caller: Principal, now: datetime) -> Vacancy:
    """A draft with its openings and its reference.

    Raises EmployerUnknown, VacancyExists and PostHasOpenRequisition (409, with where the first one is),
    HiringManagerUnknown, PointNotOnSpine, DeadlineOutOfRange.
    """
    employer = await employer_of(session, wanted.employer, caller)
    columns = columns_of(wanted, today=local_date(now))
    rules.check_deadline(wanted.closes_at, now)
    await _refuse_duplicate(session, wanted, employer)
    await refuse_second_requisition(session, employer.id, wanted.requisition.post_id)
    await check_hiring_manager(session, wanted.hiring_manager_id, employer.id)
    reference = await next_reference(session, employer, local_date(now).year)
    vacancy = draft_of(wanted, employer, reference, columns, now=now)
    try:
        async with session.begin_nested():
            session.add(vacancy)
    except IntegrityError:
        await _refuse_duplicate(session, wanted, employer)
        await refuse_second_requisition(session, employer.id, wanted.requisition.post_id)
        raise
    audit_vacancy(session, vacancy, "vacancy_created", actor=Actor.of(caller), at=now)
    await announce(session, vacancy, now=now)
    return vacancy


def draft_of(
    wanted: VacancyCreate, employer: Employer, reference: str, columns: Mapping[str, Any], *, now: datetime
) -> Vacancy:
    """The draft itself, with its openings: not stored, not announced."""
    openings = [Opening(employer_id=employer.id, opening_no=number) for number in range(1, wanted.openings + 1)]
    return Vacancy(**_draft_columns(wanted, employer, reference, columns, now), version=0, openings=openings)


def drafts_of(
    new: Sequence[tuple[VacancyCreate, Mapping[str, Any]]],
    employer: Employer,
    references: Sequence[str],
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    """The columns of many drafts, at least one, as `store_drafts` takes them: each request with its own columns."""
    every = columns_of_vacancy(draft_of(new[0][0], employer, references[0], new[0][1], now=now))
    return [
        every | _draft_columns(wanted, employer, reference, columns, now) | {"id": uuid4(), "version": 1}
        for (wanted, columns), reference in zip(new, references, strict=True)
    ]


def _draft_columns(
    wanted: VacancyCreate, employer: Employer, reference: str, columns: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "employer_id": employer.id,
        "reference": reference,
        "management": wanted.management,
        "source_system": wanted.source_system,
        "external_reference": wanted.external_reference,
        "content_hash": content_hash(columns),
        "created_at": now,
        "updated_at": now,
        **columns,
    }


async def check_change(
    session: AsyncSession, vacancy_id: UUID, change: VacancyChange, *, expected: int | None, now: datetime
) -> VacancyChecked:
    """All that the change would check. Stores nothing. Raises what the change raises."""
    vacancy = await queries.get_vacancy(session, vacancy_id)
    refuse_stale(expected, vacancy.version)
    rules.refuse_unchangeable(vacancy)
    changed = changed_columns(vacancy, change, today=local_date(now))
    await refuse_change(session, vacancy, changed, now=now)
    names = [name for name in VacancyChecked.model_fields if name != "valid"]
    return VacancyChecked.model_validate({name: changed.get(name, getattr(vacancy, name)) for name in names})


async def change_vacancy(
    session: AsyncSession,
    vacancy_id: UUID,
    change: VacancyChange,
    *,
    caller: Principal,
    expected: int | None,
    now: datetime,
) -> Vacancy:
    """Change a vacancy; once it is live, only what is not locked.

    A change of what was approved voids the approval; a material one also the clearance, and the window starts again
    (R21). Raises StaleVersion, IllegalMove, ContentInvalid, DeadlineOutOfRange, OpeningsInUse, HiringManagerUnknown,
    PostHasOpenRequisition, FieldLocked.
    """
    vacancy = await queries.get_vacancy(session, vacancy_id, lock=True)
    refuse_stale(expected, vacancy.version)
    rules.refuse_unchangeable(vacancy)
    changed = changed_columns(vacancy, change, today=local_date(now))
    if changed:
        await refuse_change(session, vacancy, changed, now=now)
        apply_change(session, vacancy, changed, caller=caller, now=now)
        await announce(session, vacancy, now=now)
    return vacancy


async def refuse_change(session: AsyncSession, vacancy: Vacancy, changed: Mapping[str, Any], *, now: datetime) -> None:
    """Raises DeadlineOutOfRange, FieldLocked, PostHasOpenRequisition, HiringManagerUnknown."""
    rules.check_deadline(changed.get("closes_at"), now)
    refuse_locked(vacancy.state, changed)
    await refuse_second_requisition(session, vacancy.employer_id, changed.get("post_id"), besides=vacancy.id)
    await check_hiring_manager(session, changed.get("hiring_manager_id"), vacancy.employer_id)


def apply_change(
    session: AsyncSession, vacancy: Vacancy, changed: Mapping[str, Any], *, caller: Principal, now: datetime
) -> None:
    """The change itself, for a vacancy in hand; the caller announces it. Raises OpeningsInUse."""
    essential = vacancy.essential
    for name, value in changed.items():
        setattr(vacancy, name, value)
    _fit_openings(vacancy)
    if not ASKED_OF_CANDIDATES.isdisjoint(changed):
        vacancy.form_version += 1
    is_material = is_material_change(changed.keys(), before=essential, after=vacancy.essential)
    rules.note_change(vacancy, changed.keys(), now, is_material=is_material)
    reason = ", ".join(sorted(changed))
    audit_vacancy(session, vacancy, "vacancy_changed", actor=Actor.of(caller), at=now, reason=reason)


def _fit_openings(vacancy: Vacancy) -> None:
    """As many openings as the content says: the last free ones go first. Raises OpeningsInUse."""
    surplus = len(vacancy.openings) - vacancy.openings_count
    for number in range(len(vacancy.openings) + 1, vacancy.openings_count + 1):
        vacancy.openings.append(Opening(employer_id=vacancy.employer_id, opening_no=number))
    for opening in vacancy.openings[::-1][: max(surplus, 0)]:
        if opening.state is not OpeningState.OPEN:
            raise OpeningsInUse(field="openings")
        vacancy.openings.remove(opening)


async def employer_of(session: AsyncSession, code: str, caller: Principal) -> Employer:
    """Raises EmployerUnknown for one that the caller may not act for, as for one that does not exist."""
    employer = await get_employer_by_code(session, code)
    if not caller.may_act_for(employer.id):
        raise EmployerUnknown(field="employer")
    return employer


async def _refuse_duplicate(session: AsyncSession, wanted: VacancyCreate, employer: Employer) -> None:
    if wanted.source_system is None or wanted.external_reference is None:
        return
    first = await queries.find_by_natural_key(session, employer.id, wanted.source_system, wanted.external_reference)
    if first is not None:
        raise VacancyExists(
            field="external_reference",
            next_step="Read or change the first one at its address.",
            existing=f"/v1/vacancies/{first}",
        )


async def check_hiring_manager(session: AsyncSession, staff_id: UUID | None, employer_id: UUID) -> None:
    """Raises HiringManagerUnknown."""
    if staff_id is None:
        return
    person = await find_staff(session, staff_id)
    if person is None or not person.is_active or not any(grant.employer_id == employer_id for grant in person.grants):
        raise HiringManagerUnknown(field="hiring_manager_id")


async def next_reference(session: AsyncSession, employer: Employer, year: int) -> str:
    """The next number of this employer and year. The counter's row stays locked until the vacancy is stored."""
    [reference] = await next_references(session, employer, year, count=1)
    return reference


async def next_references(session: AsyncSession, employer: Employer, year: int, *, count: int) -> list[str]:
    """So many numbers in a row, at least one."""
    first = insert(ReferenceCounter).values(employer_id=employer.id, year=year, last_number=count)
    last = await session.scalar(
        first.on_conflict_do_update(
            index_elements=["employer_id", "year"], set_={"last_number": ReferenceCounter.last_number + count}
        ).returning(ReferenceCounter.last_number)
    )
    assert last is not None
    return [f"{employer.code}-{year}-{number:05d}" for number in range(last - count + 1, last + 1)]
