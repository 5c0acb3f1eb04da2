from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.clearing.registrations.models import Registration
from services.clearing.trials import redundancy_pay
from shared.database import transaction
from shared.due_rows import due_failures
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.clearing.conftest import Scene
from tests.factories import clearing as make

START = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)
AFTER_THE_TRIAL = datetime(2027, 3, 3, 9, 0, tzinfo=UTC)


async def trial_of(scene: Scene, registration_id: UUID) -> dict[str, Any]:
    (found,) = await scene.get("/v1/me/trials", await scene.person(registration_id))
    return found


async def accepted(scene: Scene, *, terms: dict[str, Any] | None = None, **changes: Any) -> UUID:
    """Somebody of Sandwell who has accepted a post at Birmingham from 1 February 2027."""
    person = await scene.active(**changes)
    await scene.hear(make.vacancy())
    await scene.accepted(person, **(terms or {}))
    return person


async def state_of(scene: Scene, registration_id: UUID) -> str:
    return (await scene.get(f"/v1/registrations/{registration_id}", await scene.hr("SAW")))["state"]


async def test_r38_under_notice_and_in_time_the_trial_is_statutory(scene: Scene) -> None:
    asha = await accepted(scene)
    trial = await trial_of(scene, asha)
    assert (trial["kind"], trial["state"]) == ("statutory", "scheduled")
    # R39: 28 calendar days, the first included.
    assert (trial["starts_on"], trial["ends_on"]) == ("2027-02-01", "2027-02-28")


async def test_r38_without_notice_or_past_the_four_weeks_it_is_contractual(scene: Scene) -> None:
    no_notice = await accepted(scene, reason="at_risk_individual", notice_given_on=None, tier=4)
    assert (await trial_of(scene, no_notice))["kind"] == "contractual"
    # Employment ends on Wednesday 30 December: the four weeks end on 27 January.
    too_late = await accepted(scene, employment_ends_on="2026-12-30")
    assert (await trial_of(scene, too_late))["kind"] == "contractual"


async def test_a_trial_starts_on_its_day_and_the_person_gets_no_new_matches(scene: Scene) -> None:
    asha = await accepted(scene)
    await scene.at(START)
    assert (await trial_of(scene, asha))["state"] == "running"
    assert await state_of(scene, asha) == "on_trial"
    (started,) = await scene.told("clearing.trial_started.v1")
    assert started["occurred_at"] == datetime(2027, 2, 1, 0, 0, tzinfo=UTC)
    before = len(await scene.told("clearing.match_suggested.v1"))
    await scene.hear(make.vacancy(entered_clearing_at=START))
    assert len(await scene.told("clearing.match_suggested.v1")) == before


async def test_r42_both_sides_are_reminded_on_days_14_21_and_26(scene: Scene) -> None:
    await accepted(scene)
    for day in (1, 14, 21, 26):
        await scene.at(datetime(2027, 2, day, 10, 0, tzinfo=UTC))
    reminded = [
        (each["day"], each["occurred_at"].date().day) for each in await scene.told("clearing.trial_reminder_due.v1")
    ]
    assert reminded == [(14, 14), (21, 21), (26, 26)]


async def test_overtaken_reminders_are_not_sent(scene: Scene) -> None:
    await accepted(scene)
    await scene.at(datetime(2027, 2, 22, 10, 0, tzinfo=UTC))
    assert [each["day"] for each in await scene.told("clearing.trial_reminder_due.v1")] == [21]


async def test_r42_a_trial_that_nobody_ended_is_confirmed_at_midnight_after_its_last_day(scene: Scene) -> None:
    asha = await accepted(scene)
    await scene.at(datetime(2027, 2, 28, 23, 59, tzinfo=UTC))
    assert (await trial_of(scene, asha))["state"] == "running"
    await scene.at(AFTER_THE_TRIAL)
    assert (await trial_of(scene, asha))["state"] == "confirmed"
    assert await state_of(scene, asha) == "placed"
    (confirmed,) = await scene.told("clearing.placement_confirmed.v1")
    assert confirmed["confirmed_at"] == "2027-03-01T00:00:00Z"


async def test_the_saving_is_counted_once_at_the_confirmation(scene: Scene) -> None:
    # Example A of the rules: 13 weeks at 640 pounds.
    await accepted(scene, employment_ends_on="2027-03-31")
    await scene.at(START)
    home, gaining = await scene.hr("SAW"), await scene.hr("BIR")
    assert (await scene.get("/v1/savings", home))["redeployed"] == 0
    await scene.at(AFTER_THE_TRIAL)
    await scene.at(datetime(2027, 3, 20, 9, 0, tzinfo=UTC))
    found = await scene.get("/v1/savings", home)
    assert (found["redeployed"], found["net_pence"], found["net_gbp"]) == (1, 832_000, "8320.00")
    assert (await scene.get("/v1/savings", gaining))["redeployed"] == 0


