"""The recruiter's pages: what is shown, and a decision taken on one."""

from __future__ import annotations

import re
from typing import Any

import httpx

from shared.vocabulary import Role
from tests.factories.ats import Ats
from tests.factories.identity import PASSWORD


async def sign_in(council: Ats, email: str) -> None:
    """Sign in on the page, as a person does; the client keeps the cookie."""
    page = await council.client.get("/sign-in")
    answer = await council.client.post(
        "/sign-in", data={"csrf_token": token_of(page), "email": email, "password": PASSWORD}
    )
    assert answer.status_code == 303, answer.text


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def waiting(council: Ats) -> dict[str, Any]:
    vacancy = await council.create(title="Welfare adviser", description="<b>bold</b>")
    await council.move(vacancy, "submit")
    return vacancy


async def test_an_approver_approves_on_the_page(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await waiting(council)
    await sign_in(council, approver.email)
    page = await council.client.get(f"/vacancies/{vacancy['id']}")
    assert "This vacancy waits for your decision" in page.text
    done = await council.client.post(f"/vacancies/{vacancy['id']}/approve", data={"csrf_token": token_of(page)})
    assert (done.status_code, done.headers["location"]) == (303, f"/vacancies/{vacancy['id']}")
    assert "Open to displaced staff only" in (await council.client.get(f"/vacancies/{vacancy['id']}")).text


async def test_a_form_without_its_token_decides_nothing(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await waiting(council)
    await sign_in(council, approver.email)
    assert (await council.client.post(f"/vacancies/{vacancy['id']}/approve")).status_code == 403
    assert (await council.read(vacancy))["state"] == "approval_pending"


async def test_a_rejection_without_a_reason_is_asked_for_again(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    vacancy = await waiting(council)
    await sign_in(council, approver.email)
    page = await council.client.get(f"/vacancies/{vacancy['id']}")
    data = {"csrf_token": token_of(page), "reason": " "}
    again = await council.client.post(f"/vacancies/{vacancy['id']}/reject", data=data)
    assert again.status_code == 422
    assert "Say why, so that the requester can put it right" in again.text


async def test_a_recruiter_sees_the_vacancy_but_not_the_decision(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    vacancy = await waiting(council)
    await sign_in(council, recruiter.email)
    page = await council.client.get(f"/vacancies/{vacancy['id']}")
    assert page.status_code == 200
    assert "waits for your decision" not in page.text
    assert vacancy["reference"] in (await council.client.get("/vacancies?state=approval_pending")).text


async def test_another_councils_staff_get_the_page_that_is_not_there(council: Ats) -> None:
    stranger = await council.staff(Role.RECRUITER, code="DUD")
    vacancy = await waiting(council)
    await sign_in(council, stranger.email)
    page = await council.client.get(f"/vacancies/{vacancy['id']}", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert vacancy["reference"] not in (await council.client.get("/vacancies")).text


async def test_nobody_is_led_to_the_sign_in(council: Ats) -> None:
    page = await council.client.get("/vacancies", headers={"Accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["location"].startswith("/sign-in")
