"""The challenge: an endpoint is told nothing until it has shown that whoever runs it wants to be.

A message of the type `webhook.challenge` is sent, signed like any other, with `data.challenge`. The receiver answers
with a status of 2xx and the JSON object `{"challenge": "<the same>"}`.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from services.notifications.webhooks import signing
from services.notifications.webhooks.models import WebhookEndpoint
from services.notifications.webhooks.posting import Message, Posted, Poster
from services.notifications.webhooks.samples import message_of
from services.notifications.webhooks.states import WebhookAnswer

CHALLENGE = "webhook.challenge"
IN_WORDS = {
    WebhookAnswer.REFUSED: "It did not answer with a status of 2xx.",
    WebhookAnswer.THROTTLED: "It says that it is too busy, or what stands before it could not reach it.",
    WebhookAnswer.GONE: "It answered 410: gone.",
    WebhookAnswer.REDIRECTED: "It leads on to another address, which is not followed: register that one.",
    WebhookAnswer.UNREACHABLE: "No connection: its name is not known, nobody listens, or its certificate is not valid.",
    WebhookAnswer.TIMED_OUT: "It did not answer in time.",
    WebhookAnswer.ADDRESS_REFUSED: "Its name leads to an address that is not on the public internet.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    is_verified: bool
    answer: WebhookAnswer
    status_code: int | None
    explanation: str


async def challenge(endpoint: WebhookEndpoint, poster: Poster, *, now: datetime) -> Outcome:
    """Send the challenge once, outside any transaction, and look at what comes back."""
    asked = secrets.token_urlsafe(32)
    body = message_of(CHALLENGE, now, {"webhook_id": str(endpoint.id), "challenge": asked}).encode()
    secret = signing.opened(endpoint.sealed_secret, endpoint.id)
    posted = await poster.ask(Message(str(uuid4()), endpoint.url, body, (secret,)))
    if posted.answer is not WebhookAnswer.ACCEPTED:
        return Outcome(False, posted.answer, posted.status_code, IN_WORDS[posted.answer])
    if not hmac.compare_digest(_said(posted).encode(), asked.encode()):
        wrong = 'It answered, but not with {"challenge": "…"} and the very text that was sent.'
        return Outcome(False, posted.answer, posted.status_code, wrong)
    return Outcome(True, posted.answer, posted.status_code, "It sent the challenge back: the endpoint is on.")


def _said(posted: Posted) -> str:
    try:
        found = json.loads(posted.body)
    except (ValueError, RecursionError):
        return ""
    told = found.get("challenge") if isinstance(found, dict) else None
    return told if isinstance(told, str) else ""
