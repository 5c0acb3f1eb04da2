"""Lists in pages: every row once, in a total order, by a cursor that nobody can make up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from shared.pagination import MalformedCursor, read_cursor, sign_cursor
from shared.vocabulary import Scope
from tests.factories.ats import vacancy_body

Bearer = Callable[..., dict[str, str]]
SECRET = b"s" * 32


@pytest.fixture
async def sandwell(ats: httpx.AsyncClient, bearer: Bearer) -> dict[str, str]:
    """A caller who has made five vacancies."""
    headers = bearer(Scope.VACANCIES_READ, Scope.VACANCIES_WRITE, employers=("SAW",))
    for number in range(5):
        await ats.post("/v1/vacancies", json=vacancy_body(grade=f"Grade {number}"), headers=headers)
    return headers


def refused(answer: httpx.Response) -> bool:
    found = answer.json()
    assert found["field"] == "cursor"
    assert found["next_step"] == "Start again without a cursor"
    return (answer.status_code, found["code"]) == (400, "malformed_cursor")


async def test_the_pages_together_hold_every_row_once(ats: httpx.AsyncClient, sandwell: dict[str, str]) -> None:
    url: str | None = "/v1/vacancies?limit=2"
    grades, pages = [], 0
    while url is not None:
        answer = await ats.get(url, headers=sandwell)
        grades += [each["grade"] for each in answer.json()["items"]]
        link, cursor = answer.links.get("next"), answer.json()["next_cursor"]
        assert (link is None) == (cursor is None)
        url, pages = (link["url"] if link else None), pages + 1
    assert sorted(grades) == [f"Grade {number}" for number in range(5)]
    assert pages == 3


async def test_a_cursor_serves_the_list_and_the_filters_that_it_was_made_for(
    ats: httpx.AsyncClient, sandwell: dict[str, str]
) -> None:
    first = await ats.get("/v1/vacancies?limit=2&state=draft", headers=sandwell)
    cursor = first.json()["next_cursor"]
    again = await ats.get(f"/v1/vacancies?limit=1&state=draft&cursor={cursor}", headers=sandwell)
    assert (again.status_code, len(again.json()["items"])) == (200, 1)
    for other in ("state=live", "employer=SAW", ""):
        assert refused(await ats.get(f"/v1/vacancies?limit=2&{other}&cursor={cursor}", headers=sandwell)), other
    assert refused(await ats.get(f"/v1/jobs?limit=2&cursor={cursor}"))


async def test_a_tampered_cursor_is_refused(ats: httpx.AsyncClient, sandwell: dict[str, str]) -> None:
    cursor = (await ats.get("/v1/vacancies?limit=2", headers=sandwell)).json()["next_cursor"]
    flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "Q")
    for made_up in (flipped, cursor[:-4], "x", "", "é", "=" * 9, "A" * 40):
        assert refused(await ats.get("/v1/vacancies", params={"limit": 2, "cursor": made_up}, headers=sandwell))


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5"])
async def test_a_page_has_1_to_200_rows(ats: httpx.AsyncClient, sandwell: dict[str, str], limit: str) -> None:
    answer = await ats.get(f"/v1/vacancies?limit={limit}", headers=sandwell)
    assert (answer.status_code, answer.json()["field"]) == (422, "limit")


async def test_a_misspelt_filter_does_not_show_everything(ats: httpx.AsyncClient, sandwell: dict[str, str]) -> None:
    answer = await ats.get("/v1/vacancies?stat=live", headers=sandwell)
    assert (answer.status_code, answer.json()["field"]) == (422, "stat")


def test_order_values_come_back_as_they_went_in() -> None:
    values = [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), date(2026, 1, 1), uuid4(), Decimal("1.50"), "ö", 7, None]
    assert read_cursor(SECRET, "list", sign_cursor(SECRET, "list", values)) == values
    with pytest.raises(MalformedCursor):
        read_cursor(b"o" * 32, "list", sign_cursor(SECRET, "list", values))
