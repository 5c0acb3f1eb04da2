from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor, ActorKind
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from shared.vocabulary import HiringRoute


@dataclass(frozen=True, slots=True)
class Step:
    """Which vacancy, opening or application a log entry is about; `reason` is a code.

    `corrects_id` is the entry whose place it takes, `takes_back` where that step did not happen at all.
    """

    employer_id: UUID
    vacancy_id: UUID
    opening_no: int | None = None
    application_id: UUID | None = None
    route: HiringRoute | None = None
    reason: str | None = None
    corrects_id: int | None = None
    takes_back: bool = False


def append(
    session: AsyncSession,
    event: HiringEvent,
    step: Step,
    *,
    occurred_at: datetime,
    actor: Actor,
    source: LogSource | None = None,
) -> HiringLogEntry:
    """Add an entry in the transaction that makes the step. `occurred_at` is kept as told, never clamped."""
    told_by = source or (LogSource.CLEARING if actor.kind is ActorKind.CLEARING else LogSource.HOSTED)
    entry = HiringLogEntry(
        employer_id=step.employer_id,
        vacancy_id=step.vacancy_id,
        event=event,
        occurred_at=occurred_at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        source=told_by,
        opening_no=step.opening_no,
        application_id=step.application_id,
        route=step.route,
        reason=step.reason,
        corrects_id=step.corrects_id,
        takes_back=step.takes_back,
    )
    session.add(entry)
    return entry
