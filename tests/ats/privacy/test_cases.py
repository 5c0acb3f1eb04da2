"""A person's request about their own data, answered by all three services and signed at its end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import pytest
from anyio import to_thread
from sqlalchemy import func, select, text, update

from services.ats.applications.models import Application, CandidateContact, PoolMember
from services.ats.audit.models import AuditEntry
from services.ats.drafts.models import ApplicationDraft
from services.ats.files.models import Document, DocumentState
from services.ats.files.storage import ContentStore, StoreAway
from services.ats.panels.models import ModerationNote, ScoreSheet
from services.ats.privacy import manifests, rules
from services.ats.privacy.due import chase_answers, delete_exports
from services.ats.privacy.models import CasePart, DataExport, DataSubjectCase
from services.clearing.registrations.models import Registration
from services.notifications.deliveries.models import Delivery
from shared.database import transaction
from shared.events.privacy import DataSubjectCaseOpened
from shared.sealing import person_key
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.ats.desk.test_pages import sign_in, token_of
from tests.ats.documents.conftest import by_link
from tests.ats.drafts.begun import begin, board
from tests.ats.privacy.post import Post
from tests.ats.reserve_lists.test_reserve_lists import Listed
from tests.clearing.conftest import Scene
from tests.factories.ats import DUD, SAW, Ats
from tests.factories.identity import grant, local, make_staff

AMARA = "amara.osei@people.example"
OPENED = "ats.data_subject_case_opened.v1"
READY = "ats.data_export_ready.v1"
CLOSED = "ats.data_subject_case_closed.v1"


@pytest.fixture
def post(council: Ats) -> Post:
    return Post(council.services)


@pytest.fixture
async def officer(council: Ats) -> Ats:
    """Signed in as WME's administrator, who speaks for all employers."""
    async with council.region() as session:
        person = await make_staff(session, grant(Role.WME_ADMIN), email="rose@wme.example", name="Rose Tyler")
    await sign_in(council, person.email)
    return council


async def send(council: Ats, path: str, body: Any) -> httpx.Response:
    """From a page of the service, as its script would."""
    token = token_of(await council.client.get("/data-requests"))
    return await council.client.post(path, json=body, headers={"X-CSRF-Token": token})


