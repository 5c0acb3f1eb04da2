"""Every refusal in one shape (RFC 9457), with a stable code and the way out; a browser reads it as a page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from shared.vocabulary import Scope, Service
from tests.factories.ats import vacancy_body
from tests.shared import breaking_api
from tests.shared.breaking_api import CANARY

Bearer = Callable[..., dict[str, str]]
A_BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
async def breaking(world) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(Service.ATS, breaking_api.build(world.settings(Service.ATS))) as client:
        yield client


def problem(answer: httpx.Response, status: int, code: str) -> dict:
    """The problem document of `answer`, which is whole: type, title, status, code, detail and the way out."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found = answer.json()
    assert (found["status"], found["code"], found["type"]) == (status, code, "about:blank")
    assert all(found[each] for each in ("title", "detail", "next_step"))
    return found


async def test_an_address_that_is_not_there(ats: httpx.AsyncClient) -> None:
    problem(await ats.get("/v1/nothing-here"), 404, "not_found")


async def test_a_method_that_an_address_does_not_take_names_all_that_it_takes(ats: httpx.AsyncClient) -> None:
    answer = await ats.delete("/v1/vacancies")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


async def test_json_that_breaks_off_names_the_body_and_no_byte(ats: httpx.AsyncClient, bearer: Bearer) -> None:
    headers = bearer(Scope.VACANCIES_WRITE) | {"Content-Type": "application/json"}
    found = problem(await ats.post("/v1/vacancies", headers=headers, content=b'{"title": '), 400, "malformed_json")
    assert found["field"] == "body"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", None])
async def test_a_body_that_is_not_json_is_of_the_wrong_kind(
    ats: httpx.AsyncClient, bearer: Bearer, kind: str | None
) -> None:
    headers = bearer(Scope.VACANCIES_WRITE) | ({"Content-Type": kind} if kind else {})
    found = problem(await ats.post("/v1/vacancies", headers=headers, content=b"x=1"), 415, "unsupported_media_type")
    assert "application/json" in found["next_step"]


async def test_json_is_known_by_any_of_its_names(ats: httpx.AsyncClient, bearer: Bearer) -> None:
    for kind in ("Application/JSON; charset=utf-8", "application/vnd.council+json"):
        headers = bearer(Scope.VACANCIES_WRITE) | {"Content-Type": kind}
        assert (await ats.post("/v1/vacancies", headers=headers, content=b"{}")).status_code == 422


async def test_json_where_a_form_is_read_is_of_the_wrong_kind(ats: httpx.AsyncClient) -> None:
    problem(await ats.post("/sign-in", json={"email": "x"}), 415, "unsupported_media_type")


async def test_fields_that_are_not_valid_are_each_named_once(ats: httpx.AsyncClient, bearer: Bearer) -> None:
    answer = await ats.get("/v1/vacancies?limit=x&cursor=", headers=bearer(Scope.VACANCIES_READ))
    found = problem(answer, 422, "invalid")
    assert [each["field"] for each in found["errors"]] == ["limit"]
    assert found["detail"] == "1 field is not valid"


async def test_what_was_sent_is_not_repeated(ats: httpx.AsyncClient, bearer: Bearer) -> None:
    body = vacancy_body(openings=CANARY, title=[CANARY], hiring_manager_id=CANARY)
    answer = await ats.post("/v1/vacancies", json=body, headers=bearer(Scope.VACANCIES_WRITE, employers=("SAW",)))
    assert {"openings", "title", "hiring_manager_id"} <= {each["field"] for each in answer.json()["errors"]}
    assert "Amy" not in answer.text


async def test_a_mistake_of_ours_is_a_500_that_keeps_its_words(breaking: httpx.AsyncClient) -> None:
    answer = await breaking.get("/v1/breaking/mistake")
    problem(answer, 500, "unexpected")
    assert "Amy" not in answer.text


async def test_a_value_that_the_database_cannot_hold_is_the_callers_to_correct(breaking: httpx.AsyncClient) -> None:
    problem(await breaking.get(f"/v1/breaking/too-large-a-number?number={2**40}"), 422, "invalid")
    problem(await breaking.get(f"/v1/breaking/too-large-a-number?number={10**30}"), 422, "invalid")


async def test_a_database_that_is_away_asks_to_come_again(breaking: httpx.AsyncClient) -> None:
    answer = await breaking.get("/v1/breaking/busy")
    problem(answer, 503, "try_again")
    assert answer.headers["retry-after"] == "2"


async def test_a_full_disk_says_that_nothing_was_changed(breaking: httpx.AsyncClient) -> None:
    found = problem(await breaking.get("/v1/breaking/no-room"), 507, "no_room")
    assert found["detail"] == "Nothing was changed"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/breaking/mistake", 500),
        ("/breaking/busy", 503),
        ("/breaking/no-room", 507),
        ("/breaking/too-large-a-number?number=1x", 422),
        (f"/breaking/too-large-a-number?number={2**40}", 422),
        ("/nothing-here", 404),
    ],
)
async def test_a_browser_reads_every_refusal_as_a_page(breaking: httpx.AsyncClient, path: str, status: int) -> None:
    answer = await breaking.get(path, headers=A_BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert "<h1" in answer.text
    assert "Amy" not in answer.text


async def test_a_page_keeps_what_the_refusal_says_in_headers(breaking: httpx.AsyncClient) -> None:
    away = await breaking.get("/breaking/busy", headers=A_BROWSER)
    assert away.headers["retry-after"] == "2"
    assert (await breaking.post("/breaking/busy", headers=A_BROWSER)).headers["allow"] == "GET"
