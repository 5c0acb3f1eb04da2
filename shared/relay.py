"""Carries letters from the outbox to the queue, and again until each is answered.

Woken by NOTIFY on a connection of its own, with a slow poll as a safety net. A claim moves `next_at` in the statement
that takes the row, committed before anything is put into Redis: two relays never collide, and one that dies leaves
letters that are due again soon. Sending has no last attempt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from psycopg import sql
from psycopg.rows import dict_row
from pydantic import ValidationError

from shared.envelope import DELIVER, Envelope, alone, job_id_of
from shared.error_reports import kind_of
from shared.event_figures import REPUBLISHED, SENT
from shared.events.routing import IN_GROUPS
from shared.failpoints import failpoint
from shared.queue import AWAY, Job, Queue
from shared.sealing import Keyring
from shared.vocabulary import Service

log = structlog.get_logger()

BATCH = 100
# In a burst, letters of one name share a job where their handler allows it: the queue's own work for a job outweighs
# that for a letter.
TOGETHER = 40
IN_GROUPS_AT = [f"{service} {event.name}" for service, events in IN_GROUPS.items() for event in events]
POLL_SECONDS = 0.25
# New letters are put into the queue of a subscriber that is away up to so many jobs; the rest waits in the outbox. A
# letter has one job at a time, so sending again and parting add none but for those that this let in.
MOST_IN_QUEUE = 500
FULL_QUEUE_SECONDS = 0.05
FIRST_RESEND_SECONDS = 2.0
# A job that runs for longer may be that of a worker that died.
RUNNING_SECONDS = 3.0
LONGEST_RESEND_SECONDS = 300.0

JITTER = sql.SQL("(0.85 + 0.3 * random())")
ENVELOPE = sql.SQL(
    "e.id AS event_id, e.name, e.kind, e.aggregate_id, e.aggregate_version, e.occurred_at, e.recorded_at,"
    " e.correlation_id, e.payload, o.subscriber, o.attempts, o.redrives, o.sealed, o.sent_with"
)

# Puts the letters in `due` into jobs: `head` is the event that gives its job the name.
GATHERED = sql.SQL("""
placed AS (
    SELECT *, (row_number() OVER same - 1)
        / CASE WHEN subscriber || ' ' || name = ANY(%(in_groups)s) THEN %(together)s ELSE 1 END AS job
    FROM due
    WINDOW same AS (PARTITION BY subscriber, name, redrives, attempts ORDER BY event_id)),
gathered AS (
    SELECT event_id, subscriber, first_value(event_id) OVER same AS head FROM placed
    WINDOW same AS (PARTITION BY subscriber, name, redrives, attempts, job ORDER BY event_id))""")

TAKE_NEW = """
WITH due AS (
    SELECT o.event_id, o.subscriber, o.redrives, o.attempts, e.name FROM {outbox} o JOIN {events} e ON e.id = o.event_id
    WHERE o.attempts = 0 AND o.acknowledged_at IS NULL AND o.dead_at IS NULL
      AND o.subscriber = %(subscriber)s AND o.next_at <= clock_timestamp()
    ORDER BY o.next_at LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED),
{gathered}
UPDATE {outbox} o
SET attempts = 1, sent_at = clock_timestamp(), sent_with = g.head,
    next_at = clock_timestamp() + make_interval(secs => %(first)s * {jitter})
