"""Every refusal as `application/problem+json` (RFC 9457), in one shape for all statuses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import compile_path

from shared.error_reports import kind_of
from shared.errors import DomainError
from shared.field_errors import field_of, words_of

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger()

# PostgreSQL says: try again (serialization, deadlock, lock and statement time-outs, no room, shutting down).
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "55P03", "57014", "53300", "53400", "57P01", "57P02", "57P03"})
DISK_FULL = frozenset({"53100"})
DETAILS = {
    400: "The body cannot be read: it is broken off, or not in the encoding that it names",
    404: "There is no such address here",
    413: "The body is larger than is taken here",
}
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


# The way out that a refusal has when nobody who knows more has said a better one.
NEXT_STEPS: Mapping[int, str] = {
    400: "Correct the request and send it again",
    401: "Get a new token, sign in again, or open your link again",
    403: "Ask somebody who may do this, or an administrator for the scope or role; GET /v1/whoami says what you may do",
    404: "Check the address and the ids in it",
    405: "Use a method that the Allow header names",
    409: "Read it again and look at its state",
    412: "Read it again and send your change with the new ETag",
    413: "Send less at a time",
    415: "Send the body in the media type that the manual names",
    422: "Correct what the detail names and send it again",
    429: "Wait as long as Retry-After says",
    500: "Try again; if it happens again, tell support the correlation id in the response header",
    503: "Send the same request again, with the same Idempotency-Key",
    507: "Try again later; if it happens again, tell support",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route, for OpenAPI: the statuses that it can refuse with (`shared.manual` says the rest)."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {}}}
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
    body = _body(status, code, title, detail, **members)
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def as_problem(error: DomainError) -> dict[str, Any]:
    """A refusal as it stands among the results of many: the document that it would be alone."""
    members = {"field": error.field, "next_step": error.next_step, **error.extra}
    return _body(error.status, error.code, error.title, error.detail, **members)


def validation_problem(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What Pydantic found, as the document that a request with this body would get."""
    # A filter that two readers know is complained about by both.
    errors = list({(each["field"], each["code"]): each for each in map(_field_error, found)}.values())
    count = len(errors)
    return _body(
        422,
        "invalid",
        "Something in the request is not valid",
        f"{count} field{'s are' if count > 1 else ' is'} not valid",
        field=errors[0]["field"],
        next_step="Correct the fields named in `errors` and send it again",
        errors=errors,
    )


def _body(status: int, code: str, title: str, detail: str, **members: Any) -> dict[str, Any]:
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    body |= {key: value for key, value in members.items() if value is not None}
    if status in NEXT_STEPS:
        body.setdefault("next_step", NEXT_STEPS[status])
    return body


def register_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(StarletteHTTPException, _http_error)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(PoolTimeout, _database_away)


async def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if retry_after := error.extra.pop("retry_after_seconds", None):
        headers["Retry-After"] = str(retry_after)
    return as_asked_for(
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
    )


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(each["type"] == "json_invalid" for each in error.errors()):
        # Where it breaks off is a number of bytes, which is no field.
        title, detail = "The body is not valid JSON", "The body cannot be read as JSON"
        return as_asked_for(request, problem_response(400, "malformed_json", title, detail, field="body"))
    body = validation_problem(error.errors())
    plain = JSONResponse(body, status_code=body["status"], media_type=MEDIA_TYPE)
    return as_asked_for(request, plain, "; ".join(f"{each['field']}: {each['detail']}" for each in body["errors"]))


def _field_error(found: Mapping[str, Any]) -> dict[str, str]:
    """One line per field. The value itself is never repeated: it may be personal data."""
    return {"field": field_of(found) or "body", "code": str(found["type"]), "detail": words_of(found)}


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    phrase = HTTPStatus(error.status_code).phrase
    code = GENERIC_CODES.get(error.status_code, phrase.lower().replace(" ", "_"))
    headers = dict(error.headers or {})
    detail = DETAILS.get(error.status_code, phrase)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_at(request))
        detail = f"This address takes {headers['Allow']}"
    return as_asked_for(request, problem_response(error.status_code, code, phrase, detail, headers=headers))


def _methods_at(request: Request) -> list[str]:
    """Every method of the address. The router itself knows only those of the first route that fits."""
    path = request.url.path
    return sorted(
        {
            method
            for found in iter_route_contexts(request.app.routes)
            if found.path is not None and compile_path(found.path)[0].match(path)
            for method in found.methods or ()
        }
    )


async def _database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    sqlstate = getattr(error.orig, "sqlstate", None)
    if sqlstate in DISK_FULL:
        plain = problem_response(507, "no_room", "There is no room to store this", "Nothing was changed")
        return as_asked_for(request, plain)
    if sqlstate in RETRYABLE_SQLSTATES or isinstance(error, OperationalError) or error.connection_invalidated:
        return await _database_away(request, error)
    if sqlstate.startswith("22") if sqlstate else isinstance(error, DataError):
        # Data that PostgreSQL or its driver cannot hold and no schema caught: a number out of range, say.
        title, detail = "A value cannot be stored", "A value is out of range or not text"
        return as_asked_for(request, problem_response(422, "invalid", title, detail))
    return unexpected(request, error)


async def _database_away(request: Request, error: Exception) -> Response:
    log.warning("database_away", error=type(error).__name__)
    plain = problem_response(
        503, "try_again", "The service is briefly busy", "Nothing was changed", headers={"Retry-After": "2"}
    )
    return as_asked_for(request, plain)


def unexpected(request: Request, error: Exception) -> Response:
    """The answer to a mistake of ours. The traceback's frames are logged, its message is not: it may quote a row."""
    log.error("unexpected_error", error=kind_of(error), frames=_frames(error))
    plain = problem_response(500, "unexpected", "Something went wrong on our side", "Nothing was changed")
    return as_asked_for(request, plain)


def _frames(error: BaseException) -> list[str]:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-8:]


def as_asked_for(request: Request, plain: JSONResponse, words: str | None = None) -> Response:
    """A browser gets the same refusal as a page, when the application has said how to draw one.

    `words` stand on the page in place of the detail.
    """
    draw = getattr(request.app.state, "draw_problem", None)
    if draw is None or "text/html" not in request.headers.get("accept", "") or request.url.path.startswith("/v1/"):
        return plain
    said = json.loads(bytes(plain.body))
    page: HTMLResponse = draw(request, plain.status_code, said["title"], words or said["detail"], said.get("next_step"))
    for name in ("retry-after", "allow", "www-authenticate"):
        if name in plain.headers:
            page.headers[name] = plain.headers[name]
    return page
