"""An entry of the append-only hiring log, and which entries an instant knows of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.ats.time_to_hire.vocabulary import HiringEvent
from shared.vocabulary import HiringRoute


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """One fact. Instants are aware.

    `opening_no` counts from 1; none means the whole vacancy, or a candidate whose opening is not settled yet.
    A candidate's events carry `application_id`; a council's own system without candidate data gives `opening_no`.
    `openings` states how many the vacancy has, on an entry about the whole of it. `route` belongs on the advert and
    on the acceptance, `reason` on the release.
    """

    vacancy_id: UUID
    event: HiringEvent
    occurred_at: datetime
    recorded_at: datetime
    opening_no: int | None = None
    application_id: UUID | None = None
    route: HiringRoute | None = None
    openings: int | None = None
    reason: str | None = None


def known_at(entries: Iterable[LogEntry], as_at: datetime) -> Iterable[LogEntry]:
    """What a reader of the log saw at an instant: recorded by then, and not dated later."""
    return (entry for entry in entries if entry.recorded_at <= as_at and entry.occurred_at <= as_at)


def in_order(entries: Iterable[LogEntry]) -> list[LogEntry]:
    """By when it happened; what happened at the same instant, by when it was recorded."""
    return sorted(entries, key=lambda entry: (entry.occurred_at, entry.recorded_at))
