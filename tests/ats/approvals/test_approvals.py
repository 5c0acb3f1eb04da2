"""Approval: by somebody else, of this content, or attested by the council's own system."""

from __future__ import annotations

from datetime import timedelta

from shared.events.ats import ApprovalDecided, ApprovalRequested, VacancyChanged
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats


async def test_approval_enters_clearing_at_once_and_tells_it_once(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await council.create()
    submitted = (await council.move(vacancy, "submit")).json()
    assert (submitted["state"], submitted["is_approved"]) == ("approval_pending", False)
    before = len(await council.events(VacancyChanged))
    approved = await council.move(vacancy, "approve", {"reason": "Within establishment"}, on_behalf_of=approver.id)
    assert (approved.json()["state"], approved.json()["is_approved"]) == ("in_clearing", True)
    told = (await council.events(VacancyChanged))[before:]
    assert [each["state"] for each in told] == ["in_clearing"]
    assert told[0]["entered_clearing_at"] is not None


async def test_each_approver_of_the_employer_is_asked_once(council: Ats) -> None:
    asked = {str((await council.staff(Role.APPROVER)).id) for _ in range(2)}
    await council.staff(Role.APPROVER, code="DUD")
    await council.staff(Role.RECRUITER)
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    told = await council.events(ApprovalRequested)
    assert {each["approver_id"] for each in told} == asked
    assert len(told) == 2


async def test_the_requester_may_not_approve(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await council.create()
    await council.move(vacancy, "submit", on_behalf_of=approver.id)
    answer = await council.move(vacancy, "approve", on_behalf_of=approver.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "requester_may_not_approve")


async def test_an_approver_of_another_employer_does_not_find_the_vacancy(council: Ats) -> None:
    stranger = await council.staff(Role.APPROVER, code="DUD")
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    assert (await council.move(vacancy, "approve", on_behalf_of=stranger.id)).status_code == 404


async def test_a_client_that_names_nobody_decides_nothing(council: Ats) -> None:
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    answer = await council.move(vacancy, "approve")
    assert (answer.status_code, answer.json()["code"]) == (403, "on_behalf_of_missing")


async def test_somebody_without_the_role_decides_nothing(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    answer = await council.move(vacancy, "approve", on_behalf_of=recruiter.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "person_may_not_decide")


async def test_a_change_of_content_voids_the_request(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    changed = await council.client.patch(
        f"/v1/vacancies/{vacancy['id']}", json={"openings": 4}, headers=council.headers(Scope.VACANCIES_WRITE)
    )
    assert changed.json()["state"] == "draft"
    assert (await council.move(vacancy, "approve", on_behalf_of=approver.id)).json()["code"] == "illegal_move"
    await council.move(vacancy, "submit")
    listed = await council.client.get(
        f"/v1/vacancies/{vacancy['id']}/approvals", headers=council.headers(Scope.VACANCIES_READ)
    )
    assert [each["state"] for each in listed.json()] == ["voided", "pending"]


async def test_an_approval_voided_in_clearing_is_given_again_in_place(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await council.in_clearing()
    await council.client.patch(
        f"/v1/vacancies/{vacancy['id']}", json={"hours_per_week": "30"}, headers=council.headers(Scope.VACANCIES_WRITE)
    )
    submitted = (await council.move(vacancy, "submit")).json()
    assert (submitted["state"], submitted["is_approved"]) == ("in_clearing", False)
    released = await council.release(submitted)
    assert (released["state"], released["published_at"]) == ("approval_pending", None)
    approved = (await council.move(vacancy, "approve", on_behalf_of=approver.id)).json()
    assert approved["state"] == "live"


async def test_a_rejection_leads_back_to_the_draft_and_tells_who_asked(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    manager = await council.staff(Role.HIRING_MANAGER)
    vacancy = await council.create()
    await council.move(vacancy, "submit", on_behalf_of=manager.id)
    rejected = await council.move(vacancy, "reject", {"reason": "Not in budget"}, on_behalf_of=approver.id)
    assert rejected.json()["state"] == "draft"
    told = await council.events(ApprovalDecided)
    assert [(each["requester_id"], each["decision"]) for each in told] == [(str(manager.id), "rejected")]


async def test_an_attested_approval_keeps_its_own_date_and_reference(council: Ats) -> None:
    vacancy = await council.create()
    given_at = (council.now - timedelta(days=3)).isoformat()
    attested = {"approved_at": given_at, "approved_by": "Head of Housing", "reference": "WF-88213"}
    answer = (await council.move(vacancy, "attest-approval", attested)).json()
    assert (answer["state"], answer["approved_at"]) == ("in_clearing", "2026-11-13T09:00:00Z")
    listed = await council.client.get(
        f"/v1/vacancies/{vacancy['id']}/approvals", headers=council.headers(Scope.VACANCIES_READ)
    )
    assert [(each["attested_by"], each["attested_reference"]) for each in listed.json()] == [
        ("Head of Housing", "WF-88213")
    ]


async def test_an_approval_from_before_a_change_is_not_attested_for_what_was_changed(council: Ats) -> None:
    vacancy = await council.create()
    attested = {"approved_at": council.now.isoformat(), "approved_by": "Head of Housing", "reference": "WF-88213"}
    await council.move(vacancy, "attest-approval", attested)
    council.services.clock.advance(timedelta(hours=1))
    changed = await council.client.patch(
        f"/v1/vacancies/{vacancy['id']}",
        json={"scp_min": 30, "scp_max": 33},
        headers=council.headers(Scope.VACANCIES_WRITE),
    )
    assert changed.status_code == 200, changed.text
    again = await council.move(vacancy, "attest-approval", attested)
    assert (again.status_code, again.json()["code"]) == (422, "approved_before_the_change")
    assert again.json()["field"] == "approved_at"
    anew = attested | {"approved_at": council.now.isoformat(), "reference": "WF-88290"}
    assert (await council.move(vacancy, "attest-approval", anew)).status_code == 200


async def test_attesting_needs_its_own_scope(council: Ats) -> None:
    vacancy = await council.create()
    attested = {"approved_at": council.now.isoformat(), "approved_by": "Head", "reference": "WF-1"}
    answer = await council.client.post(
        f"/v1/vacancies/{vacancy['id']}/attest-approval", json=attested, headers=council.headers(Scope.VACANCIES_WRITE)
    )
    assert answer.status_code == 403


async def test_an_approval_is_not_attested_before_it_was_given(council: Ats) -> None:
    vacancy = await council.create()
    tomorrow = (council.now + timedelta(days=1)).isoformat()
    answer = await council.move(
        vacancy, "attest-approval", {"approved_at": tomorrow, "approved_by": "Head", "reference": "WF-1"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "approval_in_the_future")


async def test_an_approved_content_is_not_approved_twice(council: Ats) -> None:
    vacancy = await council.in_clearing()
    assert (await council.move(vacancy, "submit")).json()["code"] == "already_approved"
