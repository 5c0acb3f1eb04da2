"""Displaced staff whom clearing refers: told in any order, any number of times, with one effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import referrals
from services.ats.applications.models import Application
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.vacancies import reservations
from services.ats.vacancies.models import VacancyAlert
from shared.events.ats import OpeningRefused, OpeningReserved
from shared.events.clearing import (
    OpeningReturned,
    PlacementConfirmed,
    RedeploymentAccepted,
    RedeploymentOffered,
    ReferralOutcomeRecorded,
    Referred,
    ReferredProfile,
    TrialStarted,
)
from shared.inbox import Parked
from shared.vocabulary import Role, Scope
from tests.factories.ats import NOW, Ats, opening_requested, referred

PROFILE = ReferredProfile(name="Usha Mehta", email="usha.mehta@people.example", profile="Ten years in housing")
STARTS_ON = date(2026, 12, 1)


class Journey:
    """One referral's facts, as clearing tells them."""

    def __init__(self, vacancy: dict[str, Any]) -> None:
        self.vacancy = vacancy
        self.referral_id, self.request_id = uuid4(), uuid4()
        self.common = {
            "referral_id": self.referral_id,
            "vacancy_id": vacancy["id"],
            "home_employer_id": uuid4(),
            "gaining_employer_id": vacancy["employer_id"],
            "vacancy_title": vacancy["title"],
        }

    def referred(self) -> Referred:
        return referred(self.vacancy, referral_id=self.referral_id)

    def requested(self, **changes: Any):
        return opening_requested(self.vacancy, request_id=self.request_id, referral_id=self.referral_id, **changes)

    def outcome(self, outcome: str, days: int) -> ReferralOutcomeRecorded:
        return ReferralOutcomeRecorded.model_validate(
            self.common | {"outcome": outcome, "decided_at": NOW + timedelta(days=days)}
        )

    def offered(self) -> RedeploymentOffered:
        later = NOW + timedelta(days=3)
        return RedeploymentOffered.model_validate(
            self.common | {"reply_by": later + timedelta(days=5), "offered_at": later}
        )

    def accepted(self) -> RedeploymentAccepted:
        return RedeploymentAccepted.model_validate(
            self.common
            | {"request_id": self.request_id, "starts_on": STARTS_ON, "accepted_at": NOW + timedelta(days=4)}
        )

    def returned(self, reason: str = "refused") -> OpeningReturned:
        return OpeningReturned.model_validate(self.common | {"request_id": self.request_id, "reason": reason})

    def trial(self) -> TrialStarted:
        return TrialStarted.model_validate(
            self.common | {"trial_id": uuid4(), "starts_on": STARTS_ON, "ends_on": STARTS_ON + timedelta(days=27)}
        )

    def placed(self) -> PlacementConfirmed:
        return PlacementConfirmed.model_validate(
            self.common
            | {
                "request_id": self.request_id,
                "registration_id": uuid4(),
                "starts_on": STARTS_ON,
                "confirmed_at": NOW + timedelta(days=45),
            }
        )


Step = Callable[[AsyncSession], Awaitable[None]]


def steps(journey: Journey) -> dict[str, Step]:
    return {
        "referred": lambda s: referrals.receive_referral(s, journey.referred(), PROFILE, now=NOW),
        "requested": lambda s: reservations.answer_request(s, journey.requested(), now=NOW),
        "interview": lambda s: referrals.note_outcome(s, journey.outcome("interviewed", 2)),
        "offered": lambda s: referrals.note_offer(s, journey.offered()),
        "accepted": lambda s: referrals.note_acceptance(s, journey.accepted(), now=NOW),
        "trial": lambda s: referrals.note_trial(s, journey.trial()),
        "placed": lambda s: referrals.note_placement(s, journey.placed(), now=NOW),
    }


async def tell(council: Ats, told: list[Step]) -> None:
    """Each fact in a transaction of its own; what is parked comes back, as the queue brings it back."""
    waiting = list(told)
    for _ in range(len(told) + 1):
        parked = []
        for step in waiting:
            try:
                async with council.region() as session:
                    await step(session)
            except Parked:
                parked.append(step)
        waiting = parked
    assert waiting == []


async def the_application(council: Ats, journey: Journey) -> Application:
    async with council.region() as session:
        found = await session.scalars(select(Application).where(Application.referral_id == journey.referral_id))
        return found.one()


