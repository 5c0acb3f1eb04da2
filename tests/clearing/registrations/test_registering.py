from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from shared.events.base import Contact, ContactWithLink, ContactWithReasons
from shared.vocabulary import Role, Scope
from tests.clearing.conftest import Scene
from tests.factories import clearing as make


async def test_r1_an_agency_worker_is_not_registered(scene: Scene) -> None:
    facts = make.registration(employment_kind="agency_worker")
    refusal = await scene.post("/v1/registrations", await scene.hr("SAW"), facts, expect=422)
    assert refusal["code"] == "registrant_not_employee"


async def test_only_a_council_registers_people(scene: Scene) -> None:
    facts = make.registration(employer="WMFS")
    refusal = await scene.post("/v1/registrations", await scene.hr("WMFS"), facts, expect=422)
    assert refusal["code"] == "not_a_council"


async def test_another_councils_people_cannot_be_registered(scene: Scene) -> None:
    facts = make.registration(employer="BIR")
    refusal = await scene.post("/v1/registrations", await scene.hr("SAW"), facts, expect=404)
    assert refusal["code"] == "employer_not_known"


async def test_r6_one_employment_has_one_live_registration(scene: Scene) -> None:
    await scene.register(employee_number="104233")
    facts = make.registration(employee_number="104233")
    refusal = await scene.post("/v1/registrations", await scene.hr("SAW"), facts, expect=409)
    assert refusal["code"] == "registration_already_live"


async def test_r6_a_second_job_may_be_registered_too_and_an_ended_one_again(scene: Scene) -> None:
    first = await scene.register(employee_number="104233", employment="1")
    await scene.register(employee_number="104233", employment="2")
    await scene.post(f"/v1/registrations/{first['id']}/close", await scene.hr("SAW"), {"reason": "resigned"})
    again = await scene.register(employee_number="104233", employment="1")
    assert again["state"] == "draft"


async def test_a_persons_band_is_that_of_the_top_of_their_grade_else_of_their_pay(scene: Scene) -> None:
    by_grade = await scene.register(grade_top_scp=24, fte_pay_pence=2_700_000)
    by_pay = await scene.register(grade_top_scp=None, fte_pay_pence=3_658_100)
    assert (by_grade["band"], by_pay["band"]) == (5, 5)


async def test_r4_hr_of_the_home_council_verifies(scene: Scene) -> None:
    made = await scene.submitted()
    found = await scene.post(f"/v1/registrations/{made['id']}/verify", await scene.hr("SAW"), {"tier": 3})
    assert (found["state"], found["tier"], found["verified_at"]) == ("active", 3, "2026-11-16T09:00:00Z")


async def test_r4_nobody_but_hr_of_the_home_council_verifies(scene: Scene) -> None:
    made = await scene.submitted()
    path = f"/v1/registrations/{made['id']}/verify"
    recruiter = await scene.staff("SAW", Role.RECRUITER)
    await scene.post(path, await scene.hr("BIR"), {"tier": 3}, expect=404)
    await scene.post(path, scene.council("SAW"), {"tier": 3}, expect=403)
    await scene.post(path, scene.council("SAW", on_behalf_of=recruiter), {"tier": 3}, expect=403)
    await scene.post(path, scene.council("SAW", on_behalf_of=uuid4()), {"tier": 3}, expect=403)
    after = await scene.get(f"/v1/registrations/{made['id']}", await scene.hr("SAW"))
    assert after["state"] == "submitted"


async def test_r4_nobody_verifies_their_own_registration(scene: Scene) -> None:
    made = await scene.submitted(email="rory@saw.example")
    herself = await scene.staff("SAW", Role.COUNCIL_HR, email="Rory@SAW.example")
    headers = scene.council("SAW", on_behalf_of=herself)
    refusal = await scene.post(f"/v1/registrations/{made['id']}/verify", headers, {"tier": 3}, expect=403)
    assert refusal["code"] == "verifier_not_allowed"


