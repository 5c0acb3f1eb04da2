"""An application that brings its files with it: JSON or multipart, all of it or nothing."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import func, select

from services.ats.applications.models import Application
from services.ats.applying.reading import MOST_BODY_BYTES
from services.ats.files import quota
from services.ats.files.desk import DocumentDesk, open_desk
from services.ats.files.kinds import MOST_BYTES
from services.ats.files.models import Document, DocumentState
from services.ats.files.storage import ContentStore
from shared.database import transaction
from shared.events.applications import ApplicationReceived
from shared.http_guard import MAX_BODY_BYTES
from shared.tenancy import REGION
from shared.vocabulary import Scope, Service
from tests.ats.documents.conftest import by_link
from tests.conftest import Services
from tests.factories import documents as make
from tests.factories.ats import Ats, application_body

FORM = {
    "questions": [
        {"question_id": "Q1", "label": "How did you hear of us?", "kind": "short_text"},
        {"question_id": "Q2", "label": "Your certificate", "kind": "file", "is_required": True},
        {"question_id": "Q3", "label": "A piece of your work", "kind": "file_or_text", "max_length": 500},
    ]
}


def as_json(content: bytes, name: str = "", **more: Any) -> dict[str, Any]:
    return {"file_name": name, "content_base64": base64.b64encode(content).decode()} | more


class Board:
    """One board, always the same client."""

    def __init__(self, council: Ats, vacancy: dict[str, Any], desk: DocumentDesk) -> None:
        self.council, self.vacancy, self.desk = council, vacancy, desk
        self.headers = council.headers(Scope.JOBS_APPLY, employers="region", client_id=uuid4())
        self.url = f"/v1/jobs/{vacancy['id']}/applications"

    @property
    def store(self) -> ContentStore:
        assert self.desk.store is not None
        return self.desk.store

    async def send(self, key: str | None = None, **changes: Any) -> httpx.Response:
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        return await self.council.client.post(self.url, json=application_body(**changes), headers=headers)

    async def send_form(
        self, *parts: tuple[str, Any], key: str | None = None, words: Any = None, **changes: Any
    ) -> httpx.Response:
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        application = json.dumps(application_body(**changes)) if words is None else words
        files = [("application", (None, application)), *parts]
        return await self.council.client.post(self.url, files=files, headers=headers)

    async def contents(self) -> set[str]:
        later = datetime.now(UTC) + timedelta(days=1)
        return {key async for batch in self.store.older_than(later) for key in batch}

    async def stored(self) -> tuple[int, int]:
        """Applications and documents."""
        async with transaction(self.council.services.sessions[Service.ATS], REGION) as session:
            counts = [
                await session.scalar(select(func.count()).select_from(table)) or 0 for table in (Application, Document)
            ]
        return counts[0], counts[1]


@pytest.fixture
async def board(world: Services, council: Ats) -> AsyncIterator[Board]:
    """Whatever a test sends, nothing is in the store that no document names."""
    board = Board(council, await council.live(application_form=FORM), world.app(Service.ATS).state.documents)
    before = await board.contents()
    yield board
    async with council.region() as session:
        named = {each for row in await session.execute(select(Document.storage_key, Document.copy_key)) for each in row}
    assert await board.contents() - before <= named


async def test_files_in_base64_answer_questions_and_stand_beside_the_form(board: Board) -> None:
    made = await board.send(
        questions={
            "Q2": as_json(make.pdf(), "Certificate.pdf", content_type="application/pdf"),
            "Q3": as_json(b"my work"),
        },
        documents=[as_json(make.docx(), "../../My CV.docx"), as_json(make.png())],
    )
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/v1/applications/{made.json()['id']}"
    council = board.council
    own = await by_link(council, made.json())
    listed = (await council.client.get("/v1/documents", headers=own)).json()
    assert [(each["name"], each["kind"]) for each in listed] == [
        ("Certificate.pdf", "pdf"),
        ("document.txt", "txt"),
        ("My CV.docx", "docx"),
        ("document.png", "png"),
    ]
    assert {each["application_id"] for each in listed} == {made.json()["id"]}
    read = await council.client.get(
        f"/v1/applications/{made.json()['id']}", headers=council.headers(Scope.APPLICATIONS_READ)
    )
    assert read.json()["form_answers"]["questions"] == {
        "Q2": listed[0]["id"],
        "Q3": {"document_id": listed[1]["id"]},
    }
    async with council.region() as session:
        states = (await session.scalars(select(Document.state))).all()
    assert set(states) == {DocumentState.PENDING}


async def test_a_form_in_parts_is_the_same_application(board: Board) -> None:
    made = await board.send_form(
        ("question_Q2", ("Certificate.pdf", make.pdf())),
        ("document", ("CV.docx", make.docx())),
        ("document", ("Letter.txt", b"Dear panel")),
        questions={"Q1": "A friend", "Q3": {"text": "I wrote the guide."}},
    )
    assert made.status_code == 201, made.text
    own = await by_link(board.council, made.json())
    listed = (await board.council.client.get("/v1/documents", headers=own)).json()
    assert [each["name"] for each in listed] == ["Certificate.pdf", "CV.docx", "Letter.txt"]
    as_a_file = await board.send_form(
        ("application", ("a.json", json.dumps(application_body(email="b@people.example")), "application/json")),
        ("question_Q2", ("c.pdf", make.pdf())),
        words="",
    )
    assert (as_a_file.status_code, as_a_file.json()["code"]) == (422, "part_missing")
    alone = [
        ("application", ("a.json", json.dumps(application_body(email="b@people.example")), "application/json")),
        ("question_Q2", ("c.pdf", make.pdf())),
    ]
    answer = await board.council.client.post(board.url, files=alone, headers=board.headers)
    assert answer.status_code == 201, answer.text


async def test_an_id_that_was_sent_ahead_still_answers_beside_files(board: Board) -> None:
    ahead = await board.council.client.post(
        "/v1/documents",
        params={"job_id": board.vacancy["id"]},
        files={"file": ("a.pdf", make.pdf())},
        headers=board.headers,
    )
    made = await board.send(questions={"Q2": ahead.json()["id"], "Q3": as_json(b"my work")})
    assert made.status_code == 201, made.text
    assert await board.stored() == (1, 2)


LONG = "A" * (MOST_BYTES * 4 // 3 + 8)
REFUSED: dict[str, tuple[dict[str, Any], int, str, str | None]] = {
    "zero bytes": (as_json(b""), 422, "document_not_taken", "empty"),
    "no base64": ({"content_base64": "not base64!"}, 422, "not_base64", None),
    "too large": ({"content_base64": LONG}, 413, "document_too_large", None),
    "an archive bomb": (as_json(make.bomb(), "CV.docx"), 422, "document_not_taken", "too_much_unpacked"),
    "macros": (as_json(make.docx(("word/vbaProject.bin", b"x"))), 422, "document_not_taken", "macros"),
    "another kind than its name says": (as_json(make.png(), "CV.pdf"), 422, "document_name_disagrees", None),
    "a program": (as_json(b"MZ\x90\x00"), 422, "document_not_taken", "kind_not_taken"),
}


@pytest.mark.parametrize(("file", "status", "code", "rule"), REFUSED.values(), ids=list(REFUSED))
async def test_a_file_that_cannot_be_taken_refuses_the_whole_by_its_field(
    board: Board, file: dict[str, Any], status: int, code: str, rule: str | None
) -> None:
    before = await board.contents()
    refused = await board.send(
        questions={"Q2": as_json(make.pdf(), "Good.pdf"), "Q3": file}, documents=[as_json(b"good")]
    )
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem.get("rule")) == (status, code, rule)
    assert problem["field"] == "questions.Q3"
    assert problem["next_step"]
    beside = await board.send(questions={"Q2": as_json(make.pdf())}, documents=[as_json(b"good"), file])
    assert (beside.status_code, beside.json()["field"]) == (status, "documents.1")
    assert await board.stored() == (0, 0)
    assert await board.contents() == before


async def test_a_file_part_that_cannot_be_taken_refuses_the_whole_by_its_field(board: Board) -> None:
    good = ("question_Q2", ("a.pdf", make.pdf()))
    for content, status, code in (
        (b"", 422, "document_not_taken"),
        (make.bomb(), 422, "document_not_taken"),
        (bytes(MOST_BYTES + 1), 413, "document_too_large"),
    ):
        refused = await board.send_form(good, ("question_Q3", ("b", content)))
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert refused.json()["field"] == "questions.Q3"
    assert await board.stored() == (0, 0)


async def test_what_is_refused_after_its_files_were_kept_leaves_no_content(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that is not answered, somebody who has applied already, and a quota that is reached."""
    certificate = as_json(make.pdf())
    assert (await board.send(questions={"Q2": certificate})).status_code == 201
    kept, stored = await board.contents(), await board.stored()
    other = "bo@people.example"
    monkeypatch.setattr(quota, "MOST_OF_A_PERSON", 1)
    for changes, code in (
        ({"questions": {"Q2": certificate, "Q9": "?"}, "email": other}, "form_not_answered"),
        ({"questions": {"Q2": certificate}}, "already_applied"),
        ({"questions": {"Q2": certificate}, "documents": [as_json(b"x")], "email": other}, "document_quota_reached"),
        ({"questions": {"Q2": certificate, "Q3": as_json(b"x")}, "email": other}, "document_quota_reached"),
    ):
        refused = await board.send(**changes)
        assert refused.json()["code"] == code
        assert await board.contents() == kept
        if code != "already_applied":
            assert await board.stored() == stored