async def test_a_referral_makes_one_application_with_an_id_of_its_own(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    receive = steps(journey)["referred"]
    await tell(council, [receive, receive])
    application = await the_application(council, journey)
    assert application.id.version == 5
    assert (application.stage, application.route) == ("submitted", "redeployment")
    shown = await council.client.get(
        f"/v1/applications/{application.id}", headers=council.headers(Scope.APPLICATIONS_READ)
    )
    assert shown.json()["candidate"]["name"] == "Usha Mehta"
    assert shown.json()["allowed_actions"] == []


async def test_a_referral_to_an_external_vacancy_is_mirrored_for_its_council_to_read(council: Ats) -> None:
    vacancy = await council.in_clearing(management="external", apply={"method": "url", "url": "https://x.example/1"})
    journey = Journey(vacancy)
    await tell(council, [steps(journey)["referred"]])
    listed = await council.client.get(
        f"/v1/applications?vacancy_id={vacancy['id']}", headers=council.headers(Scope.APPLICATIONS_READ)
    )
    assert [each["referral_id"] for each in listed.json()["items"]] == [str(journey.referral_id)]


async def test_staff_do_not_decide_a_referral_here(council: Ats) -> None:
    journey = Journey(await council.live())
    await tell(council, [steps(journey)["referred"]])
    application = await the_application(council, journey)
    person = await council.staff(Role.HIRING_MANAGER)
    answer = await council.decide(f"/v1/applications/{application.id}/shortlist", person)
    assert (answer.status_code, answer.json()["code"]) == (409, "decided_in_clearing")


async def test_a_redeployment_fills_the_vacancy_whatever_the_order_of_its_facts(council: Ats) -> None:
    names = ("referred", "requested", "accepted", "placed")
    for order in permutations(names):
        journey = Journey(await council.in_clearing(title=" ".join(order)))
        told = steps(journey)
        await tell(council, [told[name] for name in order])
        shown = await council.read(journey.vacancy)
        application = await the_application(council, journey)
        assert (shown["state"], shown["openings_remaining"]) == ("filled", 0), order
        assert (application.stage, application.opening_no, application.starts_on) == ("hired", 1, STARTS_ON), order


async def test_the_log_of_a_redeployment_has_the_same_steps_in_every_order(council: Ats) -> None:
    for turn in (1, -1):
        journey = Journey(await council.in_clearing(title=f"Turn {turn}"))
        await tell(council, list(steps(journey).values())[::turn])
        application = await the_application(council, journey)
        async with council.region() as session:
            logged = await session.scalars(
                select(HiringLogEntry.event).where(HiringLogEntry.application_id == application.id)
            )
            assert sorted(logged.all()) == [
                "applied",
                "cleared",
                "filled_from_clearing",
                "interviewed",
                "offer_accepted",
                "offer_made",
                "started",
            ]


async def test_a_refused_offer_frees_the_opening(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    told = steps(journey)
    await tell(council, [told["referred"], told["requested"], told["offered"]])
    assert (await council.read(journey.vacancy))["opening_list"][0]["state"] == "reserved"
    async with council.region() as session:
        await referrals.note_return(session, journey.returned(), occurred_at=NOW + timedelta(days=5), now=NOW)
    shown = await council.read(journey.vacancy)
    assert (shown["opening_list"][0]["state"], shown["state"]) == ("open", "in_clearing")
    assert (await the_application(council, journey)).stage == "declined"


async def test_an_offer_withdrawn_before_it_went_out_leaves_no_trace_but_a_free_opening(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    told = steps(journey)
    await tell(council, [told["referred"], told["requested"], told["interview"]])
    withdrawn = journey.returned("withdrawn").model_copy(update={"was_offered": False})
    async with council.region() as session:
        await referrals.note_return(session, withdrawn, occurred_at=NOW + timedelta(days=3), now=NOW)
    assert (await council.read(journey.vacancy))["opening_list"][0]["state"] == "open"
    application = await the_application(council, journey)
    assert application.stage == "interview"
    async with council.region() as session:
        logged = await session.scalars(
            select(HiringLogEntry.event).where(HiringLogEntry.application_id == application.id)
        )
        assert "offer_withdrawn" not in set(logged)


async def test_an_offer_that_lapsed_in_clearing_is_mirrored_as_lapsed(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    told = steps(journey)
    await tell(council, [told["referred"], told["requested"], told["offered"]])
    async with council.region() as session:
        await referrals.note_return(session, journey.returned("lapsed"), occurred_at=NOW + timedelta(days=8), now=NOW)
    assert (await the_application(council, journey)).stage == "offer_lapsed"


async def test_a_failed_trial_opens_the_opening_again(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    told = steps(journey)
    await tell(council, [told["referred"], told["requested"], told["accepted"], told["trial"]])
    assert (await council.read(journey.vacancy))["openings_remaining"] == 0
    async with council.region() as session:
        failed = journey.returned("trial_failed")
        await referrals.note_return(session, failed, occurred_at=NOW + timedelta(days=30), now=NOW)
    assert (await council.read(journey.vacancy))["openings_remaining"] == 1
    application = await the_application(council, journey)
    assert (application.stage, application.opening_no) == ("offer_withdrawn", None)


async def test_an_opening_is_held_until_the_reply_by_and_then_free(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    async with council.region() as session:
        await reservations.answer_request(session, journey.requested(), now=NOW)
    [told] = await council.events(OpeningReserved)
    assert (told["opening_no"], told["request_id"]) == (1, str(journey.request_id))
    council.services.clock.advance(timedelta(days=5))
    async with council.region() as session:
        assert await reservations.lapse_reservations(session, council.now) == 1
    assert (await council.read(journey.vacancy))["opening_list"][0]["state"] == "open"


async def test_an_acceptance_that_comes_after_its_reservation_lapsed_takes_a_free_opening(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    told = steps(journey)
    await tell(council, [told["referred"], told["requested"]])
    council.services.clock.advance(timedelta(days=6))
    async with council.region() as session:
        await reservations.lapse_reservations(session, council.now)
    await tell(council, [told["accepted"]])
    assert (await council.read(journey.vacancy))["opening_list"][0]["state"] == "accepted"


async def test_an_acceptance_without_any_opening_left_alerts_a_person(council: Ats) -> None:
    vacancy = await council.in_clearing()
    late, quick = Journey(vacancy), Journey(vacancy)
    await tell(council, [steps(late)["referred"], steps(late)["requested"]])
    council.services.clock.advance(timedelta(days=6))
    async with council.region() as session:
        await reservations.lapse_reservations(session, council.now)
    quickly = steps(quick)
    await tell(council, [quickly["referred"], quickly["requested"], quickly["accepted"]])
    await tell(council, [steps(late)["accepted"]])
    async with council.region() as session:
        alerts = (await session.execute(select(VacancyAlert.code, VacancyAlert.about_id))).all()
    assert [tuple(row) for row in alerts] == [("opening_promised_twice", late.referral_id)]


@pytest.mark.parametrize("state", ["cancelled", "draft", "unknown", "taken"])
async def test_a_request_is_refused_with_its_reason(council: Ats, state: str) -> None:
    if state == "draft":
        vacancy, reason = await council.create(), "vacancy_not_open"
    elif state == "unknown":
        vacancy, reason = (await council.create()) | {"id": str(uuid4())}, "unknown_vacancy"
    else:
        vacancy, reason = await council.in_clearing(), "vacancy_not_open"
    if state == "cancelled":
        await council.move(vacancy, "cancel", {"reason": "Post deleted"})
    if state == "taken":
        reason = "no_opening_left"
        async with council.region() as session:
            await reservations.answer_request(session, Journey(vacancy).requested(), now=NOW)
    journey = Journey(vacancy)
    async with council.region() as session:
        await reservations.answer_request(session, journey.requested(), now=NOW)
    [told] = await council.events(OpeningRefused)
    assert (told["reason"], UUID(told["request_id"])) == (reason, journey.request_id)


@pytest.mark.parametrize("name", ["interview", "offered", "accepted", "trial", "placed"])
async def test_a_fact_waits_for_the_referral_it_builds_on(council: Ats, name: str) -> None:
    journey = Journey(await council.in_clearing())
    with pytest.raises(Parked):
        async with council.region() as session:
            await steps(journey)[name](session)


async def test_an_interest_that_ended_before_it_was_referred_waits_for_nothing(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    told = journey.outcome("not_referred", 1).model_copy(update={"was_referred": False})
    await tell(council, [lambda session: referrals.note_outcome(session, told)])
    async with council.region() as session:
        query = select(Application).where(Application.referral_id == journey.referral_id)
        assert await session.scalar(query) is None


async def test_an_outcome_that_overtakes_its_referral_is_parked(council: Ats) -> None:
    journey = Journey(await council.in_clearing())
    async with council.region() as session:
        with pytest.raises(Parked):
            await referrals.note_outcome(session, journey.outcome("not_shortlisted", 1))
