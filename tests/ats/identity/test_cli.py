"""The command line: the first administrator, systems and keys, each secret printed once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from anyio import to_thread
from sqlalchemy import select

from services.ats.audit.actor import ActorKind
from services.ats.audit.models import AuditEntry
from services.ats.identity import cli
from shared.database import transaction
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.factories.identity import sign_in

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse staple"


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Awaitable[Ran]]


@pytest.fixture
def run(live: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process: starting a program for each line costs more than what it does."""
    for name, value in live.parts.environment(live.database).items():
        monkeypatch.setenv(name, value)

    async def ran(*arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr("sys.stdin", StringIO(typed))
        capsys.readouterr()
        returncode = await to_thread.run_sync(cli.main, arguments)
        return Ran(returncode, *capsys.readouterr())

    return ran


async def test_an_operator_makes_the_first_administrator_and_a_system(live: Any, run: Run) -> None:
    person = ("staff", "--name", "Amy Pond", "--email", "amy@wme.example", "--role", "wme_admin")
    made = subprocess.run(
        [sys.executable, "-m", "services.ats.identity.cli", *person, "--password-stdin"],
        cwd=ROOT,
        env={**os.environ, **live.parts.environment(live.database)},
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert PASSWORD not in made.stdout
    client = json.loads(
        (await run("client", "--name", "HR system", "--scope", "vacancies:read", "--employer", "SAW")).stdout
    )
    async with live.client(Service.ATS) as ats:
        assert (await sign_in(ats, "amy@wme.example", PASSWORD)).status_code == 303
        form = {"grant_type": "client_credentials", **{each: client[each] for each in ("client_id", "client_secret")}}
        assert (await ats.post("/oauth/token", data=form)).status_code == 200
    again = await run(*person)
    assert (again.returncode, again.stdout) == (1, "")
    assert "e-mail address" in again.stderr


async def test_a_password_is_read_from_what_is_typed(live: Any, run: Run) -> None:
    person = ("staff", "--name", "Amy Pond", "--email", "amy@wme.example", "--role", "wme_admin", "--password-stdin")
    assert "password" in (await run(*person, typed="short\n")).stderr
    assert (await run(*person, typed=f"{PASSWORD}\n")).returncode == 0
    async with live.client(Service.ATS) as ats:
        assert (await sign_in(ats, "amy@wme.example", PASSWORD)).status_code == 303


async def test_without_a_password_an_invitation_is_printed(live: Any, run: Run) -> None:
    made = json.loads(
        (await run("staff", "--name", "Amy", "--email", "amy@saw.example", "--role", "council_admin@SAW")).stdout
    )
    async with live.client(Service.ATS) as ats:
        path = made["invitation_url"].removeprefix("http://127.0.0.1:8001")
        assert (await ats.get(path)).status_code == 200


async def test_what_an_operator_does_is_audited_as_the_systems_own(live: Any, run: Run) -> None:
    made = await run("staff", "--name", "Amy", "--email", "amy@saw.example", "--role", "council_admin@SAW")
    async with transaction(live.sessions[Service.ATS], REGION) as session:
        staff_id = UUID(json.loads(made.stdout)["staff_id"])
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.subject_id == staff_id))).all()
    assert [each.action for each in entries] == ["staff_created", "roles_changed", "staff_invited"]
    assert {(each.actor_kind, each.actor_id) for each in entries} == {(ActorKind.SYSTEM, None)}


async def test_a_new_key_is_announced_and_not_yet_used(live: Any, run: Run) -> None:
    kid = json.loads((await run("rotate-key")).stdout)["kid"]
    async with live.client(Service.ATS) as ats:
        keys = (await ats.get("/.well-known/jwks.json")).json()["keys"]
    assert kid == keys[-1]["kid"]
    assert len(keys) > 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("staff", "--name", "A", "--email", "a@saw.example", "--role", "emperor"),
        ("staff", "--name", "A", "--email", "a@saw.example", "--role", "approver"),
        ("staff", "--name", "A", "--email", "a@saw.example", "--role", "approver@ZZZ"),
        ("client", "--name", "A", "--scope", "vacancies:read", "--employer", "ZZZ"),
    ],
)
async def test_a_mistake_gets_one_clear_line(arguments: tuple[str, ...], run: Run) -> None:
    refused = await run(*arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "Traceback" not in refused.stderr
