"""What runs in the processes of the fault tests: the real relay and worker, with handlers whose effects can be counted.

`ats` is the producer and `clearing` the consumer. Each handling of a fact leaves a row of its own, so that a doubled
effect is seen as two rows. What leaves no row (a delivery, a fact put off) is counted in a file.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Uuid, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import relay, sealing, worker
from shared.clock import SystemClock
from shared.consumer import Consumer, Handler, Handling
from shared.copies import keep_newer
from shared.database import Sessions, create_engine, sessions_of, transaction
from shared.events.ats import EmployerChanged, OpeningReserved, VacancyChanged
from shared.events.base import Event
from shared.inbox import Parked
from shared.outbox import outbox, record
from shared.queue import Job, Queue
from shared.settings import Settings
from shared.tenancy import REGION
from shared.vocabulary import ContractKind, Management, Service, VacancyState
from shared.worker import ServiceWorker, serve_relay, serve_worker

TABLES = MetaData(schema="faults")
written = Table("written", TABLES, Column("id", Uuid, primary_key=True), Column("event_id", Uuid, nullable=False))
vacancies = Table("vacancies", TABLES, Column("id", Uuid, primary_key=True), Column("version", Integer, nullable=False))
effects = Table(
    "effects",
    TABLES,
    Column("no", BigInteger, primary_key=True),
    Column("event_id", Uuid, nullable=False),
    # Whether a state was newer than what was held.
    Column("is_stored", Boolean, nullable=False),
)
copies = Table("copies", TABLES, Column("id", Uuid, primary_key=True), Column("version", Integer, nullable=False))

# What tells a handler how to behave: `opening_no` of a fact, `title` of an employer, whose letters are done in groups.
HARMLESS, RAISES, EXITS, LOOPS, WANTS_ITS_VACANCY, STUMBLES = 1, 2, 3, 4, 5, 6
MENDED = "WME_TEST_MENDED"
COUNTS = "WME_TEST_COUNTS"
DELIVERED, PARKED = "delivered", "parked"


def note(what: str, times: int = 1) -> None:
    """Count what leaves no row; it outlives the process and its transaction."""
    file = os.open(Path(os.environ[COUNTS], what), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, b"." * times)
    os.close(file)


def behave(how: int, event_id: UUID) -> None:
    if MENDED in os.environ:
        return
    if how == STUMBLES:
        try:
            os.close(os.open(Path(os.environ[COUNTS], str(event_id)), os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        raise RuntimeError("the first time only")
    if how == RAISES:
        raise RuntimeError("poison")
    if how == EXITS:
        os.kill(os.getpid(), signal.SIGKILL)
    while how == LOOPS:
        time.sleep(0.01)


async def on_opening_reserved(handling: Handling, event: OpeningReserved) -> None:
    behave(event.opening_no, handling.event_id)
    if event.opening_no == WANTS_ITS_VACANCY:
        found = await handling.session.scalar(select(copies.c.id).where(copies.c.id == event.vacancy_id))
        if found is None:
            note(PARKED)
            raise Parked("vacancy_unknown")
    await handling.session.execute(insert(effects).values(event_id=handling.event_id, is_stored=True))


async def on_vacancy_changed(handling: Handling, event: VacancyChanged) -> None:
    is_stored = await keep_newer(handling.session, copies, {"id": event.vacancy_id, "version": event.version})
    await handling.session.execute(insert(effects).values(event_id=handling.event_id, is_stored=is_stored))


async def on_employer_changed(handling: Handling, event: EmployerChanged) -> None:
    behave(int(event.title), handling.event_id)
    await handling.session.execute(insert(effects).values(event_id=handling.event_id, is_stored=True))


CLEARING: Mapping[type[Event], Handler] = {
    OpeningReserved: on_opening_reserved,
    VacancyChanged: on_vacancy_changed,
    EmployerChanged: on_employer_changed,
}


def employer(how: int = HARMLESS) -> EmployerChanged:
    mark = uuid4()
    return EmployerChanged(
        employer_id=mark,
        version=1,
        code=f"X{mark.hex[:8]}",
        title=str(how),
        employer_kind="council",
        valid_from=SystemClock().now().date(),
    )


def fact(vacancy_id: UUID, opening_no: int = HARMLESS) -> OpeningReserved:
    return OpeningReserved(
        vacancy_id=vacancy_id,
        employer_id=uuid4(),
        request_id=uuid4(),
        referral_id=uuid4(),
        opening_no=opening_no,
        held_until=SystemClock().now(),
    )


def state(vacancy_id: UUID, version: int) -> VacancyChanged:
    return VacancyChanged(
        vacancy_id=vacancy_id,
        version=version,
        content_version=1,
        employer_id=uuid4(),
        reference="SAN-2026-00001",
        title="Caseworker",
        state=VacancyState.IN_CLEARING,
        management=Management.HOSTED,
        hours_per_week="37",
        contract=ContractKind.PERMANENT,
        outcode="B70",
        openings=1,
        openings_remaining=1,
    )


async def write_one(sessions: Sessions, vacancy_id: UUID, of: type[Event], how: int = HARMLESS) -> UUID:
    """One command, as an API runs it: a change and what it tells, in one transaction."""
    write_id = uuid4()
    async with transaction(sessions, REGION) as session:
        event: Event
        if of is VacancyChanged:
            version = await session.scalar(
                update(vacancies)
                .where(vacancies.c.id == vacancy_id)
                .values(version=vacancies.c.version + 1)
                .returning(vacancies.c.version)
            )
            event = state(vacancy_id, version or 0)
        elif of is EmployerChanged:
            event = employer(how)
        else:
            event = fact(vacancy_id, how)
        await write_down(session, write_id, event)
    return write_id


async def write_down(session: AsyncSession, write_id: UUID, event: Event) -> UUID:
    """Record an event for clearing alone, and that it was; returns the event's id."""
    event_id = await record(session, event, now=SystemClock().now())
    await session.execute(delete(outbox).where(outbox.c.event_id == event_id, outbox.c.subscriber != "clearing"))
    await session.execute(insert(written).values(id=write_id, event_id=event_id))
    return event_id


