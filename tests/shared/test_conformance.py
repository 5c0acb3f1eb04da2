"""`make conformance` against the real system: a tick or a clear cross for every step."""

from __future__ import annotations

import json
import re
import subprocess

import httpx
import pytest

from shared.conformance.__main__ import STEPS
from shared.conformance.caller import Caller
from shared.conformance.steps import Mark, NotTried, Result, Run, Step, expect, take
from tests.whole_system import WholeSystem

SCOPES = "vacancies:read vacancies:write vacancies:attest milestones:write clearing:read clearing:write"


def new_client(system: WholeSystem, scopes: str) -> dict[str, str]:
    made = system.make("client", "NAME=Conformance", "EMPLOYER=SAW", f"SCOPES={scopes}")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


def conformance(system: WholeSystem, client: dict[str, str], *more: str) -> subprocess.CompletedProcess[str]:
    secret = f"CLIENT_SECRET={client['client_secret']}"
    where = (f"URL={system.base_url('ats')}", f"CLIENT={client['client_id']}")
    return system.call("env", secret, "make", "--no-print-directory", "conformance", *where, *more)


def marks(printed: str) -> dict[str, str]:
    """By the title of each step."""
    lines = re.findall(r"^(\S) +\d+ (.+?)  +\S.*$", printed, re.MULTILINE)
    return {title.strip(): mark for mark, title in lines}


def test_a_system_with_every_scope_gets_a_tick_for_every_step(whole_system: WholeSystem) -> None:
    client = new_client(whole_system, SCOPES)
    done = conformance(whole_system, client, f"CLEARING={whole_system.base_url('clearing')}")
    assert done.returncode == 0, done.stdout + done.stderr
    found = marks(done.stdout)
    assert list(found) == [step.title for step in STEPS]
    assert {title for title, mark in found.items() if mark != Mark.PASSED} == {"A verified webhook"}
    assert "Not offered yet by this server: its manual names no webhooks." in done.stdout
    assert client["client_secret"] not in done.stdout + done.stderr
    again = conformance(whole_system, client)
    assert again.returncode == 0, "a second run finds nothing of the first in its way"


def test_a_system_that_lacks_a_scope_gets_a_cross_and_how_to_mend_it(whole_system: WholeSystem) -> None:
    client = new_client(whole_system, "vacancies:read vacancies:write vacancies:attest")
    done = conformance(whole_system, client)
    assert done.returncode != 0
    assert "Error 1" in done.stderr, "make's own exit code is another"
    found = marks(done.stdout)
    assert {title for title, mark in found.items() if mark == Mark.FAILED} == {"Report milestones, twice"}
    assert "got        403 scope_missing" in done.stdout
    assert "to mend it Ask the council's administrator to give your client the scope milestones:write." in done.stdout
    assert "not every system needs it" in done.stdout


def test_a_wrong_secret_is_a_cross_and_nothing_else_is_tried(whole_system: WholeSystem) -> None:
    client = new_client(whole_system, "vacancies:read") | {"client_secret": "not-it"}
    done = conformance(whole_system, client)
    assert done.returncode != 0
    found = marks(done.stdout)
    assert found["Get a token"] == Mark.FAILED
    assert found["Write a vacancy by your own reference"] == Mark.NOT_TRIED
    assert "invalid_client" in done.stdout


def answering(*answers: httpx.Response) -> Run:
    """A run whose server gives these answers, one after another."""
    left = list(answers)
    http = httpx.Client(base_url="http://ats.example", transport=httpx.MockTransport(lambda _: left.pop(0)))
    return Run(Caller(http), "id", "secret", "run-1")


def test_a_429_is_waited_for_as_long_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("shared.conformance.caller.time.sleep", slept.append)
    run = answering(httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200))
    assert run.caller.call("GET", "/v1/whoami").status_code == 200
    assert slept == [7]


def test_what_is_no_answer_of_ours_is_a_cross_and_the_run_goes_on() -> None:
    def make(run: Run) -> None:
        expect(run.caller.call("GET", "/"), 200, "Look.")

    step = Step("A step", "GET /", make)
    assert take(step, answering(httpx.Response(502, text="<html>"))).mark is Mark.FAILED

    def away(_: Run) -> None:
        raise httpx.ConnectError("")

    assert take(Step("A step", "GET /", away), answering()).got == "ConnectError"


def test_an_extra_without_its_scope_is_no_cross_and_a_needed_step_is_tried() -> None:
    def make(_: Run) -> None:
        raise NotTried("An earlier step has to pass first.")

    extra = take(Step("A step", "GET /", make, "clearing:read", is_extra=True), answering())
    assert (extra.mark, extra.got) == (
        Mark.NOT_TRIED,
        "Your client has no scope clearing:read; not every system needs it.",
    )
    assert isinstance(take(Step("A step", "GET /", make, "vacancies:read"), answering()), Result)


def test_a_server_that_offers_webhooks_is_never_given_a_tick_for_them() -> None:
    [step] = [each for each in STEPS if each.title == "A verified webhook"]
    offering = httpx.Response(200, json={"paths": {"/v1/webhooks": {}}})
    assert take(step, answering(offering)).mark is Mark.FAILED
    silent = httpx.Response(200, json={"paths": {"/v1/jobs": {}}})
    assert take(step, answering(silent)).mark is Mark.NOT_TRIED
