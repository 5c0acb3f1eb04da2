from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.events.base import Contact, ContactWithReasons
from shared.events.clearing import ReferredProfile
from shared.vocabulary import Role, Scope, Service
from tests.clearing.conftest import DECIDER, Scene
from tests.factories import clearing as make


async def test_an_interest_is_put_before_each_of_the_home_councils_hr(scene: Scene) -> None:
    asha = await scene.active(name="Asha Moreton")
    await scene.staff("SAW", Role.COUNCIL_HR, email="second@saw.example")
    await scene.staff("BIR", Role.COUNCIL_HR, email="elsewhere@bir.example")
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    wanted = await scene.told("clearing.review_wanted.v1")
    sealed = await scene.sealed("clearing.review_wanted.v1", Contact)
    assert len(wanted) == 2
    assert {each["referral_id"] for each in wanted} == {str(referral_id)}
    # Two working days after Monday.
    assert {each["due_at"] for each in wanted} == {"2026-11-18T23:59:59Z"}
    assert "second@saw.example" in {each.email for each in sealed}
    assert "elsewhere@bir.example" not in {each.email for each in sealed}


async def test_r54_from_interest_on_both_councils_know_who_it_is(scene: Scene) -> None:
    asha = await scene.active(name="Asha Moreton", email="asha@people.example")
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    referral_id = await scene.interested(asha)
    for code in ("SAW", "BIR"):
        found = await scene.get(f"/v1/referrals/{referral_id}", await scene.hr(code))
        assert (found["name"], found["email"]) == ("Asha Moreton", "asha@people.example")
    await scene.get(f"/v1/referrals/{referral_id}", await scene.hr("DUD"), expect=404)
    clearing = await scene.get(f"/v1/vacancies/{vacancy.vacancy_id}/clearing", await scene.hr("BIR"))
    assert [each["name"] for each in clearing["referrals"]] == ["Asha Moreton"]


async def test_r50_the_gaining_council_reads_a_priority_band_and_no_reason(scene: Scene) -> None:
    asha = await scene.active(tier=1, verification={"protected_until": "2027-06-30"})
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    answer = await scene.http.get(f"/v1/referrals/{referral_id}", headers=await scene.hr("BIR"))
    assert answer.json()["priority_band"] == 1
    for secret in ("redundancy_notice", "2027-06-30", "protected", "tier", "duty", "explanation"):
        assert secret not in answer.text


