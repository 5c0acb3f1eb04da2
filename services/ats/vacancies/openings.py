"""Taking, returning and filling openings. The caller has the vacancy locked, so an opening never has two takers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from services.ats.vacancies import rules
from services.ats.vacancies.models import Opening, Vacancy
from services.ats.vacancies.states import OpeningState
from shared.vocabulary import HiringRoute


def reserve_opening(
    vacancy: Vacancy, taken_for: UUID, *, route: HiringRoute, held_until: datetime | None = None
) -> Opening:
    """Hold the lowest free opening while an offer stands. Raises NoOpeningLeft."""
    opening = rules.free_opening(vacancy)
    opening.state, opening.taken_for, opening.route = OpeningState.RESERVED, taken_for, route
    opening.held_until = held_until
    return opening


def opening_of(vacancy: Vacancy, taken_for: UUID) -> Opening | None:
    return next((opening for opening in vacancy.openings if opening.taken_for == taken_for), None)


def accept_opening(vacancy: Vacancy, taken_for: UUID, *, route: HiringRoute) -> Opening:
    """Somebody said yes: the one held for them, or where nothing was held a free one. Raises NoOpeningLeft."""
    opening = opening_of(vacancy, taken_for) or reserve_opening(vacancy, taken_for, route=route)
    if opening.state is OpeningState.RESERVED:
        opening.state, opening.held_until = OpeningState.ACCEPTED, None
    return opening


def fill_opening(vacancy: Vacancy, taken_for: UUID, *, route: HiringRoute, starts_on: date) -> Opening:
    """The end of an opening's life, and perhaps of the vacancy's. Raises NoOpeningLeft."""
    opening = accept_opening(vacancy, taken_for, route=route)
    opening.state, opening.starts_on = OpeningState.FILLED, starts_on
    rules.settle_fill(vacancy)
    return opening


def return_opening(vacancy: Vacancy, taken_for: UUID) -> Opening | None:
    """Free what was held or accepted. None where nothing was, or it is filled."""
    opening = opening_of(vacancy, taken_for)
    if opening is None or opening.state not in {OpeningState.RESERVED, OpeningState.ACCEPTED}:
        return None
    opening.state, opening.taken_for, opening.route = OpeningState.OPEN, None, None
    opening.held_until = None
    return opening


def unfill_opening(vacancy: Vacancy, taken_for: UUID, at: datetime) -> None:
    """A hire was taken back: the opening is theirs as before it, and its vacancy is no longer filled."""
    opening = opening_of(vacancy, taken_for)
    if opening is None or opening.state is not OpeningState.FILLED:
        return
    opening.state, opening.starts_on = OpeningState.ACCEPTED, None
    rules.settle_unfill(vacancy, at)


def note_start(vacancy: Vacancy, taken_for: UUID, starts_on: date) -> None:
    """Another first day than was agreed."""
    opening = opening_of(vacancy, taken_for)
    if opening is not None:
        opening.starts_on = starts_on
