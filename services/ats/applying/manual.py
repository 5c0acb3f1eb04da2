"""What the manual says of the body: the route reads it itself, because it takes two kinds."""

from __future__ import annotations

from typing import Any

from services.ats.applications.schemas import ApplicationSent
from services.ats.applying.reading import APPLICATION, DOCUMENT, QUESTION
from services.ats.documents.uploads import MULTIPART
from shared.intake import JSON_TYPE

FILE = {"type": "string", "format": "binary"}


def _in_one(schema: Any, shapes: dict[str, Any]) -> Any:
    """With the shapes that it refers to in their places: it stands alone."""
    if isinstance(schema, list):
        return [_in_one(each, shapes) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _in_one(shapes[schema["$ref"].rpartition("/")[2]], shapes)
    return {name: _in_one(each, shapes) for name, each in schema.items() if name != "$defs"}


def _application() -> dict[str, Any]:
    schema = ApplicationSent.model_json_schema()
    return _in_one(schema, schema["$defs"])


BODY: dict[str, Any] = {
    "required": True,
    "content": {
        JSON_TYPE: {"schema": _application()},
        MULTIPART: {
            "schema": {
                "type": "object",
                "properties": {
                    APPLICATION: _application(),
                    DOCUMENT: {"type": "array", "items": FILE, "description": "Files that answer no question"},
                },
                "required": [APPLICATION],
                "additionalProperties": FILE | {"description": f"{QUESTION}<its id>: the file that answers it"},
            },
            "encoding": {APPLICATION: {"contentType": JSON_TYPE}},
        },
    },
}
