"""A client of the API that keeps its last request and answer, and waits when it is asked to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE = httpx.Timeout(30)
MOST_WAITING_SECONDS = 60
MOST_WAITS = 3


@dataclass(slots=True)
class Caller:
    """`token` goes with every call but those that say otherwise."""

    http: httpx.Client
    token: str = field(default="", repr=False)
    last: httpx.Response | None = None
    answers: int = 0
    with_limits: int = 0
    waited: list[int] = field(default_factory=list)

    def call(
        self, method: str, url: str, *, token: str | None = None, headers: Mapping[str, str] | None = None, **sent: Any
    ) -> httpx.Response:
        """One call. A 429 is waited for as long as `Retry-After` says, and made again."""
        bearer = self.token if token is None else token
        given = ({"Authorization": f"Bearer {bearer}"} if bearer else {}) | dict(headers or {})
        for _ in range(MOST_WAITS):
            answer = self.http.request(method, url, headers=given, **sent)
            self._note(answer)
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                break
            seconds = answer.headers.get("Retry-After", "")
            self.waited.append(min(int(seconds) if seconds.isdigit() else 1, MOST_WAITING_SECONDS))
            time.sleep(self.waited[-1])
        return answer

    def _note(self, answer: httpx.Response) -> None:
        self.last = answer
        self.answers += 1
        self.with_limits += "RateLimit" in answer.headers and "RateLimit-Policy" in answer.headers


def said(answer: httpx.Response) -> str:
    """An answer in a line: its status, and of a refusal its code and words. Never a body that may hold a secret."""
    if answer.is_success:
        return str(answer.status_code)
    body = json_of(answer)
    parts = [body.get(name) for name in ("code", "error", "title", "detail", "error_description", "field")]
    return " ".join([str(answer.status_code), *(str(part) for part in parts if part)])


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The body, or nothing where it is no JSON object."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
