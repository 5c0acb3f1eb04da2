"""Every refusal as `application/problem+json` (RFC 9457), in one shape for all statuses."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException as StarletteHTTPException

from shared.errors import DomainError

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger()

# PostgreSQL says: try again (serialization, deadlock, lock and statement time-outs, no room, shutting down).
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "55P03", "57014", "53300", "53400", "57P01", "57P02", "57P03"})
DISK_FULL = frozenset({"53100"})
GENERIC_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}


class FieldError(BaseModel):
    field: str = Field(examples=["openings"])
    code: str = Field(examples=["greater_than_equal"])
    detail: str = Field(examples=["Input should be greater than or equal to 1"])


class Problem(BaseModel):
    """A refusal. `code` is stable; `detail` and `next_step` are for people."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Something in the request is not valid"])
    status: int = Field(examples=[422])
    code: str = Field(examples=["invalid"])
    detail: str = Field(examples=["1 field is not valid"])
    field: str | None = None
    next_step: str | None = Field(default=None, examples=["Correct the fields named in `errors` and send it again"])
    errors: list[FieldError] | None = None


TITLES = {401: "Unauthenticated", 403: "Forbidden"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route, for OpenAPI: the statuses that it can refuse with."""
    return {
        status: {"model": Problem, "description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {}}}
        for status in sorted({401, 403, 422, 429, *statuses})
    }


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    body |= {key: value for key, value in members.items() if value is not None}
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def register_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(StarletteHTTPException, _http_error)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeout, _database_away)
    app.add_exception_handler(Exception, _unexpected)


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if retry_after := error.extra.pop("retry_after_seconds", None):
        headers["Retry-After"] = str(retry_after)
    return _answer(
        request,
        problem_response(
            error.status,
            error.code,
            error.title,
            error.detail,
            headers=headers,
            field=error.field,
            next_step=error.next_step,
            **error.extra,
        ),
        error.title,
        error.detail,
        error.next_step,
    )


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [_field_error(each) for each in error.errors()]
    if any(each["code"] == "json_invalid" for each in errors):
        status, code, title = 400, "malformed_json", "The body is not valid JSON"
    else:
        status, code, title = 422, "invalid", "Something in the request is not valid"
    count = len(errors)
    detail = f"{count} field{'s are' if count > 1 else ' is'} not valid"
    next_step = "Correct the fields named in `errors` and send it again"
    return _answer(
        request,
        problem_response(status, code, title, detail, field=errors[0]["field"], next_step=next_step, errors=errors),
        title,
        "; ".join(f"{each['field']}: {each['detail']}" for each in errors),
        next_step,
    )


def _field_error(found: Mapping[str, Any]) -> dict[str, str]:
    """One line per field. The value itself is never repeated: it may be personal data."""
    where = [str(each) for each in found["loc"] if each not in {"body", "query", "path", "header"}]
    return {"field": ".".join(where) or "body", "code": str(found["type"]), "detail": str(found["msg"])}


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = GENERIC_CODES.get(error.status_code, phrase.lower().replace(" ", "_"))
    detail = "There is no such address here" if error.status_code == HTTPStatus.NOT_FOUND else phrase
    return _answer(
        request, problem_response(error.status_code, code, phrase, detail, headers=error.headers), phrase, detail, None
    )


async def _database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate in DISK_FULL:
        return problem_response(507, "no_room", "There is no room to store this", "Nothing was changed")
    if sqlstate in RETRYABLE_SQLSTATES or isinstance(error, OperationalError) or error.connection_invalidated:
        return await _database_away(request, error)
    if sqlstate is not None and sqlstate.startswith("22"):
        # Data that PostgreSQL cannot hold (a NUL in text, a number out of range) and no schema caught.
        return problem_response(422, "invalid", "A value cannot be stored", "A value is out of range or not text")
    return await _unexpected(request, error)


async def _database_away(request: Request, error: Exception) -> Response:
    log.warning("database_away", error=type(error).__name__, path=request.scope.get("route_path"))
    return problem_response(
        503,
        "try_again",
        "The service is briefly busy",
        "Nothing was changed",
        headers={"Retry-After": "2"},
        next_step="Send the same request again, with the same Idempotency-Key",
    )


async def _unexpected(_request: Request, error: Exception) -> Response:
    # The traceback's frames are kept, the message is not: it may quote a row.
    log.error("unexpected_error", error=type(error).__name__, frames=_frames(error))
    return problem_response(
        500,
        "unexpected",
        "Something went wrong on our side",
        "Nothing was changed",
        next_step="Try again; if it happens again, tell support the correlation id in the response header",
    )


def _frames(error: BaseException) -> list[str]:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-8:]


def _answer(request: Request, plain: JSONResponse, title: str, detail: str, next_step: str | None) -> Response:
    """A browser gets the same refusal as a page, when the application has said how to draw one."""
    draw = getattr(request.app.state, "draw_problem", None)
    if draw is None or "text/html" not in request.headers.get("accept", "") or request.url.path.startswith("/v1/"):
        return plain
    page: HTMLResponse = draw(request, plain.status_code, title, detail, next_step)
    return page
