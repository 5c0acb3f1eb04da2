"""What may come in, whatever the route: the right media type, text that can be kept, numbers that are numbers.

Checked once for every route, on the body as it was sent, so that no schema can forget it and the field is named.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from email.message import Message
from typing import Any, ClassVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form

from shared.errors import DomainError

JSON_TYPE = "application/json"
NDJSON_TYPE = "application/x-ndjson"
CSV_TYPE = "text/csv"
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
# Line ends and tabs are text. PostgreSQL cannot keep NUL, XML and spreadsheets none of these; a half of a surrogate
# pair is no character at all.
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# RFC 7493: beyond this a JSON number is not the same number everywhere.
LARGEST_INTEGER = 2**53 - 1
DEEPEST = 50

Place = tuple[str | int, ...]


class UnsupportedMediaType(DomainError):
    code: ClassVar[str] = "unsupported_media_type"
    status: ClassVar[int] = 415
    title: ClassVar[str] = "The body is not of a kind that is read here"


async def check_intake(request: Request) -> None:
    """A dependency of every route. Raises UnsupportedMediaType (415), or RequestValidationError with the fields."""
    sent: list[tuple[Place, Any]] = [
        *((("path", name), value) for name, value in request.path_params.items()),
        *((("query", name), value) for name, value in request.query_params.multi_items()),
    ]
    sent += await _body(request)
    found = [each for place, value in sent for each in unreadable(place, value)]
    if found:
        raise RequestValidationError(found)


async def _body(request: Request) -> Iterable[tuple[Place, Any]]:
    """The body as it was sent. FastAPI has read it before: what it read is what this sees."""
    kind = _body_kind(request.scope["route"])
    if kind is None:
        return []
    media_type = media_type_of(request.headers.get("content-type"))
    if kind is Form:
        if media_type not in FORM_TYPES and (media_type or _has_body(request)):
            raise UnsupportedMediaType(next_step=f"Send a form as {' or '.join(FORM_TYPES)}")
        return [(("body", name), value) for name, value in (await request.form()).multi_items()]
    if not await request.body():
        return []
    if not is_json(media_type):
        raise UnsupportedMediaType(next_step=f"Send JSON and say so: Content-Type: {JSON_TYPE}")
    return [(("body",), read_json(await request.body()))]


def _body_kind(route: Any) -> type | None:
    fields = getattr(getattr(route, "dependant", None), "body_params", ())
    if not fields:
        return None
    return Form if any(isinstance(field.field_info, Form) for field in fields) else dict


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def media_type_of(content_type: str | None) -> str:
    """The media type without its parameters, in lower case; empty for none."""
    if not content_type:
        return ""
    message = Message()
    message["content-type"] = content_type
    return message.get_content_type()


def require_media_type(request: Request, *taken: str) -> str:
    """Which of these a route that reads its body as it streams was sent. Raises UnsupportedMediaType (415)."""
    media_type = media_type_of(request.headers.get("content-type"))
    if media_type not in taken:
        raise UnsupportedMediaType(next_step=f"Send the body as {' or '.join(taken)}")
    return media_type


def is_json(media_type: str) -> bool:
    return media_type == JSON_TYPE or (media_type.startswith("application/") and media_type.endswith("+json"))


class NamedTwice(dict[str, Any]):
    """A JSON object as it was sent, with the names that it gives more than once. RFC 8259 leaves open which counts."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = sorted(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)


def read_json(body: bytes) -> Any:
    """JSON in which an object that names a field twice is a NamedTwice. Raises ValueError, RecursionError."""
    return json.loads(body, object_pairs_hook=_as_object)


def _as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else NamedTwice(pairs)


def unreadable(place: Place, value: Any) -> Iterator[dict[str, Any]]:
    """What cannot be taken in, as FastAPI words its own findings. The value is not repeated."""
    if len(place) > DEEPEST:
        yield _finding("too_deep", place[:DEEPEST], f"Nothing is nested deeper than {DEEPEST} levels")
    elif isinstance(value, str):
        if NOT_TEXT.search(value):
            yield _finding("control_character", place, "Holds a character that is not text, such as NUL")
    elif isinstance(value, dict):
        for name in value.twice if isinstance(value, NamedTwice) else ():
            yield _finding("given_twice", (*place, name), "Is named twice in one object")
        for name, each in value.items():
            if NOT_TEXT.search(name):
                yield _finding("control_character", place, "Holds a name with a character that is not text")
            else:
                yield from unreadable((*place, name), each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from unreadable((*place, index), each)
    elif isinstance(value, float) and not math.isfinite(value):
        yield _finding("finite_number", place, "Is not a number that JSON knows")
    elif isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        yield _finding("number_too_large", place, f"Is beyond {LARGEST_INTEGER}")


def _finding(code: str, place: Place, words: str) -> dict[str, Any]:
    return {"type": code, "loc": place, "msg": words, "input": None}