async def test_a_file_answers_a_question_that_takes_one_and_once(board: Board) -> None:
    certificate = as_json(make.pdf())
    words = await board.send(questions={"Q2": certificate, "Q1": as_json(b"not a file")})
    assert (words.status_code, words.json()["field"]) == (422, "questions.Q1")
    unknown = await board.send(questions={"Q2": certificate, "Q7": as_json(b"x")})
    assert (unknown.status_code, unknown.json()["field"]) == (422, "questions")
    assert "Q7" not in unknown.text
    twice = await board.send_form(
        ("question_Q2", ("a.pdf", make.pdf())), ("question_Q3", ("b.txt", b"b")), questions={"Q3": {"text": "b"}}
    )
    assert (twice.json()["field"], twice.json()["errors"][0]["code"]) == ("questions.Q3", "given_twice")
    parts = [("question_Q2", ("a.pdf", make.pdf())), ("question_Q2", ("b.pdf", make.pdf()))]
    assert (await board.send_form(*parts)).json()["code"] == "too_many_files"
    stranger = await board.send_form(("question_Q2", ("a.pdf", make.pdf())), ("shoe <size>", ("b.txt", b"b")))
    assert (stranger.status_code, stranger.json()["code"]) == (422, "part_unknown")
    assert "shoe" not in stranger.text
    many = await board.send(questions={"Q2": certificate}, documents=[as_json(b"x")] * 10)
    assert (many.status_code, many.json()["code"]) == (422, "too_many_files")
    assert await board.stored() == (0, 0)


