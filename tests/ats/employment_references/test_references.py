"""References: asked for with the candidate's leave, given once behind a link, read by few and never unseen."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.ats.checks.policy import REGION_DEFAULT
from services.ats.checks.rules import Person, Post, required_checks
from services.ats.checks.states import CheckKind, Engagement
from services.ats.employment_references.asking import end_unanswered_references, remind_referees
from services.ats.employment_references.forms import FORMS, ReferenceForm, read_answers
from services.ats.worker import DUE
from shared.events.routing import BY_NAME
from shared.vocabulary import ContractKind, Role, Scope, Service
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats, make_vacancy
from tests.factories.identity import local, mailed
from tests.factories.references import answers, referee

WANTED, CONSENT = "ats.reference_wanted.v1", "ats.reference_consent_wanted.v1"
EXPIRED = "ats.reference_expired.v1"
TODAY = date(2026, 11, 16)


async def shortlisted(council: Ats, **vacancy: Any) -> tuple[str, Any]:
    recruiter = await council.staff(Role.RECRUITER)
    [candidate] = await council.at_interview(await council.live(**vacancy), recruiter)
    return candidate["id"], recruiter


async def ask(council: Ats, **changes: Any) -> tuple[dict[str, Any], str, Any]:
    """A reference that is asked for, of whom, and by whom."""
    mine, recruiter = await shortlisted(council)
    made = await council.decide(f"/v1/applications/{mine}/references", recruiter, referee(**changes))
    assert made.status_code == 201, made.text
    return made.json(), mine, recruiter


async def mails(council: Ats, name: str) -> list[Any]:
    async with council.region() as session:
        return await mailed(session, name, BY_NAME[name].sealed_for[Service.NOTIFICATIONS])


def token(link: str) -> str:
    return local(link).rsplit("/", 1)[-1]


async def by_link(council: Ats, link: str) -> dict[str, str]:
    opened = await council.client.post("/v1/link-sessions", json={"token": token(link)})
    assert opened.status_code == 201, opened.text
    return {"Authorization": f"Bearer {opened.json()['access_token']}"}


async def references(council: Ats, mine: str) -> dict[str, Any]:
    headers = council.headers(Scope.APPLICATIONS_READ, on_behalf_of=(await council.staff(Role.COUNCIL_HR)).id)
    return (await council.client.get(f"/v1/applications/{mine}/references", headers=headers)).json()


async def application(council: Ats, mine: str) -> dict[str, Any]:
    headers = council.headers(Scope.APPLICATIONS_READ)
    return (await council.client.get(f"/v1/applications/{mine}", headers=headers)).json()


async def check_on_references(council: Ats, mine: str) -> dict[str, Any]:
    return next(each for each in (await council.checks(mine))["checks"] if each["kind"] == "references")


async def read(council: Ats, reference: dict[str, Any], person: Any) -> Any:
    headers = council.headers(Scope.APPLICATIONS_READ, on_behalf_of=person.id)
    return await council.client.get(f"/v1/references/{reference['id']}/answers", headers=headers)


async def test_a_referee_gives_a_reference_once_behind_a_link_of_twelve_weeks(council: Ats) -> None:
    reference, mine, _ = await ask(council)
    assert reference["link_expires_at"] == (council.now + timedelta(weeks=12)).isoformat().replace("+00:00", "Z")
    [mail] = await mails(council, WANTED)
    assert (mail.email, mail.candidate_name) == ("morgan.lee@former.example", "Amara Osei")
    link = await by_link(council, mail.link)
    form = (await council.client.get("/v1/my/reference", headers=link)).json()
    assert (form["candidate_name"], form["employer_name"][:8]) == ("Amara Osei", "Sandwell")
    given = await council.client.post("/v1/my/reference", json={"answers": answers()}, headers=link)
    assert given.status_code == 201, given.text
    again = await council.client.post("/v1/my/reference", json={"answers": answers()}, headers=link)
    assert again.status_code == 401
    [shown] = (await references(council, mine))["references"]
    assert (shown["state"], shown["employed_from"], shown["employed_to"]) == ("received", "2023-03-01", "2026-09-30")


async def test_the_panel_never_learns_whom_somebody_named_nor_what_they_said(council: Ats) -> None:
    reference, mine, _ = await ask(council)
    member = await council.staff(Role.PANEL_MEMBER)
    headers = council.headers(Scope.APPLICATIONS_READ, on_behalf_of=member.id)
    for path in (f"/v1/applications/{mine}/references", f"/v1/references/{reference['id']}/answers"):
        assert (await council.client.get(path, headers=headers)).status_code == 403
    await sign_in(council, member.email)
    for path in (f"/applications/{mine}/references", f"/references/{reference['id']}"):
        assert (await council.client.get(path)).status_code == 403


async def test_of_a_reference_sent_three_times_at_once_one_is_kept(live_council: Ats) -> None:
    await ask(live_council)
    [mail] = await mails(live_council, WANTED)
    link = await by_link(live_council, mail.link)
    body = {"answers": answers()}
    sent = await asyncio.gather(
        *(live_council.client.post("/v1/my/reference", json=body, headers=link) for _ in range(3))
    )
    assert {each.status_code for each in sent} <= {201, 401, 410}
    assert len([each for each in sent if each.status_code == 201]) == 1


async def test_a_link_is_void_once_the_referees_address_changes(council: Ats) -> None:
    reference, _, recruiter = await ask(council)
    [mail] = await mails(council, WANTED)
    opened = await by_link(council, mail.link)
    moved = {"referee_name": "Morgan Lee", "referee_email": "morgan@other.example"}
    done = await council.decide(f"/v1/references/{reference['id']}/change-address", recruiter, moved)
    assert done.json()["referee_email"] == "morgan@other.example"
    assert (await council.client.get("/v1/my/reference", headers=opened)).status_code == 401
    [_, second] = await mails(council, WANTED)
    assert second.email == "morgan@other.example"
    assert (await council.client.get("/v1/my/reference", headers=await by_link(council, second.link))).is_success


async def test_a_link_ends_after_twelve_weeks_and_a_new_one_may_be_sent(council: Ats) -> None:
    reference, _, recruiter = await ask(council)
    [mail] = await mails(council, WANTED)
    council.services.clock.advance(timedelta(weeks=12))
    assert (await council.client.post("/v1/link-sessions", json={"token": token(mail.link)})).status_code == 410
    assert (await council.decide(f"/v1/references/{reference['id']}/ask-again", recruiter)).status_code == 200
    assert len(await mails(council, WANTED)) == 2


async def test_nobody_is_written_to_before_the_candidate_who_wants_to_be_asked_agrees(council: Ats) -> None:
    reference, _, recruiter = await ask(council, asks_first=True)
    assert (reference["state"], await mails(council, WANTED)) == ("awaiting_consent", [])
    called = {"evidence_reference": "EDRMS-1", "employed_from": "2023-02-01"}
    early = await council.decide(f"/v1/references/{reference['id']}/record-off-service", recruiter, called)
    assert early.json()["code"] == "reference_not_open"
    [mail] = await mails(council, CONSENT)
    link = await by_link(council, mail.link)
    path = "/v1/my/reference-consents"
    assert [each["state"] for each in (await council.client.get(path, headers=link)).json()] == ["awaiting_consent"]
    agreed = await council.client.post(f"{path}/{reference['id']}/agree", headers=link)
    assert [each["state"] for each in agreed.json()] == ["requested"]
    assert len(await mails(council, WANTED)) == 1
    twice = await council.client.post(f"{path}/{reference['id']}/refuse", headers=link)
    assert (twice.status_code, twice.json()["code"]) == (409, "consent_answered")
    assert twice.json()["title"] == "You have answered already"
    again = await council.client.post(f"{path}/{reference['id']}/agree", headers=link)
    assert again.json()["code"] == "consent_answered"
    assert len(await mails(council, WANTED)) == 1


async def test_a_candidates_no_stands(council: Ats) -> None:
    reference, mine, recruiter = await ask(council, asks_first=True)
    [mail] = await mails(council, CONSENT)
    link = await by_link(council, mail.link)
    await council.client.post(f"/v1/my/reference-consents/{reference['id']}/refuse", headers=link)
    [shown] = (await references(council, mine))["references"]
    assert (shown["state"], shown["allowed_actions"]) == ("consent_refused", [])
    assert await mails(council, WANTED) == []
    assert (await council.decide(f"/v1/references/{reference['id']}/ask-again", recruiter)).status_code == 409


async def test_references_are_asked_of_people_on_the_shortlist_alone(council: Ats) -> None:
    recruiter = await council.staff(Role.RECRUITER)
    candidate = await council.apply(await council.live())
    refused = await council.decide(f"/v1/applications/{candidate['id']}/references", recruiter, referee())
    assert refused.json()["code"] == "stage_not_reachable"


async def test_a_referee_is_reminded_each_week_three_times_at_most(council: Ats) -> None:
    assert remind_referees in DUE
    await ask(council)
    for _ in range(5):
        council.services.clock.advance(timedelta(days=7))
        async with council.region() as session:
            await remind_referees(session, council.now)
    async with council.region() as session:
        told = await session.scalars(text(f"SELECT payload->>'reminder_no' FROM ats.events WHERE name = '{WANTED}'"))  # noqa: S608 - a name of ours
        assert sorted(told) == ["0", "1", "2", "3"]


async def test_a_candidates_leave_is_for_that_referee_alone_and_asked_anew_for_another(council: Ats) -> None:
    reference, _, recruiter = await ask(council, asks_first=True)
    [mail] = await mails(council, CONSENT)
    link = await by_link(council, mail.link)
    await council.client.post(f"/v1/my/reference-consents/{reference['id']}/agree", headers=link)
    [asked] = await mails(council, WANTED)
    moved = {"referee_name": "Someone Else", "referee_email": "else@other.example"}
    changed = await council.decide(f"/v1/references/{reference['id']}/change-address", recruiter, moved)
    assert changed.json()["state"] == "awaiting_consent"
    assert (await council.client.post("/v1/link-sessions", json={"token": token(asked.link)})).status_code == 410
    assert len(await mails(council, WANTED)) == 1
    assert len(await mails(council, CONSENT)) == 2


async def test_after_twelve_weeks_without_an_answer_whoever_asked_is_told_once(council: Ats) -> None:
    assert end_unanswered_references in DUE
    reference, mine, recruiter = await ask(council)
    for weeks in (11, 1, 1):
        council.services.clock.advance(timedelta(weeks=weeks))
        async with council.region() as session:
            await end_unanswered_references(session, council.now)
    [shown] = (await references(council, mine))["references"]
    assert (shown["state"], shown["version"]) == ("expired", reference["version"] + 1)
    assert [each.email for each in await mails(council, EXPIRED)] == [recruiter.email]
    async with council.region() as session:
        alerts = await session.execute(text("SELECT code, about_id::text, raised_at FROM ats.vacancy_alerts"))
        assert alerts.all() == [("reference_expired", reference["id"], council.now - timedelta(weeks=1))]
    again = await council.decide(f"/v1/references/{reference['id']}/ask-again", recruiter)
    assert again.json()["state"] == "requested"


async def test_a_referee_who_answered_in_time_is_not_expired(council: Ats) -> None:
    _, mine, _ = await ask(council)
    [mail] = await mails(council, WANTED)
    link = await by_link(council, mail.link)
    assert (await council.client.post("/v1/my/reference", json={"answers": answers()}, headers=link)).is_success
    council.services.clock.advance(timedelta(weeks=13))
    async with council.region() as session:
        await end_unanswered_references(session, council.now)
    assert (await references(council, mine))["references"][0]["state"] == "received"


async def test_complete_references_over_three_years_complete_the_evidence_of_the_check_that_staff_decide(
    council: Ats,
) -> None:
    reference, mine, recruiter = await ask(council, employed_from="2023-01-01", employed_to=None)
    offer = (await council.decide(f"/v1/applications/{mine}/offers", recruiter, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", recruiter)
    came = {"evidence_reference": "EDRMS/77", "employed_from": "2023-01-01"}
    await council.decide(f"/v1/references/{reference['id']}/record-off-service", recruiter, came)
    assert (await check_on_references(council, mine))["evidence_reference"] is None
    await council.decide(f"/v1/references/{reference['id']}/complete", recruiter)
    check = await check_on_references(council, mine)
    number = (await application(council, mine))["reference"]
    assert (check["outcome"], check["method"]) == ("outstanding", "references_received")
    assert check["evidence_reference"] == f"References {number}"
    headers = council.headers(Scope.APPLICATIONS_READ)
    history = (await council.client.get(f"/v1/checks/{check['id']}/history", headers=headers)).json()
    assert [each["step"] for each in history] == ["evidence_complete"]


async def test_references_complete_before_the_offer_are_the_evidence_when_the_checks_are_set_out(council: Ats) -> None:
    reference, mine, recruiter = await ask(council, employed_from="2023-01-01", employed_to=None)
    came = {"evidence_reference": "EDRMS/77", "employed_from": "2023-01-01"}
    await council.decide(f"/v1/references/{reference['id']}/record-off-service", recruiter, came)
    await council.decide(f"/v1/references/{reference['id']}/complete", recruiter)
    offer = (await council.decide(f"/v1/applications/{mine}/offers", recruiter, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", recruiter)
    assert (await check_on_references(council, mine))["method"] == "references_received"


@pytest.mark.parametrize("contract", list(ContractKind))
@pytest.mark.parametrize("engagement", [Engagement.EXTERNAL, Engagement.AGENCY, Engagement.TEMPORARY])
def test_no_kind_of_contract_and_no_agency_is_exempt_from_references(
    contract: ContractKind, engagement: Engagement
) -> None:
    post = Post.of(make_vacancy(contract=contract))
    required = required_checks(REGION_DEFAULT, post, Person(engagement, has_lived_abroad=False))
    assert CheckKind.REFERENCES in {each.kind for each in required}


async def test_a_temporary_worker_is_asked_about_like_anybody(council: Ats) -> None:
    mine, recruiter = await shortlisted(council, contract="casual")
    made = await council.decide(f"/v1/applications/{mine}/references", recruiter, referee())
    assert made.json()["state"] == "requested"


async def test_only_a_recruiter_and_the_named_hiring_manager_read_it_and_each_reading_is_audited(council: Ats) -> None:
    named, other = await council.staff(Role.HIRING_MANAGER), await council.staff(Role.HIRING_MANAGER)
    mine, recruiter = await shortlisted(council, hiring_manager_id=str(named.id))
    reference = (await council.decide(f"/v1/applications/{mine}/references", recruiter, referee())).json()
    [mail] = await mails(council, WANTED)
    link = await by_link(council, mail.link)
    body = {"answers": answers(anything_else="Somewhat late")}
    await council.client.post("/v1/my/reference", json=body, headers=link)
    for person, status in ((recruiter, 200), (named, 200), (other, 403), (await council.staff(Role.COUNCIL_HR), 403)):
        answer = await read(council, reference, person)
        assert answer.status_code == status, answer.text
        assert ("Somewhat late" in answer.text) is (status == 200)
    async with council.region() as session:
        readers = await session.scalars(
            text("SELECT actor_id::text FROM ats.audit_entries WHERE action = 'reference_read' ORDER BY id")
        )
        assert readers.all() == [str(recruiter.id), str(named.id)]


async def test_three_years_are_covered_by_complete_references_and_explanations_and_gaps_are_shown(council: Ats) -> None:
    reference, mine, recruiter = await ask(council, employed_from="2024-06-01")
    assert [(each["first_on"], each["last_on"]) for each in (await references(council, mine))["gaps"]] == [
        ("2023-11-17", "2026-11-16")
    ]
    came = {"evidence_reference": "EDRMS/77", "employed_from": "2024-06-01", "employed_to": "2026-10-31"}
    url = f"/v1/references/{reference['id']}"
    assert (await council.decide(f"{url}/record-off-service", recruiter, came)).json()["state"] == (
        "received_off_service"
    )
    assert (await council.decide(f"{url}/complete", recruiter)).json()["completed_by"] == str(recruiter.id)
    assert [(each["first_on"], each["last_on"]) for each in (await references(council, mine))["gaps"]] == [
        ("2023-11-17", "2024-05-31")
    ]
    gap = {"first_on": "2023-11-01", "last_on": "2024-04-30", "explanation": "Cared for a parent"}
    explained = await council.decide(f"/v1/applications/{mine}/explain-gap", recruiter, gap)
    assert explained.json()["gaps"] == []


async def test_a_slip_on_the_referees_page_loses_nothing_and_needs_no_script(council: Ats) -> None:
    await ask(council, form="social_care")
    [mail] = await mails(council, WANTED)
    assert (await council.client.post(local(mail.link))).headers["location"] == "/my-reference"
    page = await council.client.get("/my-reference")
    assert "Was a safeguarding allegation ever made" in page.text
    form = {name: value for name, value in answers(ReferenceForm.SOCIAL_CARE).items() if "employed" not in name}
    form |= {"csrf_token": token_of(page), "reason_for_leaving": "A longer way to work"}
    form |= {"employed_from-day": "1", "employed_from-month": "3", "employed_from-year": "2023"}
    slip = await council.client.post("/my-reference", data=form | {"is_able": ""})
    assert slip.status_code == 422
    assert "A longer way to work" in slip.text
    assert 'value="2023"' in slip.text
    done = await council.client.post("/my-reference", data=form)
    assert (done.status_code, "Your reference has been received" in done.text) == (200, True)


async def test_staff_ask_and_complete_on_pages(council: Ats) -> None:
    mine, recruiter = await shortlisted(council)
    await sign_in(council, recruiter.email)
    path = f"/applications/{mine}/references"
    form = {"csrf_token": token_of(await council.client.get(path)), "referee_name": "Morgan Lee", "form": "general"}
    slip = await council.client.post(path, data=form)
    assert (slip.status_code, 'value="Morgan Lee"' in slip.text) == (422, True)
    form |= {"referee_email": "morgan@former.example", "organisation": "Former Council", "asks_first": "false"}
    form |= {"employed_from-day": "1", "employed_from-month": "2", "employed_from-year": "2023"}
    assert (await council.client.post(path, data=form)).status_code == 303
    [reference] = (await references(council, mine))["references"]
    page = await council.client.get(f"/references/{reference['id']}")
    came = {"csrf_token": token_of(page), "evidence_reference": "EDRMS/9"}
    came |= {"employed_from-day": "1", "employed_from-month": "2", "employed_from-year": "2023"}
    await council.client.post(f"/references/{reference['id']}/record-off-service", data=came)
    said = await council.client.get(f"/references/{reference['id']}/answers")
    assert "EDRMS/9" in said.text


async def test_a_referee_whose_link_is_spent_asks_for_another(council: Ats) -> None:
    await ask(council)
    assert (await council.client.get("/my-reference-link")).status_code == 200
    for email in ("morgan.lee@former.example", "nobody@former.example"):
        assert (await council.client.post("/my-reference-link", data={"email": email})).status_code == 200
    assert [each.email for each in await mails(council, WANTED)] == ["morgan.lee@former.example"] * 2


@pytest.mark.parametrize("form", list(ReferenceForm))
def test_each_form_takes_what_is_whole_and_names_what_is_not(form: ReferenceForm) -> None:
    kept, wrong = read_answers(FORMS[form, 1], answers(form), TODAY)
    assert wrong == []
    assert "why_not_re_employ" not in kept
    _, missing = read_answers(FORMS[form, 1], {}, TODAY)
    required = {each.id for each in FORMS[form, 1] if each.is_required and each.only_after is None}
    assert {each.question for each in missing} == required


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"rating_reliability": "excellent"}, "rating_reliability"),
        ({"employed_from": "2026-02-30"}, "employed_from"),
        ({"employed_from": "2026-11-17", "employed_to": ""}, "employed_from"),
        ({"employed_to": "2023-01-01"}, "employed_to"),
        ({"would_re_employ": "no", "why_not_re_employ": ""}, "why_not_re_employ"),
        ({"anything_else": "x" * 4001}, "anything_else"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named(changes: dict[str, str], question: str) -> None:
    _, wrong = read_answers(FORMS[ReferenceForm.GENERAL, 1], answers(**changes), TODAY)
    assert [each.question for each in wrong] == [question]
