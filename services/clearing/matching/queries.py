from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, Row, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from services.clearing.matching.models import Duty, Match
from services.clearing.matching.people import COLUMNS, Candidate, candidate_of
from services.clearing.matching.policy import REGION_DEFAULT
from services.clearing.matching.rules import TIER_PROTECTED
from services.clearing.matching.states import MatchState
from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import tier_on
from services.clearing.registrations.states import RegistrationState
from services.clearing.vacancy_mirror.models import Vacancy, Window
from services.clearing.vacancy_mirror.queries import OPEN
from services.clearing.vacancy_mirror.states import WindowState
from shared.calendar import local_date
from shared.errors import NotFound
from shared.pagination import PagedFilter, PageRequest, paginate
from shared.registry import Employer, list_employers
from shared.vocabulary import ContractKind, VacancyState

NOT_YET_FILLED = (VacancyState.IN_CLEARING, VacancyState.INTERNAL_ADVERT, VacancyState.LIVE)


class MatchUnknown(NotFound):
    code: ClassVar[str] = "match_not_found"
    title: ClassVar[str] = "There is no such match here for you"


class DutyUnknown(NotFound):
    code: ClassVar[str] = "duty_not_found"
    title: ClassVar[str] = "There is no such duty here for you"


class MatchFilter(PagedFilter):
    registration_id: UUID | None = None
    vacancy_id: UUID | None = None
    state: MatchState | None = None


class Region:
    """The employers of the region, read once for a piece of work."""

    def __init__(self, employers: Sequence[Employer]) -> None:
        self._by_id = {employer.id: employer for employer in employers}
        self._successors = {each.id: each.successor_id for each in employers if each.successor_id is not None}

    def group_of(self, employer_id: UUID) -> str | None:
        """R12: bodies that become one, and that one itself, share its id; None for one that neither joins nor follows.

        Before the vesting day and after it alike: the registry says who follows whom once that has been decided.
        """
        last, seen = employer_id, {employer_id}
        while (following := self._successors.get(last)) is not None and following not in seen:
            last = following
            seen.add(last)
        is_in_group = employer_id in self._successors or employer_id in self._successors.values()
        return str(last) if is_in_group else None

    def title_of(self, employer_id: UUID) -> str:
        found = self._by_id.get(employer_id)
        return "a council of the region" if found is None else found.title


async def load_region(session: AsyncSession) -> Region:
    return Region(await list_employers(session))


async def candidates_for(session: AsyncSession, vacancy: Vacancy, region: Region, today: date) -> list[Candidate]:
    """Live registrations that the plainest limits do not rule out; the rules decide on the rest.

    A coarse filter for speed: it leaves in everyone whom R22-R24 would leave in.
    """
    drop = REGION_DEFAULT.fit.max_band_drop
    query = select(*COLUMNS).where(
        Registration.state == RegistrationState.ACTIVE,
        Registration.band >= vacancy.band,
        or_(Registration.band <= vacancy.band + drop, Registration.accepts_more_than_two_bands_lower),
        Registration.hours_min <= vacancy.hours_hundredths,
        Registration.hours_max >= vacancy.hours_hundredths,
    )
    if vacancy.contract is not ContractKind.PERMANENT:
        query = query.where(Registration.accepts_fixed_term)
    return [candidate_of(row, region, today) for row in await session.execute(query)]


async def windows_open_to(
    session: AsyncSession, registration: Registration, at: datetime
) -> Sequence[Row[Window, Vacancy]]:
    """Windows in which this person may still be suggested and has not been.

    For a person with statutory protection (R12) also vacancies already released but not yet filled: their right to be
    offered suitable work does not end with the release.
    """
    is_open = Window.state.in_(OPEN) & (Window.closes_at > at)
    tier = (
        None
        if registration.tier is None
        else tier_on(registration.tier, registration.reason, registration.protected_until, local_date(at))
    )
    if tier == TIER_PROTECTED:
        is_open |= (Window.state == WindowState.RELEASED) & Vacancy.state.in_(NOT_YET_FILLED)
    known = exists().where(Match.window_id == Window.id, Match.registration_id == registration.id)
    query = (
        select(Window, Vacancy)
        .join(Vacancy, (Vacancy.id == Window.vacancy_id) & (Vacancy.content_version == Window.content_version))
        .where(is_open, ~known)
        .order_by(Window.opened_at, Window.id)
        .with_for_update(of=Window)
    )
    return (await session.execute(query)).all()


