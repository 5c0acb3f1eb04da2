"""The manual as a page to read: what `/openapi.json` says, without scripts and without anything from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fastapi import APIRouter, Request, Response

from shared.auth import allow_anyone
from shared.pages import render

router = APIRouter(include_in_schema=False, dependencies=[allow_anyone()])
JSON = "application/json"
PROBLEM = "application/problem+json"


class Operation(NamedTuple):
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    sent: str
    answered: str
    refusals: list[tuple[str, str]]


@router.get("/docs")
async def manual_page(request: Request) -> Response:
    document = request.app.openapi()
    sections: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method, described in operations.items():
            shown = _operation(method, path, described)
            sections.setdefault((described.get("tags") or ["other"])[0], []).append(shown)
    title = f"{document['info']['title']}: the manual of the API"
    return render(request, "manual.html", title=title, about=document["info"]["description"], sections=sections)


def _operation(method: str, path: str, described: Mapping[str, Any]) -> Operation:
    answers = [each for status, each in described["responses"].items() if status.startswith("2")]
    return Operation(
        anchor=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described["summary"],
        description=described.get("description", ""),
        parameters=described.get("parameters", []),
        sent=_example(described.get("requestBody", {})),
        answered=_example(answers[0]) if answers else "",
        refusals=list(_refusals(described["responses"])),
    )


def _example(body: Mapping[str, Any]) -> str:
    shown = body.get("content", {}).get(JSON, {})
    examples = (
        [shown["example"]] if "example" in shown else [each["value"] for each in shown.get("examples", {}).values()]
    )
    return json.dumps(examples[0], indent=2, ensure_ascii=False) if examples else ""


def _refusals(responses: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        for code in response.get("content", {}).get(PROBLEM, {}).get("examples", {}):
            yield status, code
