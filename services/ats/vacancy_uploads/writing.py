"""Some rows at a time into the database: together where nothing speaks against it, else each for itself.

What is done together are drafts, which nobody outside sees. Every refusal comes of the same commands as that of a
PUT: a row that might be refused is done by `put_vacancy`, in a savepoint, so it never takes its neighbours with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from services.ats.audit.actor import Actor
from services.ats.vacancies import rules
from services.ats.vacancies.actions import ENDED
from services.ats.vacancies.announcing import announce_drafts, store_drafts
from services.ats.vacancies.commands import (
    HiringManagerUnknown,
    apply_change,
    check_hiring_manager,
    drafts_of,
    next_references,
)
from services.ats.vacancies.content import change_to, changed_columns, columns_of
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.natural_key import NaturalKey, put_vacancy, refuse_other_management
from services.ats.vacancies.schemas import VacancyCreate
from services.ats.vacancy_uploads.reading import Row
from services.ats.vacancy_uploads.schemas import RowStatus
from shared.calendar import local_date
from shared.errors import DomainError, Invalid
from shared.principals import Principal
from shared.problems import as_problem
from shared.registry import Employer
from shared.vocabulary import VacancyState

Result = dict[str, Any]
DATA_REFUSED = "22"
"""The class of PostgreSQL's refusals of a value."""
ASKED_ABOUT = frozenset({"post_id", "hiring_manager_id"})


class ValueNotStored(Invalid):
    code = "invalid"
    title = "A value cannot be stored"


@dataclass(frozen=True, slots=True)
class Sender:
    """For whom rows are written, by whom, and when."""

    employer: Employer
    caller: Principal
    now: datetime


async def write_rows(session: AsyncSession, rows: Sequence[Row], sender: Sender) -> list[Result]:
    """The result of each row that is valid, in order; all of one employer, each key once."""
    wanted = {row.number: row.wanted for row in rows if row.wanted is not None}
    try:
        async with session.begin_nested():
            results = await _write_together(session, wanted, sender)
    except (IntegrityError, DomainError):
        results = {}  # a twin was faster, or one of them is refused: each for itself finds out which
    for number, each in wanted.items():
        if number not in results:
            results[number] = await _write_alone(session, number, each, sender)
    return [results[number] for number in wanted]


async def _write_together(
    session: AsyncSession, wanted: Mapping[int, VacancyCreate], sender: Sender
) -> dict[int, Result]:
    """Those rows that are plainly a new draft, a change of one, or no change."""
    here = await _existing(session, sender.employer.id, list(wanted.values()))
    questioned = await _questioned(session, wanted, sender.employer.id)
    results: dict[int, Result] = {}
    touched: dict[int, Vacancy] = {}
    new: dict[int, tuple[VacancyCreate, dict[str, Any]]] = {}
    for number, each in wanted.items():
        vacancy = here.get((each.source_system, each.external_reference))
        try:
            if vacancy is None:
                if number not in questioned:
                    new[number] = (each, _columns(each, sender))
                continue
            changed = _changed(vacancy, each, sender)
        except DomainError:
            continue  # alone it is told why
        if not changed:
            results[number] = result_of(number, each, RowStatus.UNCHANGED, vacancy.id, vacancy.version)
        elif vacancy.state is VacancyState.DRAFT and not changed.keys() & ASKED_ABOUT:
            apply_change(session, vacancy, changed, caller=sender.caller, now=sender.now)
            touched[number] = vacancy
    await announce_drafts(session, list(touched.values()), now=sender.now)
    for number, vacancy in touched.items():
        results[number] = result_of(number, wanted[number], RowStatus.CHANGED, vacancy.id, vacancy.version)
    return results | await _drafts(session, new, sender)


def _changed(vacancy: Vacancy, wanted: VacancyCreate, sender: Sender) -> dict[str, Any]:
    refuse_other_management(vacancy, wanted)
    changed = changed_columns(vacancy, change_to(vacancy, wanted), today=local_date(sender.now))
    rules.check_deadline(changed.get("closes_at"), sender.now)
    return changed


