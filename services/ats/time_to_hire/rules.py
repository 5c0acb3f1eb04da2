"""What the hiring log says about each opening on a given day (time to hire, section 1).

Pure: a log and an instant in, openings and their clocks out. Replaying an earlier instant gives that day's figures,
since an entry counts only once it was both recorded and due.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from services.ats.time_to_hire.hires import TAKING, Hire, Placement, place_hires
from services.ats.time_to_hire.holds import days_on_hold
from services.ats.time_to_hire.log import LogEntry, in_order, known_at
from services.ats.time_to_hire.statistics import Observation
from services.ats.time_to_hire.vocabulary import Fault, HiringEvent, Measure, Outcome
from shared.calendar import local_date, working_days_between
from shared.vocabulary import HiringRoute

FAILED_AFTER_DAYS = 28
"""No appointment and no new advert within these calendar days: the opening has failed (section 1)."""
BACKDATED_AFTER = timedelta(days=2)
"""An event recorded later than this after it happened is listed (section 3, data quality), not excluded."""
COMPETITIVE = frozenset({HiringRoute.EXTERNAL})

IN_SEQUENCE = (
    HiringEvent.SUBMITTED,
    HiringEvent.APPROVED,
    HiringEvent.RELEASED,
    HiringEvent.ADVERT_LIVE,
    HiringEvent.OFFER_MADE,
    HiringEvent.OFFER_ACCEPTED,
    HiringEvent.CLEARED,
    HiringEvent.STARTED,
)
EXCLUDING = frozenset({Fault.OUT_OF_ORDER, Fault.OPENING_UNKNOWN, Fault.MORE_HIRES_THAN_OPENINGS})
OF_THE_SEARCH = frozenset({HiringEvent.RELEASED, HiringEvent.ADVERT_LIVE, HiringEvent.ADVERT_CLOSED})
FROM_THE_FIRST = (HiringEvent.SUBMITTED, HiringEvent.APPROVED, HiringEvent.RELEASED, HiringEvent.ADVERT_LIVE)
ENDINGS = {HiringEvent.CANCELLED: Outcome.CANCELLED, HiringEvent.FAILED: Outcome.FAILED}


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One opening as the log shows it at `as_at`. Instants are those that stand: a voided acceptance is not here."""

    vacancy_id: UUID
    opening_no: int
    as_at: datetime
    reached: Mapping[HiringEvent, datetime]
    adverts: tuple[datetime, ...] = ()
    holds: tuple[tuple[date, date], ...] = ()
    """Merged ranges of days on hold, the last day not included."""
    route: HiringRoute | None = None
    ended_without_hire: tuple[Outcome, datetime] | None = None
    faults: frozenset[Fault] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Clock:
    """A measure of one opening: days so far if it is open, days in all if it has ended."""

    started_on: date
    ended_on: date
    outcome: Outcome
    days_on_hold: int

    @property
    def gross_days(self) -> int:
        """Calendar days, holds included: the headline."""
        return (self.ended_on - self.started_on).days

    @property
    def net_days(self) -> int:
        """Calendar days without those on hold; overlapping holds are taken off once."""
        return self.gross_days - self.days_on_hold

    @property
    def working_days(self) -> int:
        """Working days after the start up to the end. Raises CalendarHorizonPassed outside the known years."""
        return working_days_between(self.started_on, self.ended_on)


@dataclass(frozen=True)
class Sample:
    """The openings that a measure rests on, and how many it left out and why."""

    observations: tuple[Observation, ...]
    excluded: int
    """On the data-quality list."""
    not_begun: int
    """The first event of the measure has not happened, such as an opening that was never advertised."""
    other_routes: int


def openings_at(entries: Iterable[LogEntry], as_at: datetime) -> list[Opening]:
    """Every opening that the log knew of at an instant, by vacancy and number."""
    by_vacancy: dict[UUID, list[LogEntry]] = defaultdict(list)
    for entry in in_order(known_at(entries, as_at)):
        by_vacancy[entry.vacancy_id].append(entry)
    return [
        _opening(vacancy_entries, number, placement, as_at)
        for vacancy_id, vacancy_entries in sorted(by_vacancy.items())
        for number, placement in place_hires(vacancy_entries).items()
    ]


