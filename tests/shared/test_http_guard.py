"""What stands around every request: its size, how often, who may read the answer, and what is noted about it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.datastructures import Headers

from shared.http_guard import MAX_BODY_BYTES, SECURITY_HEADERS, caller_address
from shared.logging import redact_path
from shared.vocabulary import Service
from tests.shared import breaking_api
from tests.shared.breaking_api import build


@pytest.fixture
async def breaking(world) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(Service.ATS, breaking_api.build(world.settings(Service.ATS))) as client:
        yield client


def of(world, **changes):
    """The settings of ats with `changes`."""
    return world.settings(Service.ATS).model_copy(update=changes)


async def chunks(size: int) -> AsyncIterator[bytes]:
    """A body whose length is not told beforehand."""
    yield b'{"words": "'
    for _ in range(size // 65_536):
        yield b"x" * 65_536
    yield b'"}'


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/breaking/mistake", 500), ("/v1/breaking/busy", 503), ("/nothing", 404), ("/v1/breaking/words", 200)],
)
async def test_every_answer_carries_its_correlation_id_and_the_security_headers(
    breaking: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await breaking.get(path, headers={"X-Correlation-ID": "council-17"})
    assert answer.status_code == status
    assert answer.headers["x-correlation-id"] == "council-17"
    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert answer.headers["ratelimit-policy"] == '"default";q=6000;w=60'


async def test_a_correlation_id_that_could_do_harm_is_replaced(breaking: httpx.AsyncClient) -> None:
    for offered in ("a b", "x" * 65, 'a"b', ""):
        answer = await breaking.get("/v1/breaking/words", headers={"X-Correlation-ID": offered})
        assert answer.headers["x-correlation-id"] != offered
        assert len(answer.headers["x-correlation-id"]) == 32


async def test_an_answer_that_breaks_in_its_middle_is_not_made_whole(breaking: httpx.AsyncClient) -> None:
    answer = await breaking.get("/v1/breaking/half")
    assert (answer.status_code, answer.content) == (200, b"half")


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON", "application/vnd.api+json", "text/plain"])
async def test_a_body_that_says_it_is_too_large_is_not_read(breaking: httpx.AsyncClient, kind: str) -> None:
    content = b" " * (MAX_BODY_BYTES + 1)
    answer = await breaking.post("/v1/breaking/words", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("kind", ["application/json", "APPLICATION/json", "application/problem+json"])
async def test_a_body_that_turns_out_too_large_is_refused_alike(breaking: httpx.AsyncClient, kind: str) -> None:
    sent = await breaking.post(
        "/v1/breaking/words", content=chunks(MAX_BODY_BYTES + 65_536), headers={"Content-Type": kind}
    )
    assert (sent.status_code, sent.json()["code"]) == (413, "too_large")
    assert sent.json()["next_step"]


async def test_a_body_within_its_size_is_taken_in_pieces(breaking: httpx.AsyncClient) -> None:
    answer = await breaking.post(
        "/v1/breaking/words", content=chunks(131_072), headers={"Content-Type": "application/json"}
    )
    assert len(answer.json()["words"]) == 131_072


async def test_a_file_may_be_larger_than_words(breaking: httpx.AsyncClient) -> None:
    answer = await breaking.post("/v1/breaking/file", files={"file": b"x" * (MAX_BODY_BYTES + 1)})
    assert answer.json() == {"size": MAX_BODY_BYTES + 1}


async def test_who_asks_too_often_is_told_when_to_come_again(world) -> None:
    async with world.client(Service.ATS, build(of(world, rate_limit_per_minute=3))) as client:
        answers = [await client.get("/v1/breaking/words") for _ in range(5)]
        page = await client.get("/breaking/mistake", headers={"Accept": "text/html"})
        probe = await client.get("/healthz")
    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    assert [each.headers["ratelimit"].split(";")[1] for each in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
    refused = answers[-1]
    assert refused.json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert "x-correlation-id" in refused.headers
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert probe.status_code == 200


async def test_without_redis_requests_are_let_through(world) -> None:
    world.parts.redis.kill()
    try:
        async with world.client(Service.ATS, build(of(world, rate_limit_per_minute=1))) as client:
            assert [(await client.get("/v1/breaking/words")).status_code for _ in range(3)] == [200, 200, 200]
    finally:
        world.parts.redis.start()


async def test_a_caller_cannot_make_up_its_address(world) -> None:
    scope = {"client": ("10.0.0.1", 1)}
    forged = Headers({"X-Forwarded-For": "1.1.1.1, 2.2.2.2"})
    assert caller_address(scope, forged, of(world)) == "address:10.0.0.1"
    assert caller_address(scope, forged, of(world, behind_proxies=1)) == "address:2.2.2.2"
    assert caller_address(scope, forged, of(world, behind_proxies=3)) == "address:10.0.0.1"


async def test_a_front_end_of_another_origin_may_ask_and_read_even_refusals(world) -> None:
    origin = "https://jobs.example"
    async with world.client(Service.ATS, build(of(world, cors_origins=(origin,)))) as client:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        names = "on-behalf-of,x-csrf-token,x-correlation-id,idempotency-key,if-match"
        may = await client.options("/v1/breaking/words", headers=asked | {"Access-Control-Request-Headers": names})
        broken = await client.get("/v1/breaking/mistake", headers={"Origin": origin})
        stranger = await client.get("/v1/breaking/words", headers={"Origin": "https://elsewhere.example"})
    assert may.status_code == 200
    assert (broken.status_code, broken.headers["access-control-allow-origin"]) == (500, origin)
    assert "X-Correlation-ID" in broken.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in stranger.headers


async def test_outside_embedded_mode_browsers_are_held_to_https(world) -> None:
    ours = of(world)
    production = ours.model_copy(update={"mode": type(ours.mode).PRODUCTION})
    async with world.client(Service.ATS, build(production)) as client:
        assert "max-age" in (await client.get("/healthz")).headers["strict-transport-security"]
        assert (await client.get("/docs")).status_code == 404


def test_access_logs_do_not_show_a_signed_links_token() -> None:
    assert redact_path("/l/abcdefghijklmnopqrstuvwxyz") == "/l/…"
    assert redact_path("/l/abcdefghijklmnopqrstuvwxyz/on") == "/l/…/on"
    assert redact_path("/v1/vacancies") == "/v1/vacancies"
