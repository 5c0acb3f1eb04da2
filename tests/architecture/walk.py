"""Every route of a service, and a request to each that gets past the reading of its body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.params import Form
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter
from starlette.routing import compile_path

from shared.auth import permission_of
from shared.permissions import Permission
from shared.vocabulary import Service

PARAMETER = re.compile(r"{(\w+)(?::\w+)?}")
BY_FORMAT = {
    "uuid": "0d9d32a7-934a-4742-aa26-eb6a3e3ba9b3",
    "date": "2026-12-01",
    "date-time": "2026-12-01T09:00:00Z",
    "email": "somebody@people.example",
    "uri": "https://jobs.example/1",
}
BY_TYPE: Mapping[str, Any] = {"integer": 1, "number": 1, "boolean": True, "object": {}, "null": None}


@dataclass(frozen=True)
class Walked:
    """One method of one route. `name` is its operation id."""

    service: Service
    method: str
    path: str
    name: str
    permission: Permission
    route: APIRoute

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(PARAMETER.findall(self.path))

    @property
    def is_page(self) -> bool:
        return not self.route.include_in_schema

    def url(self, values: Mapping[str, Any]) -> str:
        """The address with its parameters filled in; those not given are made up."""
        return PARAMETER.sub(lambda found: str(values.get(found[1], uuid4())), self.path)

    def body(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a request whose body has the required fields, those in `values` as given there."""
        fields = self.route.dependant.body_params
        if not fields:
            return {}
        filled = [(field, _filled(field.field_info.annotation, field.alias, values)) for field in fields]
        if any(isinstance(field.field_info, Form) for field in fields):
            # A model as a form is its fields; a field alone is itself.
            parts = [value if isinstance(value, dict) else {field.alias: value} for field, value in filled]
            return {"data": {name: value for part in parts for name, value in part.items() if value is not None}}
        return {"json": filled[0][1]} if len(filled) == 1 else {"json": {f.alias: value for f, value in filled}}


def walk(app: FastAPI, service: Service) -> Iterator[Walked]:
    """Raises RouteWithoutAnswer for a route that does not say who may call it."""
    for found in iter_route_contexts(app.routes):
        route = found.original_route
        if isinstance(route, APIRoute):
            for method in sorted(found.methods or ()):
                yield Walked(
                    service, method, compile_path(found.path or "")[1], route.name, permission_of(route), route
                )


def who_may(permission: Permission) -> str:
    """A route's answer to who may call it, in one line of words."""
    if permission.is_public:
        return "anyone"
    if permission.is_for_anyone_known:
        return "anyone known"
    parts = [
        ("scope", permission.scopes),
        ("decided by", permission.deciders),
        ("staff", permission.staff_roles),
        ("link", permission.purposes),
    ]
    return "; ".join(f"{what} {' '.join(sorted(names))}" for what, names in parts if names)


def line_of(route: Walked) -> str:
    """As `who_may_call.txt` has it: who may call the route, and from where. A page is opened, not called."""
    called_from = "page" if route.is_page else route.permission.called_from
    return f"{route.service} {route.method} {route.path}: {who_may(route.permission)} | {called_from}"


def _filled(annotation: Any, name: str, values: Mapping[str, Any]) -> Any:
    if name in values:
        return values[name]
    schema = TypeAdapter(annotation).json_schema()
    return _instance(schema, schema.get("$defs", {}), values)


def _instance(schema: dict[str, Any], definitions: dict[str, Any], values: Mapping[str, Any]) -> Any:
    """The smallest value that the schema describes: required members, the first of several."""
    choices = next((schema[each] for each in ("anyOf", "oneOf", "allOf") if each in schema), [])
    if "$ref" in schema:
        choices = [definitions[schema["$ref"].rpartition("/")[2]]]
    if choices:
        return _instance(choices[0], definitions, values)
    if "properties" in schema:
        return {
            name: values[name] if name in values else _instance(each, definitions, values)
            for name, each in schema["properties"].items()
            if name in schema.get("required", ()) or name in values
        }
    if schema.get("type") == "array" and "default" not in schema:
        return [_instance(schema["items"], definitions, values) for _ in range(schema.get("minItems", 0))]
    return _plain(schema)


def _plain(schema: dict[str, Any]) -> Any:
    for several in ("enum", "examples"):
        if schema.get(several):
            return schema[several][0]
    if schema.get("type") == "string":
        return BY_FORMAT.get(schema.get("format", ""), "x" * max(schema.get("minLength", 0), 3))
    return schema.get("const", schema.get("default", BY_TYPE.get(schema.get("type", "null"))))