MIX = (
    (OpeningReserved, HARMLESS),
    (OpeningReserved, WANTS_ITS_VACANCY),
    (VacancyChanged, HARMLESS),
    (EmployerChanged, HARMLESS),
)


async def write_under_load(settings: Settings, ids: Sequence[UUID], per_second: float, answered: str) -> None:
    """Commands until SIGTERM. The id of each that was answered (committed and known to be) goes into a file."""
    sealing.install(settings)
    engine = create_engine(settings.database_url, schema=settings.service, pool_size=4)
    sessions = sessions_of(engine)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    file = os.open(answered, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def command(vacancy_id: UUID, of: type[Event], how: int = HARMLESS) -> bool:
        try:
            write_id = await write_one(sessions, vacancy_id, of, how)
        except Exception:  # noqa: BLE001 - the caller of an API sees a refusal and goes on
            return False
        os.write(file, f"{write_id}\n".encode())
        return True

    async def client() -> None:
        while not stopping.is_set():
            of, how = random.choice(MIX)
            await command(random.choice(ids), of, how)
            await asyncio.sleep(4 / per_second)

    for each in ids:
        while not await command(each, VacancyChanged):
            await asyncio.sleep(0.05)
    await asyncio.gather(*(client() for _ in range(4)))
    await engine.dispose()


# Variants of a process, named after a comma.
TRIPLICATE, ONE_BY_ONE = "in triplicate", "one letter at a time"


class CountingConsumer(Consumer):
    """Counts the letters that reach it, wherever they came from."""

    async def deliver(self, body: dict[str, Any], tries: int) -> None:
        note(DELIVERED, len(body["letters"]))
        await super().deliver(body, tries)


class QueueInTriplicate(Queue):
    """Every job three times, each under an id of its own."""

    async def publish(self, jobs: Sequence[Job], **others: Any) -> None:
        copied = [Job(each.service, each.function, each.body, f"{each.id}:{copy}") for each in jobs for copy in "ab"]
        await super().publish([*jobs, *copied], **others)


def run(what: str, environment: Mapping[str, str], log: str, arguments: Mapping[str, Any]) -> None:
    """The main of a process of ours."""
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    name, _, variant = what.partition(", ")
    setattr(worker, "Consumer", CountingConsumer)  # noqa: B010 - the type checker knows what it replaces
    if variant == TRIPLICATE:
        setattr(worker, "Queue", QueueInTriplicate)  # noqa: B010
    elif variant == ONE_BY_ONE:
        setattr(relay, "BATCH", 1)  # noqa: B010
    match name:
        case "ats relay":
            serve_relay(Service.ATS)
        case "ats worker":
            serve_worker(ServiceWorker(service=Service.ATS, handlers={}))
        case "clearing worker":
            serve_worker(ServiceWorker(service=Service.CLEARING, handlers=CLEARING))
        case "ats api":
            asyncio.run(write_under_load(Settings.from_environment(Service.ATS), **arguments))
