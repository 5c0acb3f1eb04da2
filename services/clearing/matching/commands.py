from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.audit.models import Subject, Transition
from services.clearing.audit.rules import refuse_illegal
from services.clearing.matching import queries
from services.clearing.matching.duties import open_duty
from services.clearing.matching.models import Match
from services.clearing.matching.people import candidate_of
from services.clearing.matching.posts import post_of
from services.clearing.matching.queries import Region
from services.clearing.matching.states import NEXT_STATES, MatchState
from services.clearing.matching.suggestions import Suggestion, suggest
from services.clearing.matching.telling import tell_people
from services.clearing.registrations.models import Registration
from services.clearing.registrations.queries import get_registration
from services.clearing.vacancy_mirror.models import Vacancy, Window
from services.clearing.vacancy_mirror.queries import policy_on
from services.clearing.vacancy_mirror.states import WindowState
from shared.calendar import close_of_window, local_date
from shared.due_rows import do_each, not_held_back
from shared.errors import DomainError

BATCH = 20
MATCHING_LOCK = 4_710_002


class WindowOver(DomainError):
    code: ClassVar[str] = "window_over"
    title: ClassVar[str] = "The time to answer this suggestion is over"


@dataclass(frozen=True, slots=True)
class Matched:
    """`fitting` counts everyone in the region who passed the hard constraints, also those whose turn is later (R20)."""

    matches: list[Match]
    fitting: int


@dataclass(frozen=True, slots=True)
class _Round:
    """One window being matched: nobody in `interested` is told again (R21)."""

    window: Window
    vacancy: Vacancy
    region: Region
    at: datetime
    interested: frozenset[UUID] = frozenset()


async def share_matching(session: AsyncSession) -> None:
    """To be called before any window is locked by whoever may open one.

    Openings share this lock and the matching of a person takes it alone, so that the two never miss each other's new
    row; taken first by both, it cannot stand in a circle with the windows' own locks.
    """
    await session.execute(select(func.pg_advisory_xact_lock_shared(MATCHING_LOCK)))


async def match_vacancy(
    session: AsyncSession,
    window: Window,
    vacancy: Vacancy,
    *,
    at: datetime,
    interested: frozenset[UUID] = frozenset(),
    leave_out: frozenset[UUID] = frozenset(),
) -> Matched:
    """Suggest a vacancy to everyone who fits, as its window opens, and tell each of them; `share_matching` first.

    Whoever is in `interested` already said so for the content before (R21): their interest stands and is not asked for
    again. Whoever is in `leave_out` has tried this very post.
    """
    region, today = await queries.load_region(session), local_date(at)
    candidates = await queries.candidates_for(session, vacancy, region, today)
    known = await queries.people_matched_in(session, window.id)
    tried = [each for each in candidates if each.person.registration_id not in leave_out]
    found = suggest(tried, post_of(vacancy, region, today), window.id)
    turn = _Round(window, vacancy, region, at, interested)
    new = [each for each in found if _reaches(window, each) and each.candidate.person.registration_id not in known]
    return Matched(await _add(session, turn, new), len(found))


async def match_waiting_registrations(session: AsyncSession, now: datetime) -> int:
    """Due work: people newly active, or with new limits, meet the windows that are open."""
    among = not_held_back(match_waiting_registrations, Registration.id)
    due = await queries.due_for_matching(session, now, BATCH, among=among)
    if not due:
        return 0
    await session.execute(select(func.pg_advisory_xact_lock(MATCHING_LOCK)))
    region = await queries.load_region(session)

    async def step(registration_id: UUID) -> None:
        registration = await get_registration(session, registration_id, lock=True)
        if registration.match_due_at is not None:
            await _match_registration(session, registration, region, at=registration.match_due_at)
            registration.match_due_at = None

    return await do_each(session, match_waiting_registrations, due, step)


async def decline_match(session: AsyncSession, match_id: UUID, *, by: Actor, now: datetime) -> Match:
    """R35: declining a suggestion never has consequences."""
    match = await queries.get_match(session, match_id, lock=True)
    move_match(session, match, MatchState.DECLINED, by=by, at=now)
    return match


