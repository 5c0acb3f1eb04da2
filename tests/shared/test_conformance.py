"""`make conformance` against the real system: a tick or a clear cross for every step."""

from __future__ import annotations

import json
import re
import subprocess
import time
from datetime import UTC, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from shared.conformance import webhook_calls
from shared.conformance.__main__ import STEPS
from shared.conformance.caller import Caller
from shared.conformance.steps import Mark, NotTried, Result, Run, Step, expect, take
from shared.conformance.webhook_receiver import Received, WebhookReceiver, what_is_wrong_with
from tests.whole_system import WholeSystem

SCOPES = (
    "vacancies:read vacancies:write vacancies:attest milestones:write clearing:read clearing:write"
    " webhooks:read webhooks:write"
)


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
    others = [f"{each.upper()}={whole_system.base_url(each)}" for each in ("clearing", "notifications")]
    done = conformance(whole_system, client, *others)
    assert done.returncode == 0, done.stdout + done.stderr
    found = marks(done.stdout)
    assert list(found) == [step.title for step in STEPS]
    assert {title for title, mark in found.items() if mark != Mark.PASSED} == set()
    assert "Take the webhook away" in found
    assert client["client_secret"] not in done.stdout + done.stderr
    again = conformance(whole_system, client)
    assert again.returncode == 0, "a second run finds nothing of the first in its way"
    assert "Not shown" not in done.stdout
    assert re.search(r"^Not shown by this run: .*Register a webhook", again.stdout, re.MULTILINE)


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


def webhook_step(title: str) -> Step:
    return next(each for each in STEPS if each.title == title)


def test_a_server_elsewhere_needs_an_address_that_leads_here() -> None:
    run = answering()
    run.scopes, run.made = frozenset({"webhooks:write"}), {"employer": "SAW"}
    nowhere = take(webhook_step("Register a webhook"), run)
    assert (nowhere.mark, "NOTIFICATIONS=" in nowhere.got) == (Mark.NOT_TRIED, True)
    run.notifications_url = "https://notifications.example"
    closed = take(webhook_step("Register a webhook"), run)
    assert (closed.mark, "WEBHOOK=https://" in closed.got) == (Mark.NOT_TRIED, True)


def post(url: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return httpx.post(url, content=body, headers=headers, trust_env=False)


def test_a_wrong_signature_is_a_cross_that_says_what_is_wrong() -> None:
    receiver = WebhookReceiver()
    receiver.listen()
    try:
        run = answering(httpx.Response(202, json={"items": []}))
        run.scopes = frozenset({"webhooks:write"})
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        run.made = {"verified": True, "webhook": "1", "receiver": receiver, "webhook_secret": secret}
        stamp = str(int(time.time()))
        headers = {"webhook-id": "1", "webhook-timestamp": stamp, "webhook-signature": "v1,bm90IGl0"}
        post(f"http://127.0.0.1:{receiver.port}/", b'{"type": "job.listed"}', headers)
        result = take(webhook_step("A verified webhook"), run)
    finally:
        receiver.close()
    assert (result.mark, result.expected) == (Mark.FAILED, "a message with a good signature")
    assert "no signature is that of the secret" in result.got


def test_a_message_that_never_comes_is_a_cross_that_says_where_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_calls, "SECONDS_TO_ARRIVE", 0.05)
    run = answering(httpx.Response(202, json={"items": []}))
    run.scopes = frozenset({"webhooks:write"})
    run.made = {"verified": True, "webhook": "1", "receiver": WebhookReceiver(), "webhook_secret": "whsec_"}
    result = take(webhook_step("A verified webhook"), run)
    assert (result.mark, result.got) == (Mark.FAILED, "none")
    assert "/v1/webhooks/1/deliveries" in result.mend


def test_the_receiver_believes_what_an_independent_signer_signed() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    now = datetime.now(UTC)
    body = '{"type":"job.listed"}'
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", now, body),
    }
    assert what_is_wrong_with(Received(headers, body.encode()), secret, now=now.timestamp()) is None
    for wrong in ({"webhook-id": "msg_2"}, {"webhook-signature": ""}, {"webhook-timestamp": "1"}):
        assert what_is_wrong_with(Received(headers | wrong, body.encode()), secret, now=now.timestamp())
    assert what_is_wrong_with(Received(headers, body.encode() + b" "), secret, now=now.timestamp())
