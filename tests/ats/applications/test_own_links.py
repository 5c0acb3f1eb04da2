"""A candidate who comes back: the link of the mail is spent, its session is over, and they get another."""

from __future__ import annotations

from typing import Any

from shared.vocabulary import Role
from tests.factories.ats import Ats
from tests.factories.identity import local, mailed

AMARA = "amara@people.example"
HTML = {"Accept": "text/html"}
ASKED = "ats.candidate_link_requested.v1"


async def links_sent(council: Ats) -> list[Any]:
    async with council.region() as session:
        return await mailed(session, ASKED)


async def test_a_spent_link_says_where_to_get_another(council: Ats) -> None:
    await council.apply(await council.live(), email=AMARA)
    async with council.region() as session:
        (first,) = await mailed(session, "ats.application_received.v1")
    path = local(first.link)
    assert (await council.client.post(path)).status_code == 303
    for answer in (await council.client.get(path), await council.client.post(path)):
        assert answer.status_code == 410
        assert 'href="/my-link"' in answer.text
        assert 'href="/forgotten-password"' in answer.text


async def test_a_candidate_whose_session_is_over_is_led_to_a_new_link(council: Ats) -> None:
    for page in (
        await council.client.get("/my-application", headers=HTML),
        await council.client.post("/my-application/withdraw", headers=HTML),
    ):
        assert (page.status_code, page.headers["location"]) == (303, "/my-link")
    assert (await council.client.get("/v1/my/application", headers=HTML)).status_code == 401


async def test_the_next_day_a_candidate_asks_for_a_link_and_answers_the_offer(council: Ats) -> None:
    manager = await council.staff(Role.HIRING_MANAGER)
    vacancy = await council.live()
    (candidate,) = await council.at_interview(vacancy, manager)
    offer = await council.decide(f"/v1/applications/{candidate['id']}/offers", manager, council.terms())
    async with council.region() as session:
        (offered,) = await mailed(session, "ats.offer_made.v1")
    assert (await council.client.post(local(offered.link))).status_code == 303
    council.client.cookies.clear()
    answer = await council.client.post("/my-link", data={"email": offered.email.upper()})
    assert answer.status_code == 200
    (again,) = await links_sent(council)
    assert again.email == offered.email
    opened = await council.client.post("/v1/link-sessions", json={"token": local(again.link).rpartition("/")[2]})
    own = {"Authorization": f"Bearer {opened.json()['access_token']}"}
    assert opened.json()["path"] == "/my-application"
    assert (await council.client.post(f"/v1/offers/{offer.json()['id']}/accept", headers=own)).status_code == 200


async def test_asking_tells_nobody_who_has_applied(council: Ats) -> None:
    await council.apply(await council.live(), email=AMARA)
    for path, sent in (("/my-link", "data"), ("/v1/sign-in-links", "json")):
        known, unknown = [
            await council.client.post(path, **{sent: {"email": email}}) for email in (AMARA, "nobody@people.example")
        ]
        assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert [contact.email for contact in await links_sent(council)] == [AMARA, AMARA]


async def test_each_application_has_its_own_link_and_what_still_runs_comes_first(council: Ats) -> None:
    person = await council.staff(Role.RECRUITER)
    titles = ("Housing officer", "Caseworker", "Gardener")
    made = [await council.apply(await council.live(title=title), email=AMARA) for title in titles]
    assert (await council.decide(f"/v1/applications/{made[2]['id']}/withdraw", person)).status_code == 200
    assert (await council.client.post("/v1/sign-in-links", json={"email": AMARA})).status_code == 202
    async with council.region() as session:
        told = await session.connection()
        rows = await told.exec_driver_sql("SELECT payload FROM ats.events WHERE name = %s ORDER BY seq", (ASKED,))
        payloads = [row[0] for row in rows]
    assert {each["vacancy_title"] for each in payloads[:2]} == {"Housing officer", "Caseworker"}
    assert payloads[2]["vacancy_title"] == "Gardener"
    assert "amara" not in str(payloads).lower()
    assert len({contact.link for contact in await links_sent(council)}) == 3


async def test_nobody_is_flooded_with_links(council: Ats) -> None:
    await council.apply(await council.live(), email=AMARA)
    answers = {(await council.client.post("/my-link", data={"email": AMARA})).text for _ in range(11)}
    assert len(answers) == 1
    assert len(await links_sent(council)) <= 6


async def test_an_address_that_is_none_is_said_beside_the_field(council: Ats) -> None:
    answer = await council.client.post("/my-link", data={"email": "amara"})
    assert answer.status_code == 422
    assert "Enter an e-mail address" in answer.text
