"""What a council's system does with a vacancy under its own reference."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import func, select

from services.ats.vacancies.models import ReferenceCounter, Vacancy
from shared.events.ats import VacancyChanged
from shared.vocabulary import Role, Scope
from tests.factories.ats import SAW, Ats, vacancy_body

KEY = "SAW/talentlink/REQ-2041"


def body(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in vacancy_body(**changes).items() if name != "employer"}


async def call(council: Ats, method: str, key: str = KEY, sent: Any = None, **headers: Any) -> httpx.Response:
    given = council.headers(Scope.VACANCIES_WRITE, Scope.VACANCIES_READ, **headers.pop("caller", {}))
    return await council.client.request(method, f"/v1/vacancies/by-key/{key}", json=sent, headers=given | headers)


async def put(council: Ats, key: str = KEY, **changes: Any) -> httpx.Response:
    return await call(council, "PUT", key, body(**changes))


async def test_a_put_creates_a_draft_under_its_key_and_a_get_finds_it(council: Ats) -> None:
    made = await put(council)
    assert made.status_code == 201
    assert made.headers["location"] == f"/v1/vacancies/{made.json()['id']}"
    found = await call(council, "GET")
    assert found.json() == made.json()
    assert (found.json()["source_system"], found.json()["external_reference"]) == ("talentlink", "REQ-2041")


async def test_the_same_body_again_changes_nothing_and_says_so(council: Ats) -> None:
    sent = {
        "title": "Homelessness prevention officer",
        "salary_min_pence": 3_300_000,
        "salary_max_pence": 3_600_000,
        "desirable": [{"skill_id": "case_recording", "level": 2, "weight": 1}],
        "closes_at": "2026-12-04T17:00",
        "requisition": {"post_id": "HOU-1"},
        "flags": {"is_hybrid": True},
        "directorate": " Housing ",
    }
    made = (await put(council, **sent)).json()
    told = len(await council.events(VacancyChanged))
    again = await put(council, **sent)
    assert (again.status_code, again.headers["etag"]) == (200, f'"v{made["version"]}"')
    assert again.json() == made
    assert len(await council.events(VacancyChanged)) == told


async def test_a_put_changes_what_differs_and_keeps_what_is_left_out(council: Ats) -> None:
    made = (await put(council, directorate="Housing", grade="Grade 7")).json()
    changed = await put(council, title="Senior housing officer", grade=None)
    assert changed.status_code == 200
    shown = changed.json()
    assert shown["version"] == made["version"] + 1
    assert (shown["title"], shown["directorate"], shown["grade"]) == ("Senior housing officer", "Housing", None)


async def test_what_colleagues_set_beside_it_outlives_the_nightly_put(council: Ats) -> None:
    made = (await put(council)).json()
    headers = council.headers(Scope.VACANCIES_WRITE)
    mended = {"family": "revenues_benefits", "hiring_manager_id": str((await council.staff(Role.HIRING_MANAGER)).id)}
    answer = await council.client.patch(f"/v1/vacancies/{made['id']}", json=mended, headers=headers)
    assert answer.status_code == 200
    again = (await put(council)).json()
    assert {name: again[name] for name in mended} == mended


@pytest.mark.parametrize("reference", ["WCC/2026/041", "REQ 7", "a%b", "../x"])
async def test_a_reference_may_hold_what_references_hold(council: Ats, reference: str) -> None:
    key = f"SAW/talentlink/{quote(reference, safe='')}"
    made = await put(council, key)
    assert made.status_code == 201, made.text
    assert made.json()["external_reference"] == reference
    assert (await call(council, "GET", key)).json()["id"] == made.json()["id"]


async def test_a_put_is_refused_as_a_post_is(council: Ats) -> None:
    for wrong in (
        {"sallary": 1},
        {"scp_min": 24, "scp_max": 20},
        {"closes_at": "2025-01-01"},
        {"hours_per_week": "60"},
    ):
        assert (await put(council, **wrong)).status_code == 422
    assert (await call(council, "GET")).status_code == 404


async def test_locked_fields_are_refused_of_a_put_too(council: Ats) -> None:
    sent = {"source_system": "talentlink", "external_reference": "REQ-2041"}
    await council.live(**sent)
    assert (await put(council)).status_code == 200
    refused = await put(council, scp_max=26)
    assert (refused.status_code, refused.json()["code"]) == (409, "field_locked")
    assert (refused.json()["field"], refused.json()["why"]) == ("salary_max_pence", "first_refusal")


async def test_the_same_body_is_no_change_after_the_deadline_nor_after_the_end(council: Ats) -> None:
    made = (await put(council)).json()
    await council.move(made, "cancel", {"reason": "The funding was withdrawn"})
    assert (await put(council)).status_code == 200
    assert (await put(council, title="Another title")).json()["code"] == "illegal_move"


async def test_who_manages_a_vacancy_stays_so(council: Ats) -> None:
    await put(council)
    answer = await put(council, management="external", apply={"method": "url", "url": "https://x.example/1"})
    assert (answer.status_code, answer.json()["code"]) == (422, "management_fixed")


async def test_a_put_with_an_old_etag_is_refused(council: Ats) -> None:
    made = await put(council)
    await put(council, title="Senior housing officer")
    stale = {"If-Match": made.headers["etag"]}
    assert (await call(council, "PUT", sent=body(), **stale)).status_code == 412
    assert (await call(council, "DELETE", **stale)).status_code == 412
    assert (await call(council, "PUT", "SAW/talentlink/NEW", body(), **stale)).status_code == 412


async def test_a_put_can_be_checked_alone(council: Ats) -> None:
    path = f"/v1/vacancies/by-key/{KEY}?validate_only=true"
    headers = council.headers(Scope.VACANCIES_WRITE)
    checked = await council.client.put(path, json=body(), headers=headers)
    assert (checked.status_code, checked.json()["valid"]) == (200, True)
    assert (await call(council, "GET")).status_code == 404
    await put(council)
    assert (await council.client.put(path, json=body(title="Other words"), headers=headers)).json()["valid"]
    assert (await call(council, "GET")).json()["version"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_another_councils_key_reads_like_none(council: Ats, method: str) -> None:
    await put(council)
    sent = body() if method == "PUT" else None
    theirs = await call(council, method, sent=sent, caller={"employers": ("WLV",)})
    assert theirs.status_code == 404
    assert (await call(council, "GET")).json()["version"] == 1


async def test_twins_that_put_one_key_make_one_vacancy_and_waste_no_reference(live_council: Ats) -> None:
    answers = await asyncio.gather(*(put(live_council) for _ in range(5)))
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 200, 201]
    assert {each.json()["version"] for each in answers} == {1}
    async with live_council.region() as session:
        assert await session.scalar(select(func.count()).select_from(Vacancy)) == 1
        assert await session.scalar(select(ReferenceCounter.last_number)) == 1


async def test_a_draft_is_deleted_and_the_second_time_is_answered_as_the_first(council: Ats) -> None:
    made = (await put(council)).json()
    first = await call(council, "DELETE")
    assert first.status_code == 200
    assert first.json() == {
        "id": made["id"],
        "employer_id": str(SAW),
        "reference": made["reference"],
        "source_system": "talentlink",
        "external_reference": "REQ-2041",
        "deleted_at": "2026-11-16T09:00:00Z",
    }
    by_id = await council.client.delete(f"/v1/vacancies/{made['id']}", headers=council.headers(Scope.VACANCIES_WRITE))
    assert (await call(council, "DELETE")).json() == by_id.json() == first.json()
    assert (await call(council, "GET")).status_code == 404
    assert [each["state"] for each in await council.events(VacancyChanged)] == ["draft", "cancelled"]


async def test_the_key_of_a_deleted_draft_is_free_again(council: Ats) -> None:
    first = (await put(council, requisition={"post_id": "HOU-1"})).json()
    await call(council, "DELETE")
    second = await put(council, requisition={"post_id": "HOU-1"})
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


async def test_what_was_never_there_is_not_deleted(council: Ats) -> None:
    assert (await call(council, "DELETE")).status_code == 404


async def test_what_was_sent_for_approval_is_not_deleted_and_the_way_out_is_named(council: Ats) -> None:
    person = await council.staff(Role.APPROVER)
    sent = {"source_system": "talentlink", "external_reference": "REQ-2041"}
    made = await council.create(**sent)
    assert (
        await council.move(made, "submit", on_behalf_of=(await council.staff(Role.RECRUITER)).id)
    ).status_code == 200
    refused = await call(council, "DELETE")
    assert (refused.status_code, refused.json()["code"]) == (409, "deletion_refused")
    assert f"POST /v1/vacancies/{made['id']}/cancel" in refused.json()["next_step"]
    turned_down = await council.decide(f"/v1/vacancies/{made['id']}/reject", person, {"reason": "Not in the budget"})
    assert turned_down.json()["state"] == "draft", turned_down.text
    assert (await call(council, "DELETE")).json()["code"] == "deletion_refused"
    await council.move(made, "cancel", {"reason": "Not in the budget"})
    assert (await call(council, "DELETE")).json()["next_step"] == "It has ended and stays on record."


async def test_a_draft_with_a_reported_milestone_is_not_deleted(council: Ats) -> None:
    made = await council.create(
        management="external",
        apply={"method": "url", "url": "https://x.example/1"},
        source_system="talentlink",
        external_reference="REQ-2041",
    )
    told = {"milestones": [{"external_event_id": "1", "kind": "closed", "occurred_on": "2026-11-02"}]}
    assert (await council.move(made, "milestones", told)).status_code == 200
    assert (await call(council, "DELETE")).json()["code"] == "deletion_refused"
    assert (await council.read(made))["state"] == "draft"