def _opening(entries: Sequence[LogEntry], number: int, placement: Placement, as_at: datetime) -> Opening:
    hire = placement.hire
    own = _own_entries(entries, number, hire)
    ended = _ended_without_hire(own, hire, as_at)
    reached = _reached(own, hire)
    holds, are_holds_sound = days_on_hold(own, as_at)
    faults = set(placement.faults)
    if not are_holds_sound or _is_out_of_order(reached, ended):
        faults.add(Fault.OUT_OF_ORDER)
    if _is_stage_skipped(reached):
        faults.add(Fault.STAGE_SKIPPED)
    if any(entry.recorded_at - entry.occurred_at > BACKDATED_AFTER for entry in own):
        faults.add(Fault.BACKDATED)
    return Opening(
        vacancy_id=entries[0].vacancy_id,
        opening_no=number,
        as_at=as_at,
        reached=reached,
        adverts=tuple(entry.occurred_at for entry in own if entry.event is HiringEvent.ADVERT_LIVE),
        holds=holds,
        route=_route(own, hire),
        ended_without_hire=ended,
        faults=frozenset(faults),
    )


def _own_entries(entries: Sequence[LogEntry], number: int, hire: Hire | None) -> list[LogEntry]:
    """What the log says of one opening: of itself, and of the whole vacancy until the opening was taken.

    After that clearing and adverts go on for the other openings. But where an external hire was accepted before any
    advert, the later advert stays, since it shows that the dates are wrong.
    """
    own = [entry for entry in entries if entry.opening_no in {None, number}]
    if hire is None:
        return own
    until = [entry for entry in own if entry.event not in OF_THE_SEARCH or entry.occurred_at <= hire.taken_at]
    was_advertised = any(entry.event is HiringEvent.ADVERT_LIVE for entry in until)
    return own if hire.is_competitive and not was_advertised else until


def _reached(own: Sequence[LogEntry], hire: Hire | None) -> dict[HiringEvent, datetime]:
    """The instants that stand: the first approval and advert, whatever was repeated later, and the hire's own."""
    reached: dict[HiringEvent, datetime] = {}
    for entry in own:
        if entry.event in FROM_THE_FIRST:
            reached.setdefault(entry.event, entry.occurred_at)
    reached |= hire.reached if hire else {}
    # The closing that led to this offer: an earlier campaign's closing, or one after the offer, is another matter.
    offered_at = reached.get(HiringEvent.OFFER_MADE)
    for entry in own:
        if entry.event is HiringEvent.ADVERT_CLOSED and (offered_at is None or entry.occurred_at <= offered_at):
            reached[HiringEvent.ADVERT_CLOSED] = entry.occurred_at
    return reached


def _ended_without_hire(own: Sequence[LogEntry], hire: Hire | None, as_at: datetime) -> tuple[Outcome, datetime] | None:
    """Cancelled, or failed for 28 days; a later advert takes either back, since the clock of the opening goes on.

    What ends the whole vacancy leaves an opening alone that was taken by then; what cancels this opening does not.
    """
    ending: LogEntry | None = None
    for entry in own:
        if entry.event is HiringEvent.ADVERT_LIVE and ending and _is_taken_back(ending, entry):
            ending = None
        elif entry.event is HiringEvent.FAILED and ending is None and hire is None:
            ending = entry
        elif entry.event is HiringEvent.CANCELLED and (entry.opening_no is not None or not _is_taken_by(hire, entry)):
            ending = entry if ending is None or not _has_failed(ending, entry.occurred_at) else ending
    if ending is None or (ending.event is HiringEvent.FAILED and not _has_failed(ending, as_at)):
        return None
    return ENDINGS[ending.event], ending.occurred_at


def _is_taken_by(hire: Hire | None, entry: LogEntry) -> bool:
    return hire is not None and local_date(hire.taken_at) <= local_date(entry.occurred_at)


def _is_taken_back(ending: LogEntry, advert: LogEntry) -> bool:
    """An advert for the whole vacancy does not bring back an opening that was cancelled by itself."""
    is_of_one_opening = ending.event is HiringEvent.CANCELLED and ending.opening_no is not None
    return not is_of_one_opening or advert.opening_no is not None


def _has_failed(ending: LogEntry, at: datetime) -> bool:
    """Whether no advert has followed for so long that the failure stands; a cancellation stands at once."""
    waited = local_date(at) - local_date(ending.occurred_at)
    return ending.event is HiringEvent.CANCELLED or waited >= timedelta(days=FAILED_AFTER_DAYS)


