"""Claiming deliveries for an attempt, and recording what came of it: each in a transaction of its own.

The attempt is counted before anything is sent. Where a worker dies between handing over and recording, the lease runs
out, the attempt counts as lost and the same message goes out once more, with the same Message-ID: at most one
duplicate for each such death, never a loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Interval,
    SmallInteger,
    String,
    Table,
    Uuid,
    bindparam,
    case,
    column,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.channels.answers import Answer, AnswerClass
from services.notifications.deliveries import rules
from services.notifications.deliveries.commands import CONTENTS_WITHOUT_LINK
from services.notifications.deliveries.models import IS_SENDING, IS_WAITING, Delivery, DeliveryAttempt
from services.notifications.deliveries.states import TERMINAL, DeliveryState
from services.notifications.messages.kinds import Channel

# Longer than a channel may take over one message, so that only the dead lose a lease.
LEASE = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Claimed:
    """One delivery that this worker may try now, as attempt number `attempt_no`."""

    id: UUID
    kind: str
    channel: Channel
    attempt_no: int
    occurred_at: datetime
    urgency: int
    contents: dict[str, Any] | None = field(repr=False)
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says about one attempt. `jitter` in [0, 1) spreads the next one."""

    id: UUID
    attempt_no: int
    answer: Answer
    started_at: datetime
    ended_at: datetime
    jitter: float

    @property
    def state(self) -> DeliveryState:
        return rules.state_after(self.answer.answer, self.attempt_no)


_deliveries = cast("Table", Delivery.__table__)
_attempts = cast("Table", DeliveryAttempt.__table__)
_now = bindparam("now", type_=DateTime(timezone=True))
_due = (
    select(_deliveries.c.id)
    .where(IS_WAITING, _deliveries.c.due_at <= _now, _deliveries.c.expires_at > _now)
    .order_by(_deliveries.c.urgency, _deliveries.c.due_at, _deliveries.c.id)
    .limit(bindparam("count", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_CLAIM = (
    update(_deliveries)
    .where(_deliveries.c.id == _due.c.id)
    .values(
        state=DeliveryState.SENDING,
        attempts=_deliveries.c.attempts + 1,
        started_at=_now,
        leased_until=func.clock_timestamp() + bindparam("lease", type_=Interval),
    )
    .returning(
        _deliveries.c.id,
        _deliveries.c.kind,
        _deliveries.c.channel,
        _deliveries.c.attempts,
        _deliveries.c.occurred_at,
        _deliveries.c.urgency,
        _deliveries.c.contents,
    )
)


async def claim_deliveries(session: AsyncSession, count: int, *, now: datetime) -> Sequence[Claimed]:
    """Take up to `count` due deliveries, the most urgent first, and count an attempt for each.

    Other workers skip what this transaction holds.
    """
    found = await session.execute(_CLAIM, {"count": count, "now": now, "lease": LEASE})
    return sorted((Claimed(*row, started_at=now) for row in found), key=lambda each: each.urgency)


_reports = (
    func.unnest(
        bindparam("ids", type_=ARRAY(Uuid)),
        bindparam("attempt_nos", type_=ARRAY(SmallInteger)),
        bindparam("states", type_=ARRAY(String)),
        bindparam("answers", type_=ARRAY(String)),
        bindparam("reply_codes", type_=ARRAY(SmallInteger)),
        bindparam("starts", type_=ARRAY(DateTime(timezone=True))),
        bindparam("ends", type_=ARRAY(DateTime(timezone=True))),
        bindparam("dues", type_=ARRAY(DateTime(timezone=True))),
    )
    .table_valued(
        column("id", Uuid),
        column("attempt_no", SmallInteger),
        column("state", String),
        column("answer", String),
        column("reply_code", SmallInteger),
        column("started_at", DateTime(timezone=True)),
        column("ended_at", DateTime(timezone=True)),
        column("due_at", DateTime(timezone=True)),
        name="reports",
    )
    .render_derived()
)
_is_over = _reports.c.state.in_([state.value for state in TERMINAL])
_is_handed_over = _reports.c.answer == AnswerClass.ACCEPTED.value
_recorded = (
    update(_deliveries)
    .where(
        _deliveries.c.id == _reports.c.id,
        # A worker whose lease ran out has no say any more: its attempt counts as lost.
        _deliveries.c.attempts == _reports.c.attempt_no,
        _deliveries.c.state == DeliveryState.SENDING,
    )
    .values(
        state=_reports.c.state,
        last_answer=_reports.c.answer,
        leased_until=null(),
        due_at=func.coalesce(_reports.c.due_at, _deliveries.c.due_at),
        handed_over_at=case((_is_handed_over, _reports.c.ended_at), else_=_deliveries.c.handed_over_at),
        ended_at=case((_is_over, _reports.c.ended_at), else_=null()),
        contents=case((_is_over, CONTENTS_WITHOUT_LINK), else_=_deliveries.c.contents),
    )
    .returning(
        _deliveries.c.id,
        _reports.c.attempt_no,
        _reports.c.answer,
        _reports.c.reply_code,
        _reports.c.started_at,
        _reports.c.ended_at,
    )
    .cte("recorded")
)
_RECORD = (
    insert(_attempts)
    .from_select(["delivery_id", "attempt_no", "answer", "reply_code", "started_at", "ended_at"], select(_recorded))
    .returning(_attempts.c.delivery_id)
)


async def record_answers(session: AsyncSession, reports: Sequence[Report]) -> Sequence[bool]:
    """Write what came of attempts, in one statement. False for one whose lease had run out before."""
    found = await session.scalars(
        _RECORD,
        {
            "ids": [report.id for report in reports],
            "attempt_nos": [report.attempt_no for report in reports],
            "states": [report.state.value for report in reports],
            "answers": [report.answer.answer.value for report in reports],
            "reply_codes": [report.answer.reply_code for report in reports],
            "starts": [report.started_at for report in reports],
            "ends": [report.ended_at for report in reports],
            "dues": [_due_again_at(report) for report in reports],
        },
    )
    recorded = set(found)
    return [report.id in recorded for report in reports]


def _due_again_at(report: Report) -> datetime | None:
    if report.state in TERMINAL:
        return None
    return report.ended_at + rules.retry_wait(report.attempt_no, report.jitter)


async def recover_lost(session: AsyncSession, *, now: datetime) -> int:
    """Give back what a worker took and never reported on. Returns how many."""
    lost = (
        select(Delivery.id)
        .where(IS_SENDING, Delivery.leased_until < func.clock_timestamp())
        .with_for_update(skip_locked=True)
        .cte("lost")
    )
    is_last = Delivery.attempts >= rules.MAX_ATTEMPTS
    found = await session.execute(
        update(Delivery)
        .where(Delivery.id == lost.c.id)
        .values(
            state=case((is_last, DeliveryState.TECHNICAL_FAILURE.value), else_=DeliveryState.TEMPORARY_FAILURE.value),
            last_answer=AnswerClass.LOST,
            leased_until=null(),
            due_at=now,
            ended_at=case((is_last, now), else_=null()),
            contents=case((is_last, CONTENTS_WITHOUT_LINK), else_=Delivery.contents),
        )
        .returning(Delivery.id, Delivery.attempts, Delivery.started_at)
        .execution_options(synchronize_session=False)
    )
    attempts = [
        {
            "delivery_id": row.id,
            "attempt_no": row.attempts,
            "answer": AnswerClass.LOST,
            "started_at": row.started_at,
            "ended_at": now,
        }
        for row in found
    ]
    if attempts:
        await session.execute(insert(DeliveryAttempt).values(attempts))
    return len(attempts)