async def ask(council: Ats, kind: str = "access", email: str = AMARA, **more: Any) -> dict[str, Any]:
    body = {"kind": kind, "email": email, "name": "Amara Osei", "confirmed_by": "documents"} | more
    answer = await send(council, "/v1/data-subject-cases", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def read(council: Ats, case: dict[str, Any]) -> dict[str, Any]:
    answer = await council.client.get(f"/v1/data-subject-cases/{case['id']}")
    assert answer.status_code == 200, answer.text
    return {**answer.json(), "by": {part["service"]: part for part in answer.json()["parts"]}}


async def everywhere(council: Ats, post: Post, clearing: httpx.AsyncClient) -> str:
    """Amara applies, is written to, and is registered as displaced. The application's id."""
    vacancy = await council.live()
    made = await council.apply(vacancy, email=AMARA, supporting_statement="ocelot statement")
    scene = Scene(council.services, clearing)
    await scene.register(email=AMARA, name="Amara Osei")
    await post.deliver()
    return made["id"]


async def stored(council: Ats, service: Service, query: Any) -> Any:
    async with transaction(council.services.sessions[service], REGION) as session:
        return (await session.execute(query)).scalars().all()


async def export_of(council: Ats, post: Post) -> httpx.Response:
    """Follow the link of the newest mail and press its button."""
    (*_, contact) = await post.sealed(READY)
    council.client.cookies.clear()
    opened = await council.client.post(local(contact.link))
    assert (opened.status_code, opened.headers["location"]) == (303, "/my-data-export")
    page = await council.client.get("/my-data-export")
    return await council.client.post("/my-data-export", data={"csrf_token": token_of(page)})


async def test_an_export_holds_what_all_three_services_hold(
    officer: Ats, post: Post, clearing: httpx.AsyncClient
) -> None:
    application_id = await everywhere(officer, post, clearing)
    case = await ask(officer)
    await post.deliver()
    done = await read(officer, case)
    assert done["closed_at"] is not None
    assert {service: bool(part["held"]) for service, part in done["by"].items()} == dict.fromkeys(Service, True)
    fetched = await export_of(officer, post)
    assert fetched.headers["content-type"] == "application/zip"
    archive = ZipFile(BytesIO(fetched.content))
    data = json.loads(archive.read("data.json"))
    (own,) = data["ats"]["applications"]
    assert (own["id"], own["supporting_statement"]) == (application_id, "ocelot statement")
    assert data["ats"]["candidate_contacts"][0]["email"] == AMARA
    assert data["clearing"]["registrations"][0]["name"] == "Amara Osei"
    assert data["clearing"]["redundancy_costs"][0]["born_on"] == "1981-05-14"
    assert data["notifications"]["deliveries"][0]["contents"]["address"] == AMARA
    assert "person_key" not in archive.read("data.json").decode()
    page = archive.read("data.html").decode()
    assert "ocelot statement" in page
    assert 'lang="en"' in page
    signed = json.loads(archive.read("manifest.json"))
    assert signed["manifest"]["data_json_sha256"] == hashlib.sha256(archive.read("data.json")).hexdigest()
    assert manifests.is_signed(signed["manifest"], signed["signature"])


async def test_what_somebody_began_and_never_sent_is_shown_and_erased(officer: Ats, post: Post) -> None:
    vacancy = await officer.live()
    application = {"supporting_statement": "ocelot draft"}
    await begin(officer, vacancy, email=AMARA, application=application)
    await post.deliver()
    case = await ask(officer)
    await post.deliver()
    assert (await read(officer, case))["by"]["ats"]["held"] == {"application_drafts": 1}
    data = json.loads(ZipFile(BytesIO((await export_of(officer, post)).content)).read("data.json"))
    assert "ocelot draft" in json.dumps(data["ats"]["application_drafts"])
    await sign_in(officer, "rose@wme.example")
    await ask(officer, "erasure")
    await post.deliver()
    assert await stored(officer, Service.ATS, select(ApplicationDraft)) == []


async def test_an_export_is_fetched_once_and_then_gone(officer: Ats, post: Post, clearing: httpx.AsyncClient) -> None:
    await everywhere(officer, post, clearing)
    await ask(officer)
    await post.deliver()
    assert (await export_of(officer, post)).status_code == 200
    page = await officer.client.get("/my-data-export")
    again = await officer.client.post("/my-data-export", data={"csrf_token": token_of(page)})
    assert again.status_code == 410
    assert await stored(officer, Service.ATS, select(DataExport.case_id)) == []
    (*_, contact) = await post.sealed(READY)
    assert (await officer.client.post(local(contact.link))).status_code == 410


async def test_an_export_that_nobody_fetches_is_deleted_when_its_time_is_over(
    officer: Ats, post: Post, clearing: httpx.AsyncClient
) -> None:
    await everywhere(officer, post, clearing)
    await ask(officer)
    await post.deliver()
    now = officer.services.clock.advance(rules.EXPORT_KEPT - timedelta(seconds=1))
    for at, left in ((now, 1), (now + timedelta(seconds=1), 0)):
        async with officer.region() as session:
            await delete_exports(session, at)
        assert len(await stored(officer, Service.ATS, select(DataExport.case_id))) == left


async def test_what_a_case_held_of_the_person_goes_with_its_end(
    officer: Ats, post: Post, clearing: httpx.AsyncClient
) -> None:
    await everywhere(officer, post, clearing)
    await ask(officer)
    (open_case,) = await stored(officer, Service.ATS, select(DataSubjectCase))
    assert open_case.email == AMARA
    await post.deliver()
    (case,) = await stored(officer, Service.ATS, select(DataSubjectCase).execution_options(populate_existing=True))
    assert (case.name, case.email, case.right_name, case.right_email) == (None, None, None, None)
    assert await stored(officer, Service.ATS, select(CasePart.records)) == [None] * 3


async def test_an_erasure_leaves_nothing_of_the_person_in_any_service(
    officer: Ats, post: Post, clearing: httpx.AsyncClient
) -> None:
    application_id = await everywhere(officer, post, clearing)
    async with transaction(officer.services.sessions[Service.NOTIFICATIONS], REGION) as session:
        await session.execute(text("UPDATE notifications.deliveries SET state = 'sent', ended_at = created_at"))
    assert await stored(officer, Service.NOTIFICATIONS, select(Delivery.id))
    case = await ask(officer, "erasure")
    await post.deliver(OPENED, "clearing.data_subject_case_answered.v1", "notifications.data_subject_case_answered.v1")
    done = await read(officer, case)
    assert done["closed_at"] is not None
    assert [part["kept"] for part in done["parts"]] == [{}] * 3
    (application,) = await stored(officer, Service.ATS, select(Application))
    assert (str(application.id), application.stage.value) == (application_id, "withdrawn")
    assert (application.answers, application.supporting_statement) == ([], "")
    assert application.person_key != person_key(AMARA)
    assert await stored(officer, Service.ATS, select(CandidateContact)) == []
    (person,) = await stored(officer, Service.CLEARING, select(Registration))
    assert (person.name, person.email, person.state.value) == ("Erased", "", "closed")
    assert person.person_key != person_key(AMARA)
    assert await stored(officer, Service.NOTIFICATIONS, select(Delivery.contents)) == [None]
    again = await ask(officer)
    await post.deliver(OPENED, "clearing.data_subject_case_answered.v1", "notifications.data_subject_case_answered.v1")
    assert [part["held"] for part in (await read(officer, again))["parts"]] == [{}] * 3


async def test_whoever_asks_to_be_erased_has_left_the_talent_pool_also_where_an_application_is_kept(
    officer: Ats, post: Post
) -> None:
    made = await officer.apply(await officer.live(), email=AMARA, talent_pool_opt_in="region")
    await officer.apply(await officer.live(employer="DUD"), email=AMARA, talent_pool_opt_in="region")
    async with officer.region() as session:
        # A contract keeps this one.
        of_them = update(Application).where(Application.id == UUID(made["id"]))
        await session.execute(of_them.values(stage="accepted"))
    await ask(officer, "erasure")
    assert len(await stored(officer, Service.ATS, select(CandidateContact))) == 1
    assert await stored(officer, Service.ATS, select(PoolMember)) == []


async def test_an_erasure_takes_the_person_off_the_reserve_list(officer: Ats, post: Post) -> None:
    listed = await Listed.of(officer, count=2)
    await listed.reserve(0, 1)
    async with officer.region() as session:
        of_them = update(Application).where(Application.id == UUID(listed.people[0]["id"]))
        await session.execute(of_them.values(person_key=person_key(AMARA)))
    await ask(officer, "erasure")
    assert await listed.ranked() == [1]
    assert (await listed.read(0))["stage"] == "withdrawn"


async def test_a_listing_that_was_not_told_yet_is_in_no_export(officer: Ats, post: Post) -> None:
    listed = await Listed.of(officer, count=1)
    await listed.reserve(0)
    async with officer.region() as session:
        of_them = update(Application).where(Application.id == UUID(listed.people[0]["id"]))
        await session.execute(of_them.values(person_key=person_key(AMARA)))
    for stage, entries in (("interview", 0), ("reserve_listed", 1)):
        await ask(officer)
        await post.deliver()
        data = json.loads(ZipFile(BytesIO((await export_of(officer, post)).content)).read("data.json"))["ats"]
        assert [each["stage"] for each in data["applications"]] == [stage]
        assert len(data.get("reserve_entries", [])) == entries
        await listed.pass_delay()
        officer.client.cookies.clear()
        await sign_in(officer, "rose@wme.example")


async def test_words_about_the_person_go_and_what_was_decided_stays(officer: Ats, post: Post) -> None:
    vacancy = await officer.live()
    made = await officer.apply(vacancy, email=AMARA)
    scores = [{"criterion_id": "E1", "score": 3, "note": "ocelot"}]
    async with officer.region() as session:
        facts = {"employer_id": SAW, "vacancy_id": UUID(vacancy["id"]), "application_id": UUID(made["id"])}
        staff_id = UUID(int=7)
        session.add(ScoreSheet(**facts, staff_id=staff_id, saved_at=officer.now, scores=scores))
        session.add(ModerationNote(**facts, staff_id=staff_id, note="ocelot", noted_at=officer.now))
    await ask(officer, "erasure")
    assert await stored(officer, Service.ATS, select(ScoreSheet.scores)) == [[scores[0] | {"note": ""}]]
    assert await stored(officer, Service.ATS, select(ModerationNote.note)) == [""]


async def test_an_erasure_changes_neither_counts_nor_the_clock(officer: Ats, post: Post) -> None:
    recruiter = await officer.staff(Role.RECRUITER)
    vacancy = await officer.live()
    await officer.at_interview(vacancy, recruiter)
    rejected = await officer.apply(vacancy, email=AMARA)
    body = {"reason_code": "stronger_candidates"}
    assert (await officer.decide(f"/v1/applications/{rejected['id']}/reject", recruiter, body)).status_code == 200
    await post.deliver()
    before = await figures(officer)
    case = await ask(officer, "erasure")
    await post.deliver()
    assert (await read(officer, case))["by"]["ats"]["changed"]["candidate_contacts"] == 1
    assert await figures(officer) == before


async def figures(council: Ats) -> Any:
    headers = council.headers(Scope.REPORTS_READ, employers=("SAW",))
    report = await council.client.get("/v1/reports/time-to-hire", headers=headers)
    assert report.status_code == 200, report.text
    by_stage = select(Application.stage, func.count()).group_by(Application.stage)
    async with council.region() as session:
        counts = {row[0]: row[1] for row in await session.execute(by_stage)}
        log = await session.scalar(text("SELECT count(*) FROM ats.hiring_log"))
    return report.json(), counts, log


async def test_a_legal_hold_keeps_what_the_employer_has_in_every_service(
    officer: Ats, post: Post, clearing: httpx.AsyncClient
) -> None:
    application_id = await everywhere(officer, post, clearing)
    held = await send(officer, f"/v1/applications/{application_id}/legal-holds", {"reason": "Tribunal claim"})
    assert held.status_code == 201, held.text
    case = await ask(officer, "erasure")
    await post.deliver(OPENED)
    kept = {service: part["kept"] for service, part in (await read(officer, case))["by"].items()}
    assert kept["ats"] == {"legal_hold": 1}
    await post.deliver("clearing.data_subject_case_answered.v1", "notifications.data_subject_case_answered.v1")
    done = await read(officer, case)
    assert [part["kept"] for part in done["parts"]] == [{"legal_hold": 1}, {"legal_hold": 1}, {"legal_hold": 1}]
    (contact,) = await stored(officer, Service.ATS, select(CandidateContact.email))
    (person,) = await stored(officer, Service.CLEARING, select(Registration.email))
    assert (contact, person) == (AMARA, AMARA)
    lifted = await send(officer, f"/v1/legal-holds/{held.json()['id']}/lift", {})
    assert lifted.json()["lifted_at"] is not None
    assert (await send(officer, f"/v1/legal-holds/{held.json()['id']}/lift", {})).status_code == 409
    await ask(officer, "erasure")
    assert await stored(officer, Service.ATS, select(CandidateContact.email)) == []


async def test_what_a_contract_needs_is_kept(officer: Ats, post: Post) -> None:
    recruiter = await officer.staff(Role.RECRUITER)
    vacancy = await officer.live()
    (chosen,) = await officer.at_interview(vacancy, recruiter)
    async with officer.region() as session:
        email = await session.scalar(select(CandidateContact.email))
    offer = await officer.decide(f"/v1/applications/{chosen['id']}/offers", recruiter, officer.terms())
    assert offer.status_code == 201, offer.text
    assert email is not None
    case = await ask(officer, "erasure", email)
    assert (await read(officer, case))["by"]["ats"]["kept"] == {"contract": 1}
    assert await stored(officer, Service.ATS, select(CandidateContact.email)) == [email]


async def test_a_rectification_puts_name_and_address_right_everywhere(
    officer: Ats, post: Post, clearing: httpx.AsyncClient
) -> None:
    await everywhere(officer, post, clearing)
    right = {"right_name": "Amara Osei-Mensah", "right_email": "amara@new.example"}
    case = await ask(officer, "rectification", **right)
    await post.deliver()
    done = await read(officer, case)
    assert done["by"]["ats"]["changed"] == {"candidate_contacts": 1, "applications": 1}
    assert done["by"]["clearing"]["changed"] == {"registrations": 1}
    assert "as_it_was_said" in done["by"]["notifications"]["kept"]
    (contact,) = await stored(officer, Service.ATS, select(CandidateContact))
    (person,) = await stored(officer, Service.CLEARING, select(Registration))
    for each in (contact, person):
        assert (each.name, each.email) == (right["right_name"], right["right_email"])
    assert person.person_key == person_key("amara@new.example")
    (told,) = await post.sealed(CLOSED)
    assert told.email == "amara@new.example"


async def test_a_letter_that_comes_again_changes_nothing(officer: Ats, post: Post, clearing: httpx.AsyncClient) -> None:
    await everywhere(officer, post, clearing)
    case = await ask(officer, "erasure")
    await post.deliver()
    done = await read(officer, case)
    await post.again(OPENED)
    await post.deliver()
    await post.again("clearing.data_subject_case_answered.v1")
    await post.again("notifications.data_subject_case_answered.v1")
    assert await read(officer, case) == done
    assert len(await post.sealed(CLOSED)) == 1


async def test_a_service_that_does_not_answer_is_shown_and_asked_again(
    officer: Ats, post: Post, clearing: httpx.AsyncClient
) -> None:
    await everywhere(officer, post, clearing)
    post.away.add(Service.CLEARING)
    case = await ask(officer)
    await post.deliver()
    waiting = await read(officer, case)
    assert (waiting["closed_at"], waiting["by"]["clearing"]["answered_at"]) == (None, None)
    assert waiting["by"]["notifications"]["answered_at"] is not None
    for passed, asks in ((59, 1), (2, 2), (60 * 24, 3)):
        officer.services.clock.advance(timedelta(minutes=passed))
        async with officer.region() as session:
            await chase_answers(session, officer.now)
        assert (await read(officer, case))["by"]["clearing"]["asks"] == asks
    assert "No answer: asked 3 times" in (await officer.client.get(f"/data-requests/{case['id']}")).text
    assert len(await officer.events(DataSubjectCaseOpened)) == 3
    noted = select(AuditEntry.reason).where(AuditEntry.action == "case_answer_chased")
    assert await stored(officer, Service.ATS, noted) == ["clearing has not answered"] * 2
    post.away.clear()
    await post.deliver()
    assert (await read(officer, case))["closed_at"] is not None
    assert len(await post.sealed(READY)) == 1


async def test_a_manifest_that_was_changed_is_not_ours(
    officer: Ats, post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await officer.apply(await officer.live(), email=AMARA)
    case = await ask(officer)
    open_still = await officer.client.get(f"/v1/data-subject-cases/{case['id']}/manifest")
    assert open_still.json()["code"] == "case_still_open"
    await post.deliver()
    signed = (await officer.client.get(f"/v1/data-subject-cases/{case['id']}/manifest")).json()
    for name, value in officer.services.parts.environment().items():
        monkeypatch.setenv(name, value)
    for change, code in ((lambda told: told, 0), (lambda told: told | {"kind": "erasure"}, 1)):
        file = tmp_path / "manifest.json"
        file.write_text(json.dumps({**signed, "manifest": change(signed["manifest"])}))
        assert await to_thread.run_sync(manifests.main, [str(file)]) == code
    file.write_text("[]")
    assert await to_thread.run_sync(manifests.main, [str(file)]) == 2


async def test_a_council_sees_and_erases_its_own_and_nobody_elses(council: Ats, post: Post) -> None:
    for employer in ("SAW", "DUD"):
        await council.apply(await council.live(employer=employer), email=AMARA)
    admin = await council.staff(Role.COUNCIL_ADMIN)
    await sign_in(council, admin.email)
    refused = await send(
        council,
        "/v1/data-subject-cases",
        {"kind": "access", "email": AMARA, "name": "A", "confirmed_by": "documents", "employer": "DUD"},
    )
    assert (refused.status_code, refused.json()["code"]) == (404, "employer_not_known")
    assert "employer" in refused.text
    form = {"kind": "access", "email": AMARA, "name": "A", "confirmed_by": "documents", "employer": "DUD"}
    form["csrf_token"] = token_of(await council.client.get("/data-requests"))
    on_page = await council.client.post("/data-requests", data=form)
    assert (on_page.status_code, "Choose an employer of yours" in on_page.text) == (422, True)
    opened = await council.client.post("/data-requests", data=form | {"employer": "SAW"})
    assert opened.status_code == 303
    assert "What each service answered" in (await council.client.get(opened.headers["location"])).text
    case = await ask(council, "erasure")
    assert case["employer_id"] == str(SAW)
    await post.deliver()
    assert await stored(council, Service.ATS, select(CandidateContact.employer_id)) == [DUD]
    council.client.cookies.clear()
    other = await council.staff(Role.COUNCIL_ADMIN, "DUD")
    await sign_in(council, other.email)
    assert (await council.client.get(f"/v1/data-subject-cases/{case['id']}")).status_code == 404


async def test_nobody_opens_a_case_on_an_address_alone(officer: Ats) -> None:
    body = {"kind": "erasure", "email": AMARA, "name": "Amara"}
    for more in ({}, {"confirmed_by": "own_link"}):
        assert (await send(officer, "/v1/data-subject-cases", body | more)).status_code == 422
    recruiter = await officer.staff(Role.RECRUITER)
    officer.client.cookies.clear()
    await sign_in(officer, recruiter.email)
    assert (await officer.client.get("/data-requests")).status_code == 403


async def test_a_rectification_says_what_is_right_and_nothing_else_does(officer: Ats) -> None:
    body = {"email": AMARA, "name": "Amara", "confirmed_by": "documents"}
    for wrong in ({"kind": "rectification"}, {"kind": "access", "right_name": "Amara O"}):
        assert (await send(officer, "/v1/data-subject-cases", body | wrong)).status_code == 422


async def test_a_person_asks_by_their_own_link_for_every_employer(council: Ats, post: Post) -> None:
    for employer in ("SAW", "DUD"):
        await council.apply(await council.live(employer=employer), email=AMARA)
    received = await post.sealed("ats.application_received.v1")
    opened = await council.client.post(local(received[0].link))
    assert opened.status_code == 303
    page = await council.client.get("/my-application")
    assert "/my-data" in page.text
    form = await council.client.get("/my-data")
    assert (await council.client.post("/my-data", data={"csrf_token": token_of(form)})).status_code == 422
    asked = await council.client.post("/my-data", data={"csrf_token": token_of(form), "kind": "access"})
    assert "We have your request" in asked.text
    twice = await council.client.post("/my-data", data={"csrf_token": token_of(form), "kind": "access"})
    assert twice.status_code == 200
    (case,) = await stored(council, Service.ATS, select(DataSubjectCase))
    assert (case.employer_id, case.confirmed_by.value) == (None, "own_link")
    await post.deliver()
    data = json.loads(ZipFile(BytesIO((await export_of(council, post)).content)).read("data.json"))
    assert {each["employer_id"] for each in data["ats"]["applications"]} == {str(SAW), str(DUD)}


async def test_an_export_shows_no_rejection_before_its_employer_tells_it(officer: Ats, post: Post) -> None:
    recruiter = await officer.staff(Role.RECRUITER)
    vacancy = await officer.live()
    made = await officer.apply(vacancy, email=AMARA)
    body = {"reason_code": "stronger_candidates"}
    assert (await officer.decide(f"/v1/applications/{made['id']}/reject", recruiter, body)).status_code == 200
    async with officer.region() as session:
        await session.execute(text("UPDATE ats.rejections SET told_at = NULL"))
    await ask(officer)
    await post.deliver()
    data = json.loads(ZipFile(BytesIO((await export_of(officer, post)).content)).read("data.json"))
    (own,) = data["ats"]["applications"]
    assert (own["stage"], own["rejection_reason"], data["ats"].get("rejections", [])) == ("submitted", None, [])


@pytest.mark.parametrize(
    ("opened", "due"), [((2026, 1, 31), (2026, 2, 28)), ((2026, 12, 15), (2027, 1, 15)), ((2028, 1, 30), (2028, 2, 29))]
)
def test_an_answer_is_due_one_month_after_the_request(opened: Any, due: Any) -> None:
    at: Callable[..., datetime] = lambda *day: datetime(*day, 9, 0, tzinfo=UTC)  # noqa: E731
    assert rules.answer_due_at(at(*opened)) == at(*due)


async def with_a_document(council: Ats, name: str, content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Amara's application and the document that she sent with it."""
    made = await council.apply(await council.live(), email=AMARA)
    headers = await by_link(council, made)
    sent = await council.client.post("/v1/documents", files={"file": (name, content)}, headers=headers)
    assert sent.status_code == 201, sent.text
    return made, sent.json()


async def contents(council: Ats) -> list[str]:
    """The names of everything in the store."""
    store = council.services.app(Service.ATS).state.documents.store
    return [key async for keys in store.older_than(datetime.now(UTC) + timedelta(days=1)) for key in keys]


async def test_an_export_holds_the_contents_of_documents_and_says_what_is_left_out(officer: Ats, post: Post) -> None:
    made, kept = await with_a_document(officer, "My CV.txt", b"ocelot words")
    headers = await by_link(officer, made)
    harmful = await officer.client.post("/v1/documents", files={"file": ("harm.txt", b"harm")}, headers=headers)
    async with officer.region() as session:
        is_it = Document.id == UUID(harmful.json()["id"])
        await session.execute(update(Document).where(is_it).values(state=DocumentState.MALICIOUS))
    draft = await begin(officer, await officer.live(), email=AMARA)
    path = f"/v1/drafts/{draft['id']}/documents"
    begun = await officer.client.post(path, files={"file": ("begun.txt", b"ocelot draft")}, headers=board(officer))
    assert begun.status_code == 201, begun.text
    case = await ask(officer)
    await post.deliver()
    assert (await read(officer, case))["by"]["ats"]["held"]["documents"] == 3
    archive = ZipFile(BytesIO((await export_of(officer, post)).content))
    listed = {each["id"]: each for each in json.loads(archive.read("data.json"))["ats"]["documents"]}
    assert listed.keys() == {kept["id"], harmful.json()["id"], begun.json()["id"]}
    folder = {name: archive.read(name) for name in archive.namelist() if name.startswith("documents/")}
    assert folder.pop("documents/left-out.txt").startswith(b"harm.txt: The document was harmful")
    assert folder == {"documents/01-My CV.txt": b"ocelot words", "documents/03-begun.txt": b"ocelot draft"}


async def test_an_export_whose_documents_cannot_be_read_now_can_still_be_fetched_later(
    officer: Ats, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_a_document(officer, "My CV.txt", b"ocelot words")
    await ask(officer)
    await post.deliver()

    async def away(*_: Any) -> bytes:
        raise StoreAway

    with monkeypatch.context() as broken:
        broken.setattr(ContentStore, "get", away)
        assert (await export_of(officer, post)).status_code == 503
    page = await officer.client.get("/my-data-export")
    again = await officer.client.post("/my-data-export", data={"csrf_token": token_of(page)})
    assert ZipFile(BytesIO(again.content)).read("documents/01-My CV.txt") == b"ocelot words"


async def test_an_erasure_deletes_the_contents_of_documents_at_once_also_of_drafts(officer: Ats, post: Post) -> None:
    before = set(await contents(officer))
    await with_a_document(officer, "CV.txt", b"ocelot words")
    draft = await begin(officer, await officer.live(), email=AMARA)
    path = f"/v1/drafts/{draft['id']}/documents"
    sent = await officer.client.post(path, files={"file": ("a.txt", b"ocelot draft")}, headers=board(officer))
    assert sent.status_code == 201, sent.text
    others = await officer.apply(await officer.live())
    other = await officer.client.post(
        "/v1/documents", files={"file": ("b.txt", b"another's")}, headers=await by_link(officer, others)
    )
    assert len(set(await contents(officer)) - before) == 3
    case = await ask(officer, "erasure")
    assert (await read(officer, case))["by"]["ats"]["changed"]["documents"] == 2
    async with officer.region() as session:
        (left,) = (await session.scalars(select(Document))).all()
    assert str(left.id) == other.json()["id"]
    assert set(await contents(officer)) - before == {left.storage_key}


async def test_a_request_to_see_deletes_no_contents(officer: Ats, post: Post) -> None:
    _, sent = await with_a_document(officer, "CV.txt", b"ocelot words")
    before = set(await contents(officer))
    await ask(officer)
    assert set(await contents(officer)) == before
    assert await stored(officer, Service.ATS, select(Document.id)) == [UUID(sent["id"])]
