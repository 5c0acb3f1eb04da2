"""The audit is sealed without any request waiting, and whoever rewrites it behind the service's back is found out."""
# ruff: noqa: S608 # the ids in these statements are our own

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from anyio import to_thread
from psycopg import errors
from sqlalchemy import func, select

from services.ats.audit import sealing
from services.ats.audit.models import TRAIL, AuditEntry
from shared.audit_trail import seal_waiting
from shared.audit_verifying import Finding, Tampering, verify_trail
from shared.vocabulary import Role, Scope
from tests.ats.desk.test_pages import sign_in
from tests.factories.ats import DUD, SAW, Ats
from tests.factories.identity import grant, make_staff

Tamper = Callable[..., None]


@pytest.fixture
def tamper(live_council: Ats) -> Tamper:
    """The database's own administrator, with the guards of both tables taken down."""

    def act(*statements: str) -> None:
        live = live_council.services
        with psycopg.connect(live.parts.postgres.database_url(live.database), autocommit=True) as connection:
            for table in ("audit_entries", "audit_seals"):
                connection.execute(f"ALTER TABLE ats.{table} DISABLE TRIGGER ALL".encode())
            for statement in statements:
                connection.execute(statement.encode())
            for table in ("audit_entries", "audit_seals"):
                connection.execute(f"ALTER TABLE ats.{table} ENABLE TRIGGER ALL".encode())
                connection.execute(f"ALTER TABLE ats.{table} ENABLE ALWAYS TRIGGER append_only".encode())

    return act


async def seal(council: Ats) -> None:
    async with council.region() as session:
        assert await seal_waiting(session, TRAIL, seconds=0) == 0


async def findings(council: Ats) -> list[Finding]:
    async with council.region() as session:
        return await verify_trail(session, TRAIL)


async def entry_ids(council: Ats) -> list[int]:
    query = select(AuditEntry.id).where(AuditEntry.employer_id == SAW).order_by(AuditEntry.id)
    async with council.region() as session:
        return list(await session.scalars(query))


@pytest.fixture
async def sealed(live_council: Ats) -> list[int]:
    """Entries of two employers in two batches. The ids of the first employer's."""
    await live_council.in_clearing()
    await live_council.in_clearing(employer="DUD")
    await seal(live_council)
    await live_council.in_clearing(title="Second post")
    await seal(live_council)
    return await entry_ids(live_council)


async def kinds(council: Ats) -> set[Tampering]:
    return {each.what for each in await findings(council)}


async def test_an_audit_that_nobody_touched_is_as_it_was_written(live_council: Ats, sealed: list[int]) -> None:
    assert await findings(live_council) == []
    async with live_council.region() as session:
        chained = select(TRAIL.seals.c.employer_id, func.max(TRAIL.seals.c.number)).group_by(TRAIL.seals.c.employer_id)
        heads = {row[0]: row[1] for row in await session.execute(chained)}
    assert (heads[SAW], heads[DUD]) == (2, 1)


async def test_a_changed_entry_is_found(live_council: Ats, sealed: list[int], tamper: Tamper) -> None:
    tamper(f"UPDATE ats.audit_entries SET actor_id = gen_random_uuid() WHERE id = {sealed[0]}")
    assert [(each.what, each.employer_id, each.entry) for each in await findings(live_council)] == [
        (Tampering.CHANGED, SAW, f"audit_entries {sealed[0]}")
    ]


async def test_a_removed_entry_is_found(live_council: Ats, sealed: list[int], tamper: Tamper) -> None:
    tamper(f"DELETE FROM ats.audit_entries WHERE id = {sealed[1]}")
    (found,) = await findings(live_council)
    assert (found.what, found.entry) == (Tampering.REMOVED, f"audit_entries {sealed[1]}")


async def test_an_entry_removed_before_its_seal_is_found(live_council: Ats, sealed: list[int], tamper: Tamper) -> None:
    await live_council.in_clearing(title="Third post")
    last = (await entry_ids(live_council))[-1]
    tamper(f"DELETE FROM ats.audit_entries WHERE id = {last}")
    await seal(live_council)
    assert [(each.what, each.entry) for each in await findings(live_council)] == [
        (Tampering.REMOVED, f"audit_entries {last}")
    ]


