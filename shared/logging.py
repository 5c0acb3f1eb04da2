"""Structured logs as JSON lines, with a correlation id that crosses the queue and no personal data.

What may be logged is a closed list of keys: a new key is added here after asking whether it can hold personal data.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import structlog

from shared.error_reports import kind_of, place_of

CORRELATION_ID: contextvars.ContextVar[str | None] = contextvars.ContextVar("correlation_id", default=None)
_SAFE_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_LINK_TOKEN = re.compile(r"^(/l/|/job-alerts/unsubscribe/|/talent-pool/leave/)[^/?]+")


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
    speaker = logging.StreamHandler(sys.stdout)
    speaker.setFormatter(WordlessFormatter(service))
    logging.basicConfig(level=logging.WARNING, handlers=[speaker], force=True)


class WordlessFormatter(logging.Formatter):
    """What a library says through the standard library: who spoke, how loud, and an error's kind and place.

    Neither the message, its arguments nor a traceback: each may quote a row or a request.
    """

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "event": "library",
            "level": record.levelname.lower(),
            "logger": record.name,
            "place": f"{record.module}:{record.lineno}",
            "service": self._service,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            said |= {"error": kind_of(error), "place": place_of(error)}
        return json.dumps(_correlation(None, "", said), sort_keys=True)


def _correlation(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    correlation = CORRELATION_ID.get()
    if correlation is not None:
        event["correlation_id"] = correlation
    return event
