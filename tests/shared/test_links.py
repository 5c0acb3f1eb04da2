"""Signed links: single use, expiring, revocable, hashed; the sessions that they open."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared import links
from shared.csrf import csrf_token
from shared.database import transaction
from shared.links import LinkNotUsable, link_sessions, signed_links
from shared.reference.employers import employer_id
from shared.tenancy import NOBODY, REGION, Tenancy
from shared.vocabulary import Service

SUBJECT = UUID("7b8f4a52-6a52-4b0c-9c6a-0f3b0a3e5d11")
SAW, WLV = employer_id("SAW"), employer_id("WLV")


async def issue(session: AsyncSession, world: Any, **more: Any) -> str:
    values: dict[str, Any] = {"purpose": "invitation", "subject_id": SUBJECT, "employer_id": SAW}
    expires_at = world.clock.now() + timedelta(days=1)
    return await links.issue_link(session, **({"expires_at": expires_at} | values | more))


async def test_looking_at_a_link_does_not_spend_it_and_following_it_does(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    token = await issue(ats_session, world)
    for _ in range(3):
        seen = await ats.get(f"/l/{token}")
        assert seen.status_code == 200
        assert seen.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in seen.headers
    followed = await ats.post(f"/l/{token}")
    assert (followed.status_code, followed.headers["location"]) == (303, "/invitation")
    assert (await ats.get("/v1/whoami")).json() | {"employers": []} == {
        "kind": "link",
        "id": str(SUBJECT),
        "reach": "person",
        "employers": [],
        "scopes": [],
        "roles": [],
        "purpose": "invitation",
    }
    assert (await ats.get(f"/l/{token}")).status_code == 410
    assert (await ats.post(f"/l/{token}")).status_code == 410


async def test_a_link_with_a_path_of_its_own_leads_there(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    token = await issue(ats_session, world, path="/applications/7?tab=offer")
    assert (await ats.post(f"/l/{token}")).headers["location"] == "/applications/7?tab=offer"


async def test_a_front_end_gets_a_bearer_for_a_link(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    token = await issue(ats_session, world)
    answer = await ats.post("/v1/link-sessions", json={"token": token})
    assert answer.status_code == 201
    body = answer.json()
    assert body["access_token"].startswith("wls_")
    assert (body["expires_in"], body["purpose"], body["path"]) == (7200, "invitation", "/invitation")
    header = {"Authorization": f"Bearer {body['access_token']}"}
    assert (await ats.get("/v1/whoami", headers=header)).json()["id"] == str(SUBJECT)
    assert (await ats.post("/v1/link-sessions", json={"token": token})).status_code == 410


async def test_unknown_used_expired_and_revoked_read_the_same(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    used = await issue(ats_session, world)
    await links.open_link(ats_session, used, now=world.clock.now())
    expired = await issue(ats_session, world, expires_at=world.clock.now())
    revoked = await issue(ats_session, world, subject_id=uuid4(), purpose="candidate")
    subject = await ats_session.scalar(select(signed_links.c.subject_id).where(signed_links.c.purpose == "candidate"))
    assert subject is not None
    assert await links.revoke_links(ats_session, subject, now=world.clock.now()) == 1
    answers = [
        await ats.post("/v1/link-sessions", json={"token": token}) for token in ("x" * 43, used, expired, revoked)
    ]
    assert {answer.status_code for answer in answers} == {410}
    assert len({answer.text for answer in answers}) == 1


async def test_a_link_ends_by_the_business_clock(world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession) -> None:
    token = await issue(ats_session, world)
    world.clock.advance(timedelta(hours=23, minutes=59))
    assert (await ats.get(f"/l/{token}")).status_code == 200
    world.clock.advance(timedelta(minutes=1))
    assert (await ats.get(f"/l/{token}")).status_code == 410


async def test_revoking_one_purpose_leaves_the_others(world: Any, ats_session: AsyncSession) -> None:
    kept = await issue(ats_session, world, purpose="candidate")
    gone = await issue(ats_session, world)
    await links.revoke_links(ats_session, SUBJECT, now=world.clock.now(), purpose="invitation")
    assert await links.is_usable(ats_session, kept, now=world.clock.now())
    assert not await links.is_usable(ats_session, gone, now=world.clock.now())


async def test_a_session_ends_after_two_hours_of_the_system_clock(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    opened = await links.open_link(ats_session, await issue(ats_session, world), now=world.clock.now())
    header = {"Authorization": f"Bearer {opened.token}"}
    assert (await ats.get("/v1/whoami", headers=header)).status_code == 200
    world.clock.advance(timedelta(days=3))
    assert (await ats.get("/v1/whoami", headers=header)).status_code == 200, "it is no business deadline"
    expires_at = await ats_session.scalar(select(link_sessions.c.expires_at))
    system_now = await ats_session.scalar(select(func.clock_timestamp()))
    assert expires_at is not None
    assert system_now is not None
    assert timedelta(minutes=119) < expires_at - system_now <= timedelta(hours=2)
    await ats_session.execute(update(link_sessions).values(expires_at=system_now))
    assert (await ats.get("/v1/whoami", headers=header)).status_code == 401


async def test_leaving_ends_the_session_and_needs_the_pages_token(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    await ats.post(f"/l/{await issue(ats_session, world)}")
    cookie = ats.cookies["wme_ats_link"]
    assert (await ats.post("/link-session/end")).status_code == 403
    left = await ats.post("/link-session/end", data={"csrf_token": csrf_token(cookie)})
    assert left.status_code == 200
    assert await links.find_link_session(ats_session, cookie) is None


async def test_a_link_followed_from_a_foreign_page_is_not_spent(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    token = await issue(ats_session, world)
    foreign = await ats.post(f"/l/{token}", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert (await ats.get(f"/l/{token}")).status_code == 200


async def test_only_hashes_are_stored(world: Any, ats_session: AsyncSession) -> None:
    token = await issue(ats_session, world)
    opened = await links.open_link(ats_session, token, now=world.clock.now())
    stored = [
        *(await ats_session.scalars(select(signed_links.c.token_hash))),
        *(await ats_session.scalars(select(link_sessions.c.token_hash))),
    ]
    assert all(len(each) == 32 for each in stored)
    assert not any(each in (token.encode(), opened.token.encode()) for each in stored)


@pytest.mark.parametrize(
    ("tenancy", "may"),
    [
        (REGION, True),
        (Tenancy.of({SAW}), True),
        (Tenancy.person(SUBJECT), True),
        (Tenancy.of({WLV}), False),
        (Tenancy.person(uuid4()), False),
        (NOBODY, False),
    ],
)
async def test_a_link_is_issued_by_its_employer_its_person_or_the_region(
    tenancy: Tenancy, may: bool, world: Any
) -> None:
    refused = nullcontext() if may else pytest.raises(DBAPIError, match="row-level security")
    with refused:
        async with transaction(world.sessions[Service.ATS], tenancy) as session:
            await issue(session, world)


async def test_of_many_who_follow_one_link_one_gets_in(live: Any) -> None:
    sessions = live.sessions[Service.ATS]
    async with transaction(sessions, REGION) as session:
        token = await issue(session, live)

    async def follow() -> bool:
        try:
            async with transaction(sessions, REGION) as session:
                await links.open_link(session, token, now=live.clock.now())
        except LinkNotUsable:
            return False
        return True

    assert sum(await asyncio.gather(*(follow() for _ in range(10)))) == 1
