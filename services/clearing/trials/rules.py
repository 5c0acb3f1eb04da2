"""Trial periods: which kind, how long, what ends them and what follows (R37-R44, 4.3, 4.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.clearing.registrations.rules import latest_protected_start
from services.clearing.registrations.states import ClosingReason
from services.clearing.trials.states import TrialKind, TrialState
from shared.calendar import start_of_local_day
from shared.errors import DomainError

TRIAL_DAYS = 28
ALERT_DAYS = (14, 21, 26)

_S = TrialState
NEXT_STATES: dict[TrialState, frozenset[TrialState]] = {
    _S.SCHEDULED: frozenset({_S.RUNNING, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.CONFIRMED, _S.ENDED_BY_EMPLOYEE, _S.ENDED_BY_EMPLOYER}),
}
"""Section 2; CANCELLED is a placement that the person left before its first day. Other states are terminal."""
LIVE_STATES = frozenset(NEXT_STATES)


class TrialOver(DomainError):
    """R42: after its last day a trial is confirmed and can no longer be ended."""

    code = "trial_over"
    title = "The trial's last day has passed"


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What decides the kind of a trial (R38)."""

    notice_given: bool
    offered_on: date
    employment_ends_on: date
    starts_on: date
    terms_differ: bool


def trial_kind(offer: OfferFacts) -> TrialKind | None:
    """R38: none on the same terms; statutory where notice was given, the offer came before the old job ended, and the
    new one starts within the four-week interval; else contractual.
    """
    if not offer.terms_differ:
        return None
    in_time = offer.offered_on <= offer.employment_ends_on
    within_interval = offer.starts_on <= latest_protected_start(offer.employment_ends_on)
    return TrialKind.STATUTORY if offer.notice_given and in_time and within_interval else TrialKind.CONTRACTUAL


def last_day(starts_on: date) -> date:
    """R39: 28 calendar days, the first included; holidays, bank holidays and sickness do not extend it (4.4)."""
    return starts_on + timedelta(days=TRIAL_DAYS - 1)


def confirmed_at(ends_on: date) -> datetime:
    """R42: 00:00 London on the day after the last day, in UTC, unless an end was recorded."""
    return start_of_local_day(ends_on + timedelta(days=1))


def alerts(starts_on: date, ends_on: date) -> tuple[tuple[int, date], ...]:
    """R42: the numbers and dates of the days on which both sides are reminded; the first day of work is day 1."""
    days = ((number, starts_on + timedelta(days=number - 1)) for number in ALERT_DAYS)
    return tuple((number, day) for number, day in days if day <= ends_on)


def require_end_in_time(ends_on: date, ended_on: date) -> None:
    """Section 2: ending after the last day is illegal. Raises TrialOver."""
    if ended_on > ends_on:
        raise TrialOver(f"The last day was {ends_on.isoformat()}.")


def state_when_leaving(state: TrialState, reason: ClosingReason) -> TrialState:
    """What becomes of a placement whose person leaves the register (R45): a trial that runs was ended, by whom the
    reason says; one that has not begun, or a post without a trial, is cancelled.
    """
    if state is not TrialState.RUNNING:
        return TrialState.CANCELLED
    is_employers = reason is ClosingReason.DISMISSED
    return TrialState.ENDED_BY_EMPLOYER if is_employers else TrialState.ENDED_BY_EMPLOYEE
