"""A displaced employee registers themselves: nothing counts before the address is confirmed by the mailed link."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import select

from services.clearing.registrations.models import Registration
from shared import csrf
from shared.database import transaction
from shared.events.base import ContactWithLink
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.clearing.conftest import Scene
from tests.clearing.registrations.browser import page, sign_in

SELF = {
    "name": "Asha Moreton",
    "email": "asha@people.example",
    "employer": "SAW",
    "employee_number": "104233",
    "job_title": "Housing officer",
    "reason": "redundancy_notice",
    "notice_given_on-day": "2",
    "notice_given_on-month": "11",
    "notice_given_on-year": "2026",
    "pay": "36,581",
    "hours_per_week": "37",
    "hours_min": "30",
    "hours_max": "37",
    "outcode": "B66 4AA",
    "max_travel_minutes": "60",
}
CURIOUS = SELF | {"email": "curious@people.example", "name": "Curious Colleague"}
WANTED = "clearing.registration_confirmation_wanted.v1"


async def registrations(scene: Scene) -> list[Registration]:
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        return list(await session.scalars(select(Registration).order_by(Registration.created_at, Registration.id)))


async def seen_by_hr(scene: Scene, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await scene.get(f"/v1/registrations{query}", await scene.hr("SAW")))["items"]
    return found


async def follow_link(scene: Scene) -> str:
    """Open the newest link that was mailed, in this browser. The token for forms."""
    scene.http.cookies.clear()
    link = (await scene.sealed(WANTED, ContactWithLink))[-1].link
    path = httpx.URL(link).path
    opened = await scene.http.post(path, headers={"Origin": str(scene.http.base_url).rstrip("/")})
    assert (opened.status_code, opened.headers["location"]) == (303, "/register/confirm"), opened.text
    cookie = scene.http.cookies[csrf.link_cookie(Service.CLEARING)]
    return csrf.csrf_token(cookie)


async def confirm(scene: Scene) -> httpx.Response:
    token = await follow_link(scene)
    return await scene.http.post("/register/confirm", data={"csrf_token": token})


async def test_whoever_registers_themselves_confirms_their_address_and_waits_for_hr(scene: Scene) -> None:
    answer = await scene.http.post("/register", data=SELF)
    assert "Look in your e-mail" in answer.text
    (made,) = await registrations(scene)
    assert (made.state.value, made.source.value, made.outcode, made.fte_pay_pence, made.submitted_at) == (
        "unconfirmed",
        "self",
        "B66",
        3_658_100,
        None,
    )
    assert made.notice_given_on is not None
    (mail,) = await scene.sealed(WANTED, ContactWithLink)
    assert mail.email == "asha@people.example"
    assert await scene.told("clearing.registration_submitted.v1") == []
    token = await follow_link(scene)
    assert "104233" in (await page(scene, "/register/confirm")).text
    assert "We have what you wrote" in (await scene.http.post("/register/confirm", data={"csrf_token": token})).text
    (made,) = await registrations(scene)
    assert made.state.value == "submitted"
    assert len(await scene.told("clearing.registration_submitted.v1")) == 1
    # Once more, by the same button: nothing more happens.
    again = await scene.http.post("/register/confirm", data={"csrf_token": token})
    assert "We have what you wrote" in again.text
    assert len(await scene.told("clearing.registration_submitted.v1")) == 1


async def test_what_is_wrong_with_the_form_stands_beside_the_field(scene: Scene) -> None:
    answer = await scene.http.post("/register", data=SELF | {"email": "asha", "pay": "a lot"})
    assert answer.status_code == 422
    assert "Enter an e-mail address, like name@example.org" in answer.text
    assert "Enter your full-time pay a year in pounds" in answer.text
    assert await registrations(scene) == []


async def test_an_unconfirmed_registration_reaches_no_hr(scene: Scene) -> None:
    await scene.http.post("/register", data=CURIOUS)
    (made,) = await registrations(scene)
    hr = await scene.hr("SAW")
    assert await seen_by_hr(scene) == []
    await scene.get(f"/v1/registrations/{made.id}", hr, expect=404)
    await scene.post(f"/v1/registrations/{made.id}/submit", hr, expect=404)
    coordinator = scene.world.signer.bearer(Scope.CLEARING_READ, Scope.CLEARING_WRITE)
    assert (await scene.get("/v1/registrations", coordinator))["items"] == []
    await scene.get(f"/v1/registrations/{made.id}", coordinator, expect=404)
    assert (await scene.get("/v1/events", hr))["items"] == []


async def test_r6_an_unconfirmed_registration_blocks_nobody(scene: Scene) -> None:
    await scene.http.post("/register", data=CURIOUS)
    made = await scene.submitted(employee_number="104233")
    assert made["state"] == "submitted"
    await scene.http.post("/register", data=SELF | {"employee_number": "104234"})
    await scene.http.post("/register", data=CURIOUS | {"employee_number": "104234"})
    assert len(await registrations(scene)) == 4


async def test_an_unconfirmed_registration_is_forgotten_after_two_days(scene: Scene) -> None:
    await scene.http.post("/register", data=SELF)
    scene.world.clock.advance(timedelta(days=2))
    await scene.tick()
    assert len(await registrations(scene)) == 1
    scene.world.clock.advance(timedelta(seconds=1))
    await scene.tick()
    assert await registrations(scene) == []


async def test_r6_hr_sees_two_of_one_employee_number_and_takes_the_right_one(scene: Scene) -> None:
    await scene.http.post("/register", data=CURIOUS)
    await confirm(scene)
    await scene.http.post("/register", data=SELF)
    await confirm(scene)
    scene.http.cookies.clear()
    found = await seen_by_hr(scene, "?employee_number=104233")
    state_of = {each["name"]: (each["state"], each["id"]) for each in found}
    assert {name: state for name, (state, _) in state_of.items()} == {
        "Curious Colleague": "submitted",
        "Asha Moreton": "duplicate",
    }
    first, second = state_of["Curious Colleague"][1], state_of["Asha Moreton"][1]
    assert (await seen_by_hr(scene, "?state=duplicate"))[0]["id"] == second
    hr = await scene.hr("SAW")
    refusal = await scene.post(f"/v1/registrations/{second}/submit", hr, expect=409)
    assert refusal["code"] == "registration_already_live"
    token = await sign_in(scene, "SAW", Role.COUNCIL_HR)
    assert "curious@people.example" in (await page(scene, f"/registrations/{second}")).text
    assert "asha@people.example" in (await page(scene, f"/registrations/{first}")).text
    empty = await scene.http.post(f"/registrations/{first}/reject", data={"csrf_token": token, "rejection": " "})
    assert (empty.status_code, "Say why it is not the right one" in empty.text) == (422, True)
    rejection = {"csrf_token": token, "rejection": "Not the person whom this number belongs to."}
    assert (await scene.http.post(f"/registrations/{first}/reject", data=rejection)).status_code == 303
    taken = await scene.http.post(f"/registrations/{second}/submit", data={"csrf_token": token})
    assert taken.status_code == 303
    scene.http.cookies.clear()
    assert (await scene.get(f"/v1/registrations/{second}", hr))["state"] == "submitted"
    await scene.post(f"/v1/registrations/{second}/verify", hr, {"tier": 3}, expect=200)


async def test_registering_again_reads_the_same_so_that_nobody_learns_who_is_displaced(scene: Scene) -> None:
    first = await scene.http.post("/register", data=SELF)
    first_confirmed = await confirm(scene)
    scene.http.cookies.clear()
    second = await scene.http.post("/register", data=CURIOUS)
    second_confirmed = await confirm(scene)
    assert (second.status_code, second.text) == (first.status_code, first.text)
    assert second_confirmed.status_code == first_confirmed.status_code
    read = []
    for each in await registrations(scene):
        person = await scene.person(each.id)
        found = await scene.get(f"/v1/registrations/{each.id}", person)
        refusal = await scene.post(f"/v1/registrations/{each.id}/submit", person, expect=409)
        read.append((found["state"], found["version"], found["allowed_actions"], refusal["code"], refusal["allowed"]))
    assert read[0] == read[1]
    assert read[0][0] == "submitted"
    assert len(await scene.told("clearing.registration_submitted.v1")) == 2
    for email in ("asha@people.example", "curious@people.example"):
        await scene.post("/v1/sign-in-links", {}, {"email": email})
    assert len(await scene.told("clearing.sign_in_link_requested.v1")) == 2
