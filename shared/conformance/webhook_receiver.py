"""A receiver of webhooks as a council's system would have one: it answers the challenge and keeps what it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from typing import Any

MOST_BYTES = 64 * 1024
TOLERANCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Received:
    headers: Mapping[str, str]
    body: bytes

    @property
    def message(self) -> dict[str, Any]:
        """Empty where it is no JSON object."""
        with suppress(ValueError):
            if isinstance(found := json.loads(self.body), dict):
                return found
        return {}


def what_is_wrong_with(received: Received, secret: str, *, now: float) -> str | None:
    """Why a receiver must not believe a message, in words; None where it is what it says (Standard Webhooks 1.0)."""
    headers = received.headers
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        if not headers.get(name):
            return f"the header {name} is missing"
    stamp = headers["webhook-timestamp"]
    if not stamp.isdigit() or abs(int(stamp) - now) > TOLERANCE_SECONDS:
        return "webhook-timestamp is more than five minutes from the clock of this machine"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{stamp}.".encode() + received.body
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    if not any(hmac.compare_digest(each.encode(), expected.encode()) for each in headers["webhook-signature"].split()):
        return "no signature is that of the secret over id, timestamp and body: did something on the way change it?"
    return None


@dataclass(slots=True)
class WebhookReceiver:
    """Listens from its making until it is closed."""

    port: int = 0
    received: Queue[Received] = field(default_factory=Queue)
    _server: ThreadingHTTPServer | None = field(default=None, repr=False)

    def listen(self) -> None:
        """Raises OSError where the port is taken."""
        kept = self.received

        class Handler(BaseHTTPRequestHandler):
            timeout = 15

            def do_POST(self) -> None:
                length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
                taken = Received({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(length))
                kept.put(taken)
                message = taken.message
                is_challenge = message.get("type") == "webhook.challenge"
                answer = json.dumps({"challenge": message["data"]["challenge"]}).encode() if is_challenge else b""
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
                """A run prints its steps and nothing else."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, kind: str, *, seconds: float) -> Received | None:
        """The next message of this type, within so many seconds."""
        ends = time.monotonic() + seconds
        with suppress(Empty):
            while (left := ends - time.monotonic()) > 0:
                taken = self.received.get(timeout=left)
                if taken.message.get("type") == kind:
                    return taken
        return None

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
