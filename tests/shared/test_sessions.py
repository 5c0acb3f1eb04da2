"""Staff sessions: their life, and the hand-over from ats to the other services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import commands
from shared.csrf import csrf_token
from shared.events.ats import StaffSessionsEnded
from shared.registry import StaffMember
from shared.sessions import apply_staff_sessions_ended, browser_sessions, find_session, open_session, token_hash
from shared.tokens import ACCESS_TOKEN, ASSERTION
from shared.vocabulary import Role, Service
from tests.factories.identity import NOW, csrf_of, field, grant, make_staff, sign_in, tell_registry

EMAIL = "amy.pond@saw.example"


@pytest.fixture
async def amy(ats_session: AsyncSession, world: Any) -> StaffMember:
    person = await make_staff(ats_session, grant(Role.COUNCIL_HR, "SAW"), email=EMAIL)
    await tell_registry(world)
    return person


async def aged(session: AsyncSession, token: str, **columns: timedelta) -> None:
    shifted = {name: browser_sessions.c[name] - by for name, by in columns.items()}
    await session.execute(
        update(browser_sessions).where(browser_sessions.c.token_hash == token_hash(token)).values(shifted)
    )


async def test_a_session_ends_after_an_hour_without_a_request(ats_session: AsyncSession, amy: StaffMember) -> None:
    token = await open_session(ats_session, amy.id)
    await aged(ats_session, token, seen_at=timedelta(minutes=59))
    assert await find_session(ats_session, token) is not None
    await aged(ats_session, token, seen_at=timedelta(minutes=59))
    assert await find_session(ats_session, token) is not None, "the request before kept it open"
    await aged(ats_session, token, seen_at=timedelta(minutes=61))
    assert await find_session(ats_session, token) is None


async def test_a_session_ends_after_eight_hours_in_any_case(ats_session: AsyncSession, amy: StaffMember) -> None:
    token = await open_session(ats_session, amy.id)
    await aged(ats_session, token, expires_at=timedelta(hours=7, minutes=59))
    assert await find_session(ats_session, token) is not None
    await aged(ats_session, token, expires_at=timedelta(minutes=2))
    assert await find_session(ats_session, token) is None


async def test_a_session_that_has_run_out_is_cleared_away(ats_session: AsyncSession, amy: StaffMember) -> None:
    token = await open_session(ats_session, amy.id)
    await aged(ats_session, token, expires_at=timedelta(hours=9))
    await open_session(ats_session, amy.id)
    assert await ats_session.scalar(select(func.count()).select_from(browser_sessions)) == 1


async def test_the_token_is_stored_as_a_hash(ats_session: AsyncSession, amy: StaffMember) -> None:
    token = await open_session(ats_session, amy.id)
    stored = await ats_session.scalar(select(browser_sessions.c.token_hash))
    assert stored != token.encode()
    assert await find_session(ats_session, token_hash(token).hex()) is None


async def test_a_session_that_has_run_out_leads_to_sign_in_for_a_page_and_401_for_the_api(
    ats: httpx.AsyncClient, ats_session: AsyncSession, amy: StaffMember
) -> None:
    await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "SAW"), email="admin@saw.example")
    await sign_in(ats, "admin@saw.example")
    await aged(ats_session, ats.cookies["wme_ats_session"], expires_at=timedelta(hours=9))
    page = await ats.get("/api-clients", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?return=%2Fapi-clients")
    assert (await ats.get("/v1/staff", headers={"Accept": "text/html"})).status_code == 401


@pytest.mark.parametrize("proof", [{}, {"X-CSRF-Token": "0" * 64}])
async def test_a_change_with_a_cookie_alone_is_refused(
    proof: dict[str, str], ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "SAW"), email="admin@saw.example")
    await sign_in(ats, "admin@saw.example")
    refused = await ats.post(f"/v1/staff/{uuid4()}/invite", headers=proof)
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token_missing")


async def test_the_csrf_token_of_another_session_does_not_serve(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "SAW"), email="admin@saw.example")
    await sign_in(ats, "admin@saw.example")
    async with world.client(Service.ATS) as other:
        await sign_in(other, "admin@saw.example")
        theirs = await csrf_of(other)
    refused = await ats.post(f"/v1/staff/{uuid4()}/invite", headers={"X-CSRF-Token": theirs})
    assert refused.status_code == 403
    own = {"X-CSRF-Token": await csrf_of(ats)}
    assert (await ats.post(f"/v1/staff/{uuid4()}/invite", headers=own)).status_code == 404
    from_elsewhere = own | {"Origin": "https://elsewhere.example"}
    assert (await ats.post(f"/v1/staff/{uuid4()}/invite", headers=from_elsewhere)).status_code == 403


class HandOver:
    """A browser on its way from clearing to ats and back."""

    def __init__(self, ats: httpx.AsyncClient, clearing: httpx.AsyncClient) -> None:
        self.ats, self.clearing = ats, clearing

    async def to_ats(self, wanted: str = "/registrations") -> str:
        sent = await self.clearing.get("/sign-in", params={"return": wanted})
        assert sent.status_code == 303
        return sent.headers["location"].removeprefix("http://127.0.0.1:8001")

    async def assertion(self, wanted: str = "/registrations") -> str:
        page = await self.ats.get(await self.to_ats(wanted))
        assert page.status_code == 200, page.text
        assert 'action="http://127.0.0.1:8003/session"' in page.text
        return field(page, "assertion")

    async def back(self, assertion: str) -> httpx.Response:
        headers = {"Origin": "null", "Sec-Fetch-Site": "same-site"}
        return await self.clearing.post("/session", data={"assertion": assertion}, headers=headers)


@pytest.fixture
async def hand_over(ats: httpx.AsyncClient, clearing: httpx.AsyncClient, amy: StaffMember) -> HandOver:
    await sign_in(ats, EMAIL)
    return HandOver(ats, clearing)


async def test_a_browser_that_is_signed_in_at_ats_is_let_into_clearing(hand_over: HandOver, amy: StaffMember) -> None:
    answer = await hand_over.back(await hand_over.assertion("/registrations?state=new"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/registrations?state=new")
    whoami = (await hand_over.clearing.get("/v1/whoami")).json()
    assert (whoami["kind"], whoami["id"]) == ("staff", str(amy.id))
    assert "wme_ats_session" not in hand_over.clearing.cookies


async def test_a_browser_that_is_not_signed_in_signs_in_on_the_way(
    ats: httpx.AsyncClient, clearing: httpx.AsyncClient, amy: StaffMember
) -> None:
    over = HandOver(ats, clearing)
    asked = await ats.get(await over.to_ats(), headers={"Accept": "text/html"})
    assert asked.status_code == 303
    wanted = parse_qs(urlsplit(asked.headers["location"]).query)["return"][0]
    assert wanted.startswith("/assert?service=clearing&nonce=")
    await sign_in(ats, EMAIL)
    assert (await over.back(field(await ats.get(wanted), "assertion"))).status_code == 303


async def test_an_assertion_works_once(hand_over: HandOver) -> None:
    assertion = await hand_over.assertion()
    assert (await hand_over.back(assertion)).status_code == 303
    nonce = hand_over.clearing.cookies
    nonce.clear()
    again = await hand_over.back(assertion)
    assert (again.status_code, again.json()["code"]) == (403, "sign_in_not_completed")


async def test_an_assertion_is_spent_even_for_the_browser_that_it_was_made_for(hand_over: HandOver) -> None:
    assertion = await hand_over.assertion()
    nonce = hand_over.clearing.cookies["wme_clearing_form"]
    assert (await hand_over.back(assertion)).status_code == 303
    hand_over.clearing.cookies.set("wme_clearing_form", nonce)
    assert (await hand_over.back(assertion)).status_code == 403


async def test_an_assertion_made_for_another_browser_signs_nobody_in(world: Any, hand_over: HandOver) -> None:
    assertion = await hand_over.assertion()
    async with world.client(Service.CLEARING) as victim:
        await victim.get("/sign-in")
        answer = await victim.post("/session", data={"assertion": assertion})
        assert answer.status_code == 403
        assert "wme_clearing_session" not in victim.cookies


async def test_an_assertion_for_clearing_is_none_for_notifications(world: Any, hand_over: HandOver) -> None:
    assertion = await hand_over.assertion()
    async with world.client(Service.NOTIFICATIONS) as notifications:
        answer = await notifications.post("/session", data={"assertion": assertion})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_refused")


async def test_an_assertion_is_no_access_token_and_an_access_token_no_assertion(
    world: Any, hand_over: HandOver
) -> None:
    assertion = await hand_over.assertion()
    as_bearer = await hand_over.clearing.get("/v1/whoami", headers={"Authorization": f"Bearer {assertion}"})
    assert as_bearer.status_code == 401
    token = world.signer.token(world.signer.claims())
    assert (await hand_over.back(token)).status_code == 401


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"exp": datetime.now(UTC) - timedelta(seconds=31)}, ASSERTION),
        ({"aud": "clearing"}, ASSERTION),
        ({"iss": "https://elsewhere.example"}, ASSERTION),
        ({"sub": "nobody"}, ASSERTION),
        ({"jti": "7"}, ASSERTION),
        ({}, ACCESS_TOKEN),
    ],
)
async def test_an_assertion_that_is_not_right_in_every_claim_is_refused(
    change: dict[str, Any], kind: str, world: Any, hand_over: HandOver, amy: StaffMember
) -> None:
    real = jwt.decode(await hand_over.assertion(), options={"verify_signature": False})
    assert real["exp"] - real["iat"] <= 61
    forged = jwt.encode(
        real | change, world.signer.key, algorithm="EdDSA", headers={"kid": world.signer.kid, "typ": kind}
    )
    assert (await hand_over.back(forged)).status_code == 401


@pytest.mark.parametrize("wanted", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example"])
async def test_the_way_back_leads_nowhere_else(wanted: str, hand_over: HandOver) -> None:
    answer = await hand_over.back(await hand_over.assertion(wanted))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("service", ["ats", "payroll", "https://elsewhere.example"])
async def test_ats_hands_over_to_our_own_services_only(service: str, hand_over: HandOver) -> None:
    answer = await hand_over.ats.get("/assert", params={"service": service, "nonce": "0" * 64})
    assert answer.status_code == 422


async def test_signing_out_ends_the_sessions_of_every_service(
    hand_over: HandOver, ats_session: AsyncSession, clearing_session: AsyncSession, amy: StaffMember
) -> None:
    await hand_over.back(await hand_over.assertion())
    late = await hand_over.assertion()
    nonce = hand_over.clearing.cookies["wme_clearing_form"]
    out = await hand_over.ats.post("/sign-out", data={"csrf_token": await csrf_of(hand_over.ats)})
    assert out.status_code == 303
    assert (await hand_over.ats.get("/v1/whoami")).status_code == 401
    ended_at = await ats_session.scalar(select(func.clock_timestamp()))
    assert ended_at is not None
    await apply_staff_sessions_ended(clearing_session, StaffSessionsEnded(staff_id=amy.id, ended_at=ended_at))
    assert (await hand_over.clearing.get("/v1/whoami")).status_code == 401
    hand_over.clearing.cookies.set("wme_clearing_form", nonce)
    assert (await hand_over.back(late)).status_code == 403, "made before the sign-out"


async def test_leaving_clearing_ends_its_session_and_offers_to_end_the_others(hand_over: HandOver) -> None:
    await hand_over.back(await hand_over.assertion())
    cookie = hand_over.clearing.cookies["wme_clearing_session"]
    left = await hand_over.clearing.post("/sign-out", data={"csrf_token": csrf_token(cookie)})
    assert (left.status_code, left.headers["location"]) == (303, "http://127.0.0.1:8001/sign-out")
    hand_over.clearing.cookies.set("wme_clearing_session", cookie)
    assert (await hand_over.clearing.get("/v1/whoami")).status_code == 401


async def test_a_session_opened_after_the_sign_out_stays(ats_session: AsyncSession, amy: StaffMember) -> None:
    await commands.end_sessions(ats_session, amy.id, now=NOW)
    token = await open_session(ats_session, amy.id)
    assert await find_session(ats_session, token) is not None
    ended_before = datetime.now(UTC) - timedelta(minutes=1)
    await apply_staff_sessions_ended(ats_session, StaffSessionsEnded(staff_id=amy.id, ended_at=ended_before))
    assert await find_session(ats_session, token) is not None, "an old event that comes late"
