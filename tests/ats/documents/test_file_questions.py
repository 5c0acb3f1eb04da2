"""Questions of a council's form that are answered with a document."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import func, select, update

from services.ats.applications.models import Application
from services.ats.documents.rules import DocumentIsAnswer
from services.ats.files import quota
from services.ats.files.kinds import MOST_BYTES, DocumentKind
from services.ats.files.models import Document, DocumentState
from shared.vocabulary import Scope
from tests.ats.documents.conftest import by_link
from tests.factories import documents as make
from tests.factories.ats import Ats, application_body

FORM = {
    "questions": [
        {"question_id": "certificate", "label": "Your certificate", "kind": "file", "is_required": True},
        {"question_id": "work", "label": "A piece of your work", "kind": "file_or_text", "max_length": 500},
    ]
}


class Board:
    """One board, always the same client."""

    def __init__(self, council: Ats, vacancy: dict[str, Any]) -> None:
        self.council, self.vacancy = council, vacancy
        self.headers = council.headers(Scope.JOBS_APPLY, employers="region", client_id=uuid4())

    async def send(self, content: bytes, vacancy: dict[str, Any] | None = None) -> str:
        job = (vacancy or self.vacancy)["id"]
        answer = await self.council.client.post(
            "/v1/documents", params={"job_id": job}, files={"file": ("a", content)}, headers=self.headers
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def apply(self, **questions: Any) -> httpx.Response:
        url = f"/v1/jobs/{self.vacancy['id']}/applications"
        body = application_body(email=f"{uuid4().hex[:8]}@people.example", questions=questions)
        return await self.council.client.post(url, json=body, headers=self.headers)


@pytest.fixture
async def board(council: Ats) -> Board:
    return Board(council, await council.live(application_form=FORM))


async def test_a_document_that_was_sent_ahead_answers_a_question_and_is_the_applications(board: Board) -> None:
    certificate, work = await board.send(make.pdf()), await board.send(b"my work")
    made = await board.apply(certificate=certificate, work={"document_id": work})
    assert made.status_code == 201, made.text
    council = board.council
    headers = council.headers(Scope.APPLICATIONS_READ)
    listed = await council.client.get(f"/v1/applications/{made.json()['id']}/documents", headers=headers)
    assert listed.json() == {"count": 2, "is_hidden": True, "items": []}
    read = await council.client.get(f"/v1/applications/{made.json()['id']}", headers=headers)
    assert read.json()["form_answers"]["questions"] == {"certificate": certificate, "work": {"document_id": work}}
    own = await by_link(council, made.json())
    assert {each["id"] for each in (await council.client.get("/v1/documents", headers=own)).json()} == {
        certificate,
        work,
    }
    for document in (certificate, work):
        kept = await council.client.delete(f"/v1/documents/{document}", headers=own)
        assert (kept.status_code, kept.json()["code"]) == (409, DocumentIsAnswer.code)


async def test_a_required_document_is_asked_for_and_text_does_where_the_council_takes_it(board: Board) -> None:
    missing = await board.apply(work={"text": "I wrote the guide."})
    assert (missing.status_code, missing.json()["field"]) == (422, "questions.certificate")
    certificate = await board.send(make.png())
    both = await board.apply(certificate=certificate, work={"text": "x", "document_id": certificate})
    assert (both.status_code, both.json()["field"]) == (422, "questions.work")
    taken = await board.apply(certificate=certificate, work={"text": "I wrote the guide."})
    assert taken.status_code == 201, taken.text


async def test_only_a_document_of_ones_own_for_this_job_answers_and_only_once(board: Board) -> None:
    council = board.council
    elsewhere = await council.live(application_form=FORM)
    stranger = Board(council, board.vacancy)
    used, harmful = await board.send(b"used"), await board.send(b"harmful")
    assert (await board.apply(certificate=used)).status_code == 201
    async with council.region() as session:
        is_it = Document.id == UUID(harmful)
        await session.execute(update(Document).where(is_it).values(state=DocumentState.MALICIOUS))
    wrong = {
        "nobody's": str(uuid4()),
        "another board's": await stranger.send(b"another board's"),
        "for another job": await board.send(b"for another job", elsewhere),
        "used before": used,
        "harmful": harmful,
    }
    for what, document in wrong.items():
        refused = await board.apply(certificate=document)
        assert (refused.status_code, refused.json()["code"]) == (422, "form_not_answered"), what
        assert [each["code"] for each in refused.json()["errors"]] == ["document_unknown"], what
    once = await board.send(b"once")
    twice = await board.apply(certificate=once, work={"document_id": once})
    assert [each["field"] for each in twice.json()["errors"]] == ["questions.certificate", "questions.work"]
    async with council.region() as session:
        assert await session.scalar(select(func.count()).select_from(Application)) == 1
        assert await session.scalar(select(Document.application_id).where(Document.id == UUID(once))) is None
    assert (await board.apply(certificate=once)).status_code == 201


async def test_documents_sent_ahead_count_against_the_quota_of_who_applies(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MOST_OF_A_PERSON", 1)
    first, second = await board.send(b"first"), await board.send(b"second")
    refused = await board.apply(certificate=first, work={"document_id": second})
    assert (refused.status_code, refused.json()["code"]) == (409, "document_quota_reached")
    assert (await board.apply(certificate=first)).status_code == 201


async def test_the_form_says_which_documents_it_takes(board: Board) -> None:
    form = (await board.council.client.get(f"/v1/jobs/{board.vacancy['id']}/form")).json()
    (section,) = [each for each in form["sections"] if each["key"] == "questions"]
    certificate, work = section["questions"]
    assert (certificate["kind"], certificate["is_required"], work["kind"]) == ("file", True, "file_or_text")
    assert certificate["document_kinds"] == work["document_kinds"] == list(DocumentKind)
    assert certificate["max_bytes"] == MOST_BYTES
    assert (certificate["max_length"], work["max_length"]) == (None, 500)
    schema = Draft202012Validator(form["json_schema"], format_checker=FormatChecker())
    good = application_body(questions={"certificate": str(uuid4()), "work": {"text": "x"}})
    assert schema.is_valid(good)
    assert not schema.is_valid(good | {"questions": {"certificate": "CV.pdf"}})


async def test_ahead_of_an_application_documents_are_taken_for_a_live_job_alone(board: Board) -> None:
    council = board.council
    files = {"file": ("a", b"words")}
    draft = await council.create()
    for job, status, code in ((draft["id"], 404, "job_not_found"), (str(uuid4()), 404, "job_not_found")):
        answer = await council.client.post("/v1/documents", params={"job_id": job}, files=files, headers=board.headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    neither = await council.client.post("/v1/documents", files=files, headers=board.headers)
    assert (neither.status_code, neither.json()["code"]) == (422, "owner_missing")