async def _questioned(session: AsyncSession, wanted: Mapping[int, VacancyCreate], employer_id: UUID) -> set[int]:
    """The rows whose post has an open requisition already, here or in an earlier row, or who name somebody unknown."""
    posts = {each.requisition.post_id for each in wanted.values()} - {None}
    of_the_posts = select(Vacancy.post_id).where(
        Vacancy.employer_id == employer_id, Vacancy.post_id.in_(posts), Vacancy.state.not_in(ENDED)
    )
    taken = set(await session.scalars(of_the_posts)) if posts else set()
    strangers = set()
    for person in {each.hiring_manager_id for each in wanted.values()}:
        try:
            await check_hiring_manager(session, person, employer_id)
        except HiringManagerUnknown:
            strangers.add(person)
    found = set()
    for number, each in wanted.items():
        post = each.requisition.post_id
        if post in taken or each.hiring_manager_id in strangers:
            found.add(number)
        taken |= {post} - {None}
    return found


async def _drafts(
    session: AsyncSession, new: Mapping[int, tuple[VacancyCreate, dict[str, Any]]], sender: Sender
) -> dict[int, Result]:
    if not new:
        return {}
    year = local_date(sender.now).year
    references = await next_references(session, sender.employer, year, count=len(new))
    drafts = drafts_of(list(new.values()), sender.employer, references, now=sender.now)
    await store_drafts(session, drafts, actor=Actor.of(sender.caller), now=sender.now)
    return {
        number: result_of(number, new[number][0], RowStatus.CREATED, draft["id"], draft["version"])
        for number, draft in zip(new, drafts, strict=True)
    }


def _columns(wanted: VacancyCreate, sender: Sender) -> dict[str, Any]:
    rules.check_deadline(wanted.closes_at, sender.now)
    return columns_of(wanted, today=local_date(sender.now))


async def _existing(
    session: AsyncSession, employer_id: UUID, wanted: Sequence[VacancyCreate]
) -> dict[tuple[str | None, str | None], Vacancy]:
    """The vacancies under these keys, locked in one order for all."""
    # As two arrays, so that the statement is the same however many there are.
    keys = (
        func.unnest(
            literal([each.source_system for each in wanted], ARRAY(Text)),
            literal([each.external_reference for each in wanted], ARRAY(Text)),
        )
        .table_valued(column("system", Text), column("reference", Text), name="keys")
        .render_derived()
    )
    query = (
        select(Vacancy)
        .join(keys, and_(Vacancy.source_system == keys.c.system, Vacancy.external_reference == keys.c.reference))
        .where(Vacancy.employer_id == employer_id)
        .options(selectinload(Vacancy.openings))
        .order_by(Vacancy.id)
        .with_for_update(of=Vacancy)
        .execution_options(populate_existing=True)
    )
    return {(each.source_system, each.external_reference): each for each in await session.scalars(query)}


async def _write_alone(session: AsyncSession, number: int, wanted: VacancyCreate, sender: Sender) -> Result:
    key = NaturalKey(sender.employer.code, wanted.source_system or "", wanted.external_reference or "")
    try:
        async with session.begin_nested():
            before = await _version_of(session, sender.employer.id, wanted)
            vacancy, is_new = await put_vacancy(
                session, key, wanted, caller=sender.caller, expected=None, now=sender.now
            )
    except DomainError as error:
        return refused(number, wanted.external_reference, as_problem(error))
    except DBAPIError as error:
        if not (getattr(error.orig, "sqlstate", None) or "").startswith(DATA_REFUSED):
            raise
        return refused(number, wanted.external_reference, as_problem(ValueNotStored()))
    if is_new:
        return result_of(number, wanted, RowStatus.CREATED, vacancy.id, vacancy.version)
    status = RowStatus.UNCHANGED if vacancy.version == before else RowStatus.CHANGED
    return result_of(number, wanted, status, vacancy.id, vacancy.version)


async def _version_of(session: AsyncSession, employer_id: UUID, wanted: VacancyCreate) -> int | None:
    found = await _existing(session, employer_id, [wanted])
    return next((each.version for each in found.values()), None)


def result_of(number: int, wanted: VacancyCreate, status: RowStatus, vacancy_id: UUID, version: int) -> Result:
    return {
        "row": number,
        "status": status,
        "external_reference": wanted.external_reference,
        "id": str(vacancy_id),
        "version": version,
    }


def refused(number: int, reference: str | None, problem: Mapping[str, Any]) -> Result:
    return {"row": number, "status": RowStatus.REFUSED, "external_reference": reference, "problem": dict(problem)}
