from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from shared.database import transaction
from shared.events.base import Contact, ContactWithLink, ContactWithReasons
from shared.inbox import Parked
from shared.registry import staff
from shared.tenancy import REGION
from shared.vocabulary import Role, Service
from tests.clearing.conftest import Scene
from tests.factories import clearing as make


async def ready(scene: Scene) -> tuple[UUID, UUID]:
    """A person referred to Birmingham as the sole candidate: their registration and their referral."""
    asha = await scene.active()
    await scene.hear(make.vacancy())
    return asha, await scene.referred(asha)


async def test_an_offer_is_made_only_once_an_opening_is_held(scene: Scene) -> None:
    asha, referral_id = await ready(scene)
    offer = await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=202)
    (request,) = await scene.told("clearing.opening_requested.v1")
    assert (request["request_id"], request["referral_id"]) == (offer["id"], str(referral_id))
    assert (await scene.get("/v1/me/offers", await scene.person(asha))) == []
    assert await scene.told("clearing.redeployment_offered.v1") == []
    await scene.hear(make.reserved(request))
    (mine,) = await scene.get("/v1/me/offers", await scene.person(asha))
    assert (mine["state"], mine["made_at"]) == ("offered", "2026-11-16T09:00:00Z")
    (sealed,) = await scene.sealed("clearing.redeployment_offered.v1", ContactWithLink)
    opened = await scene.post("/v1/link-sessions", {}, {"token": sealed.link.rsplit("/l/", 1)[1]}, expect=201)
    assert opened["path"] == f"/my/offers/{offer['id']}"


async def test_r32_the_person_has_five_working_days_or_what_the_council_gives(scene: Scene) -> None:
    _, referral_id = await ready(scene)
    refusal = await scene.decide("BIR", referral_id, "request-offer", make.terms(reply_working_days=2), expect=422)
    assert refusal["code"] == "reply_days_not_allowed"
    offer = await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=202)
    assert offer["reply_by"] == "2026-11-23T23:59:59Z"
    (request,) = await scene.told("clearing.opening_requested.v1")
    assert request["reply_by"] == "2026-11-23T23:59:59Z"


async def test_nobody_starts_before_their_time_to_reply_is_over(scene: Scene) -> None:
    _, referral_id = await ready(scene)
    body = make.terms(starts_on="2026-11-23")
    refusal = await scene.decide("BIR", referral_id, "request-offer", body, expect=422)
    assert refusal["code"] == "start_not_allowed"


async def test_with_a_rival_an_offer_needs_an_interview_first(scene: Scene) -> None:
    asha, budd = await scene.active(), await scene.active()
    await scene.hear(make.vacancy())
    first, _ = await scene.referred(asha), await scene.referred(budd)
    refusal = await scene.decide("BIR", first, "request-offer", make.terms(), expect=409)
    assert refusal["code"] == "interview_first"
    await scene.decide("BIR", first, "offer-interview", {})
    await scene.decide("BIR", first, "interviewed")
    await scene.decide("BIR", first, "request-offer", make.terms(), expect=202)


async def test_r13_a_disability_adjustment_may_be_offered_without_competition(scene: Scene) -> None:
    adjusted = await scene.active(
        employer="BIR",
        reason="disability_redeployment",
        notice_given_on=None,
        tier=2,
        verification={"occupational_health_advised": True},
    )
    rival = await scene.active(employer="BIR")
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(adjusted, home="BIR")
    await scene.referred(rival, home="BIR")
    await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=202)


async def test_one_offer_at_a_time_is_under_way_for_a_referral(scene: Scene) -> None:
    _, referral_id = await ready(scene)
    await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=202)
    refusal = await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=409)
    assert refusal["code"] == "offer_already_asked"


