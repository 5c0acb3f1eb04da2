"""Around every request: correlation id, size limit, rate limit, security headers, one access-log line.

Plain ASGI, because it runs on every request and must not buffer bodies.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import structlog
from fastapi import Request
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.intake import media_type_of
from shared.logging import CORRELATION_ID, new_correlation_id, redact_path
from shared.problems import as_asked_for, problem_response, unexpected
from shared.ratelimit import RateLimiter
from shared.settings import Settings

log = structlog.get_logger()

# Only files need room; everything else is words.
MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_BODY_BYTES = 2 * 1024 * 1024
IDS = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
UNLIMITED = frozenset({"/healthz", "/readyz", "/metrics"})

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
}
SECONDS = Histogram(
    "http_request_seconds",
    "Time from request to last byte",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class BodyTooLarge(HTTPException):
    """More bytes came than are allowed, whatever Content-Length had said.

    An HTTPException, because whoever reads the body (FastAPI) takes any other error for a broken body.
    """

    def __init__(self) -> None:
        super().__init__(status_code=413)


class HttpGuard:
    def __init__(self, app: ASGIApp, settings: Settings, body_limits: Mapping[str, int] = MappingProxyType({})) -> None:
        """`body_limits`: bytes, by the path of what takes more than words; `{id}` stands for an id in it."""
        self.app = app
        self.settings = settings
        self.body_limits = body_limits
        self.security = dict(SECURITY_HEADERS)
        if not settings.is_embedded:
            self.security["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation = new_correlation_id(headers.get("x-correlation-id"))
        token = CORRELATION_ID.set(correlation)
        try:
            await self._guarded(scope, receive, send, headers, correlation)
        finally:
            CORRELATION_ID.reset(token)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send, headers: Headers, correlation: str) -> None:
        started = time.perf_counter()
        path: str = scope["path"]
        extra = {"X-Correlation-ID": correlation, **self.security}
        status: int | None = None

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                sent = MutableHeaders(scope=message)
                for name, value in extra.items():
                    # A page has said what it may load, a public read how long it keeps: that stands.
                    sent.setdefault(name, value)
            await send(message)

        try:
            refusal = await self._refusal(scope, headers, extra)
            if refusal is None:
                await self.app(scope, _counted(receive, self._limit(path, headers)), send_with_headers)
            else:
                await refusal(scope, receive, send_with_headers)
        except Exception as error:
            # Answered here, so that a mistake of ours too goes out with its correlation id.
            answer = unexpected(Request(scope), error)
            if status is not None:
                raise  # half an answer is out: only the closed connection can say so
            await answer(scope, receive, send_with_headers)
        finally:
            self._account(scope, path, status or 500, time.perf_counter() - started)

    async def _refusal(self, scope: Scope, headers: Headers, extra: dict[str, str]) -> ASGIApp | None:
        """What is refused before it is read: too large, or too often. Adds what is left of the caller's allowance."""
        path: str = scope["path"]
        if path not in UNLIMITED and not path.startswith("/static/"):
            address = caller_address(scope, headers, self.settings)
            allowance = await self._limiter(scope).take(
                self.settings.rate_limit_per_minute, self.settings.service, address
            )
            extra |= allowance.headers()
            if not allowance.allowed:
                return as_asked_for(
                    Request(scope), problem_response(429, "too_many_requests", "Too many requests", "Slow down")
                )
        limit = self._limit(path, headers)
        if _declared_length(headers) > limit:
            return as_asked_for(
                Request(scope),
                problem_response(413, "too_large", "The request is too large", f"At most {limit} bytes"),
            )
        return None

    def _limit(self, path: str, headers: Headers) -> int:
        """How many bytes a body of this kind may have here."""
        is_a_file = media_type_of(headers.get("content-type")) == "multipart/form-data"
        return self.body_limits.get(IDS.sub("{id}", path), MAX_FILE_BYTES if is_a_file else MAX_BODY_BYTES)

    @staticmethod
    def _limiter(scope: Scope) -> RateLimiter:
        return scope["state"]["limiter"]

    @staticmethod
    def _account(scope: Scope, path: str, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        named = getattr(route, "path", "unmatched")
        SECONDS.labels(scope["method"], named, str(status)).observe(seconds)
        if path not in UNLIMITED:
            log.info(
                "request", method=scope["method"], path=redact_path(path), status=status, ms=round(seconds * 1000, 1)
            )


def _declared_length(headers: Headers) -> int:
    declared = headers.get("content-length", "0")
    return int(declared) if declared.isdigit() else 0


def caller_address(scope: Scope, headers: Headers, settings: Settings) -> str:
    """The address that requests are counted under: the one thing that a caller cannot make up.

    `X-Forwarded-For` counts only as many hops from the right as there are proxies of ours in front.
    """
    forwarded = [each.strip() for each in headers.get("x-forwarded-for", "").split(",") if each.strip()]
    if 0 < settings.behind_proxies <= len(forwarded):
        return f"address:{forwarded[-settings.behind_proxies]}"
    client = scope.get("client")
    return f"address:{client[0] if client else 'local'}"


def _counted(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge
        return message

    return counted
