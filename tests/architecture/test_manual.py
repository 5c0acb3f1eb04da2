"""OpenAPI as the manual: complete, valid, and true about who may call what."""

from __future__ import annotations

from typing import Any

import pytest
from openapi_spec_validator import validate

from shared.vocabulary import Service
from tests.architecture.walk import walk

SERVICES = pytest.mark.parametrize("service", list(Service))


@SERVICES
async def test_every_operation_says_who_may_call_it(service: Service, world: Any) -> None:
    app = world.app(service)
    document = app.openapi()
    walked = 0
    for route in walk(app, service):
        if route.is_page:
            continue
        walked += 1
        operation = document["paths"][route.path][route.method.lower()]
        named = {scope for way in operation["security"] for scopes in way.values() for scope in scopes}
        assert named == {scope.value for scope in route.permission.scopes}, route.path
        assert ({} in operation["security"]) == route.permission.is_public, route.path
        headers = {each["name"] for each in operation.get("parameters", ())}
        assert ("On-Behalf-Of" in headers) == bool(route.permission.deciders), route.path
        assert operation["summary"], route.path
    assert walked > 10


@SERVICES
async def test_the_document_is_valid_and_its_operation_ids_are_unique(service: Service, world: Any) -> None:
    document = world.app(service).openapi()
    validate(document)
    ids = [
        each["operationId"] for path in document["paths"].values() for each in path.values() if "operationId" in each
    ]
    assert sorted(ids) == sorted(set(ids))


@SERVICES
async def test_no_page_is_in_the_document(service: Service, world: Any) -> None:
    paths = world.app(service).openapi()["paths"]
    others = {"/oauth/token", "/.well-known/jwks.json", "/healthz", "/readyz", "/metrics"}
    assert [path for path in paths if not path.startswith(("/v1/", "/dev/")) and path not in others] == []
