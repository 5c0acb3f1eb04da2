from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anyio import to_thread
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.queries import is_shown
from services.ats.applications.rules import is_hidden
from services.ats.applications.states import IN_PLAY, ApplicationSource
from services.ats.duplicates.rules import Decided, Known, Sign, Suggestion, rank, suggest
from services.ats.duplicates.schemas import TwinRead
from services.ats.persons.models import PersonLink
from services.ats.persons.queries import IN_FORCE, is_of_person
from services.ats.persons.states import LinkVerdict
from services.ats.vacancies.models import Vacancy
from shared.errors import NotFound
from shared.pagination import PageRequest, paginate

MOST_COMPARED = 5000
"""Applications of one employer, the newest: what is looked through while somebody waits."""
MOST_SHOWN = 50


class PersonLinkNotFound(NotFound):
    code = "person_link_not_found"
    title = "There is no such decision here for you"


@dataclass(frozen=True, slots=True)
class Compared:
    """An application whose candidate is shown, with the title of its vacancy."""

    application: Application
    contact: CandidateContact
    vacancy_title: str


@dataclass(frozen=True, slots=True)
class Pair:
    first: Compared
    second: Compared
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Suggestions:
    pairs: list[Pair]
    found: int
    compared: int


async def suggestions(session: AsyncSession) -> Suggestions:
    """Of each employer that the caller reaches, never across them, and only of candidates who are shown already."""
    known = await _known(session)
    decided = await _decided(session)
    found: list[Suggestion] = []
    for employer_id, people in known.items():
        # Thousands are half a second's work, for which no other request waits.
        found += await to_thread.run_sync(suggest, people, decided.get(employer_id, ()))
    found.sort(key=rank)
    ids = [side.application_id for each in found[:MOST_SHOWN] for side in (each.first, each.second)]
    shown = await compared(session, ids)
    pairs = [
        Pair(shown[each.first.application_id], shown[each.second.application_id], each.signs)
        for each in found[:MOST_SHOWN]
        if each.first.application_id in shown and each.second.application_id in shown
    ]
    return Suggestions(pairs, len(found), sum(map(len, known.values())))


async def _known(session: AsyncSession) -> Mapping[UUID, Sequence[Known]]:
    """By employer."""
    place = func.row_number().over(
        partition_by=Application.employer_id, order_by=(Application.submitted_at.desc(), Application.id)
    )
    newest = (
        select(
            Application.employer_id,
            Application.id,
            Application.person_key,
            Application.submitted_at,
            CandidateContact.name,
            CandidateContact.email,
            CandidateContact.phone,
            CandidateContact.details["registrations"].label("registrations"),
            place.label("place"),
        )
        .join(CandidateContact, CandidateContact.application_id == Application.id)
        .where(Application.source != ApplicationSource.CLEARING, is_shown())
        .subquery()
    )
    known: dict[UUID, list[Known]] = defaultdict(list)
    for row in await session.execute(select(newest).where(newest.c.place <= MOST_COMPARED)):
        known[row.employer_id].append(
            Known(row.id, row.person_key, row.name, row.email, row.submitted_at, row.phone, _pairs(row.registrations))
        )
    return known


def _pairs(registrations: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(each["body"]), str(each["number"])) for each in registrations or ())


async def _decided(session: AsyncSession) -> Mapping[UUID, Sequence[Decided]]:
    """By employer."""
    found: dict[UUID, list[Decided]] = defaultdict(list)
    for each in await session.scalars(select(PersonLink).where(IN_FORCE)):
        found[each.employer_id].append(Decided(each.first_key, each.second_key, each.verdict))
    return found


async def compared(session: AsyncSession, application_ids: Sequence[UUID]) -> dict[UUID, Compared]:
    """Those of them whose candidate is shown to who decides, and is not erased."""
    query = (
        select(Application, Vacancy.title)
        .join(Vacancy, Vacancy.id == Application.vacancy_id)
        .where(Application.id.in_(application_ids))
        .options(joinedload(Application.contact))
    )
    return {
        each.id: Compared(each, each.contact, title)
        for each, title in await session.execute(query)
        if each.contact is not None and not is_hidden(each)
    }


async def get_link(session: AsyncSession, link_id: UUID, *, lock: bool = False) -> PersonLink:
    """Raises PersonLinkNotFound, for another employer's too."""
    query = select(PersonLink).where(PersonLink.id == link_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise PersonLinkNotFound
    return found


async def search_links(session: AsyncSession, page: PageRequest) -> tuple[Sequence[PersonLink], str | None]:
    """Newest first, those that were taken back too."""
    order = (PersonLink.decided_at, PersonLink.id)
    return await paginate(session, select(PersonLink), page, order=order, descending=True)


async def twins_of(session: AsyncSession, link: PersonLink) -> list[TwinRead]:
    """Vacancies for which the person that it makes has several live applications, each of them shown already."""
    if link.verdict is not LinkVerdict.ONE_PERSON or link.undone_at is not None:
        return []
    query = (
        select(Application.vacancy_id, Vacancy.title, func.array_agg(Application.id))
        .join(Vacancy, Vacancy.id == Application.vacancy_id)
        .where(
            Application.employer_id == link.employer_id,
            is_of_person(link.first_key, Application.employer_id, Application.person_key),
            Application.source != ApplicationSource.CLEARING,
            Application.stage.in_(IN_PLAY),
            is_shown(),
        )
        .group_by(Application.vacancy_id, Vacancy.title)
        .having(func.count() > 1)
        .order_by(Vacancy.title, Application.vacancy_id)
    )
    return [
        TwinRead(vacancy_id=vacancy_id, vacancy_title=title, application_ids=sorted(ids))
        for vacancy_id, title, ids in await session.execute(query)
    ]
