"""An offer that nobody answers ends with its reply-by."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.offers.lapsing import lapse_offers
from services.ats.vacancies.reservations import lapse_reservations
from services.ats.worker import DUE
from shared.events.applications import OfferLapsed
from shared.links import issue_link, open_link
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats


async def _offered(council: Ats, **vacancy: Any) -> tuple[dict[str, Any], dict[str, Any], Any]:
    """A vacancy, an offer for it that stands, and who made it."""
    live = await council.live(**vacancy)
    person = await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(live, person)
    answer = await council.decide(f"/v1/applications/{candidate['id']}/offers", person, council.terms())
    assert answer.status_code == 201, answer.text
    return live, answer.json(), person


async def _lapse(council: Ats) -> int:
    async with council.region() as session:
        return await lapse_offers(session, council.now)


async def _application(council: Ats, offer: dict[str, Any]) -> dict[str, Any]:
    url = f"/v1/applications/{offer['application_id']}"
    return (await council.client.get(url, headers=council.headers(Scope.APPLICATIONS_READ))).json()


async def test_an_unanswered_offer_ends_at_its_reply_by_and_frees_its_opening(council: Ats) -> None:
    vacancy, offer, _ = await _offered(council)
    assert lapse_offers in DUE
    [held] = (await council.read(vacancy))["opening_list"]
    assert (held["state"], held["held_until"]) == ("reserved", offer["reply_by"])
    council.services.clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert await _lapse(council) == 0
    council.services.clock.advance(timedelta(hours=5))
    assert await _lapse(council) == 1
    assert await _lapse(council) == 0
    [free] = (await council.read(vacancy))["opening_list"]
    assert (free["state"], free["held_until"]) == ("open", None)
    shown = await _application(council, offer)
    assert (shown["stage"], shown["stage_entered_at"]) == ("offer_lapsed", offer["reply_by"])
    [told] = await council.events(OfferLapsed)
    assert (told["offer_id"], told["reply_by"]) == (offer["id"], offer["reply_by"])
    async with council.region() as session:
        logged = await session.scalars(select(HiringLogEntry).where(HiringLogEntry.event == "offer_lapsed"))
        assert [each.occurred_at for each in logged] == [datetime.fromisoformat(offer["reply_by"])]


async def test_a_post_whose_offer_lapsed_can_be_offered_again_to_anyone_or_cancelled(council: Ats) -> None:
    vacancy, offer, person = await _offered(council)
    council.services.clock.advance(timedelta(days=8))
    await _lapse(council)
    again = await council.decide(f"/v1/applications/{offer['application_id']}/offers", person, council.terms())
    assert again.status_code == 201, again.text
    replaced = await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    assert (replaced.status_code, replaced.json()["code"]) == (409, "offer_not_open")
    council.services.clock.advance(timedelta(days=8))
    await _lapse(council)
    assert (await council.move(vacancy, "cancel", {"reason": "Post deleted"})).status_code == 200


async def test_staff_record_an_answer_that_came_in_time_after_the_offer_lapsed_and_the_candidate_cannot(
    council: Ats,
) -> None:
    vacancy, offer, person = await _offered(council)
    council.services.clock.advance(timedelta(days=8))
    await _lapse(council)
    async with council.region() as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=offer["application_id"],
            employer_id=None,
            expires_at=council.now + timedelta(days=1),
        )
        opened = await open_link(session, token, now=council.now)
    link = {"Authorization": f"Bearer {opened.token}"}
    late = await council.client.post(f"/v1/offers/{offer['id']}/accept", headers=link)
    assert (late.status_code, late.json()["code"]) == (409, "reply_too_late")
    own = (await council.client.get("/v1/my/application", headers=link)).json()
    assert own["allowed_actions"] == ["withdraw"]
    recorded = await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    assert (recorded.status_code, recorded.json()["state"]) == (200, "accepted")
    assert (await council.read(vacancy))["opening_list"][0]["state"] == "accepted"


async def test_an_answer_recorded_after_the_opening_went_to_somebody_else_is_refused(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    first, second = await council.at_interview(vacancy, person, count=2)
    offer = (await council.decide(f"/v1/applications/{first['id']}/offers", person, council.terms())).json()
    council.services.clock.advance(timedelta(days=8))
    await _lapse(council)
    await council.decide(f"/v1/applications/{second['id']}/offers", person, council.terms())
    late = await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    assert (late.status_code, late.json()["code"]) == (409, "no_opening_left")


async def test_an_answer_and_the_deadline_racing_leave_one_of_them(live_council: Ats) -> None:
    vacancy, offer, person = await _offered(live_council)
    live_council.services.clock.advance(timedelta(days=8))
    answer, _ = await asyncio.gather(
        live_council.decide(f"/v1/offers/{offer['id']}/decline", person), _lapse(live_council)
    )
    lapsed = await live_council.events(OfferLapsed)
    assert (answer.status_code == 200) is not bool(lapsed)
    assert (await live_council.read(vacancy))["opening_list"][0]["state"] == "open"


async def test_an_ordinary_offer_is_not_taken_for_a_reservation_of_clearing(council: Ats) -> None:
    vacancy, _, _ = await _offered(council)
    council.services.clock.advance(timedelta(days=8))
    async with council.region() as session:
        assert await lapse_reservations(session, council.now) == 0
    assert (await council.read(vacancy))["opening_list"][0]["state"] == "reserved"


async def test_an_offer_that_cannot_be_ended_does_not_keep_the_others_waiting(council: Ats) -> None:
    _, broken, _ = await _offered(council, title="Broken")
    whole, _, _ = await _offered(council)
    async with council.region() as session:
        await session.execute(
            text("UPDATE ats.vacancies SET essential = '[{}]' WHERE id = :id"), {"id": broken["vacancy_id"]}
        )
    council.services.clock.advance(timedelta(days=8))
    assert await _lapse(council) == 2
    assert await _lapse(council) == 0
    assert (await council.read(whole))["opening_list"][0]["state"] == "open"
    async with council.region() as session:
        held_back = await session.scalars(text("SELECT row_id::text FROM ats.due_failures"))
        assert held_back.all() == [broken["id"]]
