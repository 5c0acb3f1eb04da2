"""Embedded mode: `POST /dev/clock` moves the business clock of all processes and answers when everything is quiet."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.auth import allow_staff
from shared.clock import ShiftedClock
from shared.principals import Principal
from shared.problems import problems
from shared.settling import settle
from shared.vocabulary import Role, Service

SETTLES_WITHIN_SECONDS = 120.0


class ClockMove(BaseModel):
    """Either `advance`, an ISO 8601 duration, or `now`, the new instant. The clock only moves forward."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"advance": "P6D"}]})

    advance: timedelta | None = Field(default=None, examples=["P6D"])
    now: AwareDatetime | None = Field(default=None, examples=["2026-11-23T07:00:00Z"])

    @model_validator(mode="after")
    def _is_one_of_the_two(self) -> Self:
        if (self.advance is None) == (self.now is None):
            raise ValueError("give either advance or now")
        return self


class ClockRead(BaseModel):
    now: datetime
    is_settled: bool = Field(description="Whether every outbox and all due work is empty")
    backlog: dict[Service, int] = Field(description="What each service still owes, where it is not settled")
    rounds: int = Field(description="How often the services were asked")


def business_clock_router() -> APIRouter:
    """Only for an app in embedded mode: any other does not have this route, and refuses to start with a moved clock."""
    router = APIRouter(prefix="/dev", tags=["embedded mode"])

    @router.post("/clock", summary="Move the business clock and wait until all is done", responses=problems())
    async def move_clock(
        move: ClockMove, request: Request, _caller: Annotated[Principal, Depends(allow_staff(Role.WME_ADMIN))]
    ) -> ClockRead:
        clock = request.state.clock
        if not isinstance(clock, ShiftedClock):
            raise TypeError("the business clock of this process cannot be moved")
        # What happened before the move is done before it: no letter on its way jumps over the days.
        await settle(request.state.sessions, clock, within_seconds=SETTLES_WITHIN_SECONDS)
        await asyncio.to_thread(_move, clock, move)
        settled = await settle(request.state.sessions, clock, within_seconds=SETTLES_WITHIN_SECONDS)
        return ClockRead(
            now=clock.now(), is_settled=settled.is_settled, backlog=dict(settled.backlogs), rounds=settled.rounds
        )

    return router


def _move(clock: ShiftedClock, move: ClockMove) -> None:
    if move.now is not None:
        clock.advance_to(move.now)
    else:
        clock.advance(move.advance or timedelta())
