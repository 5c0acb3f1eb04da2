"""Text that cannot be kept, sent to every field of every route: the caller is told which, and nothing breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from shared.vocabulary import Service
from tests.architecture.walk import Walked, walk

SERVICES = pytest.mark.parametrize("service", list(Service))
NUL = "a\x00b"
# A vertical tab breaks feeds and spreadsheets; half a character cannot be written as UTF-8.
NOT_TEXT = (NUL, "a\x0bb", "a\ud800b")


def texts_of(body: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in `body` there is text."""
    if isinstance(body, str):
        yield place
    members = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, each in members:
        yield from texts_of(each, (*place, name))


def put(body: Any, place: tuple[Any, ...], value: str) -> Any:
    """A copy of `body` with `value` at `place`."""
    if not place:
        return value
    copied = dict(body) if isinstance(body, dict) else list(body)
    copied[place[0]] = put(body[place[0]], place[1:], value)
    return copied


async def send(client: httpx.AsyncClient, route: Walked, url: str, **arguments: Any) -> httpx.Response:
    return await client.request(route.method, url, **arguments)


def named(answer: httpx.Response) -> list[str]:
    if answer.status_code != 422:
        return [f"{answer.status_code}"]
    return [each["field"] for each in answer.json()["errors"] if each["code"] == "control_character"]


@SERVICES
async def test_every_field_of_every_body_refuses_what_is_not_text(world, service: Service) -> None:
    walked, found = 0, []
    async with world.client(service) as client:
        for route in walk(world.app(service), service):
            for kind, body in route.body({}).items():
                sent = body | {"unknown": ""} if isinstance(body, dict) else body
                for place in texts_of(sent):
                    walked += 1
                    answer = await send(client, route, route.url({}), **{kind: put(sent, place, NUL)})
                    if named(answer) != [".".join(map(str, place))]:
                        found.append(f"{route.method} {route.path} {place}: {answer.status_code} {answer.text[:200]}")
    assert walked > 4
    assert found == []


@SERVICES
async def test_every_query_and_path_refuses_what_is_not_text(world, service: Service) -> None:
    walked, found = 0, []
    async with world.client(service) as client:
        for route in walk(world.app(service), service):
            dependant = route.route.dependant
            names = {"unknown", *(field.alias for field in dependant.query_params)}
            urls = [(name, f"{route.url({})}?{name}={quote(NUL)}") for name in sorted(names)]
            urls += [(name, route.url({name: quote(NUL)})) for name in route.parameters]
            for name, url in urls:
                walked += 1
                answer = await send(client, route, url, **route.body({}))
                if name not in named(answer):
                    found.append(f"{route.method} {route.path} {name}: {answer.status_code} {answer.text[:200]}")
    assert walked > 20
    assert found == []


@pytest.mark.parametrize("text", NOT_TEXT)
async def test_what_is_not_text_is_refused_at_any_depth_and_in_any_name(clearing: httpx.AsyncClient, text: str) -> None:
    url = "/v1/sign-in-links"
    for body, field in (
        ({"email": text}, "email"),
        ({"email": "a@b.example", "deep": [{"er": [text]}]}, "deep.0.er.0"),
        ({"email": "a@b.example", text: 1}, "body"),
    ):
        headers = {"Content-Type": "application/json"}
        answer = await clearing.post(url, content=json.dumps(body), headers=headers)
        assert named(answer) == [field]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", str(2**53), str(10**400)])
async def test_a_number_that_json_does_not_know_is_refused(clearing: httpx.AsyncClient, number: str) -> None:
    answer = await clearing.post(
        "/v1/sign-in-links", content=f'{{"email": {number}}}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] in {"finite_number", "number_too_large"}


async def test_a_field_that_is_named_twice_is_refused_at_any_depth(clearing: httpx.AsyncClient) -> None:
    for body, field in (
        ('{"email": "a@b.example", "email": "c@d.example"}', "email"),
        ('{"email": "a@b.example", "deep": [{"er": {"a": 1, "b": 2, "a": 1}}]}', "deep.0.er.a"),
    ):
        answer = await clearing.post("/v1/sign-in-links", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422
        assert (field, "given_twice") in [(each["field"], each["code"]) for each in answer.json()["errors"]]


@pytest.mark.parametrize("depth", [60, 100_000])
async def test_a_bottomless_body_is_refused(clearing: httpx.AsyncClient, depth: int) -> None:
    answer = await clearing.post(
        "/v1/sign-in-links",
        content=f'{{"email": {"[" * depth}{"]" * depth}}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code in {400, 422}


async def test_line_ends_and_tabs_are_text(clearing: httpx.AsyncClient) -> None:
    answer = await clearing.post("/v1/sign-in-links", json={"email": "one\r\n\ttwo"})
    assert [each["code"] for each in answer.json()["errors"]] == ["value_error"]
