"""Documents over HTTP and on pages: sent, refused, kept from who may not see them, handed out."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from services.ats.applications.models import Application
from services.ats.audit.models import AuditEntry
from services.ats.documents import rules
from services.ats.files import quota
from services.ats.files.desk import open_desk
from services.ats.files.kinds import MOST_BYTES, DocumentKind
from services.ats.files.models import Document
from shared.csrf import csrf_token, link_cookie
from shared.vocabulary import Role, Scope, Service
from tests.ats.documents.conftest import Files, by_link, files_of
from tests.conftest import Services
from tests.factories import documents as make
from tests.factories.ats import Ats
from tests.factories.panels import Panel


async def test_a_document_comes_as_a_file_or_as_base64_and_is_known_by_its_content(files: Files) -> None:
    content = make.docx()
    as_file = (await files.send(content, "My CV.docx")).json()
    body = {"name": "Certificate", "content_base64": base64.b64encode(make.png()).decode()}
    as_text = await files.council.client.post("/v1/documents", json=body, headers=files.own)
    assert (as_file["kind"], as_file["name"], as_file["size_bytes"]) == ("docx", "My CV.docx", len(content))
    assert as_file["sha256"] == hashlib.sha256(content).hexdigest()
    assert (as_text.status_code, as_text.json()["kind"], as_text.json()["name"]) == (201, "png", "Certificate.png")
    assert [each["id"] for each in await files.listed()] == [as_file["id"], as_text.json()["id"]]


async def test_the_board_that_sent_an_application_sends_its_documents_and_another_does_not(files: Files) -> None:
    """The test's client of a region is a new one each time: the application is made its own."""
    client_id = uuid4()
    async with files.council.region() as session:
        await session.execute(update(Application).values(source_client_id=client_id))
    board = files.council.headers(Scope.JOBS_APPLY, employers="region", client_id=client_id)
    other = files.council.headers(Scope.JOBS_APPLY, employers="region")
    sent = await files.send(make.pdf(), "CV.pdf", headers=board, application_id=files.candidate["id"])
    assert sent.status_code == 201, sent.text
    refused = await files.send(make.png(), headers=other, application_id=files.candidate["id"])
    assert (refused.status_code, refused.json()["code"]) == (404, "application_not_found")
    query = {"application_id": files.candidate["id"]}
    for headers, count in ((board, 1), (other, 0), (files.own, 1)):
        listed = await files.council.client.get("/v1/documents", params=query, headers=headers)
        assert len(listed.json()) == count
    gone = await files.council.client.delete(f"/v1/documents/{sent.json()['id']}", headers=other)
    assert gone.status_code == 404


async def test_another_candidates_document_is_like_one_that_never_was(files: Files) -> None:
    document = await files.sent()
    other = await by_link(files.council, await files.council.apply(files.vacancy))
    for method, path in (
        ("GET", f"/v1/my/documents/{document['id']}/content"),
        ("DELETE", f"/v1/documents/{document['id']}"),
        ("GET", f"/my-application/documents/{document['id']}"),
    ):
        answer = await files.council.client.request(method, path, headers=other)
        assert (answer.status_code, answer.json()["code"]) == (404, "document_not_found")
    assert (await files.council.client.get("/v1/documents", headers=other)).json() == []


@pytest.mark.parametrize(
    ("content", "name", "status", "code", "rule"),
    [
        (b"", "CV.pdf", 422, "document_not_taken", "empty"),
        (make.docx(("word/vbaProject.bin", b"x")), "CV.docx", 422, "document_not_taken", "macros"),
        (b"MZ\x90\x00", "CV.pdf", 422, "document_not_taken", "kind_not_taken"),
        (make.png(), "CV.pdf", 422, "document_name_disagrees", None),
        (bytes(MOST_BYTES + 1), "CV.pdf", 413, "document_too_large", None),
        (bytes(16 * 1024 * 1024), "CV.pdf", 413, "too_large", None),
    ],
    ids=["empty", "macros", "a program", "another name", "too large", "far too large"],
)
async def test_what_cannot_be_taken_is_refused_with_the_rule_and_the_way_out(
    files: Files, content: bytes, name: str, status: int, code: str, rule: str | None
) -> None:
    answer = await files.send(content, name)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("rule")) == (status, code, rule)
    assert problem["next_step"]
    assert name not in answer.text
    assert await files.listed() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content_base64": "not base64!"}, "content_base64"),
        ({"name": "x"}, "content_base64"),
        ({"content_base64": "YQ==", "state": "clean"}, "state"),
        ({"content_base64": "YQ==", "storage_key": "../../x"}, "storage_key"),
        ([1], None),
    ],
)
async def test_json_that_is_no_document_is_refused_by_its_field(files: Files, body: Any, field: str | None) -> None:
    answer = await files.council.client.post("/v1/documents", json=body, headers=files.own)
    assert answer.status_code == 422
    assert field is None or answer.json()["field"] == field


