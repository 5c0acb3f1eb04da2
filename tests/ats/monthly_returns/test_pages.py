"""The monthly return on a page: looked at first, then taken."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import select

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.monthly_returns.models import MonthlyReturn
from shared.vocabulary import Role
from tests.ats.desk.test_pages import sign_in, token_of
from tests.ats.monthly_returns.rows import row, sheet
from tests.factories.ats import Ats


async def post_file(council: Ats, content: bytes, **fields: str) -> httpx.Response:
    page = await council.client.get("/monthly-returns")
    data = {"csrf_token": token_of(page), "employer": "SAW", "month": "2026-10"} | fields
    return await council.client.post("/monthly-returns", data=data, files={"file": ("return.csv", content, "text/csv")})


async def logged(council: Ats) -> list[Any]:
    async with council.region() as session:
        return list(await session.scalars(select(HiringLogEntry)))


async def test_a_file_is_looked_at_first_and_taken_when_its_sender_says_so(council: Ats) -> None:
    await sign_in(council, (await council.staff(Role.COUNCIL_HR)).email)
    checked = await post_file(council, sheet(row(), row(external_reference="REQ-2", offered_on="")))
    assert checked.status_code == 303, checked.text
    address = checked.headers["location"]
    page = await council.client.get(address)
    assert "Nothing is taken yet" in page.text
    assert "There is accepted_on, and no offered_on." in page.text
    assert await logged(council) == []
    taken = await council.client.post(f"{address}/take", data={"csrf_token": token_of(page)})
    assert (taken.status_code, taken.headers["location"]) == (303, address)
    assert len(await logged(council)) == 9
    page = await council.client.get(address)
    assert "Take this return" not in page.text
    assert f'href="{address}">October 2026</a>' in (await council.client.get("/monthly-returns")).text
    again = await council.client.post(f"{address}/take", data={"csrf_token": token_of(page)})
    assert again.status_code == 409
    async with council.region() as session:
        assert (await session.scalars(select(MonthlyReturn.content))).all() == [None], "the file is not kept"


async def test_a_second_look_replaces_the_first(council: Ats) -> None:
    await sign_in(council, (await council.staff(Role.RECRUITER)).email)
    first = (await post_file(council, sheet(row()))).headers["location"]
    await post_file(council, sheet(row()))
    assert (await council.client.get(first)).status_code == 404


async def test_what_is_missing_or_wrong_in_the_form_is_said_at_its_field(council: Ats) -> None:
    await sign_in(council, (await council.staff(Role.COUNCIL_ADMIN)).email)
    none = await post_file(council, b"", month="2030-01", employer="")
    assert none.status_code == 422
    for words in ("Choose the employer", "Choose the month", "Choose the file, as CSV"):
        assert words in none.text
    personal = await post_file(council, b"surname\n")
    assert personal.status_code == 422
    assert "Column 1 is named surname" in personal.text


async def test_another_councils_return_is_not_taken(council: Ats) -> None:
    await sign_in(council, (await council.staff(Role.COUNCIL_HR)).email)
    refused = await post_file(council, sheet(row(employer="WLV")), employer="WLV")
    assert refused.status_code == 422
    assert await logged(council) == []
