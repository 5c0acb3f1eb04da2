"""The registry over HTTP: public to read, closed by WME alone, told to the other services."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.outbox import events
from shared.reference.employers import employer_id
from shared.vocabulary import Role
from tests.factories.identity import csrf_of, grant, make_staff, sign_in


@pytest.fixture
async def wme(ats: httpx.AsyncClient, ats_session: AsyncSession) -> dict[str, str]:
    await make_staff(ats_session, grant(Role.WME_ADMIN), email="admin@wme.example")
    await sign_in(ats, "admin@wme.example")
    return {"X-CSRF-Token": await csrf_of(ats)}


async def test_anyone_may_read_who_recruits_in_the_region(ats: httpx.AsyncClient) -> None:
    listed = (await ats.get("/v1/employers")).json()
    assert len(listed["items"]) == 41
    assert listed["next_cursor"] is None
    one = await ats.get("/v1/employers/saw")
    assert one.json() in listed["items"]
    assert one.headers["etag"] == '"v1"'
    assert (await ats.get("/v1/employers/ZZZ")).status_code == 404


async def test_reorganisation_ends_an_employer_and_names_who_follows(
    ats: httpx.AsyncClient, ats_session: AsyncSession, wme: dict[str, str]
) -> None:
    end = {"valid_to": "2028-03-31", "successor_code": "WLV"}
    closed = await ats.post("/v1/employers/SAW/close", json=end, headers=wme | {"If-Match": '"v1"'})
    assert closed.status_code == 200
    assert (closed.json()["version"], closed.json()["valid_to"]) == (2, "2028-03-31")
    told = await ats_session.scalar(select(events.c.payload).where(events.c.name == "ats.employer_changed.v1"))
    assert told is not None
    assert (told["code"], told["version"], told["successor_id"]) == ("SAW", 2, str(employer_id("WLV")))
    again = await ats.post("/v1/employers/SAW/close", json=end, headers=wme | {"If-Match": '"v1"'})
    assert again.status_code == 412


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ({"valid_to": "1066-10-14"}, 422),
        ({"valid_to": "2028-03-31", "successor_code": "SAW"}, 422),
        ({"valid_to": "2028-03-31", "successor_code": "ZZZ"}, 404),
        ({"valid_to": "never"}, 422),
        ({}, 422),
    ],
)
async def test_an_end_that_cannot_be_is_refused(
    end: dict[str, str], status: int, ats: httpx.AsyncClient, wme: dict[str, str]
) -> None:
    assert (await ats.post("/v1/employers/SAW/close", json=end, headers=wme)).status_code == status


async def test_a_council_does_not_end_itself(ats: httpx.AsyncClient, ats_session: AsyncSession) -> None:
    await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "SAW"))
    await sign_in(ats, "amy.pond@saw.example")
    header = {"X-CSRF-Token": await csrf_of(ats)}
    refused = await ats.post("/v1/employers/SAW/close", json={"valid_to": "2028-03-31"}, headers=header)
    assert refused.status_code == 403
