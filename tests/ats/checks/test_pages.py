"""Checks on pages: what is typed is never lost, and a waiver takes two people."""

from __future__ import annotations

import re
from typing import Any

from shared.vocabulary import Role
from tests.ats.checks.test_checks import accepted, check_of
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats


def day(name: str, year: int, month: int, date: int) -> dict[str, str]:
    return {f"{name}-year": str(year), f"{name}-month": str(month), f"{name}-day": str(date)}


async def post(council: Ats, page: str, path: str, **fields: str) -> Any:
    token = token_of(await council.client.get(page))
    return await council.client.post(path, data={"csrf_token": token, **fields})


async def test_a_recruiter_records_a_check_on_its_page_and_loses_nothing_to_a_slip(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    mine = await accepted(council, recruiter)
    check = await check_of(council, mine, "right_to_work")
    await sign_in(council, recruiter.email)
    listed = await council.client.get(f"/applications/{mine}/checks")
    assert f"/checks/{check['id']}" in listed.text
    path = f"/checks/{check['id']}"
    fields = {"method": "manual", "evidence_reference": "EDRMS-77", **day("checked_on", 2026, 11, 31)}
    slip = await post(council, path, f"{path}/pass", **fields)
    assert slip.status_code == 422
    assert "Enter the day of the check" in slip.text
    assert 'value="EDRMS-77"' in slip.text
    assert re.search(r'name="checked_on-day"[^>]*value="31"', slip.text)
    fields |= {**day("checked_on", 2026, 11, 16), **day("copied_on", 2026, 11, 16), "is_time_limited": "false"}
    done = await post(council, path, f"{path}/pass", **fields)
    assert (done.status_code, done.headers["location"]) == (303, path)
    assert "Manual check of original documents" in (await council.client.get(path)).text


async def test_a_waiver_is_asked_for_on_a_page_and_approved_by_somebody_else(council: Ats) -> None:
    recruiter, hr = await council.staff(Role.RECRUITER), await council.staff(Role.COUNCIL_HR)
    mine = await accepted(council, recruiter, flags={"dbs_level": "standard"})
    path = f"/checks/{(await check_of(council, mine, 'dbs'))['id']}"
    await sign_in(council, recruiter.email)
    fields = {"waiver_reason": "It is late", "risk_assessment": "Never alone", **day("ends_on", 2027, 3, 1)}
    assert (await post(council, path, f"{path}/ask-waiver", **fields)).status_code == 303
    assert "Approve the waiver" not in (await council.client.get(path)).text
    council.client.cookies.clear()
    await sign_in(council, hr.email)
    assert (await post(council, path, f"{path}/approve-waiver")).status_code == 303
    assert "council hr" in (await council.client.get(path)).text


async def test_who_the_candidate_is_has_to_be_said_whole(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    mine = await accepted(council, recruiter)
    await sign_in(council, recruiter.email)
    path = f"/applications/{mine}/checks"
    again = await post(council, path, path, engagement="agency")
    assert (again.status_code, "Say whether they have lived abroad" in again.text) == (422, True)
    assert (await post(council, path, path, engagement="agency", has_lived_abroad="true")).status_code == 303
    assert "Overseas record" in (await council.client.get(path)).text


async def test_a_vacancys_page_leads_whoever_may_read_people_to_those_being_checked(council: Ats) -> None:
    recruiter, approver = await council.staff(Role.RECRUITER), await council.staff(Role.APPROVER)
    mine = await accepted(council, recruiter)
    vacancy_id = (await check_of(council, mine, "identity"))["vacancy_id"]
    for person, is_led in ((recruiter, True), (approver, False)):
        council.client.cookies.clear()
        await sign_in(council, person.email)
        page = await council.client.get(f"/vacancies/{vacancy_id}")
        assert (f"/applications/{mine}/checks" in page.text) is is_led


async def test_due_checks_are_listed_on_a_page(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    await sign_in(council, recruiter.email)
    assert "No check is due." in (await council.client.get("/checks")).text