async def people_matched_in(session: AsyncSession, window_id: UUID) -> frozenset[UUID]:
    """In sequence the region's turn finds the home council's people already suggested."""
    return frozenset(await session.scalars(select(Match.registration_id).where(Match.window_id == window_id)))


async def due_for_matching(
    session: AsyncSession, now: datetime, limit: int, *, among: ColumnElement[bool]
) -> Sequence[UUID]:
    query = (
        select(Registration.id)
        .where(Registration.match_due_at <= now, among)
        .order_by(Registration.match_due_at, Registration.id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def get_match(session: AsyncSession, match_id: UUID, *, lock: bool = False) -> Match:
    """With its vacancy, or locked. Raises MatchUnknown."""
    query = select(Match).where(Match.id == match_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    else:
        query = query.options(joinedload(Match.vacancy))
    found = await session.scalar(query)
    if found is None:
        raise MatchUnknown
    return found


async def suggested_matches_of_window(session: AsyncSession, window_id: UUID) -> Sequence[Match]:
    """Unanswered ones, locked."""
    return await _matches_of_window(session, window_id, (MatchState.SUGGESTED,))


async def live_matches_of_window(session: AsyncSession, window_id: UUID) -> Sequence[Match]:
    """Locked: those that a new window replaces or the end of a vacancy voids."""
    return await _matches_of_window(
        session, window_id, (MatchState.SUGGESTED, MatchState.INTERESTED, MatchState.DECLINED)
    )


async def _matches_of_window(session: AsyncSession, window_id: UUID, states: Sequence[MatchState]) -> Sequence[Match]:
    query = select(Match).where(Match.window_id == window_id, Match.state.in_(states)).order_by(Match.id)
    return (await session.scalars(query.with_for_update())).all()


async def live_matches_of(session: AsyncSession, registration_id: UUID) -> Sequence[Match]:
    """A person's unanswered suggestions, locked."""
    query = select(Match).where(Match.registration_id == registration_id, Match.state == MatchState.SUGGESTED)
    return (await session.scalars(query.order_by(Match.id).with_for_update())).all()


async def search_matches(
    session: AsyncSession, wanted: MatchFilter, page: PageRequest
) -> tuple[Sequence[Match], str | None]:
    """Newest first, each with the vacancy it is for."""
    query = select(Match).options(joinedload(Match.vacancy))
    if wanted.registration_id is not None:
        query = query.where(Match.registration_id == wanted.registration_id)
    if wanted.vacancy_id is not None:
        query = query.where(Match.vacancy_id == wanted.vacancy_id)
    if wanted.state is not None:
        query = query.where(Match.state == wanted.state)
    return await paginate(session, query, page, order=(Match.suggested_at, Match.id), descending=True)


async def find_duty(session: AsyncSession, registration_id: UUID, vacancy_id: UUID) -> Duty | None:
    return await session.scalar(
        select(Duty).where(Duty.registration_id == registration_id, Duty.vacancy_id == vacancy_id)
    )


async def get_duty(session: AsyncSession, duty_id: UUID, *, lock: bool = False) -> Duty:
    """Raises DutyUnknown."""
    query = select(Duty).where(Duty.id == duty_id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise DutyUnknown
    return found


async def search_duties(
    session: AsyncSession, page: PageRequest, *, only_open: bool
) -> tuple[Sequence[Duty], str | None]:
    """Newest first."""
    query = select(Duty)
    if only_open:
        query = query.where(Duty.outcome.is_(None))
    return await paginate(session, query, page, order=(Duty.opened_at, Duty.id), descending=True)