async def test_r10_the_tier_has_to_be_the_one_the_evidence_supports(scene: Scene) -> None:
    made = await scene.submitted(reason="at_risk_pool", notice_given_on=None)
    path = f"/v1/registrations/{made['id']}/verify"
    hr = await scene.hr("SAW")
    refusal = await scene.post(path, hr, {"tier": 3}, expect=422)
    assert refusal["code"] == "tier_not_supported"
    assert (await scene.post(path, hr, {"tier": 4}))["tier"] == 4


async def test_r11_of_a_protection_only_its_last_day_is_kept(scene: Scene) -> None:
    made = await scene.submitted()
    body = {"tier": 1, "protected_until": "2027-06-30"}
    found = await scene.post(f"/v1/registrations/{made['id']}/verify", await scene.hr("SAW"), body)
    assert (found["tier"], found["protected_until"], found["reason"]) == (1, "2027-06-30", "redundancy_notice")


async def test_r5_an_unverified_registration_gets_no_matches_and_is_invisible_outside(scene: Scene) -> None:
    made = await scene.submitted()
    await scene.hear(make.vacancy())
    await scene.tick()
    assert await scene.told("clearing.match_suggested.v1") == []
    await scene.get(f"/v1/registrations/{made['id']}", await scene.hr("BIR"), expect=404)
    assert (await scene.get("/v1/registrations", await scene.hr("BIR")))["items"] == []


async def test_r58_nobody_who_has_not_been_told_is_written_to(scene: Scene) -> None:
    made = await scene.submitted(person_told=False)
    path, hr = f"/v1/registrations/{made['id']}", await scene.hr("SAW")
    found = await scene.post(f"{path}/verify", hr, {"tier": 3})
    assert found["state"] == "verified"
    await scene.hear(make.vacancy())
    await scene.tick()
    assert await scene.told("clearing.registration_submitted.v1") == []
    assert await scene.told("clearing.registration_verified.v1") == []
    assert await scene.told("clearing.match_suggested.v1") == []
    refusal = await scene.post(f"{path}/sign-in-link", hr, expect=409)
    assert refusal["code"] == "person_not_told"
    await scene.post(f"{path}/tell-person", hr)
    await scene.tick()
    assert (await scene.get(path, hr))["state"] == "active"
    assert len(await scene.told("clearing.match_suggested.v1")) == 1


