"""Cursor pages in a total order. A cursor is opaque and signed: a tampered one is a 400."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from shared.errors import DomainError

T = TypeVar("T")
MAX_LIMIT = 200


class MalformedCursor(DomainError):
    code: ClassVar[str] = "malformed_cursor"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The cursor is not one that we gave out for this list"

    def __init__(self, field: str = "cursor") -> None:
        super().__init__(field=field, next_step=f"Start again without a {'cursor' if field == 'cursor' else 'token'}")


class Page(BaseModel, Generic[T]):
    items: list[T]
    next_cursor: str | None = Field(default=None, description="Pass as `cursor` for the next page; null on the last")


class PagedFilter(BaseModel):
    """Filters of a list that is read in pages. An unknown one is refused: a misspelt filter must not show everything.

    `limit` and `cursor` stand here only to be known; `PageRequest` reads and checks them.
    """

    model_config = ConfigDict(extra="forbid")

    limit: int | None = Field(default=None, description="Rows a page")
    cursor: str | None = Field(default=None, description="From `next_cursor`")


class PageRequest:
    """How much and from where. `read` and `write` turn the last row's order values into a cursor and back."""

    def __init__(
        self,
        request: Request,
        response: Response,
        limit: int,
        cursor: str | None,
    ) -> None:
        self.limit = limit
        self._cursor = cursor
        self._request = request
        self._response = response
        self._secret: bytes = request.state.settings.cursor_secret.get_secret_value()
        # A cursor serves the list and the filters that it was made for.
        self._list = self._list_without("cursor", "limit")

    def read(self) -> list[Any] | None:
        return None if self._cursor is None else read_cursor(self._secret, self._list, self._cursor)

    def write(self, values: Sequence[Any]) -> str:
        """Make the cursor after `values` and announce it as `Link: rel="next"`."""
        cursor = sign_cursor(self._secret, self._list, values)
        url = self._request.url.include_query_params(cursor=cursor, limit=self.limit)
        self._response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return cursor

    def read_token(self, parameter: str, token: str) -> list[Any]:
        """The values in a token that comes as a query parameter of this list. Raises MalformedCursor."""
        try:
            return read_cursor(self._secret, self._list_without("cursor", "limit", parameter), token)
        except MalformedCursor:
            raise MalformedCursor(parameter) from None

    def write_token(self, parameter: str, values: Sequence[Any]) -> str:
        """A token for the same list with the same filters, to come back in `parameter`."""
        return sign_cursor(self._secret, self._list_without("cursor", "limit", parameter), values)

    def _list_without(self, *names: str) -> str:
        filters = sorted((key, value) for key, value in self._request.query_params.multi_items() if key not in names)
        return f"{self._request.url.path}?{filters}"


async def page_request(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows a page")] = 50,
    cursor: Annotated[str | None, Query(max_length=2000, description="From `next_cursor`")] = None,
) -> PageRequest:
    return PageRequest(request, response, limit, cursor)


PageQuery = Annotated[PageRequest, Depends(page_request)]


def sign_cursor(secret: bytes, list_name: str, values: Sequence[Any]) -> str:
    body = json.dumps([_plain(each) for each in values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(secret, list_name, body) + body).decode().rstrip("=")


def read_cursor(secret: bytes, list_name: str, cursor: str) -> list[Any]:
    """The order values in `cursor`. Raises MalformedCursor (400) for one that is tampered, or of another list."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise MalformedCursor from None
    mac, body = raw[:16], raw[16:]
    if not hmac.compare_digest(mac, _mac(secret, list_name, body)):
        raise MalformedCursor
    return [_rich(each) for each in json.loads(body)]


def _mac(secret: bytes, list_name: str, body: bytes) -> bytes:
    return hmac.digest(secret, list_name.encode() + b"\0" + body, hashlib.sha256)[:16]


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case UUID():
            return {"u": str(value)}
        case Decimal():
            return {"n": str(value)}
        case _:
            return value


def _rich(value: Any) -> Any:
    match value:
        case {"t": text}:
            return datetime.fromisoformat(text)
        case {"d": text}:
            return date.fromisoformat(text)
        case {"u": text}:
            return UUID(text)
        case {"n": text}:
            return Decimal(text)
        case _:
            return value


async def paginate(
    session: AsyncSession,
    statement: Select[Any],
    page: PageRequest,
    *,
    order: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    descending: bool = False,
) -> tuple[list[Any], str | None]:
    """One page of the entities of `statement` and the cursor of the next, by keyset over `order`.

    `order` is total (its last column is unique), of columns that are never null and all run the same way.
    """
    after = page.read()
    if after is not None:
        if len(after) != len(order):
            raise MalformedCursor
        bounds = tuple_(*(literal(value, column.type) for value, column in zip(after, order, strict=True)))
        keys = tuple_(*order)
        statement = statement.where(keys < bounds if descending else keys > bounds)
    ordered = statement.order_by(*(column.desc() if descending else column for column in order))
    rows = (await session.execute(ordered.add_columns(*order).limit(page.limit + 1))).all()
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    next_cursor = page.write(tuple(shown[-1])[-len(order) :]) if more else None
    return [row[0] for row in shown], next_cursor