FROM gathered g JOIN {events} e ON e.id = g.event_id
WHERE o.event_id = g.event_id AND o.subscriber = g.subscriber
RETURNING {envelope}"""

# Looked at again when as much time has passed since the last sending as before: 2, 4, 8 … seconds.
LOOK_AGAIN = """
WITH due AS (
    SELECT event_id, subscriber FROM {outbox}
    WHERE attempts > 0 AND acknowledged_at IS NULL AND dead_at IS NULL AND next_at <= clock_timestamp()
    ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
UPDATE {outbox} o
SET next_at = clock_timestamp() + make_interval(secs => {jitter} * least(%(longest)s,
    greatest(%(first)s, extract(epoch FROM clock_timestamp() - o.sent_at)::float8)))
FROM due
WHERE o.event_id = due.event_id AND o.subscriber = due.subscriber
RETURNING o.event_id, o.subscriber, o.redrives, o.attempts, o.sent_with"""

TAKE_AGAIN = """
WITH due AS (
    SELECT o.event_id, o.subscriber, o.redrives, o.attempts, e.name FROM {outbox} o
    JOIN unnest(%(event_ids)s::uuid[], %(subscribers)s::text[], %(attempts)s::int[])
        AS asked (event_id, subscriber, attempts) USING (event_id, subscriber, attempts)
    JOIN {events} e ON e.id = o.event_id
    WHERE o.acknowledged_at IS NULL AND o.dead_at IS NULL FOR UPDATE OF o SKIP LOCKED),
{gathered}
UPDATE {outbox} o
SET attempts = o.attempts + 1, sent_at = clock_timestamp(), sent_with = g.head,
    next_at = clock_timestamp() + make_interval(secs => {jitter} * least(%(longest)s, %(first)s * 2.0 ^ o.attempts))
FROM gathered g JOIN {events} e ON e.id = g.event_id
WHERE o.event_id = g.event_id AND o.subscriber = g.subscriber
RETURNING {envelope}"""

# What Redis held is gone: everything that was sent and not answered is looked at now.
ALL_DUE = """
UPDATE {outbox} SET next_at = clock_timestamp()
WHERE attempts > 0 AND acknowledged_at IS NULL AND dead_at IS NULL AND next_at > clock_timestamp()"""


Connection = psycopg.AsyncConnection[dict[str, Any]]


class Relay:
    """One relay of one service. Several may run side by side."""

    def __init__(
        self,
        service: Service,
        database_url: str,
        queue: Queue,
        keys: Keyring,
        *,
        resend_seconds: tuple[float, float] = (FIRST_RESEND_SECONDS, LONGEST_RESEND_SECONDS),
    ) -> None:
        self.service = service
        self._database_url = database_url
        self._queue = queue
        self._keys = keys
        self._times: dict[str, Any] = {"first": resend_seconds[0], "longest": resend_seconds[1], "limit": BATCH}
        self._times |= {"together": TOGETHER, "in_groups": IN_GROUPS_AT}
        parts: dict[str, sql.Composable] = {name: sql.Identifier(service.value, name) for name in ("outbox", "events")}
        parts |= {"jitter": JITTER, "envelope": ENVELOPE, "gathered": GATHERED}
        self._sql = {
            name: sql.SQL(statement).format(**parts)
            for name, statement in {
                "new": TAKE_NEW,
                "look": LOOK_AGAIN,
                "again": TAKE_AGAIN,
                "all": ALL_DUE,
            }.items()
        }
        self._mark = f"wme:{service}:relayed"

    async def run(self, stopping: asyncio.Event) -> None:
        """Carry letters until `stopping` is set, through restarts of PostgreSQL and Redis."""
        pause = 0.1
        while not stopping.is_set():
            try:
                async with await self._connect() as connection:
                    while not stopping.is_set():
                        rest = await self.carry(connection)
                        pause = 0.1
                        await _first_of(self._rest(connection, rest), stopping.wait())
            except (psycopg.Error, *AWAY) as error:
                log.warning("relay_waits", error=type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), pause)
                pause = min(pause * 2, 1.0)

    async def carry(self, connection: Connection) -> float:
        """One round: new letters, then those without an answer. Returns how many seconds to rest at most.

        Redis is asked first: while it is away no letter is claimed in vain.
        """
        subscribers = tuple(Service)
        backlogs = await self._queue.backlogs(subscribers)
        if not await self._queue.remembers(self._mark):
            await connection.execute(self._sql["all"])
            failpoint("relay.all_due")
            await self._queue.remember(self._mark)
        rests = [POLL_SECONDS]
        for subscriber, backlog in zip(subscribers, backlogs, strict=True):
            room = min(MOST_IN_QUEUE - backlog, BATCH)
            if room <= 0:
                rests.append(FULL_QUEUE_SECONDS)
            elif await self._send_new(connection, subscriber, room) == room:
                rests.append(0.0)
        if await self._send_again(connection) == BATCH:
            rests.append(0.0)
        return min(rests)

    async def _send_new(self, connection: Connection, subscriber: Service, room: int) -> int:
        values = self._times | {"subscriber": subscriber.value, "limit": room}
        rows = await (await connection.execute(self._sql["new"], values)).fetchall()
        if rows:
            failpoint("relay.claimed")
            await self._queue.publish(self._jobs(rows))
            failpoint("relay.published")
            SENT.labels(subscriber).inc(len(rows))
        return len(rows)

    async def _send_again(self, connection: Connection) -> int:
        """Letters whose job still waits, or began a moment ago, are left alone: a backlog makes no storm."""
        looked = await (await connection.execute(self._sql["look"], self._times)).fetchall()
        if not looked:
            return 0
        failpoint("relay.looked")
        jobs = {row["event_id"]: _jobs_of(row) for row in looked}
        either = {job for pair in jobs.values() for job in pair}
        under_way = await self._queue.under_way(either, running_seconds=RUNNING_SECONDS)
        lost = [row for row in looked if not under_way.intersection(jobs[row["event_id"]])]
        if lost:
            values = self._times | {
                name: [row[column] for row in lost]
                for name, column in (("event_ids", "event_id"), ("subscribers", "subscriber"), ("attempts", "attempts"))
            }
            rows = await (await connection.execute(self._sql["again"], values)).fetchall()
            failpoint("relay.resend_claimed")
            dead_jobs = {job for row in lost for job in jobs[row["event_id"]]}
            await self._queue.publish(self._jobs(rows), instead_of=dead_jobs)
            failpoint("relay.published")
            for row in rows:
                REPUBLISHED.labels(row["subscriber"]).inc()
        return len(looked)

    def _jobs(self, rows: Iterable[dict[str, Any]]) -> list[Job]:
        """Oldest first (a UUIDv7 begins with its time): order is not promised, but spares parking."""
        letters: dict[tuple[Service, str], list[dict[str, Any]]] = {}
        for row in sorted(rows, key=lambda row: row["event_id"]):
            try:
                envelope = Envelope(producer=self.service, attempt=row["attempts"], **row)
            except ValidationError as error:
                # Looked at again like one that was lost: it shows as the oldest without an answer, and stops no other.
                log.error("letter_unsendable", event_id=str(row["event_id"]), reason=kind_of(error))
                continue
            letters.setdefault(_jobs_of(row)[0], []).append(envelope.signed_with(self._keys))
        return [Job(service, DELIVER, {"letters": each}, job_id) for (service, job_id), each in letters.items()]

    async def _connect(self) -> Connection:
        """Autocommit: each statement is its own transaction. Session settings are safe on a direct connection."""
        connection = await Connection.connect(
            self._database_url, autocommit=True, row_factory=dict_row, connect_timeout=5
        )
        try:
            await connection.execute("SET app.scope = 'region'")
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(f"{self.service}_outbox")))
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _rest(self, connection: Connection, seconds: float) -> None:
        if seconds:
            async for _ in connection.notifies(timeout=seconds, stop_after=1):
                pass


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of them ends, and end the others. Raises what a finished one raised."""
    tasks = [asyncio.create_task(each) for each in waits]
    done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for task in done:
        task.result()


def _jobs_of(row: dict[str, Any]) -> tuple[tuple[Service, str], tuple[Service, str]]:
    """Where the last sending of a letter is to be found: in the job it was sent in, or taken out of that."""
    service, sending = Service(row["subscriber"]), (row["subscriber"], row["redrives"], row["attempts"])
    return (service, job_id_of(row["sent_with"], *sending)), (service, alone(job_id_of(row["event_id"], *sending)))
