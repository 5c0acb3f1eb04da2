"""Creating, reading and changing vacancies as a council's system does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.schemas import VacancyRead
from shared.events.ats import VacancyChanged
from shared.vocabulary import Scope, Service
from tests.factories.ats import SAW, Ats, vacancy_body


async def test_a_vacancy_gets_a_reference_its_pay_its_family_and_its_openings(council: Ats) -> None:
    made = await council.create(openings=2)
    assert made["reference"] == "SAW-2026-00001"
    assert (made["salary_min_pence"], made["salary_max_pence"]) == (3_367_300, 3_658_100)
    assert (made["soc2020"], made["family"]) == ("3223", "housing_homelessness")
    assert (made["outcode"], made["postcode"]) == ("B69", "B69 3DE")
    assert [each["criterion_id"] for each in made["essential"]] == ["E1", "E2"]
    assert [each["state"] for each in made["opening_list"]] == ["open", "open"]
    assert made["allowed_actions"] == ["change", "submit", "cancel"]


async def test_the_smallest_vacancy_has_seven_fields(council: Ats) -> None:
    body = vacancy_body()
    del body["essential"]
    answer = await council.client.post("/v1/vacancies", json=body, headers=council.headers(Scope.VACANCIES_WRITE))
    assert (answer.status_code, len(body)) == (201, 7)


async def test_what_is_shown_is_what_the_manual_promises(council: Ats) -> None:
    """It is not validated on its way out, so here it is."""
    made = await council.create(
        management="external",
        apply={"method": "url", "url": "https://x.example/1"},
        desirable=[{"skill_id": "case_recording", "level": 2, "weight": 1}],
        openings=2,
        working_pattern="shifts",
        contract="fixed_term",
        contract_months=12,
        clearing_exemption="ring_fenced_restructure",
        starts_on="2027-03-01",
        closes_at="2027-01-20T17:00",
    )
    shown = await council.read(made)
    assert VacancyRead.model_validate(shown).model_dump(mode="json") == shown
    assert {"level": None, "months": 12, "subjects": []}.items() <= shown["essential"][0].items()


async def test_a_misspelt_field_is_named(council: Ats) -> None:
    body = vacancy_body(sallary=1)
    answer = await council.client.post("/v1/vacancies", json=body, headers=council.headers(Scope.VACANCIES_WRITE))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "sallary"


@pytest.mark.parametrize(
    ("wrong", "field", "rule"),
    [
        ({"scp_min": 24, "scp_max": 20}, "scp_min", "order_reversed"),
        ({"scp_max": None}, "scp_max", "pair_incomplete"),
        ({"contract": "fixed_term"}, "contract_months", "months_missing"),
        ({"postcode": "AB10 1AB"}, "postcode", "place_not_known"),
        ({"closes_at": "2026-12-01", "advert_days": 10}, "advert_days", "given_twice"),
        (
            {"essential": [{"kind": "skill", "text": "x", "skill_id": "flying", "level": 2}]},
            "essential.0.skill_id",
            "not_in_the_list",
        ),
        (
            {"essential": [{"kind": "skill", "text": "x", "skill_id": "housing_advice", "level": 2, "months": 3}]},
            "essential.0.months",
            "not_of_its_kind",
        ),
        ({"essential": [{"kind": "experience", "text": "x", "months": 12}]}, "essential.0.families", "missing"),
        ({"management": "external"}, "apply.method", "url_missing"),
        ({"apply": {"method": "url"}}, "apply.url", "url_and_method_differ"),
        ({"source_system": "tribepad"}, "external_reference", "pair_incomplete"),
        ({"scp_min": None, "scp_max": None}, "scp_min", "missing"),
        ({"flags": {"barred_lists": ["adults"]}}, "flags.barred_lists", "enhanced_check_missing"),
        ({"hours_per_week": "60"}, "hours_per_week", "less_than_equal"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_the_field_and_the_rule(
    council: Ats, wrong: dict[str, Any], field: str, rule: str
) -> None:
    body = {name: value for name, value in vacancy_body(**wrong).items() if value is not None}
    answer = await council.client.post("/v1/vacancies", json=body, headers=council.headers(Scope.VACANCIES_WRITE))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    [error] = answer.json()["errors"]
    assert (error["field"], error["code"]) == (field, rule)
    assert "Value error" not in error["detail"]


async def test_a_change_that_makes_no_sense_names_the_field(council: Ats) -> None:
    made = await council.create()
    headers = council.headers(Scope.VACANCIES_WRITE)
    answer = await council.client.patch(f"/v1/vacancies/{made['id']}", json={"contract": "secondment"}, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, "contract_months")


async def test_a_deadline_without_an_offset_is_london_time(council: Ats) -> None:
    made = await council.create(closes_at="2027-07-01T17:00")
    assert made["closes_at"] == "2027-07-01T16:00:00Z"


@pytest.mark.parametrize("closes_at", ["0001-01-01", "0001-01-01T00:00+14:00", "2026-11-16T08:59", "2027-11-18"])
async def test_a_deadline_that_has_passed_or_is_over_a_year_away_is_refused_of_a_draft(
    council: Ats, closes_at: str
) -> None:
    made = await council.create(closes_at="2026-12-01")
    headers = council.headers(Scope.VACANCIES_WRITE)
    body, url = vacancy_body(closes_at=closes_at), f"/v1/vacancies/{made['id']}"
    refused = [
        await council.client.post("/v1/vacancies", json=body, headers=headers),
        await council.client.post("/v1/vacancies?validate_only=true", json=body, headers=headers),
        await council.client.patch(url, json={"closes_at": closes_at}, headers=headers),
        await council.client.patch(f"{url}?validate_only=true", json={"closes_at": closes_at}, headers=headers),
    ]
    assert {each.status_code for each in refused} == {422}
    for each in refused:
        assert "closes_at" in each.text
    shown = await council.read(made)
    assert (shown["closes_at"], shown["version"]) == ("2026-12-01T23:59:59Z", made["version"])


async def test_a_year_to_the_day_is_not_too_far_and_a_stale_deadline_bars_no_other_change(council: Ats) -> None:
    made = await council.create(closes_at="2027-11-16T09:00")
    council.services.clock.advance(timedelta(days=400))
    url, headers = f"/v1/vacancies/{made['id']}", council.headers(Scope.VACANCIES_WRITE)
    assert (await council.client.patch(url, json={"title": "Caseworker"}, headers=headers)).status_code == 200


async def test_the_same_natural_key_leads_to_the_first_vacancy(council: Ats) -> None:
    first = await council.create(source_system="talentlink", external_reference="REQ-1")
    body = vacancy_body(source_system="talentlink", external_reference="REQ-1", title="Another")
    answer = await council.client.post("/v1/vacancies", json=body, headers=council.headers(Scope.VACANCIES_WRITE))
    assert (answer.status_code, answer.json()["code"]) == (409, "vacancy_exists")
    assert answer.json()["existing"] == f"/v1/vacancies/{first['id']}"


async def test_another_employer_may_use_the_same_external_reference(council: Ats) -> None:
    await council.create(source_system="talentlink", external_reference="REQ-1")
    other = await council.create(employer="DUD", source_system="talentlink", external_reference="REQ-1")
    assert other["reference"].startswith("DUD-2026-")


async def test_validate_only_says_what_would_be_stored_and_stores_nothing(council: Ats) -> None:
    headers = council.headers(Scope.VACANCIES_WRITE)
    answer = await council.client.post("/v1/vacancies?validate_only=true", json=vacancy_body(), headers=headers)
    assert (answer.status_code, answer.json()["valid"], answer.json()["family"]) == (200, True, "housing_homelessness")
    async with council.region() as session:
        assert await session.scalar(select(func.count()).select_from(Vacancy)) == 0


async def test_another_employers_vacancy_reads_like_one_that_never_was(council: Ats) -> None:
    made = await council.create()
    headers = council.headers(Scope.VACANCIES_READ, Scope.VACANCIES_WRITE, employers=("DUD",))
    theirs = await council.client.get(f"/v1/vacancies/{made['id']}", headers=headers)
    nobodys = await council.client.get(f"/v1/vacancies/{uuid4()}", headers=headers)
    assert (theirs.status_code, theirs.json()) == (404, nobodys.json())
    changed = await council.client.patch(f"/v1/vacancies/{made['id']}", json={"title": "Mine"}, headers=headers)
    assert changed.status_code == 404


async def test_nobody_creates_a_vacancy_for_an_employer_that_is_not_theirs(council: Ats) -> None:
    headers = council.headers(Scope.VACANCIES_WRITE, employers=("DUD",))
    answer = await council.client.post("/v1/vacancies", json=vacancy_body(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "employer_not_known")


async def test_a_change_with_an_old_etag_is_refused(council: Ats) -> None:
    made = await council.create()
    headers = council.headers(Scope.VACANCIES_WRITE)
    url = f"/v1/vacancies/{made['id']}"
    first = await council.client.patch(url, json={"title": "Tenancy officer"}, headers=headers | {"If-Match": '"v1"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"v2"')
    second = await council.client.patch(url, json={"title": "Rent officer"}, headers=headers | {"If-Match": '"v1"'})
    assert (second.status_code, second.json()["code"]) == (412, "stale_version")


async def test_a_change_to_points_works_out_the_pay_again(council: Ats) -> None:
    made = await council.create()
    answer = await council.client.patch(
        f"/v1/vacancies/{made['id']}",
        json={"scp_min": 25, "scp_max": 29},
        headers=council.headers(Scope.VACANCIES_WRITE),
    )
    assert answer.json()["salary_min_pence"] > made["salary_max_pence"]


async def test_a_change_that_would_not_leave_a_valid_vacancy_is_refused(council: Ats) -> None:
    made = await council.create()
    answer = await council.client.patch(
        f"/v1/vacancies/{made['id']}", json={"contract_months": 12}, headers=council.headers(Scope.VACANCIES_WRITE)
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "content_invalid")
    assert "permanent" in answer.json()["detail"]


async def test_openings_follow_the_content(council: Ats) -> None:
    made = await council.create(openings=3)
    url = f"/v1/vacancies/{made['id']}"
    headers = council.headers(Scope.VACANCIES_WRITE)
    fewer = await council.client.patch(url, json={"openings": 1}, headers=headers)
    assert [each["opening_no"] for each in fewer.json()["opening_list"]] == [1]
    more = await council.client.patch(url, json={"openings": 2}, headers=headers)
    assert [each["opening_no"] for each in more.json()["opening_list"]] == [1, 2]


async def test_r21_a_material_change_in_clearing_is_told_with_a_new_content_version(council: Ats) -> None:
    vacancy = await council.in_clearing()
    answer = await council.client.patch(
        f"/v1/vacancies/{vacancy['id']}", json={"hours_per_week": "30"}, headers=council.headers(Scope.VACANCIES_WRITE)
    )
    changed = answer.json()
    assert (changed["state"], changed["content_version"], changed["is_approved"]) == ("in_clearing", 2, False)
    told = (await council.events(VacancyChanged))[-1]
    assert (told["content_version"], told["hours_per_week"], told["state"]) == (2, "30", "in_clearing")


async def test_what_a_live_vacancy_was_approved_for_is_not_changed(council: Ats) -> None:
    vacancy = await council.live()
    answer = await council.client.patch(
        f"/v1/vacancies/{vacancy['id']}", json={"title": "Other"}, headers=council.headers(Scope.VACANCIES_WRITE)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "field_locked")


async def test_a_hiring_manager_is_one_of_the_employers_staff(council: Ats) -> None:
    body = vacancy_body(hiring_manager_id=str(uuid4()))
    answer = await council.client.post("/v1/vacancies", json=body, headers=council.headers(Scope.VACANCIES_WRITE))
    assert (answer.status_code, answer.json()["code"]) == (422, "hiring_manager_unknown")


async def test_the_list_takes_as_many_statements_for_fifty_as_for_one(council: Ats) -> None:
    await council.create()
    few = await _statements_of_the_list(council)
    for _ in range(12):
        await council.create(openings=2)
    assert await _statements_of_the_list(council) == few


async def _statements_of_the_list(council: Ats) -> int:
    """Statements on the shared connection while the list is read."""
    sessions = council.services.sessions[Service.ATS]
    connection = sessions.kw["bind"].sync_connection
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    answer = await council.client.get("/v1/vacancies", headers=council.headers(Scope.VACANCIES_READ))
    event.remove(connection, "before_cursor_execute", note)
    assert answer.status_code == 200
    return len(seen)


async def test_the_list_filters_by_employer_and_state(council: Ats) -> None:
    early = await council.create()
    council.services.clock.advance(timedelta(hours=1))
    late = await council.create(title="Accountant")
    headers = council.headers(Scope.VACANCIES_READ, employers="region")

    async def listed(**query: str) -> list[str]:
        answer = await council.client.get("/v1/vacancies", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    assert await listed(employer="SAW") == [early["id"], late["id"]]
    assert await listed(employer="DUD") == []
    assert await listed(state="live") == []


async def test_pages_of_the_list_follow_each_other(council: Ats) -> None:
    made = [await council.create(title=f"Housing officer {number}") for number in range(3)]
    headers = council.headers(Scope.VACANCIES_READ)
    first = await council.client.get("/v1/vacancies?limit=2", headers=headers)
    second = await council.client.get(
        "/v1/vacancies", params={"limit": 2, "cursor": first.json()["next_cursor"]}, headers=headers
    )
    seen = [each["id"] for answer in (first, second) for each in answer.json()["items"]]
    assert sorted(seen) == sorted(each["id"] for each in made)
    assert 'rel="next"' in first.headers["link"]


async def test_references_have_no_gap_and_no_twin_when_created_at_once(live_council: Ats) -> None:
    made = await asyncio.gather(*(live_council.create(title=f"Housing officer {number}") for number in range(8)))
    assert sorted(each["reference"] for each in made) == [f"SAW-2026-{number:05d}" for number in range(1, 9)]


async def test_twins_with_one_natural_key_make_one_vacancy(live_council: Ats) -> None:
    body = vacancy_body(source_system="talentlink", external_reference="REQ-9")
    headers = live_council.headers(Scope.VACANCIES_WRITE)
    answers = await asyncio.gather(
        *(live_council.client.post("/v1/vacancies", json=body, headers=headers) for _ in range(5))
    )
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409, 409]
    async with live_council.region() as session:
        assert await session.scalar(select(func.max(Vacancy.reference)).where(Vacancy.employer_id == SAW)) == (
            "SAW-2026-00001"
        )


async def test_the_states_are_served_as_data(council: Ats) -> None:
    answer = await council.client.get("/v1/reference/vacancy-states")
    states = {each["code"]: each for each in answer.json()}
    assert states["in_clearing"]["label"] == "Open to displaced staff only"
    assert states["draft"]["actions"]["submit"] == ["approval_pending", "in_clearing"]
    assert "publish" not in states["in_clearing"]["actions"]