async def test_a_broken_form_is_refused_and_never_an_error_of_ours(files: Files) -> None:
    client, url = files.council.client, "/v1/documents"
    many = {"files": [("file", (f"{n}.txt", b"x")) for n in range(1000)]}
    fields = {"files": {"file": ("a.txt", b"x")}, "data": {f"f{n}": "x" for n in range(10_000)}}
    kind = {"Content-Type": "multipart/form-data"}
    assert (await client.post(url, headers=files.own, **many)).status_code == 400
    assert (await client.post(url, headers=files.own, **fields)).status_code == 400
    assert (await client.post(url, headers=files.own | kind, content=b"--x")).status_code == 400
    assert (await client.post(url, headers=files.own, files={"other": ("a.txt", b"x")})).status_code == 422
    deep = b'{"content_base64":' + b"[" * 5000 + b"]" * 5000 + b"}"
    json_kind = {"Content-Type": "application/json"}
    assert (await client.post(url, headers=files.own | json_kind, content=deep)).status_code == 400
    assert (await client.post(url, headers=files.own, content=b"x")).status_code == 415


async def test_the_same_content_again_is_the_same_document(files: Files) -> None:
    first, again = await files.sent(b"words", "a.txt"), await files.sent(b"words", "again.txt")
    assert first["id"] == again["id"]
    assert len(await files.listed()) == 1


