"""Is the audit as it was written? Walks every chain of seals and every entry, and says what is not."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, String, cast, except_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.audit_trail import AuditTrail, SealBody, digest_of, entries_of, heads_of
from shared.seeding import region_transaction
from shared.settings import Settings, SettingsMissing
from shared.vocabulary import Service

SEALS_AT_ONCE = 100
# Transactions that ran beside each other are sealed in the order of their ends; none of ours lasts this long.
LONGEST_TRANSACTION = timedelta(minutes=10)


class Tampering(StrEnum):
    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    """An entry that no seal knows and that waits for none, or one that is dated before what was sealed before it."""
    SEAL_CHANGED = "seal_changed"
    SEAL_REMOVED = "seal_removed"


@dataclass(frozen=True, slots=True)
class Finding:
    what: Tampering
    employer_id: UUID | None
    seal: int | None
    entry: str | None = None


@dataclass(slots=True)
class Walk:
    """Where the walk along one chain stands."""

    employer_id: UUID | None
    number: int = 0
    code: str = ""
    newest: datetime | None = None


async def verify_trail(session: AsyncSession, trail: AuditTrail) -> list[Finding]:
    """What was done to the trail behind the service's back; nothing: it is as it was written."""
    found: list[Finding] = []
    walk: Walk | None = None
    async for seals in _seals(session, trail):
        wanted = [entry for seal in seals for entry in zip(seal.sources, seal.entry_ids, strict=True)]
        rows = await entries_of(session, trail, wanted)
        for seal in seals:
            if walk is None or walk.employer_id != seal.employer_id:
                walk = Walk(seal.employer_id)
            found += [*_seal_findings(walk, seal), *_entry_findings(walk, seal, rows)]
            walk.number, walk.code = seal.number, seal.code
    return found + await _never_sealed(session, trail)


async def _seals(session: AsyncSession, trail: AuditTrail) -> AsyncGenerator[Sequence[Row[Any]]]:
    """Chain by chain, each in its order."""
    seals = trail.seals
    for employer_id in await heads_of(session, seals):
        reached = 0
        is_of_chain: ColumnElement[bool] = seals.c.employer_id.is_not_distinct_from(employer_id)
        while True:
            query = select(seals).where(is_of_chain, seals.c.number > reached)
            page = (await session.execute(query.order_by(seals.c.number).limit(SEALS_AT_ONCE))).all()
            if not page:
                break
            yield page
            reached = page[-1].number


def _seal_findings(walk: Walk, seal: Row[Any]) -> list[Finding]:
    if seal.number != walk.number + 1:
        return [Finding(Tampering.SEAL_REMOVED, walk.employer_id, walk.number + 1)]
    entries = list(zip(seal.sources, seal.entry_ids, seal.digests, strict=True))
    body = SealBody(seal.employer_id, seal.number, seal.sealed_at, entries, seal.previous)
    if seal.code != body.code or seal.previous != walk.code:
        return [Finding(Tampering.SEAL_CHANGED, walk.employer_id, seal.number)]
    return []


def _entry_findings(walk: Walk, seal: Row[Any], rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[Finding]:
    found = []
    for source, entry_id, digest in zip(seal.sources, seal.entry_ids, seal.digests, strict=True):
        row = rows.get((source, entry_id))
        what = _what_became_of(row, digest, walk.newest)
        if what is not None:
            found.append(Finding(what, walk.employer_id, seal.number, f"{source} {entry_id}"))
        if row is not None and what is None:
            walk.newest = max(walk.newest or row["recorded_at"], row["recorded_at"])
    return found


def _what_became_of(row: Mapping[str, Any] | None, digest: str, newest: datetime | None) -> Tampering | None:
    if row is None:
        return Tampering.REMOVED
    if digest_of(row) != digest:
        return Tampering.CHANGED
    is_backdated = newest is not None and row["recorded_at"] < newest - LONGEST_TRANSACTION
    return Tampering.INSERTED if is_backdated else None


async def _never_sealed(session: AsyncSession, trail: AuditTrail) -> list[Finding]:
    """Entries that were slipped in with the triggers asleep. Asked in one statement, since entries come meanwhile."""
    waiting, seals = trail.waiting, trail.seals
    found = []
    for source, table in trail.tables.items():
        entry_id = cast(table.c.id, String)
        unnested = func.unnest(seals.c.sources, seals.c.entry_ids).table_valued("source", "entry_id").render_derived()
        sealed = select(unnested.c.entry_id).select_from(seals.join(unnested, literal(True)))
        unknown = except_(
            select(entry_id),
            sealed.where(unnested.c.source == source),
            select(waiting.c.entry_id).where(waiting.c.source == source),
        )
        slipped_in = sorted(map(str, (await session.scalars(unknown)).all()))
        found += [Finding(Tampering.INSERTED, None, None, f"{source} {each}") for each in slipped_in]
    return found


async def verify_service(service: Service, trail: AuditTrail, settings: Settings) -> int:
    """Print what was found as JSON, a line each, then the head of each chain. Returns 1 where anything was found."""
    async with region_transaction(settings) as session:
        found = await verify_trail(session, trail)
        heads = await heads_of(session, trail.seals)
    for each in found:
        _say(service, found=each.what.value, chain=each.employer_id, seal=each.seal, entry=each.entry)
    for employer_id, (number, code) in heads.items():
        _say(service, chain=employer_id, seals=number, head=code)
    _say(service, result=f"{len(found)} findings" if found else "as it was written", chains=len(heads))
    return 1 if found else 0


def settings_of(service: Service) -> Settings | None:
    """None, said on standard error, where the environment does not say where the database is."""
    try:
        return Settings.from_environment(service)
    except SettingsMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return None


def _say(service: Service, **told: object) -> None:
    sys.stdout.write(json.dumps({"service": service.value} | told, default=str) + "\n")
