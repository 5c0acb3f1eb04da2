"""How each operation can refuse: every status with its codes, as `application/problem+json`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi.routing import APIRoute

from shared import csrf, idempotency
from shared.auth import permission_of
from shared.errors import DomainError, Unauthenticated
from shared.intake import UnsupportedMediaType
from shared.permissions import OnBehalfOfMissing, Permission, ScopeMissing
from shared.principals import PersonMayNotDecide
from shared.problem_codes import refusals_of
from shared.problems import MEDIA_TYPE, NEXT_STEPS, FieldError, Problem
from shared.tokens import TokenRefused

SCHEMA = {"$ref": "#/components/schemas/Problem"}
PLACE = "#/components/schemas/{model}"
# FastAPI's own, which nothing here answers with.
NOT_OURS = ("HTTPValidationError", "ValidationError")
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class Refusal(NamedTuple):
    status: int
    code: str
    title: str


INVALID = Refusal(422, "invalid", "Something in the request is not valid")
ALWAYS = (
    Refusal(429, "too_many_requests", "Too many requests"),
    Refusal(500, "unexpected", "Something went wrong on our side"),
    Refusal(503, "try_again", "The service is briefly busy"),
)
OF_A_BODY = (
    Refusal(400, "malformed_json", "The body is not valid JSON"),
    Refusal(413, "too_large", "The request is too large"),
    Refusal(507, "no_room", "There is no room to store this"),
)


def document_refusals(operation: dict[str, Any], route: APIRoute, components: dict[str, Any]) -> None:
    """Write every refusal of the operation into its responses; what has a shape of its own (OAuth's) stays."""
    by_status: dict[int, list[Refusal]] = {}
    for refusal in sorted(set(_refusals(operation, route))):
        by_status.setdefault(refusal.status, []).append(refusal)
    responses = operation["responses"]
    for status in [each for each in responses if each.isdigit() and int(each) >= HTTPStatus.BAD_REQUEST]:
        if not _has_its_own_shape(responses[status]):
            del responses[status]
    examples = components.setdefault("examples", {})
    for status, refusals in by_status.items():
        examples |= {each.code: _example(each) for each in refusals}
        described = "; ".join(f"`{each.code}`: {each.title}" for each in refusals)
        responses.setdefault(str(status), {"description": described, "content": {}})["content"][MEDIA_TYPE] = {
            "schema": SCHEMA,
            "examples": {each.code: {"$ref": f"#/components/examples/{each.code}"} for each in refusals},
        }
    _add_schemas(components)


def drop_unused(components: dict[str, Any]) -> None:
    for name in NOT_OURS:
        components.get("schemas", {}).pop(name, None)


def _refusals(operation: dict[str, Any], route: APIRoute) -> Iterator[Refusal]:
    if route.path in PROBES:
        return
    yield from ALWAYS
    yield from _worded(refusals_of(route))
    yield from _worded(_of_permission(permission_of(route)))
    if isinstance(route, idempotency.IdempotentRoute) and "POST" in (route.methods or ()):
        yield from _worded([idempotency.KeyMalformed, idempotency.StillRunning, idempotency.KeyReused])
    if operation.get("parameters") or route.dependant.body_params:
        yield INVALID
    if route.dependant.body_params:
        yield from OF_A_BODY
        yield from _worded([UnsupportedMediaType])


def _of_permission(permission: Permission) -> Iterator[type[DomainError]]:
    yield TokenRefused
    if permission.is_public:
        return
    yield Unauthenticated
    yield ScopeMissing
    if permission.admits_staff or permission.admits_links:
        yield csrf.ForgedRequest
    if permission.deciders:
        yield OnBehalfOfMissing
        yield PersonMayNotDecide


def _worded(errors: Iterable[type[DomainError]]) -> Iterator[Refusal]:
    for error in errors:
        yield Refusal(error.status, error.code, error.title)


def _has_its_own_shape(response: dict[str, Any]) -> bool:
    reference = response.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
    return bool(reference) and not reference.endswith(NOT_OURS)


def _example(refusal: Refusal) -> dict[str, Any]:
    value = {
        "type": "about:blank",
        "title": refusal.title,
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.title,
        "next_step": NEXT_STEPS.get(refusal.status),
    }
    return {"summary": refusal.title, "value": {name: each for name, each in value.items() if each is not None}}


def _add_schemas(components: dict[str, Any]) -> None:
    schemas = components.setdefault("schemas", {})
    for model in (Problem, FieldError):
        described = model.model_json_schema(ref_template=PLACE)
        described.pop("$defs", None)
        schemas[model.__name__] = described
