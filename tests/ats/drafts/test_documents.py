"""Documents of drafts: sent for one, named in its answers, gone with it."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select, update

from services.ats.applications.models import Application
from services.ats.audit.models import AuditEntry
from services.ats.documents.quarantine import sweep
from services.ats.drafts.due import forget_drafts
from services.ats.drafts.models import ApplicationDraft
from services.ats.files import quota
from services.ats.files.kinds import MEGABYTE
from services.ats.files.models import Document, DocumentState
from shared.vocabulary import Service
from tests.ats.documents.conftest import by_link
from tests.ats.drafts.begun import AMARA, READY, bearer_of, begin, board, drafts, links, save, submit
from tests.ats.drafts.test_pages import HTML, begin_here, post, typed_of
from tests.conftest import Services
from tests.factories import documents as make
from tests.factories.ats import Ats

FORM = {
    "questions": [
        {"question_id": "certificate", "label": "Your certificate", "kind": "file", "is_required": True},
        {"question_id": "work", "label": "A piece of your work", "kind": "file_or_text", "max_length": 20},
        {"question_id": "why", "label": "Why this job", "kind": "short_text"},
    ]
}
LONG_AGO = func.clock_timestamp() - timedelta(days=9)


async def send(
    council: Ats, draft: Mapping[str, Any], headers: dict[str, str], content: bytes = b"words"
) -> httpx.Response:
    files = {"file": ("CV", content)}
    return await council.client.post(f"/v1/drafts/{draft['id']}/documents", files=files, headers=headers)


async def documents(council: Ats) -> list[Document]:
    async with council.region() as session:
        return list(await session.scalars(select(Document).order_by(Document.stored_at)))


async def begun(council: Ats, employer: str = "SAW", **body: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """A draft of a form with files, and the person behind it by the link of the mail."""
    draft = await begin(council, await council.live(application_form=FORM, employer=employer), **body)
    return draft, await bearer_of(council, (await links(council))[-1].link)


async def test_by_a_link_a_required_document_is_sent_named_and_becomes_the_applications(council: Ats) -> None:
    draft, device = await begun(council)
    assert [each["field"] for each in draft["missing"]] == ["questions.certificate"]
    sent = await send(council, draft, device, make.pdf())
    assert sent.status_code == 201, sent.text
    answers = {"questions": {"certificate": sent.json()["id"], "work": {"text": "I wrote it."}}}
    saved = (await save(council, draft, answers, device)).json()
    assert (saved["missing"], [each["id"] for each in saved["documents"]]) == ([], [sent.json()["id"]])
    made = await submit(council, draft, device)
    assert made.status_code == 201, made.text
    (document,) = await documents(council)
    assert (str(document.application_id), document.draft_id) == (made.json()["id"], None)
    assert document.person_key is not None


@pytest.mark.parametrize("sender", ["its board", "its person"])
async def test_whoever_sends_the_draft_the_documents_of_both_are_claimed(council: Ats, sender: str) -> None:
    draft, device = await begun(council)
    certificate, work = (await send(council, draft, device)).json(), (await send(council, draft, board(council))).json()
    answers = {"questions": {"certificate": certificate["id"], "work": {"document_id": work["id"]}}}
    saved = await save(council, draft, answers, device)
    assert saved.json()["missing"] == []
    made = await submit(council, draft, device if sender == "its person" else board(council))
    assert made.status_code == 201, made.text
    assert {str(each.application_id) for each in await documents(council)} == {made.json()["id"]}


async def test_what_a_board_sent_ahead_and_names_in_its_draft_is_the_drafts_whoever_sends_it(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    ahead = [
        await council.client.post(
            "/v1/documents", params={"job_id": vacancy["id"]}, files={"file": ("a", b"words")}, headers=headers
        )
        for headers in (board(council), board(council, uuid4()))
    ]
    own, strangers = [each.json()["id"] for each in ahead]
    application = READY | {"questions": {"certificate": own, "work": {"document_id": strangers}}}
    draft = await begin(council, vacancy, application=application)
    assert [(each["field"], each["code"]) for each in draft["missing"]] == [("questions.work", "document_unknown")]
    device = await bearer_of(council, (await links(council))[-1].link)
    saved = await save(council, draft, {"questions": {"certificate": own}}, board(council))
    assert saved.json()["missing"] == []
    assert (await submit(council, draft, device)).status_code == 201


async def test_nobody_sends_or_removes_documents_of_anothers_draft_or_names_them(council: Ats) -> None:
    draft, device = await begun(council)
    other, others = await begun(council)
    theirs = (await send(council, other, others)).json()
    stranger = board(council, uuid4())
    for headers in (others, stranger):
        refused = await send(council, draft, headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "draft_not_found")
    for path, headers in ((other["id"], device), (draft["id"], device), (other["id"], stranger)):
        gone = await council.client.delete(f"/v1/drafts/{path}/documents/{theirs['id']}", headers=headers)
        assert gone.status_code == 404
    saved = await save(council, draft, {"questions": {"certificate": theirs["id"]}}, device)
    assert [each["code"] for each in saved.json()["missing"]] == ["document_unknown"]
    refused = await submit(council, draft, device)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "document_unknown")
    assert [each.draft_id for each in await documents(council)] == [UUID(other["id"])]
    own = (await send(council, draft, device)).json()
    removed = await council.client.delete(f"/v1/drafts/{draft['id']}/documents/{own['id']}", headers=device)
    assert removed.status_code == 204
    assert [each.draft_id for each in await documents(council)] == [UUID(other["id"])]


async def test_a_harmful_document_and_one_that_answers_twice_keep_a_draft_from_being_sent(council: Ats) -> None:
    draft, device = await begun(council)
    document = (await send(council, draft, device)).json()
    twice = {"questions": {"certificate": document["id"], "work": {"document_id": document["id"]}}}
    saved = (await save(council, draft, twice, device)).json()
    assert [each["field"] for each in saved["missing"]] == ["questions.certificate", "questions.work"]
    async with council.region() as session:
        await session.execute(update(Document).values(state=DocumentState.MALICIOUS))
    once = await save(council, saved, {"questions": {"certificate": document["id"]}}, device)
    assert [each["code"] for each in once.json()["missing"]] == ["document_harmful"]
    assert (await submit(council, draft, device)).status_code == 422


async def test_documents_of_a_draft_live_as_long_as_it_and_go_with_it(world: Services, council: Ats) -> None:
    draft, device = await begun(council)
    kept = (await send(council, draft, device)).json()
    ahead = {"params": {"job_id": draft["job_id"]}, "files": {"file": ("a", b"ahead")}, "headers": board(council)}
    assert (await council.client.post("/v1/documents", **ahead)).status_code == 201
    async with council.region() as session:
        await session.execute(update(Document).values(stored_at=LONG_AGO))
    store = world.app(Service.ATS).state.documents.store
    await sweep(council.services.sessions[Service.ATS], store, older_than=timedelta(days=1))
    assert [str(each.id) for each in await documents(council)] == [kept["id"]]
    assert (await council.client.delete(f"/v1/drafts/{draft['id']}", headers=device)).status_code == 204
    assert await documents(council) == []


async def test_documents_of_a_forgotten_draft_go_with_it_and_those_of_an_application_stay(council: Ats) -> None:
    sent, device = await begun(council)
    certificate = (await send(council, sent, device)).json()
    await save(council, sent, {"questions": {"certificate": certificate["id"]}}, device)
    assert (await submit(council, sent, device)).status_code == 201
    begun_only, device = await begun(council)
    assert (await send(council, begun_only, device)).status_code == 201
    async with council.region() as session:
        assert await forget_drafts(session, council.now + timedelta(days=400)) == 2
    assert [str(each.id) for each in await documents(council)] == [certificate["id"]]
    assert await drafts(council) == []


async def test_what_answers_nothing_goes_when_the_draft_is_sent(council: Ats) -> None:
    draft, device = await begun(council)
    named, unnamed = (await send(council, draft, device)).json(), (await send(council, draft, device)).json()
    await save(council, draft, {"questions": {"certificate": named["id"]}}, device)
    assert (await submit(council, draft, device)).status_code == 201
    assert [str(each.id) for each in await documents(council)] == [named["id"]]
    async with council.region() as session:
        removed = select(AuditEntry.subject_id).where(AuditEntry.action == "document_removed")
        assert [str(each) for each in await session.scalars(removed)] == [unnamed["id"]]


async def test_a_draft_takes_documents_only_while_it_can_be_sent(council: Ats) -> None:
    draft, _ = await begun(council)
    closes_at = council.now + timedelta(days=60)
    council.services.clock.instant = closes_at
    late = await send(council, draft, board(council))
    assert (late.status_code, late.json()["code"]) == (409, "job_closed")
    assert await documents(council) == []


async def test_a_draft_has_no_more_than_a_person_may_have_and_counts_as_theirs_once_sent(
    council: Ats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MOST_OF_A_PERSON", 1)
    first, device = await begun(council, email=AMARA)
    certificate = (await send(council, first, device)).json()
    more = await send(council, first, device)
    assert (more.status_code, more.json()["code"]) == (409, "document_quota_reached")
    second, other = await begun(council, "DUD", email=AMARA)
    named = (await send(council, second, other)).json()
    await save(council, first, {"questions": {"certificate": certificate["id"]}}, device)
    await save(council, second, {"questions": {"certificate": named["id"]}}, other)
    assert (await submit(council, first, device)).status_code == 201
    refused = await submit(council, second, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "document_quota_reached")


async def test_a_large_file_comes_as_json_too(council: Ats) -> None:
    draft, device = await begun(council)
    body = {"name": "notes.txt", "content_base64": b64encode(b"words " * MEGABYTE).decode()}
    sent = await council.client.post(f"/v1/drafts/{draft['id']}/documents", json=body, headers=device)
    assert (sent.status_code, sent.json().get("kind")) == (201, "txt"), sent.text[:300]


async def test_a_person_by_link_sends_so_many_documents_a_minute_and_no_more(council: Ats) -> None:
    draft, device = await begun(council)
    path = f"/v1/drafts/{draft['id']}/documents"
    answers = [await council.client.post(path, files={"file": ("a", b"")}, headers=device) for _ in range(21)]
    assert [each.status_code for each in answers] == [422] * 20 + [429]


# On the pages.


def upload(
    page: httpx.Response, typed: dict[str, str], **files: tuple[str, bytes]
) -> tuple[dict[str, str], dict[str, tuple[str, bytes]]]:
    """What a browser posts: every file input, the empty ones too."""
    names = re.findall(r'type="file"[^>]*name="([^"]+)"|name="([^"]+)"[^>]*type="file"', page.text)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    chosen = {f"questions-{name}.file": file for name, file in files.items()}
    return hidden | typed, {one or two: ("", b"") for one, two in names} | chosen


async def save_page(
    council: Ats, url: str, typed: dict[str, str], page: httpx.Response | None = None, **files: tuple[str, bytes]
) -> httpx.Response:
    page = page or await council.client.get(url, headers=HTML)
    assert 'enctype="multipart/form-data"' in page.text
    data, sent = upload(page, typed, **files)
    return await council.client.post(url, data=data, files=sent, headers=HTML)


@pytest.fixture
async def url(council: Ats) -> str:
    """The step with the questions, of a draft that was begun in this browser."""
    vacancy = await council.live(application_form=FORM)
    await begin_here(council, vacancy)
    home = f"/jobs/{vacancy['id']}/apply"
    for part, typed in (("about_you", {"name": "Amara"}), ("statement", {"supporting_statement": "I like to help."})):
        assert (await post(council, f"{home}/{part}", typed)).status_code == 303
    return f"{home}/questions"


async def test_somebody_applies_with_files_on_pages_alone(council: Ats, url: str) -> None:
    home = url.rpartition("/")[0]
    missing = await save_page(council, url, {"questions-why": "Because"})
    assert missing.status_code == 422
    assert 'href="#questions-certificate"' in missing.text
    assert 'id="questions-certificate"' in missing.text
    kept = await save_page(council, url, {"questions-why": "Because"}, missing, certificate=("My CV.pdf", make.pdf()))
    assert (kept.status_code, kept.headers.get("location")) == (303, f"{home}/check"), kept.text
    (document,) = await documents(council)
    assert (await typed_of(council))["questions"] == {"why": "Because", "certificate": str(document.id)}
    page = await council.client.get(url)
    assert "My CV.pdf" in page.text
    assert "Being checked for viruses" in page.text
    check = await council.client.get(f"{home}/check")
    assert "My CV.pdf" in check.text
    assert (await save_page(council, url, {"questions-why": "Now"}, page)).status_code == 303, "it stays as it was sent"
    sent = await post(council, f"{home}/check", {}, check)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{home}/done"), sent.text
    (document,) = await documents(council)
    async with council.region() as session:
        (application,) = (await session.scalars(select(Application))).all()
    assert document.application_id == application.id
    assert "My CV.pdf" in (await council.client.get("/my-application/documents")).text


async def test_a_file_is_taken_back_or_replaced_on_the_page_and_nothing_typed_is_lost(council: Ats, url: str) -> None:
    await save_page(council, url, {}, certificate=("one.txt", b"one"), work=("work.txt", b"work"))
    replaced = await save_page(council, url, {}, certificate=("two.txt", b"two"))
    assert replaced.status_code == 303
    assert {each.file_name for each in await documents(council)} == {"two.txt", "work.txt"}
    page = await council.client.get(url)
    pressed = {"questions-why": "Half a wo", "remove_file": "questions-work"}
    removed = await save_page(council, url, pressed, page)
    assert (removed.status_code, removed.headers["location"]) == (303, url)
    assert [each.file_name for each in await documents(council)] == ["two.txt"]
    page = await council.client.get(url)
    assert re.search('name="questions-why"[^>]* value="Half a wo"', page.text)
    assert "work.txt" not in page.text
    first_button = re.search(r"<button[^>]*>", page.text[page.text.index("<form method") :])
    assert first_button is not None
    assert "remove_file" not in first_button[0], "the Enter key presses the first button of a form"


async def test_a_refused_file_says_so_beside_its_field_and_keeps_what_was_typed(council: Ats, url: str) -> None:
    refused = await save_page(council, url, {"questions-why": "Because"}, certificate=("cv.pdf", b"no pdf at all"))
    assert refused.status_code == 422
    assert re.search(r'href="#questions-certificate"[^>]*>[^<]*kind that its name says', refused.text)
    assert re.search('name="questions-why"[^>]* value="Because"', refused.text)
    assert (await typed_of(council))["questions"] == {"why": "Because"}
    assert await documents(council) == []


async def test_words_and_a_file_for_one_question_are_both_kept_until_one_is_chosen(council: Ats, url: str) -> None:
    both = await save_page(
        council, url, {"questions-work": "I wrote it."}, certificate=("a.txt", b"a"), work=("b.txt", b"b")
    )
    assert both.status_code == 422
    assert "not both" in both.text
    assert "I wrote it." in both.text
    assert "b.txt" in both.text
    chosen = await save_page(council, url, {"questions-work": ""}, both)
    assert chosen.status_code == 303
    assert list((await typed_of(council))["questions"]["work"]) == ["document_id"]


async def test_two_windows_of_a_step_with_files_lose_no_document_silently(council: Ats, url: str) -> None:
    first, second = await council.client.get(url), await council.client.get(url)
    assert (await save_page(council, url, {}, first, certificate=("first.txt", b"1"))).status_code == 303
    clash = await save_page(council, url, {"questions-why": "Me"}, second, certificate=("second.txt", b"2"))
    assert clash.status_code == 409
    assert "choose it again" in clash.text
    assert "first.txt" in clash.text
    assert [each.file_name for each in await documents(council)] == ["first.txt"]


async def test_a_harmful_document_is_named_at_its_question_and_at_the_check(council: Ats, url: str) -> None:
    await save_page(council, url, {}, certificate=("a.txt", b"a"))
    async with council.region() as session:
        await session.execute(update(Document).values(state=DocumentState.MALICIOUS))
    check = await council.client.get(f"{url.rpartition('/')[0]}/check")
    sent = await post(council, f"{url.rpartition('/')[0]}/check", {}, check)
    assert sent.status_code == 422
    assert "found to be harmful" in sent.text
    again = await save_page(council, url, {}, certificate=("b.txt", b"b"))
    assert again.status_code == 303
    assert [each.file_name for each in await documents(council)] == ["b.txt"]


async def test_a_former_applications_documents_are_not_taken_over_and_the_page_says_so(council: Ats) -> None:
    draft, device = await begun(council, email=AMARA)
    document = (await send(council, draft, device)).json()
    answers = {"questions": {"certificate": document["id"], "work": {"text": "Words"}, "why": "Because"}}
    await save(council, draft, answers, device)
    former = (await submit(council, draft, device)).json()
    again, device = await begun(council, email=AMARA)
    page = await council.client.get(f"/jobs/{again['job_id']}/apply/former", headers=device | HTML)
    assert "Documents are not taken over" in page.text
    path = f"/v1/drafts/{again['id']}/reuse"
    filled = await council.client.post(path, json={"application_id": former["id"]}, headers=device)
    assert filled.json()["application"]["questions"] == {"work": {"text": "Words"}, "why": "Because"}
    assert [each["field"] for each in filled.json()["missing"]] == ["questions.certificate"]


async def test_after_it_is_sent_a_draft_takes_no_documents(council: Ats) -> None:
    draft, device = await begun(council)
    document = (await send(council, draft, device)).json()
    await save(council, draft, {"questions": {"certificate": document["id"]}}, device)
    made = await submit(council, draft, device)
    late = await send(council, draft, board(council))
    assert (late.status_code, late.json()["code"]) == (409, "draft_sent")
    own = await by_link(council, made.json())
    listed = await council.client.get("/v1/documents", headers=own)
    assert [each["id"] for each in listed.json()] == [document["id"]]
    async with council.region() as session:
        assert await session.scalar(select(func.count()).select_from(ApplicationDraft)) == 1
