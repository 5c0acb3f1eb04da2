"""Reading an upload: multipart, or JSON with the content in base64. Judged before the database is asked."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from services.ats.documents import rules
from services.ats.documents.commands import Received
from services.ats.documents.schemas import DocumentSent
from services.ats.files.desk import DocumentDesk
from services.ats.files.kinds import MOST_BYTES, ContentRefused
from shared.errors import DomainError, Invalid
from shared.intake import JSON_TYPE, require_media_type, unreadable
from shared.problems import NEXT_STEPS

MULTIPART = "multipart/form-data"
FILE = "file"
MOST_FIELDS = 8
FIELD_BYTES = 4096
PADDING = 2
"""As many bytes of what base64 ends with may be no content."""
# The content, what base64 adds to it, and the words around.
MOST_BODY_BYTES = MOST_BYTES * 4 // 3 + 64 * 1024
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "properties": {FILE: {"type": "string", "format": "binary"}},
                    "required": [FILE],
                }
            },
            JSON_TYPE: {"schema": DocumentSent.model_json_schema()},
        },
    }
}
"""What a route that takes a document says of its body."""


class FileMissing(Invalid):
    code = "file_missing"
    title = "No file came with the request"


class NotBase64(Invalid):
    code = "not_base64"
    title = "content_base64 is not base64"


async def the_desk(request: Request) -> DocumentDesk:
    return request.app.state.documents


DeskDep = Annotated[DocumentDesk, Depends(the_desk)]


async def receive(request: Request, desk: DocumentDesk) -> Received:
    """Raises UnsupportedMediaType, FileMissing, NotBase64, DocumentTooLarge, DocumentNotTaken, NameDisagrees."""
    is_json = require_media_type(request, MULTIPART, JSON_TYPE) == JSON_TYPE
    name, content = await (_from_json(request) if is_json else _from_form(request))
    return await examined(desk, name, content)


async def examined(desk: DocumentDesk, name: str, content: bytes) -> Received:
    """Raises DocumentTooLarge, DocumentNotTaken, NameDisagrees."""
    rules.refuse_size(len(content))
    try:
        found = await desk.examiner.examine(content)
    except ContentRefused as refused:
        raise rules.refusal_of(refused) from None
    rules.refuse_other_name(name, found.kind)
    return Received(name, found.kind, content, found.copy)


def refusal_in_words(refused: DomainError) -> str:
    """What is wrong and how to put it right, for beside the file."""
    step = refused.next_step or NEXT_STEPS[refused.status]
    whole = (refused.title, refused.detail if refused.detail != refused.title else "", step)
    return ". ".join(each.rstrip(".") for each in whole if each) + "."


async def _from_form(request: Request) -> tuple[str, bytes]:
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES) as form:
        file = form.get(FILE)
        if not isinstance(file, UploadFile) or not (file.filename or file.size):
            raise FileMissing(field=FILE, next_step=f"Send it as the part named {FILE}.")
        rules.refuse_size(file.size or 0)
        return file.filename or "", await file.read()


async def _from_json(request: Request) -> tuple[str, bytes]:
    try:
        body = json.loads(await request.body())
        if found := list(unreadable(("body",), {**body, "name": ""} if isinstance(body, dict) else body)):
            raise RequestValidationError(found)
        sent = DocumentSent.model_validate(body)
    except ValidationError as refused:
        found = [{**each, "loc": ("body", *each["loc"]), "input": None} for each in refused.errors(include_url=False)]
        raise RequestValidationError(found) from None
    except (ValueError, RecursionError):
        wrong = {"type": "json_invalid", "loc": ("body",), "msg": "The body is not JSON", "input": None}
        raise RequestValidationError([wrong]) from None
    return sent.name, decoded(sent.content_base64)


def decoded(content_base64: str) -> bytes:
    """Raises DocumentTooLarge before anything is decoded, NotBase64."""
    rules.refuse_size(len(content_base64) * 3 // 4 - PADDING)
    try:
        return base64.b64decode(content_base64, validate=True)
    except (binascii.Error, ValueError):
        raise NotBase64(field="content_base64", next_step="Encode it as RFC 4648 says, without line breaks.") from None
