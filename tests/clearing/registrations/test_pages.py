"""The thin pages: who may open them, and that their forms do what the API does."""

from __future__ import annotations

from shared import csrf
from shared.events.base import ContactWithLink
from shared.vocabulary import Role, Service
from tests.clearing.conftest import Scene
from tests.clearing.registrations.browser import page, sign_in
from tests.factories import clearing as make


async def test_the_start_page_leads_everybody_on(scene: Scene) -> None:
    assert "before it is advertised" in (await page(scene, "/")).text
    assert "Register for redeployment" in (await page(scene, "/register")).text
    assert "There is no password" in (await page(scene, "/my-link")).text


async def test_asking_for_a_link_on_the_page_says_the_same_to_everyone(scene: Scene) -> None:
    await scene.active(email="asha@people.example")
    known = await scene.http.post("/my-link", data={"email": "asha@people.example"})
    unknown = await scene.http.post("/my-link", data={"email": "nobody@people.example"})
    assert known.text == unknown.text
    assert len(await scene.sealed("clearing.sign_in_link_requested.v1", ContactWithLink)) == 1


async def test_hr_verifies_on_the_page(scene: Scene) -> None:
    made = await scene.submitted(name="Asha Moreton")
    token = await sign_in(scene, "SAW", Role.COUNCIL_HR)
    assert "Asha Moreton" in (await page(scene, "/registrations")).text
    path = f"/registrations/{made['id']}"
    assert "Verify from the evidence" in (await page(scene, path)).text
    wrong = await scene.http.post(f"{path}/verify", data={"csrf_token": token, "tier": "4"})
    assert (wrong.status_code, "support tier 3" in wrong.text) == (422, True)
    right = await scene.http.post(f"{path}/verify", data={"csrf_token": token, "tier": "3"})
    assert (right.status_code, right.headers["location"]) == (303, path)
    assert "Active" in (await page(scene, path)).text


async def test_a_form_without_our_token_changes_nothing(scene: Scene) -> None:
    made = await scene.submitted()
    await sign_in(scene, "SAW", Role.COUNCIL_HR)
    answer = await scene.http.post(f"/registrations/{made['id']}/verify", data={"tier": "3"})
    assert answer.status_code == 403
    scene.http.cookies.clear()
    found = await scene.get(f"/v1/registrations/{made['id']}", await scene.hr("SAW"))
    assert found["state"] == "submitted"


async def test_another_councils_hr_finds_no_such_person(scene: Scene) -> None:
    made = await scene.submitted()
    await sign_in(scene, "BIR", Role.COUNCIL_HR)
    answer = await scene.http.get(f"/registrations/{made['id']}", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert made["name"] not in answer.text


async def test_the_overview_shows_numbers_to_a_coordinator(scene: Scene) -> None:
    await scene.active()
    await scene.hear(make.vacancy())
    await sign_in(scene, "SAW", Role.COUNCIL_HR)
    assert "people looking" in (await page(scene, "/overview")).text


async def test_a_person_answers_a_match_and_an_offer_on_their_pages(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    match = await scene.my_match(asha)
    cookie = (await scene.person(asha))["Authorization"].removeprefix("Bearer ")
    scene.http.cookies.set(csrf.link_cookie(Service.CLEARING), cookie)
    token = {"csrf_token": csrf.csrf_token(cookie)}
    assert "Housing officer" in (await page(scene, "/my")).text
    shown = (await page(scene, f"/my/matches/{match['id']}")).text
    assert "Why it was suggested" in shown
    assert "I am interested" in shown
    answered = await scene.http.post(f"/my/matches/{match['id']}/interest", data=token)
    assert (answered.status_code, answered.headers["location"]) == (303, "/my")
    scene.http.cookies.clear()
    await scene.tick()
    (referral,) = (await scene.get("/v1/me/referrals", await scene.person(asha)))["items"]
    await scene.decide("SAW", referral["id"], "refer")
    offer = await scene.decide("BIR", referral["id"], "request-offer", make.terms(), expect=202)
    await scene.hear(make.reserved((await scene.told("clearing.opening_requested.v1"))[-1]))
    scene.http.cookies.set(csrf.link_cookie(Service.CLEARING), cookie)
    assert "You have an offer" in (await page(scene, "/my")).text
    assert "Accept the offer" in (await page(scene, f"/my/offers/{offer['id']}")).text
    accepted = await scene.http.post(f"/my/offers/{offer['id']}/accept", data=token)
    assert accepted.status_code == 303
    assert "Offer accepted" in (await page(scene, "/my")).text


async def test_hr_refers_on_the_page_and_says_why_not(scene: Scene) -> None:
    asha = await scene.active(name="Asha Moreton")
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    token = await sign_in(scene, "SAW", Role.COUNCIL_HR)
    assert "Asha Moreton" in (await page(scene, "/referrals")).text
    path = f"/referrals/{referral_id}"
    assert "Refer to Birmingham" in (await page(scene, path)).text
    empty = await scene.http.post(f"{path}/not-refer", data={"csrf_token": token, "reasons": " "})
    assert (empty.status_code, "the person is told" in empty.text) == (422, True)
    done = await scene.http.post(f"{path}/refer", data={"csrf_token": token})
    assert done.status_code == 303
    assert "Referred" in (await page(scene, path)).text
