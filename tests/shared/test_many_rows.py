"""Many rows go in as one by one they would: types, defaults, order and policies are the table's own."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import insert, select

from shared.database import Sessions, transaction
from shared.many_rows import insert_rows
from shared.outbox import events
from shared.tenancy import REGION

AT = datetime(2026, 11, 16, 9, 30, 0, 123456, tzinfo=UTC)


def fact(number: int) -> dict[str, object]:
    return {
        "id": uuid4(),
        "name": f"Ümlaut 'quoted' \"{number}\" \\ £",
        "kind": "fact",
        "aggregate": "vacancy",
        "aggregate_id": uuid4(),
        "aggregate_version": None if number % 2 else number,
        "readers": [uuid4(), uuid4()],
        "payload": {"deep": [{"a": None}, "€", 1.5]},
        "correlation_id": None,
        "occurred_at": AT,
    }


async def test_many_rows_are_stored_as_they_are_one_by_one_and_in_their_order(heard: Sessions) -> None:
    rows = [fact(number) for number in range(50)]
    async with transaction(heard, REGION) as session:
        await insert_rows(session, events, rows)
        await session.execute(insert(events), [{**each, "id": uuid4()} for each in rows])
        columns = [events.c[name] for name in rows[0] if name != "id"]
        stored = (await session.execute(select(*columns).order_by(events.c.seq))).all()
        ids = list(await session.scalars(select(events.c.id).order_by(events.c.seq).limit(50)))
        assert (await session.scalar(select(events.c.recorded_at).limit(1))) is not None
    assert stored[:50] == stored[50:]
    assert ids == [each["id"] for each in rows]
    assert stored[0].occurred_at == AT


async def test_no_rows_are_no_statement(heard: Sessions) -> None:
    async with transaction(heard, REGION) as session:
        await insert_rows(session, events, [])
        assert (await session.scalars(select(events.c.id))).all() == []