async def test_json_that_is_no_application_is_refused_by_its_fields(board: Board) -> None:
    for changes, field in (
        ({"documents": [{"file_name": "a.pdf"}]}, "documents.0.content_base64"),
        ({"documents": [as_json(b"x", state="clean")]}, "documents.0.state"),
        ({"questions": {"Q2": as_json(b"x", storage_key="../x")}}, "questions.Q2.storage_key"),
        ({"documents": 5}, "documents"),
        ({"shoe_size": 40}, "shoe_size"),
        ({"name": "a\x00b"}, "name"),
    ):
        refused = await board.send(**changes)
        assert refused.status_code == 422, refused.text
        assert [each["field"] for each in refused.json()["errors"]] == [field]
    client, headers = board.council.client, board.headers
    kind = {"Content-Type": "application/json"}
    assert (await client.post(board.url, content=b"{", headers=headers | kind)).status_code == 400
    assert (await client.post(board.url, content=b"[]", headers=headers | kind)).status_code == 422
    assert (await client.post(board.url, content=b"x", headers=headers)).status_code == 415
    assert (await board.send_form(words="{")).status_code == 400
    assert (
        await client.post(board.url, content=b"--x", headers=headers | {"Content-Type": "multipart/form-data"})
    ).status_code == 400


async def test_a_body_has_the_room_that_its_files_need_and_its_words_no_more_than_before(board: Board) -> None:
    words = await board.send(supporting_statement="x" * MAX_BODY_BYTES)
    assert (words.status_code, words.json()["code"]) == (413, "too_large")
    part = await board.send_form(words="x" * (MAX_BODY_BYTES + 1))
    assert part.status_code in {400, 413}
    kind = {"Content-Type": "application/json"}
    whole = await board.council.client.post(board.url, content=bytes(MOST_BODY_BYTES + 1), headers=board.headers | kind)
    assert (whole.status_code, whole.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("is_form", [False, True], ids=["json", "multipart"])
async def test_the_same_key_and_files_get_the_first_answer_again(board: Board, is_form: bool) -> None:
    async def send(work: bytes) -> httpx.Response:
        if is_form:
            parts = [("question_Q2", ("a.pdf", certificate)), ("question_Q3", ("b.txt", work))]
            return await board.send_form(*parts, key="one")
        return await board.send(key="one", questions={"Q2": as_json(certificate), "Q3": as_json(work)})

    certificate = make.pdf()
    first, again, other = await send(b"my work"), await send(b"my work"), await send(b"other work")
    assert first.status_code == 201, first.text
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert await board.stored() == (1, 2)


async def test_twenty_twins_with_files_make_one_application_and_one_of_each_content(
    live: Services, live_council: Ats
) -> None:
    board = Board(live_council, await live_council.live(application_form=FORM), open_desk(live.settings(Service.ATS)))
    before, certificate = await board.contents(), as_json(b"my certificate")
    with_key = await asyncio.gather(*(board.send(key="twin", questions={"Q2": certificate}) for _ in range(20)))
    without = await asyncio.gather(*(board.send(questions={"Q2": certificate}) for _ in range(20)))
    assert {each.status_code for each in with_key} <= {201, 409}
    assert len({each.json()["id"] for each in with_key if each.status_code == 201}) == 1
    assert {(each.status_code, each.json()["code"]) for each in without} == {(409, "already_applied")}
    assert await board.stored() == (1, 1)
    assert len(await board.contents() - before) == 1
    assert len(await live_council.events(ApplicationReceived)) == 1


async def test_the_form_and_the_manual_say_that_files_may_come_with_it(board: Board) -> None:
    form = (await board.council.client.get(f"/v1/jobs/{board.vacancy['id']}/form")).json()
    schema = Draft202012Validator(form["json_schema"], format_checker=FormatChecker())
    good = application_body(questions={"Q2": as_json(b"x"), "Q3": as_json(b"x")}, documents=[as_json(b"x", "a.txt")])
    assert schema.is_valid(good)
    assert not schema.is_valid(good | {"documents": [{"file_name": "a.txt"}]})
    manual = (await board.council.client.get("/openapi.json")).json()
    body = manual["paths"]["/v1/jobs/{job_id}/applications"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/json", "multipart/form-data"}
    assert "content_base64" in body["application/json"]["schema"]["properties"]["documents"]["items"]["properties"]
    assert {"application", "document"} == set(body["multipart/form-data"]["schema"]["properties"])
