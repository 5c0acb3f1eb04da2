"""Sealing of what is only ever added: entries are bound in batches into one chain per employer.

A trigger notes each new entry as waiting, in the transaction that writes it. Every few seconds the worker takes what
waits, in that order, and seals it: a seal holds a digest of each of its entries and a code over them and over the seal
before it, under a key that the database does not hold. So whoever changes, removes or adds an entry behind the
service's back, or changes a seal, is found out by `audit_verifying`, and no request ever waits for a seal.

What an entry holds may grow: a column that is null is left out of its digest, so that old digests stay true.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    column,
    delete,
    func,
    insert,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from shared.rls import protect
from shared.sealing import lasting_mac

log = structlog.get_logger()

BATCH = 1000
# What is younger waits for the next batch, so that a busy second makes one seal and not ten.
BATCH_SECONDS = 5
PURPOSE = "audit-seal"
GONE = ""
"""The digest of an entry that was removed before it could be sealed: no entry has it."""


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The append-only tables of one service, by name, and what seals them."""

    tables: Mapping[str, Table]
    waiting: Table
    seals: Table


@dataclass(frozen=True, slots=True)
class SealBody:
    """What the code of a seal is over. `entries` are (table, id, digest) in the order in which they were written."""

    employer_id: UUID | None
    number: int
    sealed_at: datetime
    entries: Sequence[tuple[str, str, str]]
    previous: str

    @property
    def code(self) -> str:
        at = self.sealed_at.astimezone(UTC).isoformat()
        body = [str(self.employer_id or ""), self.number, at, self.previous, [list(each) for each in self.entries]]
        return lasting_mac(PURPOSE, json.dumps(body, separators=(",", ":")).encode())


