"""What the producer does with answers: a letter is done, or dead until it is redriven."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Uuid, any_, delete, func, literal, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Sessions, transaction
from shared.envelope import Answer, Answers, Forged
from shared.error_reports import kind_of, place_of
from shared.event_figures import ACKNOWLEDGED, DEAD, FORGED
from shared.failpoints import failpoint
from shared.outbox import outbox
from shared.queue import TryAgain
from shared.sealing import Keyring
from shared.tenancy import REGION
from shared.vocabulary import Service

log = structlog.get_logger()

KEPT_FOR = timedelta(days=14)
PRUNED_AT_ONCE = 1000
LONGEST_RETRY_SECONDS = 5.0


class AnswerBook:
    """The consumer of answers in the producer's worker."""

    def __init__(self, service: Service, sessions: Sessions, keys: Keyring) -> None:
        self._service = service
        self._sessions = sessions
        self._keys = keys

    async def take(self, body: dict[str, Any], tries: int) -> None:
        failpoint("producer.ack_received")
        try:
            answers = Answers.checked(body, self._keys)
        except Forged as error:
            FORGED.inc()
            log.error("answer_forged", reason=str(error))
            return
        if answers.producer is not self._service:
            return
        try:
            async with transaction(self._sessions, REGION) as session:
                done, dead = await apply_answers(session, answers.subscriber, answers.answers)
        except Exception as error:  # noqa: BLE001 - whatever it was, the answers are asked for again
            log.warning("answers_wait", reason=kind_of(error), place=place_of(error))
            raise TryAgain(min(0.2 * tries, LONGEST_RETRY_SECONDS)) from None
        failpoint("producer.ack_committed")
        ACKNOWLEDGED.labels(answers.subscriber).inc(done)
        DEAD.labels(answers.subscriber).inc(dead)


async def apply_answers(session: AsyncSession, subscriber: Service, answers: Sequence[Answer]) -> tuple[int, int]:
    """Write the answers down, once each. Returns how many letters became done and dead by it.

    What was sealed is wiped with the acknowledgement. A refusal from before a redrive is out of date and ignored.
    """
    done = [each.event_id for each in answers if each.dead_reason is None]
    acknowledged = 0
    if done:
        open_ones = select(outbox.c.event_id).where(
            outbox.c.subscriber == subscriber,
            outbox.c.event_id == any_(literal(done, ARRAY(Uuid))),
            outbox.c.acknowledged_at.is_(None),
        )
        result = await session.execute(
            update(outbox)
            .where(
                outbox.c.subscriber == subscriber,
                outbox.c.event_id.in_(open_ones.order_by(outbox.c.event_id).with_for_update()),
            )
            .values(acknowledged_at=func.clock_timestamp(), sealed=None, dead_at=None, dead_reason=None)
            .returning(outbox.c.event_id)
        )
        acknowledged = len(result.all())
    buried = 0
    for answer in answers:
        if answer.dead_reason is None:
            continue
        result = await session.execute(
            update(outbox)
            .where(
                outbox.c.subscriber == subscriber,
                tuple_(outbox.c.event_id, outbox.c.redrives) == (answer.event_id, answer.redrives),
                outbox.c.acknowledged_at.is_(None),
                outbox.c.dead_at.is_(None),
            )
            .values(dead_at=func.clock_timestamp(), dead_reason=answer.dead_reason)
            .returning(outbox.c.event_id)
        )
        buried += len(result.all())
    return acknowledged, buried


async def prune_outbox(session: AsyncSession, _now: datetime) -> int:
    """Forget answered letters after 14 days, some at a time. System time: a moved business clock prunes nothing."""
    old = (
        select(outbox.c.event_id, outbox.c.subscriber)
        .where(outbox.c.acknowledged_at < func.clock_timestamp() - KEPT_FOR)
        .order_by(outbox.c.acknowledged_at)
        .limit(PRUNED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    result = await session.execute(
        delete(outbox).where(tuple_(outbox.c.event_id, outbox.c.subscriber).in_(old)).returning(outbox.c.event_id)
    )
    return len(result.all())
