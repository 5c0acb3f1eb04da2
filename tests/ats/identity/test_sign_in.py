"""Signing in at ats: one answer for every failure, limits that hit the guesser, a new session each time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import rules
from services.ats.identity.models import FamiliarSignIn, SignInFailures, StaffCredential
from services.ats.identity.sign_in import Origin, sign_in
from shared.database import transaction
from shared.registry import StaffMember
from shared.sessions import browser_sessions
from shared.tenancy import REGION
from shared.vocabulary import Role, Service
from tests.factories import identity
from tests.factories.identity import PASSWORD, grant, make_staff

EMAIL = "amy.pond@saw.example"
SECRET = b"a secret of the test"


@pytest.fixture
async def amy(ats_session: AsyncSession) -> StaffMember:
    return await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "SAW"), email=EMAIL)


async def test_a_password_opens_a_session_that_pages_and_api_know(ats: httpx.AsyncClient, amy: StaffMember) -> None:
    answer = await identity.sign_in(ats, EMAIL)
    assert (answer.status_code, answer.headers["location"]) == (303, "/vacancies")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("wme_ats_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    whoami = (await ats.get("/v1/whoami")).json()
    assert (whoami["kind"], whoami["id"]) == ("staff", str(amy.id))
    assert whoami["roles"] == [
        {"role": "council_admin", "employer_id": str(amy.grants[0].employer_id), "employer_code": "SAW"}
    ]


async def test_outside_ones_own_machine_the_cookie_needs_https(
    world: Any, amy: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = world.settings(Service.ATS).model_copy(update={"mode": "production"})
    monkeypatch.setattr(type(world), "settings", lambda *_: settings)
    async with world.client(Service.ATS) as ats:
        page = await ats.get("/sign-in")
        assert "Secure" in page.headers["set-cookie"]


async def test_the_address_may_be_typed_in_any_case(ats: httpx.AsyncClient, amy: StaffMember) -> None:
    assert (await identity.sign_in(ats, " AMY.Pond@SAW.example ")).status_code == 303


FAILURES = {
    "wrong password": (EMAIL, "three wrong words"),
    "unknown account": ("nobody@saw.example", PASSWORD),
    "no password chosen yet": ("invited@saw.example", PASSWORD),
    "account closed": ("gone@saw.example", PASSWORD),
    "nothing typed": ("", ""),
}


async def test_every_failure_reads_the_same(
    ats: httpx.AsyncClient, ats_session: AsyncSession, amy: StaffMember
) -> None:
    await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email="invited@saw.example")
    await ats_session.execute(
        update(StaffCredential).where(StaffCredential.login == "invited@saw.example").values(password_hash=None)
    )
    gone = await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email="gone@saw.example")
    await identity.commands.deactivate_staff(
        ats_session, gone.id, expected_version=None, now=identity.NOW, caller=identity.commands.WME
    )
    pages = set()
    for email, password in FAILURES.values():
        answer = await identity.sign_in(ats, email, password)
        assert answer.status_code == 422
        pages.add(answer.text.replace(email, "…").replace(identity.field(answer, "csrf_token"), "…") if email else "")
    assert len(pages - {""}) == 1
    assert (await ats.get("/v1/whoami")).status_code == 401


async def test_a_new_sign_in_gets_a_new_session_and_ends_the_one_it_replaces(
    ats: httpx.AsyncClient, ats_session: AsyncSession, amy: StaffMember
) -> None:
    await identity.sign_in(ats, EMAIL)
    first = ats.cookies["wme_ats_session"]
    await identity.sign_in(ats, EMAIL)
    assert ats.cookies["wme_ats_session"] != first
    opened = await ats_session.scalar(select(func.count()).where(browser_sessions.c.staff_id == amy.id))
    assert opened == 1


async def test_a_sign_in_form_of_a_foreign_page_is_refused(ats: httpx.AsyncClient, amy: StaffMember) -> None:
    typed = {"email": EMAIL, "password": PASSWORD}
    assert (await ats.post("/sign-in", data=typed)).status_code == 403
    await ats.get("/sign-in")
    assert (await ats.post("/sign-in", data=typed | {"csrf_token": "0" * 64})).status_code == 403
    page = await ats.get("/sign-in")
    good = typed | {"csrf_token": identity.field(page, "csrf_token")}
    from_elsewhere = await ats.post("/sign-in", data=good, headers={"Sec-Fetch-Site": "cross-site"})
    assert from_elsewhere.status_code == 403
    assert (await ats.post("/sign-in", data=good, headers={"Origin": "https://elsewhere.example"})).status_code == 403
    assert (await ats.post("/sign-in", data=good, headers={"Origin": "null"})).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "/%0d%0aSet-Cookie:a=b\r\n",
        "vacancies",
    ],
)
async def test_signing_in_leads_nowhere_but_here(wanted: str, ats: httpx.AsyncClient, amy: StaffMember) -> None:
    page = await ats.get("/sign-in", params={"return": wanted})
    typed = {"email": EMAIL, "password": PASSWORD, "csrf_token": identity.field(page, "csrf_token")}
    answer = await ats.post("/sign-in", params={"return": wanted}, data=typed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/vacancies")


async def test_signing_in_leads_back_to_the_page_that_was_wanted(ats: httpx.AsyncClient, amy: StaffMember) -> None:
    wanted = await ats.get("/api-clients?sort=name", headers={"Accept": "text/html"})
    assert wanted.status_code == 303
    page = await ats.get(wanted.headers["location"])
    assert 'action="/sign-in?return=%2Fapi-clients%3Fsort%3Dname"' in page.text
    typed = {"email": EMAIL, "password": PASSWORD, "csrf_token": identity.field(page, "csrf_token")}
    answer = await ats.post(wanted.headers["location"], data=typed)
    assert answer.headers["location"] == "/api-clients?sort=name"


OFFICE, HOME = "192.0.2.1", "198.51.100.7"


async def attempt(world: Any, email: str, password: str, address: str = OFFICE) -> str | None:
    return await sign_in(world.sessions[Service.ATS], Origin(email, address, SECRET), password, before=None)


async def test_five_wrong_guesses_stop_one_address_at_one_account(
    world: Any, ats_session: AsyncSession, amy: StaffMember
) -> None:
    for _ in range(rules.FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS):
        assert await attempt(world, EMAIL, "a wrong password") is None
    assert await attempt(world, EMAIL, PASSWORD) is None, "the right password comes too late"
    assert await attempt(world, EMAIL, PASSWORD, HOME) is not None, "its owner is elsewhere"


async def test_an_account_that_does_not_exist_is_stopped_alike(world: Any, ats_session: AsyncSession) -> None:
    for _ in range(rules.FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS):
        await attempt(world, "nobody@saw.example", "a wrong password")
    locked = await ats_session.scalar(
        select(func.count()).select_from(SignInFailures).where(SignInFailures.locked_until.is_not(None))
    )
    assert locked == 1


async def test_an_address_that_tries_many_accounts_is_stopped(
    world: Any, ats_session: AsyncSession, amy: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FAILURES_FROM_ONE_ADDRESS", 4)
    for number in range(4):
        await attempt(world, f"somebody-{number}@saw.example", "a wrong password")
    assert await attempt(world, EMAIL, PASSWORD) is None
    assert await attempt(world, EMAIL, PASSWORD, HOME) is not None


async def test_an_account_under_attack_from_everywhere_is_stopped(
    world: Any, ats_session: AsyncSession, amy: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FAILURES_AT_ONE_ACCOUNT", 4)
    for number in range(4):
        await attempt(world, EMAIL, "a wrong password", f"192.0.2.{number}")
    assert await attempt(world, EMAIL, PASSWORD, HOME) is None


async def test_the_stop_ends_after_15_minutes(world: Any, ats_session: AsyncSession, amy: StaffMember) -> None:
    for _ in range(rules.FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS):
        await attempt(world, EMAIL, "a wrong password")
    locked_until = await ats_session.scalar(select(func.max(SignInFailures.locked_until)))
    system_now = await ats_session.scalar(select(func.clock_timestamp()))
    assert locked_until is not None
    assert system_now is not None
    assert timedelta(minutes=14) < locked_until - system_now <= timedelta(minutes=15)
    a_quarter_of_an_hour_ago = SignInFailures.locked_until - timedelta(minutes=15, seconds=1)
    await ats_session.execute(update(SignInFailures).values(locked_until=a_quarter_of_an_hour_ago))
    assert await attempt(world, EMAIL, PASSWORD) is not None


@pytest.mark.parametrize(("minutes", "counted"), [(59, 3), (61, 1)])
async def test_failures_are_forgotten_after_an_hour_without_one(
    world: Any, ats_session: AsyncSession, amy: StaffMember, minutes: int, counted: int
) -> None:
    for _ in range(2):
        await attempt(world, EMAIL, "a wrong password")
    long_ago = SignInFailures.last_at - timedelta(minutes=minutes)
    await ats_session.execute(update(SignInFailures).values(last_at=long_ago))
    await attempt(world, EMAIL, "a wrong password")
    assert set(await ats_session.scalars(select(SignInFailures.failures))) == {counted}


async def test_a_success_forgets_the_failures_of_the_account_but_not_of_the_address(
    world: Any, ats_session: AsyncSession, amy: StaffMember
) -> None:
    for _ in range(rules.FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS - 1):
        await attempt(world, EMAIL, "a wrong password")
    assert await attempt(world, EMAIL, PASSWORD) is not None
    left = (await ats_session.scalars(select(SignInFailures.failures))).all()
    assert left == [4]


async def test_counters_hold_neither_address_nor_account_in_clear(world: Any, ats_session: AsyncSession) -> None:
    await attempt(world, EMAIL, "a wrong password")
    keys = (await ats_session.scalars(select(SignInFailures.key))).all()
    assert len(keys) == 3
    assert all(len(key) == 32 for key in keys)


async def test_guesses_at_the_same_time_get_no_further_than_one_after_the_other(live: Any) -> None:
    async with transaction(live.sessions[Service.ATS], REGION) as session:
        await make_staff(session, grant(Role.RECRUITER, "SAW"), email=EMAIL)
    guesses = [attempt(live, EMAIL, f"a wrong password {number}") for number in range(15)]
    assert set(await asyncio.gather(*guesses)) == {None}
    async with transaction(live.sessions[Service.ATS], REGION) as session:
        looked_at = await session.scalar(select(func.max(SignInFailures.failures)))
    assert looked_at == rules.FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS
    assert await attempt(live, EMAIL, PASSWORD) is None


async def test_one_address_for_a_whole_council_stops_nobody_who_works_there(
    world: Any, ats_session: AsyncSession, amy: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody in the office tries one account after the other; those who sign in there every day do not notice."""
    monkeypatch.setattr(rules, "FAILURES_FROM_ONE_ADDRESS", 4)
    await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email="rory@saw.example")
    assert await attempt(world, EMAIL, PASSWORD) is not None
    for number in range(4):
        await attempt(world, f"somebody-{number}@saw.example", "a wrong password")
    assert await attempt(world, EMAIL, PASSWORD) is not None
    assert await attempt(world, "rory@saw.example", PASSWORD) is None, "who has never been here waits"
    assert await attempt(world, "rory@saw.example", PASSWORD, HOME) is not None


