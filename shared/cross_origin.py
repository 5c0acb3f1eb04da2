"""Which routes a page of another origin may call: those that are browser-safe by their own rule, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.auth import permission_of
from shared.settings import Settings

# Headers that a front end of another origin may send, and may read.
ASKED = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "On-Behalf-Of",
    "X-Correlation-ID",
    "X-CSRF-Token",
)
SHOWN = (
    "Allow",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Correlation-ID",
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class CrossOrigin:
    """Outside the guard: a front end has to be able to read a 429 and a 500 as well."""

    def __init__(self, app: ASGIApp, described: FastAPI, settings: Settings) -> None:
        self._app = app
        self._described = described
        self._safe: tuple[tuple[re.Pattern[str], frozenset[str]], ...] | None = None
        self._opened = CORSMiddleware(
            app,
            allow_origins=list(settings.cors_origins),
            allow_methods=METHODS,
            allow_headers=ASKED,
            expose_headers=SHOWN,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        is_open = headers is not None and "origin" in headers and self._is_browser_safe(scope, headers)
        await (self._opened if is_open else self._app)(scope, receive, send)

    def _is_browser_safe(self, scope: Scope, headers: Headers) -> bool:
        method = scope["method"]
        if method == "OPTIONS":
            method = headers.get("access-control-request-method", "")
        if self._safe is None:
            self._safe = tuple(browser_safe_routes(self._described))
        return any(method in methods and pattern.match(scope["path"]) for pattern, methods in self._safe)


def browser_safe_routes(app: FastAPI) -> Iterator[tuple[re.Pattern[str], frozenset[str]]]:
    """The path and methods of each operation of the API, pages aside, that says so itself."""
    for found in iter_route_contexts(app.routes):
        route = found.original_route
        if isinstance(route, APIRoute) and route.include_in_schema and permission_of(route).called_from.is_browser_safe:
            yield compile_path(found.path or "")[0], frozenset(found.methods or ())
