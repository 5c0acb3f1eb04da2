"""How long the journey is thought to take (R23): an estimate with its basis shown, in whole minutes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.clearing.matching.policy import TravelPolicy
from services.clearing.matching.profiles import Person, Vacancy
from shared.reference.places import metres_between, metres_of_miles

METRES_IN_A_MILE = 1609.344


class TravelBasis(StrEnum):
    ESTIMATE = "estimate"
    CORRECTED = "corrected"
    """The person has told us the minutes for this workplace."""
    NO_TRAVEL = "no_travel"
    """A post worked from home."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Journey:
    """`minutes` one way; `metres` in a straight line; None when the places are not known."""

    minutes: int | None
    metres: int | None
    basis: TravelBasis

    def in_words(self) -> str:
        """The minutes with their basis, such as "about 45 minutes (10.2 miles in a straight line)"."""
        if self.minutes is None:
            return "distance not known"
        if self.basis is TravelBasis.ESTIMATE and self.metres is not None:
            return f"about {self.minutes} minutes ({self.metres / METRES_IN_A_MILE:.1f} miles in a straight line)"
        return f"{self.minutes} minutes ({'no travel' if self.basis is TravelBasis.NO_TRAVEL else 'as corrected'})"


@dataclass(frozen=True, slots=True)
class TravelLimit:
    """The person's limit for one post. `metres` stands only when the limit was set in miles and applies."""

    minutes: int
    metres: int | None


def minutes_of_metres(metres: int, policy: TravelPolicy) -> int:
    """R23's estimate for a straight line: exact integers, rounded up to the policy's step."""
    step = policy.round_up_to
    scale = 100_000 * policy.speed_kmh
    exact = metres * policy.detour_hundredths * 60 + policy.base_minutes * scale
    return step * -(-exact // (step * scale))


def journey(person: Person, vacancy: Vacancy, policy: TravelPolicy) -> Journey:
    if vacancy.office_days == 0:
        return Journey(0, None, TravelBasis.NO_TRAVEL)
    if person.outcode is None or vacancy.outcode is None:
        metres = None
    else:
        metres = metres_between(person.outcode, vacancy.outcode)
    if vacancy.outcode is not None and vacancy.outcode in person.travel_corrections:
        return Journey(person.travel_corrections[vacancy.outcode], metres, TravelBasis.CORRECTED)
    if metres is None:
        return Journey(None, None, TravelBasis.UNKNOWN)
    return Journey(minutes_of_metres(metres, policy), metres, TravelBasis.ESTIMATE)


def travel_limit(person: Person, vacancy: Vacancy, policy: TravelPolicy) -> TravelLimit:
    """The limit that applies to a post: the hybrid one where the person set it and the post is hybrid, else the usual.

    A limit in miles is judged in miles; its minutes are the estimate for that distance.
    """
    if is_hybrid(vacancy, policy) and person.hybrid_max_travel_minutes is not None:
        return TravelLimit(person.hybrid_max_travel_minutes, None)
    if person.max_miles is not None:
        metres = metres_of_miles(person.max_miles)
        return TravelLimit(minutes_of_metres(metres, policy), metres)
    return TravelLimit(person.max_travel_minutes, None)


def is_hybrid(vacancy: Vacancy, policy: TravelPolicy) -> bool:
    return vacancy.office_days is not None and vacancy.office_days <= policy.hybrid_office_days


def is_within(trip: Journey, limit: TravelLimit) -> bool | None:
    """Whether the journey is within the limit; None when it is not known."""
    if trip.minutes is None:
        return None
    if limit.metres is not None and trip.metres is not None and trip.basis is TravelBasis.ESTIMATE:
        return trip.metres <= limit.metres
    return trip.minutes <= limit.minutes


def is_in_ticked_area(person: Person, vacancy: Vacancy) -> bool:
    """R23: a workplace in a council area that the person ticked is near enough, whatever the minutes."""
    return vacancy.workplace_area is not None and vacancy.workplace_area in person.ticked_areas
