"""OpenAPI as the manual: complete, valid, and true about who may call what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from openapi_spec_validator import validate

from shared.vocabulary import Service
from tests.architecture.walk import Walked, walk
from tests.conftest import BUILDERS

BESIDE_V1 = {"/oauth/token", "/.well-known/jwks.json", "/healthz", "/readyz", "/metrics"}


@dataclass(frozen=True)
class Manual:
    document: dict[str, Any]
    routes: tuple[Walked, ...]

    def operation(self, route: Walked) -> dict[str, Any]:
        return self.document["paths"][route.path][route.method.lower()]


@pytest.fixture(scope="module", params=list(Service))
def manual(request: pytest.FixtureRequest, parts: Any) -> Manual:
    app = BUILDERS[request.param](parts.settings(request.param))
    routes = tuple(route for route in walk(app, request.param) if not route.is_page)
    assert len(routes) > 10
    return Manual(app.openapi(), routes)


def test_every_operation_says_who_may_call_it(manual: Manual) -> None:
    for route in manual.routes:
        operation = manual.operation(route)
        named = {scope for way in operation["security"] for scopes in way.values() for scope in scopes}
        assert named == {scope.value for scope in route.permission.scopes}, route.path
        assert ({} in operation["security"]) == route.permission.is_public, route.path
        headers = {each["name"] for each in operation.get("parameters", ())}
        assert ("On-Behalf-Of" in headers) == bool(route.permission.deciders), route.path


def test_every_operation_has_a_summary_and_an_id_of_its_own(manual: Manual) -> None:
    operations = [manual.operation(route) for route in manual.routes]
    assert all(operation["summary"] for operation in operations)
    ids = [operation["operationId"] for operation in operations]
    assert sorted(ids) == sorted(set(ids))


def test_the_document_is_valid(manual: Manual) -> None:
    validate(manual.document)


def test_no_page_is_in_the_document(manual: Manual) -> None:
    paths = set(manual.document["paths"]) - BESIDE_V1
    assert [path for path in paths if not path.startswith(("/v1/", "/dev/"))] == []