async def test_a_person_becomes_active_on_the_day_they_are_at_risk_from(scene: Scene) -> None:
    made = await scene.submitted(at_risk_on="2026-12-01")
    path, hr = f"/v1/registrations/{made['id']}", await scene.hr("SAW")
    assert (await scene.post(f"{path}/verify", hr, {"tier": 3}))["state"] == "verified"
    await scene.at(datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    assert (await scene.get(path, hr))["state"] == "verified"
    await scene.at(datetime(2026, 12, 1, 8, 0, tzinfo=UTC))
    assert (await scene.get(path, hr))["state"] == "active"
    (verified,) = await scene.told("clearing.registration_verified.v1")
    assert verified["occurred_at"] == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


async def test_a_returned_registration_says_what_is_missing_and_is_submitted_again(scene: Scene) -> None:
    made = await scene.submitted(name="Asha Moreton")
    path, hr = f"/v1/registrations/{made['id']}", await scene.hr("SAW")
    returned = await scene.post(f"{path}/return", hr, {"reason": "The notice letter is missing."})
    assert (returned["state"], returned["decision_reason"]) == ("returned", "The notice letter is missing.")
    (sealed,) = await scene.sealed("clearing.registration_returned.v1", ContactWithReasons)
    assert (sealed.name, sealed.reasons) == ("Asha Moreton", "The notice letter is missing.")
    assert (await scene.post(f"{path}/submit", hr))["state"] == "submitted"


async def test_an_illegal_move_says_what_is_allowed(scene: Scene) -> None:
    made = await scene.register()
    refusal = await scene.post(f"/v1/registrations/{made['id']}/verify", await scene.hr("SAW"), {"tier": 3}, expect=409)
    assert (refusal["code"], refusal["state"]) == ("illegal_transition", "draft")
    assert refusal["allowed"] == ["closed", "submitted"]


async def test_a_suspended_person_is_not_matched_until_they_are_back(scene: Scene) -> None:
    asha = await scene.active()
    hr = await scene.hr("SAW")
    await scene.post(f"/v1/registrations/{asha}/suspend", hr, {"reason": "On long leave, as she asked."})
    await scene.hear(make.vacancy())
    await scene.tick()
    assert await scene.told("clearing.match_suggested.v1") == []
    await scene.post(f"/v1/registrations/{asha}/resume", hr)
    await scene.tick()
    assert len(await scene.told("clearing.match_suggested.v1")) == 1


async def test_a_person_who_loosens_their_limits_is_matched_anew(scene: Scene) -> None:
    asha = await scene.active(hours_min="37", hours_max="37")
    await scene.hear(make.vacancy(hours_per_week="30"))
    person = await scene.person(asha)
    assert (await scene.get("/v1/me/matches", person))["items"] == []
    wishes = {
        "hours_min": "25",
        "hours_max": "37",
        "skills": [{"skill_id": "tenancy_enforcement", "level": 2}],
        "occupations": [{"title": "Housing officer", "family": "housing_homelessness", "months": 74}],
    }
    answer = await scene.http.patch(f"/v1/registrations/{asha}", headers=person, json=wishes)
    assert answer.status_code == 200
    await scene.tick()
    assert len((await scene.get("/v1/me/matches", person))["items"]) == 1


async def test_a_change_leaves_alone_what_it_does_not_name(scene: Scene) -> None:
    made = await scene.register(areas=["BIR"], accepts_fixed_term=True)
    path, hr = f"/v1/registrations/{made['id']}", await scene.hr("SAW")
    answer = await scene.http.patch(path, headers=hr, json={"max_travel_minutes": 45})
    assert answer.status_code == 200, answer.text
    changed = {name for name, value in answer.json().items() if value != made[name]}
    assert changed == {"max_travel_minutes", "version"}
    # Null takes back what was said; an absent section keeps it.
    answer = await scene.http.patch(path, headers=hr, json={"skills": None, "employment_ends_on": "2027-02-28"})
    found = answer.json()
    assert (found["skills"], found["employment_ends_on"]) == (None, "2027-02-28")
    assert (found["notice_given_on"], found["occupations"]) == ("2026-11-02", made["occupations"])


async def test_a_change_keeps_hours_in_order_and_what_hr_has_verified(scene: Scene) -> None:
    asha = await scene.active()  # 30 to 37 hours, until 31 January
    path, hr = f"/v1/registrations/{asha}", await scene.hr("SAW")
    for body, status, code in (
        ({"hours_max": "29"}, 422, "hours_out_of_order"),
        ({"hours_min": None}, 422, "invalid"),
        ({"employment_ends_on": "2027-06-30"}, 409, "dates_verified"),
    ):
        answer = await scene.http.patch(path, headers=hr, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await scene.http.patch(path, headers=hr, json={"hours_min": "20"})).status_code == 200


async def test_a_change_on_a_stale_version_is_refused(scene: Scene) -> None:
    made = await scene.register()
    headers = await scene.hr("SAW") | {"If-Match": '"v9"'}
    body = {"hours_min": "20", "hours_max": "30"}
    answer = await scene.http.patch(f"/v1/registrations/{made['id']}", headers=headers, json=body)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale_version")


async def test_a_receipt_goes_to_whoever_is_registered(scene: Scene) -> None:
    await scene.submitted(name="Asha Moreton", email="asha@people.example")
    (sealed,) = await scene.sealed("clearing.registration_submitted.v1", Contact)
    assert (sealed.name, sealed.email) == ("Asha Moreton", "asha@people.example")


async def test_asking_for_a_link_tells_nothing_about_who_is_registered(scene: Scene) -> None:
    await scene.active(email="asha@people.example")
    known = await scene.http.post("/v1/sign-in-links", json={"email": "Asha@People.example"})
    unknown = await scene.http.post("/v1/sign-in-links", json={"email": "nobody@people.example"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    assert known.status_code == 202
    (sealed,) = await scene.sealed("clearing.sign_in_link_requested.v1", ContactWithLink)
    token = sealed.link.rsplit("/l/", 1)[1]
    opened = await scene.post("/v1/link-sessions", {}, {"token": token}, expect=201)
    person = {"Authorization": f"Bearer {opened['access_token']}"}
    mine = await scene.get(f"/v1/registrations/{opened['subject_id']}", person)
    assert mine["email"] == "asha@people.example"


async def test_nobody_can_be_flooded_with_links(scene: Scene) -> None:
    await scene.active(email="flooded@people.example")
    for _ in range(8):
        answer = await scene.http.post("/v1/sign-in-links", json={"email": "flooded@people.example"})
        assert answer.status_code == 202
    assert len(await scene.told("clearing.sign_in_link_requested.v1")) <= 6


async def test_a_person_sees_their_own_registration_and_no_other(scene: Scene) -> None:
    asha, budd = await scene.active(), await scene.active()
    person = await scene.person(asha)
    assert (await scene.get(f"/v1/registrations/{asha}", person))["id"] == str(asha)
    await scene.get(f"/v1/registrations/{budd}", person, expect=404)
    await scene.get("/v1/registrations", person, expect=403)


async def test_a_list_goes_on_from_its_cursor_and_ends(scene: Scene) -> None:
    made = [(await scene.register())["id"] for _ in range(3)]
    hr = await scene.hr("SAW")
    first = await scene.get("/v1/registrations?limit=2", hr)
    second = await scene.get(f"/v1/registrations?limit=2&cursor={first['next_cursor']}", hr)
    assert {each["id"] for each in first["items"] + second["items"]} == set(made)
    assert second["next_cursor"] is None


async def test_reading_needs_the_scope(scene: Scene) -> None:
    await scene.get("/v1/registrations", scene.council("SAW", Scope.VACANCIES_READ), expect=403)
    await scene.get("/v1/registrations", {}, expect=401)


async def test_a_person_cannot_confirm_their_own_skills(scene: Scene) -> None:
    asha = await scene.active(skills=[{"skill_id": "tenancy_enforcement", "level": 2, "is_confirmed": True}])
    skills = [
        {"skill_id": "tenancy_enforcement", "level": 2, "is_confirmed": False},
        {"skill_id": "case_recording", "level": 3, "is_confirmed": True},
    ]
    body = {"hours_min": "30", "hours_max": "37", "skills": skills}
    answer = await scene.http.patch(f"/v1/registrations/{asha}", headers=await scene.person(asha), json=body)
    confirmed = {each["skill_id"]: each["is_confirmed"] for each in answer.json()["skills"]}
    assert confirmed == {"tenancy_enforcement": True, "case_recording": False}


async def test_a_verb_on_a_stale_version_is_refused(scene: Scene) -> None:
    made = await scene.submitted()
    path, hr = f"/v1/registrations/{made['id']}", await scene.hr("SAW")
    refusal = await scene.post(f"{path}/verify", hr | {"If-Match": '"v1"'}, {"tier": 3}, expect=412)
    assert refusal["code"] == "stale_version"
    etag = (await scene.http.get(path, headers=hr)).headers["ETag"]
    await scene.post(f"{path}/verify", hr | {"If-Match": etag}, {"tier": 3}, expect=200)


async def test_r5_who_is_not_verified_is_seen_outside_the_home_council_by_nobody_but_its_stand_in(scene: Scene) -> None:
    made = await scene.submitted()
    regional = scene.world.signer.bearer(Scope.CLEARING_READ)
    stand_in = scene.world.signer.bearer(Scope.CLEARING_READ, Scope.CLEARING_WRITE)
    path = f"/v1/registrations/{made['id']}"
    assert (await scene.get("/v1/registrations", regional))["items"] == []
    await scene.get(path, regional, expect=404)
    await scene.get(path, scene.council("DUD"), expect=404)
    assert (await scene.get(path, stand_in))["state"] == "submitted"
    assert [each["id"] for each in (await scene.get("/v1/registrations", stand_in))["items"]] == [made["id"]]
    await scene.post(f"{path}/verify", await scene.hr("SAW"), {"tier": 3})
    assert (await scene.get(path, regional))["state"] == "active"
    assert [each["id"] for each in (await scene.get("/v1/registrations", regional))["items"]] == [made["id"]]
