"""Structured logs as JSON lines, with a correlation id that crosses the queue and no personal data.

What may be logged is a closed list of keys: a new key is added here after asking whether it can hold personal data.
"""

from __future__ import annotations

import contextvars
import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any
from uuid import uuid4

import structlog

CORRELATION_ID: contextvars.ContextVar[str | None] = contextvars.ContextVar("correlation_id", default=None)
_SAFE_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_LINK_TOKEN = re.compile(r"^(/l/)[^/?]+")


def new_correlation_id(offered: str | None = None) -> str:
    """The caller's own id when it is a harmless one, else a new one."""
    return offered if offered and _SAFE_ID.match(offered) else uuid4().hex


def redact_path(path: str) -> str:
    """The path as access logs may show it: a signed link's token is cut out."""
    return _LINK_TOKEN.sub(r"\1…", path)


def configure_logging(service: str, *, level: int = logging.INFO) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _correlation,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    # Libraries speak through the standard library: only their warnings, without their arguments' values.
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stdout, format='{"logger":"%(name)s","level":"%(levelname)s"}'
    )


def _correlation(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    correlation = CORRELATION_ID.get()
    if correlation is not None:
        event["correlation_id"] = correlation
    return event