async def test_pay_protection_is_taken_off_the_saving(scene: Scene) -> None:
    # 1,000 pounds a year less, one band down at most, for the whole protected year.
    await accepted(scene, terms={"fte_pay_pence": 3_558_100}, employment_ends_on="2027-03-31")
    await scene.at(AFTER_THE_TRIAL)
    assert (await scene.get("/v1/savings", await scene.hr("SAW")))["net_pence"] == 832_000 - 100_000


async def test_without_redundancy_or_figures_nothing_is_counted(scene: Scene) -> None:
    await accepted(scene, redundancy=None)
    await scene.at(AFTER_THE_TRIAL)
    assert len(await scene.told("clearing.placement_confirmed.v1")) == 1
    assert (await scene.get("/v1/savings", await scene.hr("SAW")))["redeployed"] == 0


async def test_an_unknown_week_cap_counts_nothing_and_still_confirms(scene: Scene) -> None:
    asha = await accepted(scene, employment_ends_on="2027-05-31")
    await scene.at(AFTER_THE_TRIAL)
    assert await state_of(scene, asha) == "placed"
    assert (await scene.get("/v1/savings", await scene.hr("SAW")))["redeployed"] == 0


async def test_a_saving_whose_week_cap_was_unknown_is_counted_once_it_is_known(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accepted(scene, employment_ends_on="2027-05-31")
    await scene.at(AFTER_THE_TRIAL)
    monkeypatch.setattr(redundancy_pay, "CAPS_KNOWN_TO", date(2028, 4, 5))
    await scene.at(datetime(2027, 4, 20, 9, 0, tzinfo=UTC))
    # Five years of 41 and more by then, and six younger: 13.5 weeks.
    assert (await scene.get("/v1/savings", await scene.hr("SAW")))["net_pence"] == 864_000


async def test_example_e_is_counted_through_the_api(scene: Scene) -> None:
    figures = {
        "born_on": "1968-07-19",
        "service_from_on": "2004-09-01",
        "weekly_pay_pence": 93_000,
        "strain_pence": 4_820_000,
        "strain_is_quoted": True,
    }
    asha = await accepted(scene, employment_ends_on="2027-03-31", redundancy=figures)
    path = f"/v1/registrations/{asha}"
    later = {"redundancy": figures | {"retraining_pence": 247_400, "excess_travel_pence": 120_000}}
    answer = await scene.http.patch(path, headers=await scene.person(asha), json=later)
    assert answer.json()["code"] == "costs_not_yours"
    assert (await scene.http.patch(path, headers=await scene.hr("SAW"), json=later)).status_code == 200
    await scene.at(AFTER_THE_TRIAL)
    # The costs of the example, whichever of them they are: 2,474 and 1,200 pounds.
    assert (await scene.get("/v1/savings", await scene.hr("SAW")))["net_gbp"] == "65929.50"


async def test_on_the_same_terms_the_first_day_is_the_confirmation(scene: Scene) -> None:
    asha = await accepted(scene, terms={"terms_differ": False, "difference": ""}, employment_ends_on="2027-03-31")
    assert (await trial_of(scene, asha))["kind"] is None
    await scene.at(START)
    assert await state_of(scene, asha) == "placed"
    assert await scene.told("clearing.trial_started.v1") == []
    (confirmed,) = await scene.told("clearing.placement_confirmed.v1")
    assert confirmed["confirmed_at"] == "2027-02-01T00:00:00Z"
    assert (await scene.get("/v1/savings", await scene.hr("SAW")))["net_pence"] == 832_000


async def test_r41_r44_a_trial_ended_in_time_gives_the_post_back_and_closes_who_has_no_job_left(scene: Scene) -> None:
    asha = await accepted(scene)  # the old employment ended on 31 January
    await scene.at(datetime(2027, 2, 10, 9, 0, tzinfo=UTC))
    trial = await trial_of(scene, asha)
    body = {"ended_by": "employer", "reason": "The casework is not what was hoped."}
    ended = await scene.post(f"/v1/trials/{trial['id']}/end", await scene.hr("BIR"), body)
    assert (ended["state"], ended["ended_on"]) == ("ended_by_employer", "2027-02-10")
    await scene.tick()
    closed = await scene.get(f"/v1/registrations/{asha}", await scene.hr("SAW"))
    assert (closed["state"], closed["closing_reason"]) == ("closed", "trial_failed")
    assert (await scene.told("clearing.opening_returned.v1"))[-1]["reason"] == "trial_failed"
    await scene.at(AFTER_THE_TRIAL)
    assert await scene.told("clearing.placement_confirmed.v1") == []


async def test_r44_with_notice_still_running_the_person_is_active_again(scene: Scene) -> None:
    asha = await accepted(scene, employment_ends_on="2027-03-31")
    await scene.at(datetime(2027, 2, 10, 9, 0, tzinfo=UTC))
    trial = await trial_of(scene, asha)
    person = await scene.person(asha)
    await scene.post(f"/v1/me/trials/{trial['id']}/end", person, {"reason": "It is not for me."})
    await scene.tick()
    assert await state_of(scene, asha) == "active"
    (ended,) = await scene.told("clearing.trial_ended.v1")
    assert ended["ended_by"] == "employee"


async def test_a_trial_is_not_ended_before_it_runs_nor_after_its_last_day(scene: Scene) -> None:
    asha = await accepted(scene)
    trial = await trial_of(scene, asha)
    path, body = f"/v1/me/trials/{trial['id']}/end", {"reason": "No."}
    refusal = await scene.post(path, await scene.person(asha), body, expect=409)
    assert refusal["code"] == "illegal_transition"
    await scene.at(START)
    # The last day is over; the tick has not come.
    scene.world.clock.advance(datetime(2027, 3, 1, 0, 0, 1, tzinfo=UTC) - scene.world.clock.now())
    refusal = await scene.post(path, await scene.person(asha), body, expect=409)
    assert refusal["code"] == "trial_over"


async def test_the_home_council_does_not_end_a_trial_for_the_gaining_one(scene: Scene) -> None:
    asha = await accepted(scene)
    await scene.at(START)
    trial = await trial_of(scene, asha)
    path = f"/v1/trials/{trial['id']}/end"
    body = {"ended_by": "employer", "reason": "No."}
    refusal = await scene.post(path, await scene.hr("SAW"), body, expect=403)
    assert refusal["code"] == "not_your_decision"
    await scene.post(path, await scene.hr("DUD"), body, expect=404)
    await scene.post(path, await scene.hr("SAW"), body | {"ended_by": "employee"}, expect=200)


async def test_r47_with_an_accepted_offer_the_registration_outlives_the_employment(scene: Scene) -> None:
    asha = await accepted(scene, employment_ends_on="2027-01-15")
    await scene.at(datetime(2027, 1, 20, 9, 0, tzinfo=UTC))
    assert await state_of(scene, asha) == "offer_accepted"


async def test_r45_who_leaves_before_the_first_day_gives_the_post_back_and_stops_nobody_elses_trial(
    scene: Scene,
) -> None:
    asha, budd = await accepted(scene), await accepted(scene)
    await scene.post("/v1/me/registration/withdraw", await scene.person(asha))
    assert (await trial_of(scene, asha))["state"] == "cancelled"
    assert [each["reason"] for each in await scene.told("clearing.opening_returned.v1")] == ["withdrawn"]
    await scene.at(START)
    assert await state_of(scene, asha) == "closed"
    assert (await trial_of(scene, budd))["state"] == "running"


async def test_r45_who_resigns_during_the_trial_has_ended_it(scene: Scene) -> None:
    asha = await accepted(scene, employment_ends_on="2027-03-31")
    await scene.at(START)
    home = await scene.hr("SAW")
    await scene.post(f"/v1/registrations/{asha}/close", home, {"reason": "resigned"})
    trial = await trial_of(scene, asha)
    assert (trial["state"], trial["ended_on"]) == ("ended_by_employee", "2027-02-01")
    assert [each["reason"] for each in await scene.told("clearing.opening_returned.v1")] == ["trial_failed"]
    assert [each["ended_by"] for each in await scene.told("clearing.trial_ended.v1")] == ["employee"]
    await scene.at(AFTER_THE_TRIAL)
    closed = await scene.get(f"/v1/registrations/{asha}", home)
    assert (closed["state"], closed["closing_reason"]) == ("closed", "resigned")
    assert await scene.told("clearing.placement_confirmed.v1") == []


async def test_r45_who_leaves_in_the_moment_after_the_trial_ended_is_left_alone_by_what_was_due(scene: Scene) -> None:
    asha = await accepted(scene, employment_ends_on="2027-03-31")
    await scene.at(START)
    trial, person = await trial_of(scene, asha), await scene.person(asha)
    await scene.post(f"/v1/me/trials/{trial['id']}/end", person, {"reason": "It is not for me."})
    await scene.post("/v1/me/registration/withdraw", person)
    await scene.tick()
    assert await state_of(scene, asha) == "closed"


async def test_r47_a_registration_with_an_accepted_post_does_not_close_for_the_end_of_the_old_job(scene: Scene) -> None:
    asha = await accepted(scene)
    for reason in ("employment_ended", "trial_failed", "offer_unreasonably_refused"):
        path = f"/v1/registrations/{asha}/close"
        refusal = await scene.post(path, await scene.hr("SAW"), {"reason": reason}, expect=409)
        assert refusal["code"] == "placement_under_way"


async def test_a_placement_that_cannot_go_on_stops_nobody_elses(scene: Scene) -> None:
    asha, budd = await accepted(scene), await accepted(scene)
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        # A row that contradicts its placement, as a mistake in a repair by hand might leave it.
        await session.execute(update(Registration).where(Registration.id == asha).values(state="closed"))
    await scene.at(START)
    assert (await trial_of(scene, budd))["state"] == "running"
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        (failed,) = await session.scalars(select(due_failures.c.row_id))
    assert str(failed) == (await trial_of(scene, asha))["id"]