async def test_without_an_opening_the_referral_stays_where_it_was(scene: Scene) -> None:
    asha, referral_id = await ready(scene)
    await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=202)
    await scene.hear(make.refused((await scene.told("clearing.opening_requested.v1"))[0]))
    found = await scene.get(f"/v1/referrals/{referral_id}", await scene.hr("BIR"))
    assert found["state"] == "referred"
    assert (await scene.get("/v1/me/offers", await scene.person(asha))) == []


async def test_an_answer_to_a_request_that_is_not_here_yet_is_parked(scene: Scene) -> None:
    unknown = {
        "vacancy_id": str(uuid4()),
        "gaining_employer_id": str(uuid4()),
        "request_id": str(uuid4()),
        "referral_id": str(uuid4()),
        "reply_by": "2026-11-23T23:59:59Z",
    }
    with pytest.raises(Parked):
        await scene.hear(make.reserved(unknown))
    with pytest.raises(Parked):
        await scene.hear(make.refused(unknown))


async def test_an_opening_that_comes_after_the_person_has_withdrawn_goes_straight_back(scene: Scene) -> None:
    asha, referral_id = await ready(scene)
    await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=202)
    await scene.post(f"/v1/me/referrals/{referral_id}/withdraw", await scene.person(asha))
    assert await scene.told("clearing.opening_returned.v1") == []
    await scene.hear(make.reserved((await scene.told("clearing.opening_requested.v1"))[0]))
    (returned,) = await scene.told("clearing.opening_returned.v1")
    assert returned["reason"] == "withdrawn"
    assert (await scene.get("/v1/me/offers", await scene.person(asha))) == []


