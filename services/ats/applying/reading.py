"""Reading an application with its files: multipart, or JSON with their content in base64.

Every file is examined before the database is asked; the first that cannot be taken refuses the whole, by its field.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from services.ats.applications.schemas import ApplicationCreate, ApplicationSent, SentFile
from services.ats.applying import rules
from services.ats.documents.commands import Received
from services.ats.documents.rules import refuse_size
from services.ats.documents.uploads import MULTIPART, decoded, examined
from services.ats.files.desk import DocumentDesk
from services.ats.files.kinds import MOST_BYTES
from shared.errors import DomainError
from shared.http_guard import MAX_BODY_BYTES, BodyTooLarge
from shared.intake import JSON_TYPE, is_json, media_type_of, require_media_type, unreadable

APPLICATION, DOCUMENT, QUESTION = "application", "document", "question_"
QUESTION_ID = re.compile(r"[A-Za-z0-9_-]{1,20}")
MOST_PARTS = 50
"""Of a form, so that one part too many is refused by name, and a thousand before they are read."""
MOST_BODY_BYTES = 3 * MOST_BYTES * 4 // 3 + MAX_BODY_BYTES
"""Three of the largest files in base64, and the words."""


@dataclass(frozen=True, slots=True)
class SentApplication:
    """`answering`: the files that answer a question, by its id. `beside`: those that answer none."""

    wanted: ApplicationCreate
    answering: Mapping[str, Received]
    beside: Sequence[Received]


@dataclass(frozen=True, slots=True)
class File:
    """As it came: `field` says where, and `question_id` what it answers."""

    field: str
    question_id: str | None
    content: Any


async def receive_application(request: Request, desk: DocumentDesk) -> SentApplication:
    """Raises UnsupportedMediaType, RequestValidationError, BodyTooLarge, PartMissing, PartUnknown, TooManyFiles,
    DocumentTooLarge, NotBase64, DocumentNotTaken, NameDisagrees.
    """
    if is_json(media_type_of(request.headers.get("content-type"))):
        return await _examine(desk, *_take_apart(await request.body()))
    require_media_type(request, JSON_TYPE, MULTIPART)
    async with request.form(max_files=MOST_PARTS, max_fields=MOST_PARTS, max_part_size=MAX_BODY_BYTES) as form:
        words = await _words_of(form)
        wanted, inside = _take_apart(words)
        return await _examine(desk, wanted, [*inside, *_parts_of(form)])


async def _words_of(form: FormData) -> bytes:
    """The application itself, as a part of words or as a file of JSON. Raises PartMissing, BodyTooLarge."""
    given = form.getlist(APPLICATION)
    if len(given) != 1:
        raise rules.PartMissing(field=APPLICATION, next_step="Send the application as JSON in one part of this name.")
    if not isinstance(given[0], UploadFile):
        return given[0].encode()
    if (given[0].size or 0) > MAX_BODY_BYTES:
        raise BodyTooLarge
    return await given[0].read()


def _parts_of(form: FormData) -> list[File]:
    """Raises PartUnknown."""
    found = []
    for name, given in form.multi_items():
        if name == APPLICATION:
            continue
        question_id = name.removeprefix(QUESTION)
        is_of_a_question = name.startswith(QUESTION) and QUESTION_ID.fullmatch(question_id)
        if not isinstance(given, UploadFile) or not (is_of_a_question or name == DOCUMENT):
            step = f"Send {APPLICATION}, and each file as {QUESTION}<its id>, or as {DOCUMENT} where it answers none."
            raise rules.PartUnknown(next_step=step)
        if is_of_a_question:
            found.append(File(f"questions.{question_id}", question_id, given))
        else:
            found.append(File(f"documents.{sum(each.question_id is None for each in found)}", None, given))
    return found


def _take_apart(raw: bytes) -> tuple[ApplicationCreate, list[File]]:
    """The application without its files, and those. Raises RequestValidationError with every field, BodyTooLarge."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        wrong = {"type": "json_invalid", "loc": ("body",), "msg": "The body is not JSON", "input": None}
        raise RequestValidationError([wrong]) from None
    rest, given = _without_files(body)
    if len(raw) - sum(len(each.content.get("content_base64", "")) for each in given) > MAX_BODY_BYTES:
        raise BodyTooLarge
    found = list(unreadable(("body",), rest))
    if found:
        raise RequestValidationError(found)
    files, wanted = [], None
    try:
        wanted = ApplicationSent.model_validate(rest)
    except ValidationError as refused:
        found += _placed(refused, ())
    for each in given:
        try:
            files.append(File(each.field, each.question_id, SentFile.model_validate(each.content)))
        except ValidationError as refused:
            found += _placed(refused, tuple(each.field.split(".")))
    if found or wanted is None:
        raise RequestValidationError(found)
    return wanted, files


def _without_files(body: Any) -> tuple[Any, list[File]]:
    """What is no file where one may be stays, and is refused there with the rest."""
    if not isinstance(body, dict):
        return body, []
    rest, files = dict(body), []
    if isinstance(questions := body.get("questions"), dict):
        files = [
            File(f"questions.{name}", name, each)
            for name, each in questions.items()
            if QUESTION_ID.fullmatch(name) and _is_file(each)
        ]
        answered = {each.question_id for each in files}
        rest["questions"] = {name: each for name, each in questions.items() if name not in answered}
    documents = body.get("documents")
    if isinstance(documents, list) and all(map(_is_file, documents)):
        files += [File(f"documents.{number}", None, each) for number, each in enumerate(documents)]
        del rest["documents"]
    return rest, files


def _is_file(given: Any) -> bool:
    return isinstance(given, dict) and isinstance(given.get("content_base64"), str)


def _placed(refused: ValidationError, place: tuple[str, ...]) -> list[dict[str, Any]]:
    found = refused.errors(include_url=False, include_input=False)
    return [{**each, "loc": ("body", *place, *each["loc"]), "input": None} for each in found]


async def _examine(desk: DocumentDesk, wanted: ApplicationCreate, files: Sequence[File]) -> SentApplication:
    rules.refuse_too_many(len(files))
    answering: dict[str, Received] = {}
    beside: list[Received] = []
    for each in files:
        try:
            if each.question_id in answering:
                raise rules.TooManyFiles("A question is answered with one file.")
            received = await _received(desk, each.content)
        except DomainError as refused:
            refused.field = each.field
            raise
        if each.question_id is None:
            beside.append(received)
        else:
            answering[each.question_id] = received
    return SentApplication(wanted, answering, beside)


async def _received(desk: DocumentDesk, file: UploadFile | SentFile) -> Received:
    """Raises DocumentTooLarge, NotBase64, DocumentNotTaken, NameDisagrees."""
    if isinstance(file, SentFile):
        return await examined(desk, file.file_name, decoded(file.content_base64))
    refuse_size(file.size or 0)
    return await examined(desk, file.filename or "", await file.read())