async def test_an_upload_with_an_idempotency_key_is_answered_once(files: Files) -> None:
    headers = files.own | {"Idempotency-Key": "cv"}
    body = {"name": "a.txt", "content_base64": base64.b64encode(b"words").decode()}
    answers = [await files.council.client.post("/v1/documents", json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotency-Replayed"] == "true"


async def test_a_persons_quota_counts_every_application_of_theirs(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MOST_OF_A_PERSON", 2)
    email = "amara.quota@people.example"
    there = await files_of(files.council, files.desk, await files.council.live(employer="DUD"), email=email)
    here = await files_of(files.council, files.desk, files.vacancy, email=email)
    await there.sent(b"one", "one.txt")
    second = await here.sent(b"two", "two.txt")
    refused = await here.send(b"three", "three.txt")
    assert (refused.status_code, refused.json()["code"]) == (409, "document_quota_reached")
    assert (await files.send(b"another person's", "x.txt")).status_code == 201
    await files.council.client.delete(f"/v1/documents/{second['id']}", headers=here.own)
    assert (await here.send(b"three", "three.txt")).status_code == 201


async def test_many_uploads_at_once_do_not_go_past_the_quota(
    live: Services, live_council: Ats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MOST_OF_A_PERSON", 3)
    files = await files_of(live_council, open_desk(live.settings(Service.ATS)))
    answers = await asyncio.gather(*(files.send(f"text {n}".encode(), f"{n}.txt") for n in range(8)))
    assert sorted(each.status_code for each in answers) == [201] * 3 + [409] * 5
    same = await asyncio.gather(*(files.send(b"text 0", "0.txt") for _ in range(4)))
    assert len(await files.listed()) == 3
    assert {each.status_code for each in same} <= {201, 409}


def test_a_quota_of_bytes_is_reached_by_what_would_go_past_it() -> None:
    nearly = quota.Kept(1, quota.MOST_BYTES_OF_A_PERSON - 10)
    quota.refuse_over_quota(nearly.with_more(1, 10))
    with pytest.raises(quota.QuotaReached):
        quota.refuse_over_quota(nearly.with_more(1, 11))


async def test_an_application_that_has_ended_takes_no_more(files: Files) -> None:
    assert (
        await files.council.client.post("/v1/applications/" + files.candidate["id"] + "/withdraw", headers=files.own)
    ).status_code == 200
    refused = await files.send(make.pdf())
    assert (refused.status_code, refused.json()["code"]) == (409, "application_over")


async def test_nothing_is_taken_where_nothing_is_kept(files: Files) -> None:
    store = files.desk.store
    object.__setattr__(files.desk, "store", None)
    try:
        answer = await files.send(make.pdf())
    finally:
        object.__setattr__(files.desk, "store", store)
    assert (answer.status_code, answer.json()["code"]) == (503, "documents_not_kept")
    assert "DOCUMENTS_URL" in answer.json()["next_step"]


async def test_a_download_is_never_shown_inline(files: Files) -> None:
    content = make.pdf()
    answer = await files.download(await files.sent(content, "Zeugnis Übung.pdf"))
    assert answer.content == content
    headers = answer.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"] == (
        "attachment; filename=\"Zeugnis _bung.pdf\"; filename*=UTF-8''Zeugnis%20%C3%9Cbung.pdf"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "no-store" in headers["cache-control"]


async def test_contents_lie_under_random_names_in_a_folder_of_their_own(files: Files) -> None:
    document = await files.sent(make.pdf(), "Amara Osei CV.pdf")
    async with files.council.region() as session:
        key = await session.scalar(select(Document.storage_key).where(Document.id == UUID(document["id"])))
    folder = files.council.services.parts.folder / "documents"
    assert (folder / str(key)).exists()
    assert folder.stat().st_mode & 0o077 == 0
    assert not [each for each in folder.iterdir() if "amara" in each.name.lower()]


async def test_a_content_that_was_changed_in_the_store_is_not_handed_out(files: Files) -> None:
    document = await files.sent()
    async with files.council.region() as session:
        key = await session.scalar(select(Document.storage_key).where(Document.id == UUID(document["id"])))
    path = files.council.services.parts.folder / "documents" / str(key)
    path.write_bytes(path.read_bytes() + b"x")
    assert (await files.download(document)).status_code == 503


async def test_before_the_shortlist_who_decides_sees_only_how_many_there_are(files: Files) -> None:
    document = await files.sent(make.docx(), "Zyxwara Quillfeather.docx")
    manager = await files.council.staff(Role.HIRING_MANAGER)
    listed = f"/v1/applications/{files.candidate['id']}/documents"
    before = await files.council.client.get(listed, headers=files.staff())
    assert before.json() == {"count": 1, "is_hidden": True, "items": []}
    content = f"/v1/documents/{document['id']}/content"
    hidden = await files.council.client.get(content, headers=files.staff())
    assert (hidden.status_code, hidden.json()["code"]) == (409, "candidate_hidden")
    shortlist = await files.council.decide(f"/v1/applications/{files.candidate['id']}/shortlist", manager)
    assert shortlist.status_code == 200, shortlist.text
    after = (await files.council.client.get(listed, headers=files.staff())).json()
    name = f"{files.candidate['reference']}-1.docx"
    assert [each["name"] for each in after["items"]] == [name]
    copy = await files.council.client.get(content, headers=files.staff())
    assert copy.status_code == 200
    assert f'filename="{name}"' in copy.headers["content-disposition"]
    assert make.AUTHOR.encode() not in copy.content
    assert "Zyxwara" not in str(copy.headers)


async def test_without_anonymity_who_decides_gets_what_was_sent(files: Files) -> None:
    vacancy = await files.council.live(is_anonymised=False)
    open_files = await files_of(files.council, files.desk, vacancy)
    document = await open_files.sent(make.jpg(), "portfolio.jpg")
    listed = await files.council.client.get(
        f"/v1/applications/{open_files.candidate['id']}/documents", headers=files.staff()
    )
    assert [each["name"] for each in listed.json()["items"]] == ["portfolio.jpg"]
    content = await files.council.client.get(f"/v1/documents/{document['id']}/content", headers=files.staff())
    assert content.content == make.jpg()


async def test_a_panel_gets_documents_from_the_shortlist_on_and_each_reading_is_noted(files: Files) -> None:
    document = await files.sent(make.png(), "Zyxwara.png")
    panel = await Panel.of(files.council, files.vacancy)
    path = f"{panel.path}/applications/{files.candidate['id']}/documents"
    member = panel.people[0]
    before = await panel.call("GET", path, member)
    assert before.json() == {"count": 1, "is_hidden": True, "items": []}
    assert (await panel.call("GET", f"{path}/{document['id']}", member)).json()["code"] == "candidate_hidden"
    await panel.score_alike(files.candidate, 3, 3)
    manager = await files.council.staff(Role.HIRING_MANAGER)
    assert (
        await files.council.decide(f"/v1/applications/{files.candidate['id']}/shortlist", manager)
    ).status_code == 200
    got = await panel.call("GET", f"{path}/{document['id']}", member)
    assert got.status_code == 200, got.text
    assert make.AUTHOR.encode() not in got.content
    assert (await panel.call("GET", f"{path}/{uuid4()}", member)).status_code == 404
    async with files.council.region() as session:
        about = AuditEntry.subject_id == UUID(document["id"])
        actions = [(each.action, each.actor_id) for each in await session.scalars(select(AuditEntry).where(about))]
    assert ("document_read", member.id) in actions
    assert [each for each, _ in actions] == ["document_sent", "document_read"]


async def test_a_candidate_sends_and_removes_on_a_page_and_is_told_what_is_wrong(files: Files) -> None:
    client = files.council.client
    token = files.own["Authorization"].removeprefix("Bearer ")
    cookie = {"Cookie": f"{link_cookie(Service.ATS)}={token}"}
    field = {"csrf_token": csrf_token(token)}
    page = await client.get("/my-application", headers=cookie)
    assert 'href="/my-application/documents"' in page.text
    url = "/my-application/documents"
    for content, words in ((b"", "The file is empty"), (b"MZ\x00", "none of PDF"), (make.locked_pdf(), "password")):
        refused = await client.post(url, headers=cookie, data=field, files={"file": ("CV.pdf", content)})
        assert refused.status_code == 422, refused.text
        assert words in refused.text
        assert "govuk-error-summary" in refused.text
    forged = await client.post(url, headers=cookie, files={"file": ("CV.pdf", make.pdf())})
    assert forged.status_code == 403
    sent = await client.post(url, headers=cookie, data=field, files={"file": ("<b>CV</b>.pdf", make.pdf())})
    assert (sent.status_code, sent.headers["location"]) == (303, url)
    (document,) = await files.listed()
    page = await client.get(url, headers=cookie)
    assert document["name"] in page.text
    assert "<b>CV" not in page.text
    removed = await client.post(f"{url}/{document['id']}/remove", headers=cookie, data=field)
    assert removed.status_code == 303
    assert await files.listed() == []


async def test_staff_and_panel_see_the_documents_on_a_page(files: Files, world: Services) -> None:
    await files.sent(make.png(), "Zyxwara.png")
    headers = files.staff() | {"Accept": "text/html"}
    path = f"/applications/{files.candidate['id']}/documents"
    checks = await files.council.client.get(f"/applications/{files.candidate['id']}/checks", headers=headers)
    assert f'href="{path}"' in checks.text
    before = await files.council.client.get(path, headers=headers)
    assert (before.status_code, "Zyxwara" in before.text) == (200, False)
    assert "1 document" in before.text
    panel = await Panel.of(files.council, files.vacancy)
    shown = await panel.call("GET", f"/panels/{files.vacancy['id']}{path}", panel.people[0])
    assert "1 document" in shown.text
    candidate = await panel.call(
        "GET", f"/panels/{files.vacancy['id']}/applications/{files.candidate['id']}", panel.people[0]
    )
    assert f'href="/panels/{files.vacancy["id"]}{path}"' in candidate.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("CV.pdf", "CV.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\amara\\CV.pdf", "CV.pdf"),
        ("/absolute/CV.pdf", "CV.pdf"),
        ("CV\x00.exe.pdf", "CV.exe.pdf"),
        ("CV\u202efdp.exe", "CVfdp.exe.pdf"),
        ("CON.pdf", "document.pdf"),
        ("lpt1.txt.pdf", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        ("\uff23\uff36.pdf", "CV.pdf"),
        ("CV\r\nSet-Cookie: a=b.pdf", "CVSet-Cookie_ a=b.pdf".replace("=", "_")),
        ('a"b<c>.pdf', "a_b_c_.pdf".replace("_.pdf", ".pdf")),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ("\ud800.pdf", "document.pdf"),
        ("Zeugnis Übung.PDF", "Zeugnis Übung.pdf"),
        ("CV.txt", "CV.pdf"),
    ],
)
def test_a_name_is_made_safe_for_every_system(given: str, kept: str) -> None:
    assert rules.safe_name(given, DocumentKind.PDF) == kept