INSERTED = (
    "INSERT INTO ats.audit_entries (employer_id, action, subject_kind, subject_id, actor_kind, decided_at, recorded_at)"
    " SELECT employer_id, 'invented', subject_kind, subject_id, actor_kind, decided_at, {} FROM ats.audit_entries"
    " WHERE id = {}"
)


async def test_an_inserted_entry_is_found(live_council: Ats, sealed: list[int], tamper: Tamper) -> None:
    tamper(INSERTED.format("recorded_at", sealed[0]))
    await seal(live_council)
    (found,) = await findings(live_council)
    assert found.what is Tampering.INSERTED


async def test_an_entry_that_is_dated_back_is_found_though_it_was_sealed(live_council: Ats, sealed: list[int]) -> None:
    live = live_council.services
    with psycopg.connect(live.parts.postgres.database_url(live.database), autocommit=True) as connection:
        connection.execute(INSERTED.format("recorded_at - interval '1 day'", sealed[0]).encode())
    await seal(live_council)
    (found,) = await findings(live_council)
    assert (found.what, found.seal) == (Tampering.INSERTED, 3)


async def test_reordered_entries_are_found(live_council: Ats, sealed: list[int], tamper: Tamper) -> None:
    first, second = sealed[:2]
    tamper(
        "ALTER TABLE ats.audit_entries ALTER id DROP IDENTITY",
        f"UPDATE ats.audit_entries SET id = -1 WHERE id = {first}",
        f"UPDATE ats.audit_entries SET id = {first} WHERE id = {second}",
        f"UPDATE ats.audit_entries SET id = {second} WHERE id = -1",
    )
    assert {each.entry for each in await findings(live_council)} == {
        f"audit_entries {first}",
        f"audit_entries {second}",
    }


SEAL = f"FROM ats.audit_seals WHERE employer_id = '{SAW}'"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            f"UPDATE ats.audit_seals SET digests[1] = repeat('0', 64) WHERE employer_id = '{SAW}'",
            Tampering.SEAL_CHANGED,
        ),
        ("UPDATE ats.audit_seals SET sealed_at = sealed_at - interval '1 day'", Tampering.SEAL_CHANGED),
        (f"UPDATE ats.audit_seals SET number = 103 - number WHERE employer_id = '{SAW}'", Tampering.SEAL_REMOVED),
        (f"DELETE {SEAL} AND number = 1", Tampering.SEAL_REMOVED),
        (f"DELETE {SEAL} AND number = 2", Tampering.INSERTED),
    ],
    ids=["digest", "time", "order", "first removed", "last removed"],
)
async def test_a_seal_that_was_touched_is_found(
    live_council: Ats, sealed: list[int], tamper: Tamper, statement: str, expected: Tampering
) -> None:
    tamper(statement)
    assert expected in await kinds(live_council)


async def test_a_seal_made_without_the_key_is_found(live_council: Ats, sealed: list[int], tamper: Tamper) -> None:
    """Whoever changes an entry and computes its digest anew lacks the key for the seal."""
    tamper(
        f"UPDATE ats.audit_entries SET action = 'invented' WHERE id = {sealed[0]}",
        f"UPDATE ats.audit_seals SET code = encode(sha256('guess'), 'hex') WHERE employer_id = '{SAW}'",
    )
    assert {Tampering.CHANGED, Tampering.SEAL_CHANGED} <= await kinds(live_council)


@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("ats.audit_entries", "action"),
        ("ats.audit_seals", "code"),
        ("clearing.transitions", "to_state"),
        ("clearing.personal_data_reads", "read_at"),
        ("clearing.audit_seals", "code"),
    ],
)
def test_every_role_is_refused_even_with_replications_switch(
    parts: Any, table: str, column: str, statement: str
) -> None:
    schema = table.split(".", maxsplit=1)[0]
    refused = (errors.InsufficientPrivilege, errors.RestrictViolation)
    for become in (f"SET ROLE {schema}_app", f"SET ROLE {schema}_owner", "SET session_replication_role = replica"):
        with psycopg.connect(parts.postgres.database_url(parts.template)) as connection:
            connection.execute(become.encode())
            with pytest.raises(refused):
                connection.execute(statement.format(table, column).encode())