async def test_recruiters_of_the_home_council_do_not_learn_which_colleague_is_leaving(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    recruiting = scene.council("SAW", Scope.APPLICATIONS_READ)
    await scene.get(f"/v1/referrals/{referral_id}", recruiting, expect=404)
    assert (await scene.get("/v1/referrals", recruiting))["items"] == []


async def test_the_home_councils_hr_refers_and_ats_learns_who_it_is(scene: Scene) -> None:
    asha = await scene.active(name="Asha Moreton", email="asha@people.example")
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    referral_id = await scene.referred(asha)
    (referred,) = await scene.told("clearing.referred.v1")
    assert (referred["referral_id"], referred["vacancy_id"]) == (str(referral_id), str(vacancy.vacancy_id))
    (profile,) = await scene.sealed("clearing.referred.v1", ReferredProfile, Service.ATS)
    assert (profile.name, profile.email) == ("Asha Moreton", "asha@people.example")
    assert "Housing officer, 74 months" in profile.profile
    assert "redundancy" not in profile.profile


async def test_r49_nobody_decides_on_what_they_have_not_opened(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    hr = await scene.hr("SAW")
    refusal = await scene.post(f"/v1/referrals/{referral_id}/refer", hr, expect=409)
    assert refusal["code"] == "not_opened"
    # Neither the council's system by itself nor a colleague has opened it for them.
    await scene.get(f"/v1/referrals/{referral_id}", scene.council("SAW"))
    colleague = scene.council("SAW", on_behalf_of=await scene.staff("SAW", Role.COUNCIL_HR))
    await scene.get(f"/v1/referrals/{referral_id}", colleague)
    refusal = await scene.post(f"/v1/referrals/{referral_id}/refer", hr, expect=409)
    assert refusal["code"] == "not_opened"
    await scene.get(f"/v1/referrals/{referral_id}", hr)
    await scene.post(f"/v1/referrals/{referral_id}/refer", hr, expect=200)


async def test_r49_a_decision_names_the_human_who_took_it(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    refusal = await scene.post(f"/v1/referrals/{referral_id}/refer", scene.council("SAW"), expect=403)
    assert refusal["code"] == "on_behalf_of_missing"
    nobody = scene.council("SAW", *DECIDER, on_behalf_of=uuid4())
    await scene.post(f"/v1/referrals/{referral_id}/refer", nobody, expect=403)


async def test_the_gaining_council_does_not_refer_and_the_home_council_does_not_shortlist(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    refusal = await scene.decide("BIR", referral_id, "refer", expect=403)
    assert refusal["code"] == "not_your_decision"
    await scene.decide("SAW", referral_id, "refer")
    body = {"unmet_criteria": ["E1"], "reasons": "No."}
    refusal = await scene.decide("SAW", referral_id, "not-shortlist", body, expect=403)
    assert refusal["code"] == "not_your_decision"


async def test_r8_whoever_recruits_to_a_vacancy_does_not_refer_to_it(scene: Scene) -> None:
    both = await scene.staff("SAW", Role.COUNCIL_HR)
    asha = await scene.active()
    await scene.hear(make.vacancy(hiring_manager_id=both))
    referral_id = await scene.interested(asha)
    headers = scene.council("SAW", on_behalf_of=both)
    await scene.get(f"/v1/referrals/{referral_id}", headers)
    refusal = await scene.post(f"/v1/referrals/{referral_id}/refer", headers, expect=403)
    assert refusal["code"] == "separation_of_duties"


async def test_not_referring_tells_the_person_why(scene: Scene) -> None:
    asha = await scene.active(name="Asha Moreton")
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    await scene.decide("SAW", referral_id, "not-refer", {"reasons": "You asked us to wait."})
    (outcome,) = await scene.told("clearing.referral_outcome_recorded.v1")
    (sealed,) = await scene.sealed("clearing.referral_outcome_recorded.v1", ContactWithReasons)
    assert outcome["outcome"] == "not_referred"
    assert (sealed.name, sealed.reasons) == ("Asha Moreton", "You asked us to wait.")


async def test_r19_reasons_name_essential_criteria_of_this_vacancy(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    body = {"unmet_criteria": ["E1", "E9"], "reasons": "No such experience."}
    refusal = await scene.decide("BIR", referral_id, "not-shortlist", body, expect=422)
    assert refusal["code"] == "criteria_not_of_vacancy"
    await scene.decide("BIR", referral_id, "not-shortlist", {"unmet_criteria": [], "reasons": "No."}, expect=422)
    body = {"unmet_criteria": ["E1"], "reasons": "The year was in lettings only."}
    found = await scene.decide("BIR", referral_id, "not-shortlist", body)
    assert (found["state"], found["unmet_criteria"]) == ("not_shortlisted", ["E1"])
    (sealed,) = await scene.sealed("clearing.referral_outcome_recorded.v1", ContactWithReasons)
    assert "E1: A year in housing" in sealed.reasons
    assert "The year was in lettings only." in sealed.reasons


async def test_r31_not_being_appointed_comes_with_written_reasons(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    await scene.decide("BIR", referral_id, "offer-interview", {"interview_at": "2026-11-27T10:00:00+00:00"})
    await scene.decide("BIR", referral_id, "interviewed")
    await scene.decide("BIR", referral_id, "not-appoint", {"reasons": ""}, expect=422)
    await scene.decide("BIR", referral_id, "not-appoint", {"reasons": "The panel missed examples of casework."})
    outcomes = [each["outcome"] for each in await scene.told("clearing.referral_outcome_recorded.v1")]
    assert outcomes == ["interview_offered", "interviewed", "not_appointed"]
    sealed = await scene.sealed("clearing.referral_outcome_recorded.v1", ContactWithReasons)
    assert sealed[-1].reasons == "The panel missed examples of casework."


async def test_r30a_the_first_by_rank_never_wait_and_those_who_wait_go_in_turn(scene: Scene) -> None:
    people = [await scene.active(employment_ends_on=f"2027-02-{day:02}") for day in range(1, 8)]
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    for each in people:
        await scene.referred(each)
    clearing = await scene.get(f"/v1/vacancies/{vacancy.vacancy_id}/clearing", await scene.hr("BIR"))
    ranked = [each["id"] for each in clearing["referrals"]]
    # Alike in all but the end of their employment: the earliest comes first (R9).
    assert [each["registration_id"] for each in clearing["referrals"]] == [str(each) for each in people]
    refusal = await scene.decide("BIR", ranked[3], "wait", expect=409)
    assert refusal["code"] == "seen_before_others"
    for place in (4, 5):
        await scene.decide("BIR", ranked[place], "wait")
    # They are told where they stand: four come before the first of them, whom nobody has invited yet.
    assert [each["place"] for each in await scene.told("clearing.interview_awaited.v1")] == [5, 6]
    # Neither the second of those who wait nor somebody of worse rank who was never asked to wait.
    for place in (5, 6):
        refusal = await scene.decide("BIR", ranked[place], "offer-interview", {}, expect=409)
        assert refusal["code"] == "out_of_turn"
    # The first four are seen at once, in whatever order.
    for place in (3, 0, 1, 2):
        await scene.decide("BIR", ranked[place], "offer-interview", {})
    for place in (4, 5, 6):
        await scene.decide("BIR", ranked[place], "offer-interview", {})


async def test_r30a_everyone_in_the_first_two_bands_is_seen(scene: Scene) -> None:
    # Five of the own council come before the protected person of another (ring before tier, R9).
    people = [await scene.active(employer="BIR") for _ in range(5)]
    protected = await scene.active(tier=1, verification={"protected_until": "2027-06-30"})
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    for each in people:
        await scene.referred(each, home="BIR")
    await scene.referred(protected)
    clearing = await scene.get(f"/v1/vacancies/{vacancy.vacancy_id}/clearing", await scene.hr("BIR"))
    last = clearing["referrals"][-1]
    assert (last["priority_band"], last["registration_id"]) == (1, str(protected))
    refusal = await scene.decide("BIR", last["id"], "wait", expect=409)
    assert refusal["code"] == "seen_before_others"


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("not-shortlist", {"unmet_criteria": ["E1"], "reasons": "No casework."}),
        ("wait", None),
        ("offer-interview", {}),
        ("interviewed", None),
        ("not-appoint", {"reasons": "No casework."}),
        ("request-offer", make.terms()),
    ],
)
async def test_nothing_is_decided_about_somebody_who_withdrew(
    scene: Scene, verb: str, body: dict[str, object] | None
) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    await scene.post(f"/v1/me/referrals/{referral_id}/withdraw", await scene.person(asha))
    refusal = await scene.decide("BIR", referral_id, verb, body, expect=409)
    assert (refusal["code"], refusal["state"]) == ("illegal_transition", "withdrawn")


async def test_a_person_withdraws_at_any_time(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    person = await scene.person(asha)
    found = await scene.post(f"/v1/me/referrals/{referral_id}/withdraw", person)
    assert found["state"] == "withdrawn"
    assert (await scene.told("clearing.referral_outcome_recorded.v1"))[-1]["outcome"] == "withdrawn"
    refusal = await scene.post(f"/v1/me/referrals/{referral_id}/withdraw", person, expect=409)
    assert (refusal["code"], refusal["allowed"]) == ("illegal_transition", [])


async def test_r45_leaving_the_register_ends_every_interest(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    await scene.referred(asha)
    await scene.hear(make.vacancy())
    person = await scene.person(asha)
    left = await scene.post("/v1/me/registration/withdraw", person)
    assert (left["state"], left["closing_reason"]) == ("closed", "withdrawn")
    assert [each["state"] for each in (await scene.get("/v1/me/referrals", person))["items"]] == ["withdrawn"]
    matches = (await scene.get("/v1/me/matches", person))["items"]
    assert sorted(each["state"] for each in matches) == ["interested", "void"]


async def test_r45_employment_that_ends_without_an_accepted_offer_closes_the_registration(scene: Scene) -> None:
    asha = await scene.active(employment_ends_on="2026-11-30")
    await scene.at(datetime(2026, 11, 30, 20, 0, tzinfo=UTC))
    assert (await scene.get(f"/v1/registrations/{asha}", await scene.hr("SAW")))["state"] == "active"
    await scene.at(datetime(2026, 12, 5, 9, 0, tzinfo=UTC))
    closed = await scene.get(f"/v1/registrations/{asha}", await scene.hr("SAW"))
    assert (closed["state"], closed["closing_reason"]) == ("closed", "employment_ended")


async def test_an_interest_needs_an_active_registration(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    match = await scene.my_match(asha)
    await scene.post(f"/v1/registrations/{asha}/suspend", await scene.hr("SAW"), {"reason": "Long leave."})
    path = f"/v1/me/matches/{match['id']}/interest"
    refusal = await scene.post(path, await scene.person(asha), expect=409)
    assert refusal["code"] == "registration_not_active"


async def test_allowed_actions_say_what_each_side_may_do(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    home = await scene.get(f"/v1/referrals/{referral_id}", await scene.hr("SAW"))
    gaining = await scene.get(f"/v1/referrals/{referral_id}", await scene.hr("BIR"))
    assert (home["allowed_actions"], gaining["allowed_actions"]) == (["refer", "not-refer"], [])
    await scene.decide("SAW", referral_id, "refer")
    gaining = await scene.get(f"/v1/referrals/{referral_id}", await scene.hr("BIR"))
    assert gaining["allowed_actions"] == ["not-shortlist", "wait", "offer-interview", "request-offer"]
    assert datetime.fromisoformat(gaining["referred_at"]) - scene.world.clock.now() == timedelta()


async def test_an_interest_that_nobody_reviews_in_time_is_put_before_hr_once_more(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.interested(asha)
    await scene.at(datetime(2026, 11, 25, 9, 0, tzinfo=UTC))
    wanted = await scene.told("clearing.review_wanted.v1")
    assert [(each["is_overdue"], each["referral_id"]) for each in wanted] == [
        (False, str(referral_id)),
        (True, str(referral_id)),
    ]
    assert wanted[1]["occurred_at"] == datetime(2026, 11, 18, 23, 59, 59, tzinfo=UTC)
