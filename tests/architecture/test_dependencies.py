"""What requests pass through on their way is asynchronous: FastAPI hands a plain function to a thread, each time."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isasyncgenfunction, iscoroutinefunction

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from shared.vocabulary import Service
from tests.conftest import BUILDERS, Parts


def steps_before(endpoint: Dependant) -> Iterator[object]:
    for each in endpoint.dependencies:
        yield each.call
        yield from steps_before(each)


def is_asynchronous(step: object) -> bool:
    return any(
        check(each) for each in (step, type(step).__call__) for check in (iscoroutinefunction, isasyncgenfunction)
    )


@pytest.mark.parametrize("service", list(Service))
def test_nothing_that_a_request_passes_is_handed_to_a_thread(parts: Parts, service: Service) -> None:
    app = BUILDERS[service](parts.settings(service))
    routes = [each.original_route for each in iter_route_contexts(app.routes)]
    steps = {step for route in routes if isinstance(route, APIRoute) for step in steps_before(route.dependant)}
    assert len(steps) > 5
    assert [step for step in steps if not is_asynchronous(step)] == []
