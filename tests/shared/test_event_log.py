"""The event log: nobody's slow transaction is skipped, nobody reads what is not theirs, a cursor lasts."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, make_url

from migrations.mechanism import follow_the_cluster
from shared.database import Sessions, transaction
from shared.event_log import FIRST, Position, _position, cluster_of, read_events
from shared.events.base import Event
from shared.outbox import record
from shared.tenancy import NOBODY, REGION, Tenancy
from tests.factories.events import NOON, opening_reserved, vacancy_published
from tests.mechanism import Mechanism

DUDLEY, WALSALL = uuid4(), uuid4()


async def tell(sessions: Sessions, *told: Event) -> list[UUID]:
    async with transaction(sessions, REGION) as session:
        return [await record(session, event, now=NOON) for event in told]


async def read(
    sessions: Sessions, after: Position = FIRST, *, tenancy: Tenancy = REGION, limit: int = 100, name: str | None = None
) -> tuple[list[UUID], Position, bool]:
    async with transaction(sessions, tenancy) as session:
        rows, reached, has_more = await read_events(session, tenancy, after=after, limit=limit, name=name)
    return [row.id for row in rows], reached, has_more


async def test_events_come_in_order_page_by_page_each_once(told: Sessions) -> None:
    expected = [each for _ in range(7) for each in await tell(told, *(opening_reserved() for _ in range(3)))]
    found: list[UUID] = []
    position, has_more = FIRST, True
    while has_more:
        ids, position, has_more = await read(told, position, limit=4)
        found += ids
    assert found == expected


async def test_a_slow_transaction_is_never_skipped(told: Sessions) -> None:
    """Its event has the smaller number, but becomes visible after a later one was committed."""
    async with told() as slow:
        early = await record(slow, opening_reserved(), now=NOON)
        [late] = await tell(told, opening_reserved())
        ids, position, has_more = await read(told)
        assert (ids, has_more) == ([], False)
        await slow.commit()
    ids, position, _ = await read(told, position)
    assert ids == [early, late]
    assert (await read(told, position))[0] == []


async def test_reading_again_and_again_beside_writers_misses_nothing(told: Sessions) -> None:
    """Transactions that overlap in every way, and a reader that polls between all of their steps."""
    expected: list[UUID] = []
    found: list[UUID] = []
    position = FIRST
    for _ in range(10):
        async with told() as first, told() as second:
            expected.append(await record(first, opening_reserved(), now=NOON))
            expected.append(await record(second, opening_reserved(), now=NOON))
            for writer in (second, first):
                expected.append(await record(writer, opening_reserved(), now=NOON))
                ids, position, _ = await read(told, position)
                found += ids
                await writer.commit()
                ids, position, _ = await read(told, position)
                found += ids
    ids, position, _ = await read(told, position)
    assert sorted(found + ids) == sorted(expected)


async def test_what_was_rolled_back_is_not_in_the_log_and_stops_nobody(told: Sessions) -> None:
    async with told() as session:
        await record(session, opening_reserved(), now=NOON)
        await session.rollback()
    expected = await tell(told, opening_reserved())
    assert (await read(told))[0] == expected


async def test_an_employer_reads_what_concerns_it_and_the_region_all(told: Sessions) -> None:
    ours, theirs = await tell(told, opening_reserved(employer_id=DUDLEY), opening_reserved(employer_id=WALSALL))
    assert (await read(told, tenancy=Tenancy.of([DUDLEY])))[0] == [ours]
    assert (await read(told, tenancy=Tenancy.of([DUDLEY, WALSALL])))[0] == [ours, theirs]
    assert (await read(told, tenancy=REGION))[0] == [ours, theirs]
    assert (await read(told, tenancy=NOBODY))[0] == []


async def test_a_page_without_events_moves_its_reader_on(told: Sessions) -> None:
    await tell(told, *(opening_reserved(employer_id=WALSALL) for _ in range(5)))
    ids, position, has_more = await read(told, tenancy=Tenancy.of([DUDLEY]))
    assert (ids, has_more) == ([], False)
    assert int(position[0]) > 0
    [ours] = await tell(told, opening_reserved(employer_id=DUDLEY))
    assert (await read(told, position, tenancy=Tenancy.of([DUDLEY])))[0] == [ours]


async def test_events_of_one_name(told: Sessions) -> None:
    _, published = await tell(told, opening_reserved(), vacancy_published())
    assert (await read(told, name="ats.vacancy_published.v1"))[0] == [published]


async def test_a_log_that_was_restored_into_a_younger_cluster_is_read_again_in_its_order(
    mechanism: Mechanism, told: Sessions
) -> None:
    before = [each for _ in range(3) for each in await tell(told, opening_reserved(), opening_reserved())]
    # As a dump brings it: the ids of transactions that this cluster has not given out yet.
    mechanism.query("UPDATE ats.events SET xact_id = (xact_id::text::bigint + 4000000000)::text::xid8")
    assert (await read(told))[0] == []
    owner = create_engine(
        make_url(mechanism.environment["ATS_OWNER_DATABASE_URL"]).set(drivername="postgresql+psycopg")
    )
    with owner.begin() as connection:
        assert follow_the_cluster(connection, "ats")
        assert not follow_the_cluster(connection, "ats")
    owner.dispose()
    after = await tell(told, opening_reserved())
    assert (await read(told))[0] == before + after
    forced = "SELECT relforcerowsecurity FROM pg_class WHERE oid = 'ats.events'::regclass"
    assert mechanism.scalar(forced)


async def test_a_cursor_of_another_cluster_starts_over(told: Sessions) -> None:
    async with transaction(told, REGION) as session:
        cluster = await cluster_of(session)
    assert _position([cluster, "90000", 55], cluster) == ("90000", 55)
    assert _position(["7000000000000000000", "90000", 55], cluster) == FIRST


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_one_transactions_events_may_be_parted_by_a_page(told: Sessions, limit: int) -> None:
    expected = await tell(told, opening_reserved(), opening_reserved(), opening_reserved())
    first, position, _ = await read(told, limit=limit)
    second, _, has_more = await read(told, position)
    assert (first + second, has_more) == (expected, False)


async def test_the_page_is_found_by_its_index(mechanism: Mechanism, told: Sessions) -> None:
    await tell(told, *(opening_reserved() for _ in range(500)))
    mechanism.query("ANALYZE ats.events")
    plan = mechanism.query(
        "EXPLAIN SELECT * FROM ats.events WHERE (xact_id, seq) > ('0'::xid8, 0) ORDER BY xact_id, seq LIMIT 10"
    )
    assert "uq_events_xact_id_seq" in str(plan)