async def test_no_request_seals_anything_and_the_worker_takes_what_has_waited(live_council: Ats) -> None:
    await live_council.in_clearing()
    async with live_council.region() as session:
        assert await session.scalar(select(func.count()).select_from(TRAIL.seals)) == 0
        waiting = await session.scalar(select(func.count()).select_from(TRAIL.waiting))
        assert waiting == await session.scalar(select(func.count()).select_from(AuditEntry))
        assert await seal_waiting(session, TRAIL, seconds=3600) == 0
        assert await session.scalar(select(func.count()).select_from(TRAIL.waiting)) == waiting
    await seal(live_council)
    async with live_council.region() as session:
        assert await session.scalar(select(func.count()).select_from(TRAIL.waiting)) == 0


@pytest.fixture
def command(
    live_council: Ats, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[], Awaitable[tuple[int, list[dict[str, Any]]]]]:
    live = live_council.services
    for name, value in live.parts.environment(live.database).items():
        monkeypatch.setenv(name, value)

    async def run() -> tuple[int, list[dict[str, Any]]]:
        capsys.readouterr()
        code = await to_thread.run_sync(sealing.main)
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


async def test_the_command_says_what_it_found_and_ends_with_one(
    live_council: Ats, sealed: list[int], tamper: Tamper, command: Any
) -> None:
    code, said = await command()
    assert (code, said[-1]["result"]) == (0, "as it was written")
    tamper(f"DELETE FROM ats.audit_entries WHERE id = {sealed[0]}")
    code, said = await command()
    assert code == 1
    assert said[0]["found"] == "removed"
    assert said[0]["chain"] == str(SAW)


async def test_each_reading_of_who_a_candidate_is_stands_in_the_audit(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    vacancy = await council.live()
    (seen,) = await council.at_interview(vacancy, recruiter)
    hidden = await council.apply(vacancy)
    reader = council.headers(Scope.APPLICATIONS_READ, on_behalf_of=recruiter.id)
    for path in (f"/v1/applications/{seen['id']}", f"/v1/applications/{hidden['id']}", "/v1/applications"):
        assert (await council.client.get(path, headers=reader)).status_code == 200
    async with council.region() as session:
        read = select(AuditEntry.subject_id, AuditEntry.actor_id).where(AuditEntry.action == "personal_data_read")
        rows = [(str(row.subject_id), row.actor_id) for row in await session.execute(read)]
    assert rows == [(seen["id"], recruiter.id)] * 2


async def test_the_audit_is_for_an_employers_own_administrator_and_for_wmes(council: Ats) -> None:
    await council.in_clearing()
    await council.in_clearing(employer="DUD")
    async with council.region() as session:
        await seal_waiting(session, TRAIL, seconds=0)
    seen: dict[str, set[str | None]] = {}
    for role, code in ((Role.COUNCIL_ADMIN, "SAW"), (Role.WME_ADMIN, ""), (Role.RECRUITER, "SAW")):
        person = await council.staff(role, code) if code else await wme(council)
        council.client.cookies.clear()
        await sign_in(council, person.email)
        answer = await council.client.get("/v1/audit-entries")
        chains = await council.client.get("/v1/audit-chains")
        page = await council.client.get("/audit")
        if role is Role.RECRUITER:
            assert {answer.status_code, chains.status_code, page.status_code} == {403}
            continue
        assert page.status_code == 200
        seen[role] = {each["employer_id"] for each in answer.json()["items"]}
        assert {each["employer_id"] for each in chains.json()} <= seen[role] | {None}
        filtered = await council.client.get("/v1/audit-entries", params={"action": "nothing_such"})
        assert filtered.json()["items"] == []
    assert seen[Role.COUNCIL_ADMIN] == {str(SAW)}
    assert {str(SAW), str(DUD)} <= seen[Role.WME_ADMIN]


async def wme(council: Ats) -> Any:
    async with council.region() as session:
        return await make_staff(session, grant(Role.WME_ADMIN), email="wme@wme.example", name="Rose Tyler")
