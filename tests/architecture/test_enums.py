"""The values of version 1: a client that knows them all goes on working, for none of them goes away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shared.vocabulary import Service
from tests.conftest import BUILDERS

KEPT = Path(__file__).with_name("enums_of_v1.txt")


def values_of(service: Service, document: dict[str, Any]) -> dict[str, set[str]]:
    schemas = document["components"]["schemas"]
    return {f"{service} {name}": set(map(str, schema["enum"])) for name, schema in schemas.items() if "enum" in schema}


def kept(service: Service) -> dict[str, set[str]]:
    lines = (line.partition(": ") for line in KEPT.read_text().splitlines())
    return {name: set(values.split()) for name, _, values in lines if name.startswith(f"{service} ")}


@pytest.mark.parametrize("service", list(Service))
def test_no_value_of_an_enum_goes_away_within_a_version(parts: Any, service: Service) -> None:
    """What is new is written into the list with it: from then on it stays."""
    now, before = values_of(service, BUILDERS[service](parts.settings(service)).openapi()), kept(service)
    assert len(before) >= 3
    gone = {name: values - now.get(name, set()) for name, values in before.items() if values - now.get(name, set())}
    assert gone == {}
    assert now == before
