"""Outward codes of the West Midlands and its neighbours, and straight lines between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from math import asin, cos, radians, sin, sqrt

from shared.reference.tables import read_table

EARTH_RADIUS_METRES = 6_371_007
MILE_MILLIMETRES = 1_609_344


@dataclass(frozen=True, slots=True)
class Outcode:
    """`quality` says how well the sources agree: ok (within 5 km), sources_differ, single_source."""

    outcode: str
    lat: float
    lon: float
    quality: str
    is_west_midlands: bool


@cache
def outcodes() -> dict[str, Outcode]:
    return {
        row["outcode"]: Outcode(
            outcode=row["outcode"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            quality=row["quality"],
            is_west_midlands=row["zone"] == "west_midlands",
        )
        for row in read_table("outcodes")
    }


def outcode_of(postcode: str) -> str | None:
    """The outward code of a full postcode, or of an outward code given alone, when its position is known here."""
    text = "".join(postcode.upper().split())
    for candidate in (text[:-3], text):
        if candidate in outcodes():
            return candidate
    return None


def nearest_outcode(lat: float, lon: float) -> str:
    """The outward code whose middle is nearest to a position."""
    return min(outcodes().values(), key=lambda place: (_flat_distance(place, lat, lon), place.outcode)).outcode


@lru_cache(maxsize=500_000)
def metres_between(first: str, second: str) -> int | None:
    """Great-circle metres between two outward codes, rounded; None when either position is not known here.

    An integer on purpose: every later step of the travel estimate (R23) is exact.
    """
    if first == second:
        return 0 if first in outcodes() else None
    one, other = outcodes().get(min(first, second)), outcodes().get(max(first, second))
    if one is None or other is None:
        return None
    half_lat = sin(radians(other.lat - one.lat) / 2)
    half_lon = sin(radians(other.lon - one.lon) / 2)
    chord = half_lat * half_lat + cos(radians(one.lat)) * cos(radians(other.lat)) * half_lon * half_lon
    return round(2 * EARTH_RADIUS_METRES * asin(sqrt(min(1.0, chord))))


def metres_of_miles(miles: int) -> int:
    """Whole metres within so many miles."""
    return miles * MILE_MILLIMETRES // 1000


@cache
def nearest_council_area(outcode: str) -> str | None:
    """Code of the single-tier or district council whose centre is nearest: a first guess where no area is given."""
    place = outcodes().get(outcode)
    if place is None:
        return None
    return min(_area_centres(), key=lambda centre: (_flat_distance(place, centre[1], centre[2]), centre[0]))[0]


@cache
def _area_centres() -> tuple[tuple[str, float, float], ...]:
    return tuple(
        (row["code"], float(row["lat"]), float(row["lon"]))
        for row in read_table("employers")
        if row["kind"] == "council" and row["tier"] != "upper"
    )


def _flat_distance(place: Outcode, lat: float, lon: float) -> float:
    east = (place.lon - lon) * cos(radians(place.lat))
    north = place.lat - lat
    return east * east + north * north
