"""What a return says, as entries of the hiring log: what is new is added, what has changed is corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from services.ats.monthly_returns.rules import Happened, Place
from shared.calendar import local_date, local_instant


@dataclass(frozen=True, slots=True)
class Sending:
    """One return on its way into the log. `month` is the month that it is of, as 2026-11."""

    return_id: UUID
    employer_id: UUID
    employer_code: str
    month: str
    actor: Actor
    now: datetime

    @property
    def reason(self) -> str:
        return f"monthly return of {self.month}"

    def instant_of(self, day: date) -> datetime:
        """Its noon in London; of today, the present moment until then."""
        noon = local_instant(day, time(12))
        return self.now if noon > self.now and day == local_date(self.now) else noon


def record_past(
    session: AsyncSession,
    sending: Sending,
    campaign_id: UUID,
    wanted: Mapping[Place, Happened],
    standing: Iterable[HiringLogEntry],
) -> bool:
    """Make the log of a campaign that is no vacancy here say what is wanted. Returns whether anything was corrected."""
    known = {(each.event, each.opening_no): each for each in standing}
    is_corrected = False
    for place, entry in known.items():
        if place not in wanted:
            happened = Happened(local_date(entry.occurred_at), entry.route)
            write(session, sending, campaign_id, place, happened, corrects=entry, takes_back=True)
            is_corrected = True
    for place, happened in wanted.items():
        entry = known.get(place)
        if entry is None:
            write(session, sending, campaign_id, place, happened)
        elif Happened(local_date(entry.occurred_at), entry.route) != happened:
            write(session, sending, campaign_id, place, happened, corrects=entry)
            is_corrected = True
    return is_corrected


def write(
    session: AsyncSession,
    sending: Sending,
    subject_id: UUID,
    place: tuple[HiringEvent, int | None],
    happened: Happened,
    *,
    corrects: HiringLogEntry | None = None,
    takes_back: bool = False,
) -> None:
    """One entry of a vacancy, or of a campaign that is none here. What it corrects stays as it is."""
    event, opening_no = place
    step = Step(
        sending.employer_id,
        subject_id,
        opening_no=opening_no,
        route=happened.route,
        reason=sending.reason,
        corrects_id=None if corrects is None else corrects.id,
        takes_back=takes_back,
    )
    occurred_at = corrects.occurred_at if corrects is not None and takes_back else sending.instant_of(happened.day)
    append(session, event, step, occurred_at=occurred_at, actor=sending.actor, source=LogSource.MONTHLY_RETURN)
