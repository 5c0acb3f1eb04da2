"""What an operation takes and gives, shown once: made from the examples that the schemas' own fields carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JSON = "application/json"
DEEPEST = 12
BY_FORMAT: Mapping[str, str] = {
    "uuid": "0d9d32a7-934a-4742-aa26-eb6a3e3ba9b3",
    "date": "2026-12-01",
    "date-time": "2026-12-01T09:00:00Z",
    "email": "amy.pond@council.example",
    "uri": "https://jobs.example/1",
    "password": "three random words",
}
BY_TYPE: Mapping[str, Any] = {"number": 1, "boolean": True, "object": {}, "null": None}


def show_examples(operation: dict[str, Any], components: Mapping[str, Any]) -> None:
    """Give the JSON body and each JSON answer an example, where nobody has written a better one."""
    bodies = [operation.get("requestBody", {})]
    bodies += [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for body in bodies:
        shown = body.get("content", {}).get(JSON)
        if shown is not None and "schema" in shown and not {"example", "examples"} & set(shown):
            shown["example"] = example_of(shown["schema"], components.get("schemas", {}))


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int = 0) -> Any:
    """A value that the schema describes: what is required, and what its fields give an example of."""
    for several in ("examples", "enum"):
        if schema.get(several):
            return schema[several][0]
    if "const" in schema or "default" in schema:
        return schema.get("const", schema.get("default"))
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas, depth)
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return example_of(schema[choices][0], schemas, depth)
    return _structured(schema, schemas, depth + 1)


def _structured(schema: Mapping[str, Any], schemas: Mapping[str, Any], depth: int) -> Any:
    if "properties" in schema:
        return {
            name: example_of(each, schemas, depth)
            for name, each in schema["properties"].items()
            if depth < DEEPEST and (name in schema.get("required", ()) or each.get("examples"))
        }
    if schema.get("type") == "array":
        return [example_of(schema["items"], schemas, depth)] if depth < DEEPEST and "items" in schema else []
    if schema.get("type") == "string":
        return BY_FORMAT.get(schema.get("format", ""), _words(schema))
    if schema.get("type") == "integer":
        return schema.get("minimum", 1)
    return BY_TYPE.get(schema.get("type", "null"))


def _words(schema: Mapping[str, Any]) -> str:
    words = "In a few words"
    return words.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", 200)]
