"""The command line: the first administrator, systems and keys, each secret printed once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.vocabulary import Service
from tests.factories.identity import sign_in

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse staple"


def run(live: Any, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.ats.identity.cli", *arguments],
        cwd=ROOT,
        env={**os.environ, **live.parts.environment(live.database)},
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_an_operator_makes_the_first_administrator_and_a_system(live: Any) -> None:
    person = ("staff", "--name", "Amy Pond", "--email", "amy@wme.example", "--role", "wme_admin")
    made = run(live, *person, "--password-stdin", typed=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    assert PASSWORD not in made.stdout
    client = json.loads(
        run(live, "client", "--name", "HR system", "--scope", "vacancies:read", "--employer", "SAW").stdout
    )
    async with live.client(Service.ATS) as ats:
        assert (await sign_in(ats, "amy@wme.example", PASSWORD)).status_code == 303
        form = {"grant_type": "client_credentials", **{each: client[each] for each in ("client_id", "client_secret")}}
        assert (await ats.post("/oauth/token", data=form)).status_code == 200
    again = run(live, *person)
    assert (again.returncode, again.stdout) == (1, "")
    assert "e-mail address" in again.stderr


async def test_without_a_password_an_invitation_is_printed(live: Any) -> None:
    made = json.loads(
        run(live, "staff", "--name", "Amy", "--email", "amy@saw.example", "--role", "council_admin@SAW").stdout
    )
    async with live.client(Service.ATS) as ats:
        path = made["invitation_url"].removeprefix("http://127.0.0.1:8001")
        assert (await ats.get(path)).status_code == 200


async def test_a_new_key_is_announced_and_not_yet_used(live: Any) -> None:
    kid = json.loads(run(live, "rotate-key").stdout)["kid"]
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
async def test_a_mistake_gets_one_clear_line(arguments: tuple[str, ...], live: Any) -> None:
    refused = run(live, *arguments)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "Traceback" not in refused.stderr