def move_match(session: AsyncSession, match: Match, to: MatchState, *, by: Actor, at: datetime) -> None:
    """Raises IllegalTransition, or WindowOver where only the time to answer has passed."""
    refuse_illegal(NEXT_STATES, match.state, to)
    if to in {MatchState.INTERESTED, MatchState.DECLINED} and at > match.closes_at:
        raise WindowOver
    before, match.state, match.state_since = match.state, to, at
    session.add(_transition(match, before, by, at))


async def end_matches(session: AsyncSession, matches: Sequence[Match], to: MatchState, *, at: datetime) -> None:
    """Close suggestions whose window closed, whose vacancy went or whose person left."""
    for match in matches:
        move_match(session, match, to, by=SYSTEM, at=at)


async def postpone_matches(session: AsyncSession, window: Window) -> None:
    """After a hold the suggestions close when the window now does."""
    await session.execute(update(Match).where(Match.window_id == window.id).values(closes_at=window.closes_at))


async def _match_registration(
    session: AsyncSession, registration: Registration, region: Region, *, at: datetime
) -> None:
    today = local_date(at)
    candidate = candidate_of(registration, region, today)
    for window, vacancy in await queries.windows_open_to(session, registration, at):
        found = suggest([candidate], post_of(vacancy, region, today), window.id)
        fitting = [each for each in found if _reaches(window, each)]
        if fitting:
            await _add(session, _Round(window, vacancy, region, at), fitting)
            _count(window, at)
        elif found and window.state is WindowState.INTERNAL_WINDOW:
            # Their turn comes with the region's: the window is not one that suits nobody (R20).
            window.fitted, window.due_at = max(window.fitted, 1), window.closes_at


def _count(window: Window, at: datetime) -> None:
    """Somebody fits after all: the window runs its time (R20), or its clearance waits for the duty (R12)."""
    window.matched += 1
    window.fitted = max(window.fitted, window.matched)
    if window.state is WindowState.RELEASED:
        window.revoked_at = at
    else:
        window.due_at = window.closes_at


def _reaches(window: Window, suggestion: Suggestion) -> bool:
    """R16: a sequential window is open to the home council's people first. R12: a released one to duties only."""
    if window.state is WindowState.INTERNAL_WINDOW:
        return suggestion.ring == 0
    return window.state is not WindowState.RELEASED or suggestion.has_duty


async def _add(session: AsyncSession, turn: _Round, found: Sequence[Suggestion]) -> list[Match]:
    """Store the suggestions and tell each person: a fixed number of round trips, however many there are."""
    closes_at = await _closes_at(session, turn)
    matches = [_match(turn, each, closes_at) for each in found]
    session.add_all(matches)
    session.add_all(_transition(match, None, SYSTEM, turn.at) for match in matches)
    await session.flush()
    pairs = list(zip(matches, found, strict=True))
    new = [(match, each.candidate) for match, each in pairs if match.state is MatchState.SUGGESTED]
    await tell_people(session, new, turn.vacancy, turn.region.title_of(turn.vacancy.employer_id), at=turn.at)
    for match, each in pairs:
        if each.has_duty:
            await open_duty(session, match, turn.vacancy, at=turn.at)
    return matches


def _match(turn: _Round, found: Suggestion, closes_at: datetime) -> Match:
    person = found.candidate.person
    has_said_so = person.registration_id in turn.interested
    return Match(
        id=uuid4(),
        registration_id=person.registration_id,
        vacancy_id=turn.vacancy.id,
        window_id=turn.window.id,
        home_employer_id=person.home_employer_id,
        ring=found.ring,
        tier=person.tier,
        score=found.score,
        rank_key=found.rank_text,
        explanation=found.explanation,
        suggested_at=turn.at,
        closes_at=closes_at,
        state_since=turn.at,
        state=MatchState.INTERESTED if has_said_so else MatchState.SUGGESTED,
    )


async def _closes_at(session: AsyncSession, turn: _Round) -> datetime:
    """A window that has been released is over; a person with a duty owed to them gets the same days from now."""
    if turn.window.state is not WindowState.RELEASED:
        return turn.window.closes_at
    policy = await policy_on(session, turn.vacancy.employer_id, local_date(turn.at))
    return close_of_window(turn.at, policy.window_working_days)


def _transition(match: Match, before: MatchState | None, by: Actor, at: datetime) -> Transition:
    return Transition(
        subject=Subject.MATCH,
        subject_id=match.id,
        from_state=before,
        to_state=match.state,
        happened_at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        home_employer_id=match.home_employer_id,
        registration_id=match.registration_id,
    )
