"""Offers hold openings; hires fill them; two racing for one: one wins."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.vacancies import reservations
from shared.events.applications import CandidateCleared, CandidateHired, OfferMade, OfferWithdrawn
from shared.events.ats import OpeningRefused, OpeningReserved
from shared.links import issue_link, open_link
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats, opening_requested


async def _opening_states(council: Ats, vacancy: dict[str, Any]) -> list[str]:
    return [each["state"] for each in (await council.read(vacancy))["opening_list"]]


async def _by_link(council: Ats, candidate: dict[str, Any]) -> dict[str, str]:
    """The headers of a candidate who opened their link."""
    async with council.region() as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=candidate["id"],
            employer_id=None,
            expires_at=council.now + timedelta(days=1),
        )
        opened = await open_link(session, token, now=council.now)
    return {"Authorization": f"Bearer {opened.token}"}


async def test_an_offer_accepted_cleared_and_hired_fills_the_vacancy(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    url = f"/v1/applications/{candidate['id']}"
    offer = (await council.decide(f"{url}/offers", person, council.terms())).json()
    assert (offer["state"], offer["opening_no"]) == ("made", 1)
    assert await _opening_states(council, vacancy) == ["reserved"]
    assert (await council.decide(f"/v1/offers/{offer['id']}/accept", person)).json()["state"] == "accepted"
    assert await _opening_states(council, vacancy) == ["accepted"]
    await council.pass_checks(candidate["id"], person)
    cleared = await council.decide(f"{url}/clear", person, {"starts_on": "2027-02-01"})
    assert cleared.json()["stage"] == "cleared"
    hired = await council.decide(f"{url}/hire", person)
    assert (hired.json()["stage"], hired.json()["opening_no"], hired.json()["starts_on"]) == ("hired", 1, "2027-02-01")
    shown = await council.read(vacancy)
    assert (shown["state"], shown["openings_remaining"]) == ("filled", 0)
    assert (await council.client.get(f"/v1/jobs/{vacancy['id']}")).status_code == 410
    for kind in (OfferMade, CandidateCleared, CandidateHired):
        assert len(await council.events(kind)) == 1
    assert (await council.decide(f"{url}/hire", person)).json()["code"] == "stage_not_reachable"


async def test_the_log_of_a_hire_has_every_step_once_with_its_opening(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    url = f"/v1/applications/{candidate['id']}"
    offer = (await council.decide(f"{url}/offers", person, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    await council.pass_checks(candidate["id"], person)
    await council.decide(f"{url}/clear", person, {"starts_on": "2027-02-01"})
    await council.decide(f"{url}/hire", person)
    async with council.region() as session:
        rows = (
            await session.execute(select(HiringLogEntry.event, HiringLogEntry.opening_no).order_by(HiringLogEntry.id))
        ).all()
    assert [(row.event.value, row.opening_no) for row in rows] == [
        ("approved", None),
        ("clearing_entered", None),
        ("released", None),
        ("advert_live", None),
        ("applied", None),
        ("shortlisted", None),
        ("interviewed", None),
        ("offer_made", None),
        ("offer_accepted", 1),
        ("cleared", 1),
        ("hired", 1),
        ("started", 1),
    ]


async def test_of_two_offers_racing_for_one_opening_one_is_made(live_council: Ats) -> None:
    vacancy = await live_council.live()
    person = await live_council.staff(Role.HIRING_MANAGER)
    candidates = await live_council.at_interview(vacancy, person, count=4)
    answers = await asyncio.gather(
        *(
            live_council.decide(f"/v1/applications/{each['id']}/offers", person, live_council.terms())
            for each in candidates
        )
    )
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert {each.json()["code"] for each in answers if each.status_code == 409} == {"no_opening_left"}
    assert await _opening_states(live_council, vacancy) == ["reserved"]


async def test_an_offer_and_a_redeployment_racing_for_one_opening_never_both_get_it(live_council: Ats) -> None:
    vacancy = await live_council.live()
    person = await live_council.staff(Role.HIRING_MANAGER)
    [candidate] = await live_council.at_interview(vacancy, person)

    async def ask() -> None:
        async with live_council.region() as session:
            await reservations.answer_request(session, opening_requested(vacancy), now=live_council.now)

    offered, _ = await asyncio.gather(
        live_council.decide(f"/v1/applications/{candidate['id']}/offers", person, live_council.terms()), ask()
    )
    reserved, refused = await live_council.events(OpeningReserved), await live_council.events(OpeningRefused)
    winners = len(reserved) + (offered.status_code == 201)
    assert (winners, len(reserved) + len(refused)) == (1, 1)


async def test_a_hire_sent_twice_at_once_fills_one_opening(live_council: Ats) -> None:
    vacancy = await live_council.live(openings=2)
    person = await live_council.staff(Role.HIRING_MANAGER)
    [candidate] = await live_council.at_interview(vacancy, person)
    url = f"/v1/applications/{candidate['id']}"
    offer = (await live_council.decide(f"{url}/offers", person, live_council.terms())).json()
    await live_council.decide(f"/v1/offers/{offer['id']}/accept", person)
    await live_council.pass_checks(candidate["id"], person)
    await live_council.decide(f"{url}/clear", person, {"starts_on": "2027-02-01"})
    answers = await asyncio.gather(*(live_council.decide(f"{url}/hire", person) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 409, 409]
    assert sorted(await _opening_states(live_council, vacancy)) == ["filled", "open"]
    assert len(await live_council.events(CandidateHired)) == 1


async def test_a_declined_offer_frees_its_opening_for_the_next(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    first, second = await council.at_interview(vacancy, person, count=2)
    offer = (await council.decide(f"/v1/applications/{first['id']}/offers", person, council.terms())).json()
    refused = await council.decide(f"/v1/applications/{second['id']}/offers", person, council.terms())
    assert refused.json()["code"] == "no_opening_left"
    await council.decide(f"/v1/offers/{offer['id']}/decline", person)
    assert await _opening_states(council, vacancy) == ["open"]
    again = await council.decide(f"/v1/applications/{second['id']}/offers", person, council.terms())
    assert again.status_code == 201


async def test_withdrawing_an_accepted_offer_opens_the_opening_again_and_tells_the_candidate(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    offer = (await council.decide(f"/v1/applications/{candidate['id']}/offers", person, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    done = await council.decide(f"/v1/offers/{offer['id']}/withdraw", person, {"reason": "A check failed"})
    assert done.json()["state"] == "withdrawn"
    assert await _opening_states(council, vacancy) == ["open"]
    assert len(await council.events(OfferWithdrawn)) == 1
    assert (await council.decide(f"/v1/offers/{offer['id']}/accept", person)).status_code == 409


async def test_a_candidate_accepts_by_link_and_sees_only_their_own(council: Ats) -> None:
    vacancy = await council.live(openings=2)
    person = await council.staff(Role.HIRING_MANAGER)
    mine, other = await council.at_interview(vacancy, person, count=2)
    offers = [
        (await council.decide(f"/v1/applications/{each['id']}/offers", person, council.terms())).json()
        for each in (mine, other)
    ]
    link = await _by_link(council, mine)
    own = (await council.client.get("/v1/my/application", headers=link)).json()
    assert (own["id"], own["stage"], own["offer"]["id"]) == (mine["id"], "offered", offers[0]["id"])
    theirs = await council.client.post(f"/v1/offers/{offers[1]['id']}/accept", headers=link)
    assert theirs.status_code == 404
    accepted = await council.client.post(f"/v1/offers/{offers[0]['id']}/accept", headers=link)
    assert accepted.json()["state"] == "accepted"
    assert await _opening_states(council, vacancy) == ["accepted", "reserved"]


async def test_a_candidate_cannot_accept_after_the_reply_by_but_staff_may_record_it(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    offer = (await council.decide(f"/v1/applications/{candidate['id']}/offers", person, council.terms())).json()
    council.services.clock.advance(timedelta(days=8))
    late = await council.client.post(f"/v1/offers/{offer['id']}/accept", headers=await _by_link(council, candidate))
    assert (late.status_code, late.json()["code"]) == (409, "reply_too_late")
    assert (await council.decide(f"/v1/offers/{offer['id']}/accept", person)).status_code == 200


async def test_a_candidate_withdraws_by_link_and_frees_what_they_held(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    offer = (await council.decide(f"/v1/applications/{candidate['id']}/offers", person, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    link = await _by_link(council, candidate)
    gone = await council.client.post(f"/v1/applications/{candidate['id']}/withdraw", headers=link)
    assert gone.json()["stage"] == "withdrawn"
    assert await _opening_states(council, vacancy) == ["open"]


async def test_a_vacancy_with_an_offer_out_is_not_cancelled(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    await council.decide(f"/v1/applications/{candidate['id']}/offers", person, council.terms())
    answer = await council.move(vacancy, "cancel", {"reason": "Post deleted"})
    assert (answer.status_code, answer.json()["code"]) == (409, "somebody_accepted")


async def test_an_offer_is_made_for_the_future(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    url = f"/v1/applications/{candidate['id']}/offers"
    late = await council.decide(url, person, council.terms() | {"reply_by": "2026-11-01"})
    assert (late.status_code, late.json()["code"]) == (422, "reply_by_passed")
    past = await council.decide(url, person, council.terms() | {"starts_on": "2026-11-01"})
    assert past.json()["code"] == "start_in_the_past"


async def test_a_reader_decides_nothing(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    answer = await council.client.post(
        f"/v1/applications/{candidate['id']}/hire", headers=council.headers(Scope.APPLICATIONS_READ)
    )
    assert answer.status_code == 403
