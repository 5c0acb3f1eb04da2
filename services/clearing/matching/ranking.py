"""In which order a vacancy sees people (R9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from services.clearing.matching.policy import RankOrder
from services.clearing.matching.profiles import Person, Vacancy
from services.clearing.matching.rules import ring_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RankKey:
    """R9's key. `tie` is the hash that settles what is left, so that priorities are strict."""

    ring: int
    tier: int
    score: int
    ends_on: date | None
    verified_at: datetime
    tie: str

    def sort_key(self, order: RankOrder) -> tuple[int, int, int, int, int, str]:
        """Ascending: the first is the highest priority. No end date comes last among equals."""
        first = (self.ring, self.tier) if order is RankOrder.RING_FIRST else (self.tier, self.ring)
        ends = (self.ends_on or date.max).toordinal()
        return (*first, -self.score, ends, microseconds(self.verified_at), self.tie)

    def in_words(self) -> str:
        """Without the tie hash, such as "ring 2, tier 3, 7295, ends 31 Mar 2027"."""
        ends = "no end date" if self.ends_on is None else f"ends {self.ends_on.day} {self.ends_on:%b %Y}"
        return f"ring {self.ring}, tier {self.tier}, {self.score}, {ends}"


def rank_key(person: Person, vacancy: Vacancy, score: int, salt: str) -> RankKey:
    """`salt` is the run's, published with it."""
    return RankKey(
        ring=ring_of(person, vacancy),
        tier=person.tier,
        score=score,
        ends_on=person.employment_ends_on,
        verified_at=person.verified_at,
        tie=tie_hash(salt, person.registration_id),
    )


def tie_hash(salt: str, registration_id: UUID) -> str:
    """SHA-256 of the run's salt followed by the registration's id, in hexadecimal (P10)."""
    return sha256(f"{salt}{registration_id}".encode()).hexdigest()


def microseconds(instant: datetime) -> int:
    """Whole microseconds since 1970 of an aware instant: exact where a float would not be."""
    return (instant - EPOCH) // timedelta(microseconds=1)
