"""`GET /v1/event-figures`: what this service told and heard, in numbers, for WME and its demonstrations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from shared.app import SessionDep
from shared.auth import Principal, allow
from shared.errors import Forbidden
from shared.event_figures import event_figures
from shared.problems import problems
from shared.vocabulary import Scope

router = APIRouter(prefix="/v1", tags=["events"])


class EventFiguresRead(BaseModel):
    """Counts over what the outbox and inbox still hold (answered letters are kept for 14 days)."""

    recorded: int = Field(description="Events that this service told")
    letters: int = Field(description="One per event and subscriber")
    sent: int
    republished: int = Field(description="Sendings after the first")
    acknowledged: int
    unanswered: int
    dead: int
    oldest_unanswered_seconds: float
    received: int = Field(description="Events that this service heard")
    processed: int
    duplicates: int = Field(description="Deliveries of what was done already: without effect")
    parked: int


@router.get("/event-figures", summary="Events told and heard by this service, in numbers", responses=problems())
async def get_event_figures(
    session: SessionDep, caller: Annotated[Principal, Depends(allow(Scope.REPORTS_READ))]
) -> EventFiguresRead:
    if not caller.is_region:
        raise Forbidden(next_step="Only a client of the whole region may read this")
    return EventFiguresRead(**asdict(await event_figures(session)))
