"""Recording an event: one entry in the log, a letter per subscriber, sealed parts for their readers only."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from shared.database import Sessions, transaction
from shared.events.ats import StaffContact
from shared.events.base import Contact
from shared.events.routing import SUBSCRIBERS
from shared.logging import CORRELATION_ID
from shared.outbox import SealedPartMismatch, events, outbox, record
from shared.sealing import Keyring, Unsealable
from shared.tenancy import NOBODY, REGION, Tenancy
from shared.vocabulary import Service
from tests.factories.events import ADA, FOR_BOTH, NOON, opening_reserved, staff_changed, vacancy_published
from tests.mechanism import Mechanism


async def test_an_event_is_one_entry_in_the_log_and_one_letter_per_subscriber(told: Sessions) -> None:
    fact = staff_changed(version=7)
    CORRELATION_ID.set("the-request")
    async with transaction(told, REGION) as session:
        event_id = await record(session, fact, now=NOON, sealed=FOR_BOTH)
    async with transaction(told, REGION) as session:
        entry = (await session.execute(select(events))).one()
        letters = (await session.scalars(select(outbox.c.subscriber).order_by(outbox.c.subscriber))).all()
    assert (entry.id, entry.name, entry.kind, entry.aggregate, entry.aggregate_id, entry.aggregate_version) == (
        event_id,
        "ats.staff_changed.v1",
        "state",
        "staff",
        fact.staff_id,
        7,
    )
    assert (entry.occurred_at, entry.correlation_id) == (NOON, "the-request")
    assert letters == ["clearing", "notifications"]


async def test_recording_takes_one_statement(told: Sessions) -> None:
    async with transaction(told, REGION) as session:
        connection = await session.connection()
        statements: list[str] = []
        event.listen(connection.sync_connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH)
    assert len(statements) == 1


async def test_what_is_rolled_back_tells_nothing(mechanism: Mechanism, told: Sessions) -> None:
    async with told() as session:
        await record(session, opening_reserved(), now=NOON)
        await session.rollback()
    assert mechanism.query("SELECT (SELECT count(*) FROM ats.events), (SELECT count(*) FROM ats.outbox)") == [(0, 0)]


async def test_an_event_that_nobody_hears_is_in_the_log_alone(mechanism: Mechanism, told: Sessions) -> None:
    fact = vacancy_published()
    assert SUBSCRIBERS[type(fact)] == ()
    async with transaction(told, REGION) as session:
        await record(session, fact, now=NOON)
    assert mechanism.query("SELECT (SELECT count(*) FROM ats.events), (SELECT count(*) FROM ats.outbox)") == [(1, 0)]


@pytest.mark.parametrize(
    "sealed",
    [
        {},
        {Service.CLEARING: ADA},
        FOR_BOTH | {Service.ATS: ADA},
        FOR_BOTH | {Service.CLEARING: Contact(name="Ada", email="ada@example.org")},
    ],
    ids=["none", "one missing", "one too many", "one of another shape"],
)
async def test_sealed_parts_are_given_exactly_as_the_event_says(told: Sessions, sealed) -> None:
    async with transaction(told, REGION) as session:
        with pytest.raises(SealedPartMismatch):
            await record(session, staff_changed(), now=NOON, sealed=sealed)


async def test_a_sealed_part_is_unreadable_in_the_database_and_opens_for_its_subscriber_and_event_only(
    mechanism: Mechanism, told: Sessions, keys: Keyring
) -> None:
    async with transaction(told, REGION) as session:
        event_id = await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH)
        other_id = await record(session, staff_changed(), now=NOON, sealed=FOR_BOTH)
    letters = dict(mechanism.query("SELECT subscriber, sealed FROM ats.outbox WHERE event_id = %s", event_id))
    assert "Canary" not in "".join(letters.values())
    opened = keys.open(letters["clearing"], StaffContact, subscriber=Service.CLEARING, event_id=event_id)
    assert opened.email == ADA.email
    for subscriber, wrong_id in ((Service.NOTIFICATIONS, event_id), (Service.CLEARING, other_id)):
        with pytest.raises(Unsealable):
            keys.open(letters["clearing"], StaffContact, subscriber=subscriber, event_id=wrong_id)


async def test_anyone_may_tell_and_only_readers_may_read_back(mechanism: Mechanism, told: Sessions) -> None:
    fact = opening_reserved()
    async with transaction(told, NOBODY) as session:
        await record(session, fact, now=NOON)
        assert (await session.execute(select(events.c.id))).all() == []
    for tenancy, expected in ((Tenancy.of([fact.employer_id]), 1), (Tenancy.of([fact.vacancy_id]), 0), (REGION, 1)):
        async with transaction(told, tenancy) as session:
            assert len((await session.execute(select(events.c.id))).all()) == expected


async def test_nobody_changes_or_removes_what_was_said(mechanism: Mechanism, told: Sessions) -> None:
    async with transaction(told, REGION) as session:
        await record(session, opening_reserved(), now=NOON)
        await session.execute(events.update().values(name="ats.other.v1"))
        await session.execute(events.delete())
    assert mechanism.query("SELECT name FROM ats.events") == [("ats.opening_reserved.v1",)]