async def test_the_slips_of_those_who_work_there_are_not_held_against_their_address(
    world: Any, ats_session: AsyncSession, amy: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FAILURES_FROM_ONE_ADDRESS", 4)
    await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email="rory@saw.example")
    assert await attempt(world, EMAIL, PASSWORD) is not None
    for _ in range(rules.FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS):
        await attempt(world, EMAIL, "a slip of the finger")
    assert await attempt(world, EMAIL, PASSWORD) is None
    assert await attempt(world, "rory@saw.example", PASSWORD) is not None


async def test_an_attack_from_everywhere_does_not_lock_its_owner_out_at_the_usual_place(
    world: Any, amy: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FAILURES_AT_ONE_ACCOUNT", 4)
    assert await attempt(world, EMAIL, PASSWORD, HOME) is not None
    for number in range(8):
        await attempt(world, EMAIL, "a wrong password", f"192.0.2.{number}")
    assert await attempt(world, EMAIL, PASSWORD, "203.0.113.5") is None
    assert await attempt(world, EMAIL, PASSWORD, HOME) is not None


async def test_a_place_is_familiar_for_90_days(
    world: Any, ats_session: AsyncSession, amy: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FAILURES_AT_ONE_ACCOUNT", 4)
    assert await attempt(world, EMAIL, PASSWORD, HOME) is not None
    for number in range(4):
        await attempt(world, EMAIL, "a wrong password", f"192.0.2.{number}")
    long_ago = FamiliarSignIn.last_at - rules.FAMILIAR_FOR
    await ats_session.execute(update(FamiliarSignIn).values(last_at=long_ago))
    await ats_session.flush()
    assert await attempt(world, EMAIL, PASSWORD, HOME) is None


async def test_a_right_password_does_not_use_up_what_an_address_may_try(
    world: Any, ats_session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FAILURES_FROM_ONE_ADDRESS", 3)
    for number in range(6):
        email = f"somebody-{number}@saw.example"
        await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email=email)
        assert await attempt(world, email, PASSWORD) is not None, email
