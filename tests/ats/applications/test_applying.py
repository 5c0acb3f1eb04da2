"""Applications from a board or a council's system."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from services.ats.applications.models import Application
from services.ats.applications.rejecting import tell_rejections
from shared.events.applications import ApplicationReceived, ApplicationRejected, ApplicationShortlisted
from shared.events.interviews import InterviewInvited
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats, application_body

BOARD = {"employers": "region"}


async def test_an_application_is_acknowledged_with_a_link_and_the_receipt_names_nobody(council: Ats) -> None:
    vacancy = await council.live()
    receipt = await council.apply(vacancy, name="Amara Osei", email="amara@people.example")
    assert (receipt["stage"], receipt["vacancy_id"]) == ("submitted", vacancy["id"])
    assert "amara" not in str(receipt).lower()
    told = await council.events(ApplicationReceived)
    assert [each["application_id"] for each in told] == [receipt["id"]]
    assert "amara" not in str(told).lower()


async def test_the_same_person_applies_once_however_the_address_is_spelt(council: Ats) -> None:
    vacancy = await council.live()
    await council.apply(vacancy, email="amara@people.example")
    again = await council.client.post(
        f"/v1/jobs/{vacancy['id']}/applications",
        json=application_body(email="AMARA@people.example"),
        headers=council.headers(Scope.JOBS_APPLY, **BOARD),
    )
    assert (again.status_code, again.json()["code"]) == (409, "already_applied")
    assert "amara" not in again.text.lower()


async def test_who_withdrew_may_apply_again(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.RECRUITER)
    first = await council.apply(vacancy, email="amara@people.example")
    assert (await council.decide(f"/v1/applications/{first['id']}/withdraw", person)).status_code == 200
    assert (await council.apply(vacancy, email="amara@people.example"))["id"] != first["id"]


async def test_twenty_twins_at_once_make_one_application_and_one_acknowledgement(live_council: Ats) -> None:
    vacancy = await live_council.live()
    body = application_body()
    headers = live_council.headers(Scope.JOBS_APPLY, **BOARD)
    url = f"/v1/jobs/{vacancy['id']}/applications"
    answers = await asyncio.gather(*(live_council.client.post(url, json=body, headers=headers) for _ in range(20)))
    assert sorted({each.status_code for each in answers}) == [201, 409]
    assert [each.status_code for each in answers].count(201) == 1
    async with live_council.region() as session:
        assert await session.scalar(select(func.count()).select_from(Application)) == 1
    assert len(await live_council.events(ApplicationReceived)) == 1


async def test_after_the_deadline_nobody_applies(council: Ats) -> None:
    vacancy = await council.live(closes_at="2026-11-20T17:00")
    council.services.clock.advance(timedelta(days=4, hours=8))
    answer = await council.client.post(
        f"/v1/jobs/{vacancy['id']}/applications",
        json=application_body(),
        headers=council.headers(Scope.JOBS_APPLY, **BOARD),
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "job_closed")


async def test_nobody_applies_for_a_vacancy_in_clearing(council: Ats) -> None:
    vacancy = await council.in_clearing()
    answer = await council.client.post(
        f"/v1/jobs/{vacancy['id']}/applications",
        json=application_body(),
        headers=council.headers(Scope.JOBS_APPLY, **BOARD),
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


async def test_an_external_vacancy_takes_its_candidates_elsewhere(council: Ats) -> None:
    vacancy = await council.live(management="external", apply={"method": "url", "url": "https://x.example/1"})
    answer = await council.client.post(
        f"/v1/jobs/{vacancy['id']}/applications",
        json=application_body(),
        headers=council.headers(Scope.JOBS_APPLY, **BOARD),
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "managed_elsewhere")
    assert answer.json()["apply_url"] == "https://x.example/1"


async def test_an_answer_to_a_criterion_that_is_not_asked_is_refused(council: Ats) -> None:
    vacancy = await council.live()
    answer = await council.client.post(
        f"/v1/jobs/{vacancy['id']}/applications",
        json=application_body(answers=[{"criterion_id": "E9", "answer": "x"}]),
        headers=council.headers(Scope.JOBS_APPLY, **BOARD),
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "criterion_unknown")


async def test_who_a_candidate_is_is_in_no_answer_before_the_shortlist(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    candidate = await council.apply(vacancy, name="Zebedee Quartz", email="zebedee@people.example")
    reader = council.headers(Scope.APPLICATIONS_READ)
    url = f"/v1/applications/{candidate['id']}"
    for answer in (
        await council.client.get(url, headers=reader),
        await council.client.get("/v1/applications", headers=reader),
    ):
        assert answer.status_code == 200
        assert "zebedee" not in answer.text.lower()
    await council.decide(f"{url}/shortlist", person)
    shown = (await council.client.get(url, headers=reader)).json()
    assert shown["candidate"] == {"name": "Zebedee Quartz", "email": "zebedee@people.example", "phone": None}


async def test_another_employer_finds_no_application(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    theirs = council.headers(Scope.APPLICATIONS_READ, employers=("DUD",))
    assert (await council.client.get(f"/v1/applications/{candidate['id']}", headers=theirs)).status_code == 404
    assert (await council.client.get("/v1/applications", headers=theirs)).json()["items"] == []


async def test_a_candidate_hears_of_the_shortlist_when_it_is_confirmed_and_not_before(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    chosen, other = await council.apply(vacancy), await council.apply(vacancy)
    await council.decide(f"/v1/applications/{chosen['id']}/shortlist", person)
    assert await council.events(ApplicationShortlisted) == []
    confirmed = await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person)
    assert confirmed.json()["shortlist_confirmed_at"] is not None
    told = await council.events(ApplicationShortlisted)
    assert [each["application_id"] for each in told] == [chosen["id"]]
    await council.decide(f"/v1/applications/{other['id']}/shortlist", person)
    assert len(await council.events(ApplicationShortlisted)) == 2


async def test_an_interview_waits_for_the_confirmed_shortlist(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    candidate = await council.apply(vacancy)
    await council.decide(f"/v1/applications/{candidate['id']}/shortlist", person)
    invitation = {"starts_at": "2026-12-10T10:00:00+00:00", "place": "Council House"}
    url = f"/v1/applications/{candidate['id']}/invite-to-interview"
    assert (await council.decide(url, person, invitation)).json()["code"] == "shortlist_not_confirmed"
    await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person)
    assert (await council.decide(url, person, invitation)).json()["stage"] == "interview"
    assert [each["place"] for each in await council.events(InterviewInvited)] == ["Council House"]


async def test_a_rejection_names_a_reason_and_the_unmet_criteria(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.PANEL_MEMBER)
    candidate = await council.apply(vacancy)
    url = f"/v1/applications/{candidate['id']}/reject"
    bare = await council.decide(url, person, {"reason_code": "essential_not_met"})
    assert bare.status_code == 422
    unknown = await council.decide(url, person, {"reason_code": "essential_not_met", "unmet_criteria": ["E7"]})
    assert unknown.json()["code"] == "criterion_unknown"
    done = await council.decide(url, person, {"reason_code": "essential_not_met", "unmet_criteria": ["E1"]})
    assert (done.json()["stage"], done.json()["decided_by"]) == ("rejected", str(person.id))
    assert await council.events(ApplicationRejected) == []
    council.services.clock.advance(timedelta(hours=4))
    async with council.region() as session:
        assert await tell_rejections(session, council.now) == 1
    told = await council.events(ApplicationRejected)
    assert [(each["was_shortlisted"], each["after_interview"]) for each in told] == [(False, False)]


async def test_a_panel_member_does_not_confirm_the_shortlist(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.PANEL_MEMBER)
    answer = await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person)
    assert (answer.status_code, answer.json()["code"]) == (403, "person_may_not_decide")


async def test_allowed_actions_are_those_that_succeed(council: Ats) -> None:
    vacancy = await council.live()
    candidate = await council.apply(vacancy)
    headers = council.headers(Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)
    shown = (await council.client.get(f"/v1/applications/{candidate['id']}", headers=headers)).json()
    assert shown["allowed_actions"] == ["shortlist", "reject", "withdraw"]