async def test_accepting_tells_ats_and_puts_the_person_on_their_way(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    offer_id = await scene.accepted(asha)
    (accepted,) = await scene.told("clearing.redeployment_accepted.v1")
    assert (accepted["request_id"], accepted["starts_on"]) == (str(offer_id), "2027-02-01")
    mine = await scene.get(f"/v1/registrations/{asha}", await scene.hr("SAW"))
    assert mine["state"] == "offer_accepted"


async def test_r33_accepting_ends_the_persons_other_interests_and_gives_their_openings_back(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    first = await scene.offered(asha)
    await scene.hear(make.vacancy())
    second = await scene.offered(asha)
    await scene.hear(make.vacancy())
    person = await scene.person(asha)
    await scene.post(f"/v1/me/offers/{second}/accept", person)
    states = {each["id"]: each["state"] for each in await scene.get("/v1/me/offers", person)}
    assert states == {str(first): "withdrawn", str(second): "accepted"}
    (returned,) = await scene.told("clearing.opening_returned.v1")
    assert (returned["request_id"], returned["reason"]) == (str(first), "withdrawn")
    matches = (await scene.get("/v1/me/matches", person))["items"]
    assert sorted(each["state"] for each in matches) == ["interested", "interested", "void"]
    refusal = await scene.post(f"/v1/me/offers/{first}/accept", person, expect=409)
    assert refusal["code"] == "illegal_transition"


async def test_r34_silence_is_lapsed_and_not_refused_as_of_the_reply_by(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    offer_id = await scene.offered(asha)
    await scene.at(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    person = await scene.person(asha)
    assert [each["state"] for each in await scene.get("/v1/me/offers", person)] == ["lapsed"]
    assert (await scene.get("/v1/me/referrals", person))["items"][0]["ended_at"] == "2026-11-23T23:59:59Z"
    (returned,) = await scene.told("clearing.opening_returned.v1")
    assert (returned["reason"], returned["request_id"]) == ("lapsed", str(offer_id))
    assert (await scene.get(f"/v1/registrations/{asha}", person))["state"] == "active"


async def test_r34_an_answer_after_the_reply_by_is_too_late_even_before_the_tick(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    offer_id = await scene.offered(asha)
    scene.world.clock.advance(datetime(2026, 11, 24, 0, 0, tzinfo=UTC) - scene.world.clock.now())
    refusal = await scene.post(f"/v1/me/offers/{offer_id}/accept", await scene.person(asha), expect=409)
    assert refusal["code"] == "reply_too_late"


async def test_r35_a_refusal_gives_the_opening_back_and_has_no_consequence_of_its_own(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    offer_id = await scene.offered(asha)
    person = await scene.person(asha)
    await scene.post(f"/v1/me/offers/{offer_id}/refuse", person, {"reason": "The journey is too long."})
    (returned,) = await scene.told("clearing.opening_returned.v1")
    assert returned["reason"] == "refused"
    assert (await scene.get(f"/v1/registrations/{asha}", person))["state"] == "active"


async def test_the_council_may_withdraw_an_offer_that_is_not_answered(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    offer_id = await scene.offered(asha)
    (referral,) = (await scene.get("/v1/me/referrals", await scene.person(asha)))["items"]
    found = await scene.decide("BIR", referral["id"], "withdraw-offer", {"reasons": "The post was cut."})
    assert found["state"] == "offer_withdrawn"
    refusal = await scene.post(f"/v1/me/offers/{offer_id}/accept", await scene.person(asha), expect=409)
    assert refusal["code"] == "illegal_transition"
    (told,) = await scene.sealed("clearing.redeployment_offer_ended.v1", ContactWithReasons)
    assert told.reasons == "The post was cut."
    await scene.tick()
    assert await endings(scene) == (["withdrawn"], ["withdrawn"])


async def endings(scene: Scene) -> tuple[list[str], list[str]]:
    """How offers ended, as the people and as their council's HR were told."""
    people = [each["ending"] for each in await scene.told("clearing.redeployment_offer_ended.v1")]
    return people, [each["ending"] for each in await scene.told("clearing.offer_follow_up_wanted.v1")]


async def test_r34_r35_the_person_and_their_hr_are_told_of_silence_and_of_a_refusal(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    await scene.offered(asha)
    day_after = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    await scene.at(day_after)
    assert await endings(scene) == (["lapsed"], ["lapsed"])
    (lapsed,) = await scene.told("clearing.redeployment_offer_ended.v1")
    assert lapsed["ended_at"] == "2026-11-23T23:59:59Z"
    await scene.hear(make.vacancy(entered_clearing_at=day_after))
    offer_id = await scene.offered(asha)
    await scene.post(f"/v1/me/offers/{offer_id}/refuse", await scene.person(asha), {"reason": "Too far away."})
    await scene.tick()
    assert await endings(scene) == (["lapsed", "refused"], ["lapsed", "refused"])


async def test_with_no_hr_here_wmes_coordinators_are_asked(scene: Scene) -> None:
    asha = await scene.active()
    await scene.staff("SAW", Role.WME_COORDINATOR, email="coordinator@wme.example")
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        await session.execute(update(staff).where(staff.c.email.like("%@saw.example")).values(is_active=False))
    await scene.hear(make.vacancy())
    await scene.interested(asha)
    (asked,) = await scene.sealed("clearing.review_wanted.v1", Contact)
    assert asked.email == "coordinator@wme.example"


async def test_nobody_accepts_for_somebody_else(scene: Scene) -> None:
    asha, budd = await scene.active(), await scene.active()
    await scene.hear(make.vacancy())
    offer_id = await scene.offered(asha)
    await scene.post(f"/v1/me/offers/{offer_id}/accept", await scene.person(budd), expect=404)
    await scene.post(f"/v1/me/offers/{offer_id}/accept", await scene.hr("SAW"), expect=403)


async def test_accepting_twice_with_one_key_is_accepting_once(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    offer_id = await scene.offered(asha)
    headers = await scene.person(asha) | {"Idempotency-Key": "my-yes"}
    first = await scene.post(f"/v1/me/offers/{offer_id}/accept", headers)
    second = await scene.post(f"/v1/me/offers/{offer_id}/accept", headers)
    assert first == second
    assert len(await scene.told("clearing.redeployment_accepted.v1")) == 1