def _is_out_of_order(reached: Mapping[HiringEvent, datetime], ended: tuple[Outcome, datetime] | None) -> bool:
    """A later stage dated before an earlier one, by local day. Such a row is excluded, never clamped to zero."""
    days = [local_date(reached[event]) for event in IN_SEQUENCE if event in reached]
    around_the_advert = [
        local_date(reached[event]) for event in (HiringEvent.ADVERT_LIVE, HiringEvent.ADVERT_CLOSED) if event in reached
    ]
    goes_on_after_the_end = bool(ended and days and max(days) > local_date(ended[1]))
    return days != sorted(days) or around_the_advert != sorted(around_the_advert) or goes_on_after_the_end


def _is_stage_skipped(reached: Mapping[HiringEvent, datetime]) -> bool:
    hire_stages = (HiringEvent.OFFER_ACCEPTED, HiringEvent.CLEARED, HiringEvent.STARTED)
    seen = [event in reached for event in hire_stages]
    return seen != sorted(seen, reverse=True)


def _route(own: Sequence[LogEntry], hire: Hire | None) -> HiringRoute | None:
    """How the opening was or is being filled. A public advert that says nothing else seeks somebody external."""
    if hire and (hire.route or HiringEvent.FILLED_FROM_CLEARING in hire.reached):
        return hire.route or HiringRoute.REDEPLOYMENT
    advertised = [entry.route or HiringRoute.EXTERNAL for entry in own if entry.event is HiringEvent.ADVERT_LIVE]
    return advertised[-1] if advertised else None


def clock(opening: Opening, measure: Measure) -> Clock | None:
    """The measure of one opening; None when its first event has not happened, or the log cannot be trusted for it.

    The clock runs from the first advert or approval through readverts, holds and withdrawn offers, to the end that
    stood, to what ended the opening without a hire, or to `as_at`.
    """
    first, last = measure.ends
    if first not in opening.reached or is_excluded(opening, measure):
        return None
    ended_at, outcome = opening.as_at, Outcome.OPEN
    if last in opening.reached:
        ended_at, outcome = opening.reached[last], Outcome.FILLED
    if opening.ended_without_hire and opening.ended_without_hire[1] < ended_at:
        outcome, ended_at = opening.ended_without_hire
    started_on, ended_on = local_date(opening.reached[first]), local_date(ended_at)
    if ended_on < started_on:
        return None
    on_hold = sum(max(0, (min(until, ended_on) - max(since, started_on)).days) for since, until in opening.holds)
    return Clock(started_on, ended_on, outcome, on_hold)


def campaign_days(opening: Opening, end: HiringEvent = HiringEvent.CLEARED) -> int | None:
    """Calendar days from the latest advert before the end: shown beside the headline, never instead of it."""
    ended_at = opening.reached.get(end, opening.as_at)
    begun = [advert for advert in opening.adverts if advert <= ended_at]
    return (local_date(ended_at) - local_date(begun[-1])).days if begun else None


def is_excluded(opening: Opening, measure: Measure) -> bool:
    """Whether a fault in the log keeps the opening out of a measure: it is on the data-quality list instead."""
    if opening.faults & EXCLUDING:
        return True
    _, last = measure.ends
    if last not in IN_SEQUENCE or last in opening.reached:
        return False
    return any(event in opening.reached for event in IN_SEQUENCE[IN_SEQUENCE.index(last) + 1 :])


def sample(
    openings: Iterable[Opening], measure: Measure, routes: frozenset[HiringRoute] | None = COMPETITIVE
) -> Sample:
    """What `statistics` works on: gross days of the openings of some routes (None: of all). Nothing leaves unseen."""
    observations: list[Observation] = []
    excluded = not_begun = other_routes = 0
    for opening in openings:
        found = clock(opening, measure)
        if is_excluded(opening, measure):
            excluded += 1
        elif found is None:
            not_begun += 1
        elif routes is not None and not _may_be_of(opening, routes):
            other_routes += 1
        else:
            observations.append(Observation(found.gross_days, found.outcome))
    return Sample(tuple(observations), excluded, not_begun, other_routes)


def _may_be_of(opening: Opening, routes: frozenset[HiringRoute]) -> bool:
    """An opening that nobody took and nothing advertised yet has no route: it belongs wherever it may still end."""
    is_undecided = opening.route is None and not opening.reached.keys() & TAKING
    return is_undecided or opening.route in routes
