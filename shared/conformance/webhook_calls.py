"""A webhook registered, shown to be ours, told something made up, and taken away."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from shared.conformance.caller import json_of
from shared.conformance.steps import Missed, NotTried, Run, Step, check, expect
from shared.conformance.webhook_receiver import WebhookReceiver, what_is_wrong_with

WRITE = "webhooks:write"
TOLD = "job.listed"
SECONDS_TO_ARRIVE = 20.0
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
CONTACT = {"name": "Conformance check", "email": "conformance@council.example"}


def register(run: Run) -> None:
    """Where the server is this machine it can call us back; any other needs an address that leads here."""
    run.need("employer")
    if not run.notifications_url:
        raise NotTried("Say where the messages are: NOTIFICATIONS=https://…")
    is_local = urlsplit(run.notifications_url).hostname in LOCAL
    if not is_local and not run.webhook_url:
        raise NotTried(
            "This server cannot call this machine. Say a public https address that leads to a port here:"
            " WEBHOOK=https://… WEBHOOK_PORT=8099"
        )
    receiver = WebhookReceiver(run.webhook_port if run.webhook_url else 0)
    try:
        receiver.listen()
    except OSError:
        taken = f"Free the port {run.webhook_port}, or name another: WEBHOOK_PORT="
        raise Missed("a port to listen on", f"{run.webhook_port} is taken", taken) from None
    run.made["receiver"] = receiver
    address = run.webhook_url or f"http://127.0.0.1:{receiver.port}/webhooks"
    wanted = {"employer": run.employer, "url": address, "event_types": [TOLD], "contact": CONTACT}
    answer = run.caller.call("POST", f"{run.notifications_url}/v1/webhooks", json=wanted)
    body = expect(
        answer, 201, "Send employer, url, event_types and contact; ask for a token for notifications as well."
    )
    run.made["webhook"] = body["id"]
    run.made["webhook_secret"] = body["secret"]
    check(body["secret"].startswith("whsec_"), "a secret that begins with whsec_", "another", "Tell support.")


def answer_challenge(run: Run) -> None:
    webhook_id, receiver, secret = run.need("webhook"), run.need("receiver"), run.need("webhook_secret")
    answer = run.caller.call("POST", f"{run.notifications_url}/v1/webhooks/{webhook_id}/verify")
    body = expect(answer, 200, "Call it when your receiver listens and knows the secret.")
    mend = 'Answer 200 with {"challenge": "…"} and the text of data.challenge.'
    check(bool(body.get("is_verified")), "a verified endpoint", str(body.get("explanation")), mend)
    challenge = receiver.wait_for("webhook.challenge", seconds=1.0)
    wrong = (
        "it was never received here" if challenge is None else what_is_wrong_with(challenge, secret, now=time.time())
    )
    check(wrong is None, "a challenge with a good signature", str(wrong), "Check the signature over the raw body.")
    run.made["verified"] = True


def verify_message(run: Run) -> None:
    run.need("verified")
    webhook_id, receiver, secret = run.need("webhook"), run.need("receiver"), run.need("webhook_secret")
    answer = run.caller.call("POST", f"{run.notifications_url}/v1/webhooks/{webhook_id}/test", json={})
    expect(answer, 202, "Send an empty object, or the types that you want.")
    taken = receiver.wait_for(TOLD, seconds=SECONDS_TO_ARRIVE)
    if taken is None:
        mend = f"Look at what was tried: GET /v1/webhooks/{webhook_id}/deliveries."
        raise Missed(f"a message within {SECONDS_TO_ARRIVE:.0f} seconds", "none", mend)
    wrong = what_is_wrong_with(taken, secret, now=time.time())
    check(wrong is None, "a message with a good signature", str(wrong), "Check the signature over the raw body.")
    told = set(taken.message)
    check(told >= {"type", "timestamp", "data"}, "type, timestamp and data", str(sorted(told)), "Tell support.")


def take_away(run: Run) -> None:
    webhook_id = run.need("webhook")
    run.need("receiver").close()
    answer = run.caller.call("DELETE", f"{run.notifications_url}/v1/webhooks/{webhook_id}")
    check(answer.is_success, "204", str(json_of(answer).get("code") or answer.status_code), "Delete it yourself.")


STEPS = (
    Step("Register a webhook", "POST /v1/webhooks at notifications", register, WRITE, is_extra=True),
    Step("Answer its challenge", "POST /v1/webhooks/{id}/verify", answer_challenge, WRITE, is_extra=True),
    Step("A verified webhook", "POST /v1/webhooks/{id}/test", verify_message, WRITE, is_extra=True),
    Step("Take the webhook away", "DELETE /v1/webhooks/{id}", take_away, WRITE, is_extra=True),
)
