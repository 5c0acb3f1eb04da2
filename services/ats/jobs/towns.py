"""Where a job is and how far that is: by outward code, which is all that a distance between adverts can be true to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from shared.errors import Invalid
from shared.reference.employers import councils
from shared.reference.places import Outcode, metres_between, metres_of_miles, nearest_outcode, outcode_of, outcodes
from shared.reference.tables import read_table


class PlaceUnknown(Invalid):
    code = "place_not_known"
    title = "We do not know this place"

    def __init__(self) -> None:
        super().__init__(field="near", next_step="Give a postcode, its outward code, or a town of the West Midlands")


@dataclass(frozen=True, slots=True)
class Reach:
    """The outward codes within a distance of a place, nearest first."""

    outcodes: tuple[str, ...]
    origin: str


@cache
def _town_of_outcode() -> dict[str, str]:
    return {row["outcode"]: row["town"] for row in read_table("towns")}


@cache
def towns() -> dict[str, str]:
    """Towns and council areas by their name in small letters, each with the outward code nearest to its middle."""
    found = {each.short_name.casefold(): nearest_outcode(each.lat, each.lon) for each in councils()}
    spread: dict[str, list[Outcode]] = {}
    for code, town in _town_of_outcode().items():
        spread.setdefault(town.casefold(), []).append(outcodes()[code])
    for town, places in spread.items():
        middle = sum(each.lat for each in places) / len(places), sum(each.lon for each in places) / len(places)
        found[town] = nearest_outcode(*middle)
    return found


@cache
def town_names() -> tuple[str, ...]:
    return tuple(sorted(set(_town_of_outcode().values())))


def town_of(outcode: str) -> str | None:
    """The post town of an outward code of the West Midlands or its edge."""
    return _town_of_outcode().get(outcode)


def towned_outcodes() -> tuple[str, ...]:
    return tuple(_town_of_outcode())


@lru_cache(maxsize=2_000)
def within_reach(near: str, miles: int) -> Reach:
    """Everything within so many miles of a postcode, an outward code or a town. Raises PlaceUnknown (422)."""
    name = " ".join(near.split()).casefold()
    origin = towns().get(name) or outcode_of(near)
    if origin is None:
        raise PlaceUnknown
    limit = metres_of_miles(miles)
    reached = [(metres, code) for code in outcodes() if (metres := metres_between(origin, code)) is not None]
    return Reach(tuple(code for metres, code in sorted(reached) if metres <= limit), origin)