def declare_trail(metadata: MetaData, *tables: Table) -> AuditTrail:
    """Declare the two tables of a service's trail. `audit_waiting` holds ids alone and belongs to no tenant."""
    waiting = Table(
        "audit_waiting",
        metadata,
        Column("number", BigInteger, Identity(always=True), primary_key=True),
        Column("chain", Uuid),
        Column("source", String(40), nullable=False),
        Column("entry_id", String(40), nullable=False),
        Column("queued_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
        Index(None, "queued_at"),
    )
    seals = Table(
        "audit_seals",
        metadata,
        Column("id", Uuid, primary_key=True),
        # None: WME's own entries have a chain too.
        Column("employer_id", Uuid),
        Column("number", Integer, nullable=False),
        Column("sources", ARRAY(String(40)), nullable=False),
        Column("entry_ids", ARRAY(String(40)), nullable=False),
        Column("digests", ARRAY(String(64)), nullable=False),
        Column("previous", String(64), nullable=False),
        Column("code", String(64), nullable=False),
        Column("sealed_at", DateTime(timezone=True), nullable=False),
        Index(
            "uq_audit_seals_employer_id_number",
            "employer_id",
            "number",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )
    return AuditTrail({table.name: table for table in tables}, waiting, seals)


def trail_statements(schema: str, tables: Sequence[str]) -> Iterator[str]:
    """For the migration that adds the two tables to append-only `tables`, which hold entries already."""
    yield from protect(f"{schema}.audit_seals")
    yield from nobody_changes(schema, "audit_seals")
    yield (
        f"CREATE FUNCTION {schema}.await_seal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"  # noqa: S608 - a schema's name
        f" INSERT INTO {schema}.audit_waiting (chain, source, entry_id)"
        " SELECT coalesce(entry->>'employer_id', entry->>'home_employer_id', entry->>'gaining_employer_id')::uuid,"
        " TG_TABLE_NAME, entry->>'id' FROM (SELECT to_jsonb(added) AS entry FROM added) AS entries;"
        " RETURN NULL; END $$"
    )
    for table in tables:
        yield from nobody_changes(schema, table)
        yield from await_seal(schema, table)


def await_seal(schema: str, table: str) -> Iterator[str]:
    """From now on every entry of `table` waits for its seal; those that are there too, oldest first."""
    yield (
        f"CREATE TRIGGER await_seal AFTER INSERT ON {schema}.{table} REFERENCING NEW TABLE AS added"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {schema}.await_seal()"
    )
    yield (
        f"INSERT INTO {schema}.audit_waiting (chain, source, entry_id)"  # noqa: S608 - names that a migration gives
        " SELECT coalesce(entry->>'employer_id', entry->>'home_employer_id', entry->>'gaining_employer_id')::uuid,"
        f" '{table}', entry->>'id' FROM (SELECT to_jsonb(kept) AS entry FROM {schema}.{table} AS kept"
        " ORDER BY kept.recorded_at, kept.id) AS entries"
    )


def nobody_changes(schema: str, table: str) -> Iterator[str]:
    """No role may change or remove a row: neither the service's nor the owner, and triggers stop whoever still could,
    with replication's switch too. `refuse_change` is the schema's own.
    """
    yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {schema}_app, CURRENT_USER"
    yield f"DROP TRIGGER IF EXISTS append_only ON {schema}.{table}"
    yield f"DROP TRIGGER IF EXISTS refuse_change ON {schema}.{table}"
    yield (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.{table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {schema}.refuse_change()"
    )
    yield f"ALTER TABLE {schema}.{table} ENABLE ALWAYS TRIGGER append_only"


def digest_of(row: Mapping[str, Any]) -> str:
    """SHA-256 of an entry as it is stored, in hexadecimal; what is null is left out."""
    kept = {name: _plain(value) for name, value in row.items() if value is not None}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


async def seal_waiting(session: AsyncSession, trail: AuditTrail, *, seconds: float = BATCH_SECONDS) -> int:
    """Due work: seal what has waited for so many seconds, and what came since. Returns how many, when more wait."""
    waiting = trail.waiting
    is_ripe = waiting.c.queued_at <= func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    if await session.scalar(select(waiting.c.number).where(is_ripe).limit(1)) is None:
        return 0
    batch = select(waiting.c.number).order_by(waiting.c.number).limit(BATCH)
    taken = (await session.execute(delete(waiting).where(waiting.c.number.in_(batch)).returning(waiting))).all()
    digests = await _digests(session, trail, [(each.source, each.entry_id) for each in taken])
    chains: dict[UUID | None, list[tuple[str, str, str]]] = defaultdict(list)
    for each in sorted(taken, key=lambda row: row.number):
        entry = (each.source, each.entry_id)
        chains[each.chain].append((*entry, digests.get(entry, GONE)))
    await _add_seals(session, trail.seals, chains)
    return len(taken) if len(taken) == BATCH else 0


async def _add_seals(
    session: AsyncSession, seals: Table, chains: Mapping[UUID | None, Sequence[tuple[str, str, str]]]
) -> None:
    heads = await _heads_of_chains(session, seals, list(chains))
    sealed_at = await session.scalar(select(func.clock_timestamp()))
    assert sealed_at is not None
    bodies = []
    for employer_id, entries in chains.items():
        number, previous = heads.get(employer_id, (0, ""))
        bodies.append(SealBody(employer_id, number + 1, sealed_at, entries, previous))
    await session.execute(insert(seals), [_row(each) for each in bodies])
    for body in bodies:
        # The head of the chain, where the database's own masters do not reach.
        chain = str(body.employer_id or "")
        log.info("audit_sealed", chain=chain, number=body.number, code=body.code, entries=len(body.entries))


async def _heads_of_chains(
    session: AsyncSession, seals: Table, chains: Sequence[UUID | None]
) -> dict[UUID | None, tuple[int, str]]:
    """As `heads_of`, of these chains alone: one look into the index for each, however long they are."""
    employers = literal([each for each in chains if each is not None], ARRAY(Uuid))
    asked = func.unnest(employers).table_valued(column("employer_id", Uuid), name="asked").render_derived()
    newest = select(seals.c.employer_id, seals.c.number, seals.c.code).order_by(seals.c.number.desc()).limit(1)
    found = newest.where(seals.c.employer_id == asked.c.employer_id).lateral("newest")
    rows = [*await session.execute(select(found).select_from(asked.join(found, true())))]
    if None in chains:
        rows += await session.execute(newest.where(seals.c.employer_id.is_(None)))
    return {row.employer_id: (row.number, row.code) for row in rows}


async def heads_of(session: AsyncSession, seals: Table) -> dict[UUID | None, tuple[int, str]]:
    """The number and code of each chain's last seal: reads all of them, for who verifies all of them."""
    newest = select(seals.c.employer_id, seals.c.number, seals.c.code).ext(distinct_on(seals.c.employer_id))
    rows = await session.execute(newest.order_by(seals.c.employer_id, seals.c.number.desc()))
    return {row.employer_id: (row.number, row.code) for row in rows}


async def _digests(
    session: AsyncSession, trail: AuditTrail, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    rows = await entries_of(session, trail, wanted)
    return {entry: digest_of(row) for entry, row in rows.items()}


async def entries_of(
    session: AsyncSession, trail: AuditTrail, wanted: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The entries that are there, as they are stored, by table and id."""
    by_table: dict[str, list[str]] = defaultdict(list)
    for source, entry_id in wanted:
        by_table[source].append(entry_id)
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for source, ids in by_table.items():
        table = trail.tables[source]
        kind = table.c.id.type.python_type
        query = select(table).where(table.c.id.in_([kind(each) for each in ids]))
        found |= {(source, str(row.id)): row._mapping for row in await session.execute(query)}  # noqa: SLF001 - a Row's public mapping
    return found


def _row(body: SealBody) -> dict[str, Any]:
    sources, ids, digests = zip(*body.entries, strict=True)
    return {
        "id": uuid4(),
        "employer_id": body.employer_id,
        "number": body.number,
        "sources": list(sources),
        "entry_ids": list(ids),
        "digests": list(digests),
        "previous": body.previous,
        "code": body.code,
        "sealed_at": body.sealed_at,
    }


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case UUID():
            return str(value)
        case _:
            return value
