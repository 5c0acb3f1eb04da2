"""Files that somebody chose on the page of a step: examined before a transaction begins, kept with what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from services.ats.applications.form_rules import BY_FILE
from services.ats.documents.commands import Received
from services.ats.documents.uploads import DeskDep, examined, refusal_in_words
from services.ats.drafts.asking import AskedTooOften, refuse_too_many_documents
from services.ats.drafts.callers import Person
from services.ats.drafts.documents import left_out, remove_from_draft, send_for_draft
from services.ats.drafts.opened import Opened
from services.ats.drafts.posted import CHOSEN
from services.ats.drafts.queries import documents_of_draft
from services.ats.drafts.steps import Step
from services.ats.files.desk import DocumentDesk
from services.ats.vacancies.application_form import FILES, ApplicationForm, QuestionKind
from shared.errors import DomainError
from shared.pages import FormError
from shared.principals import Principal

MOST_AT_ONCE = 10
TOO_MANY = f"This was not kept: send at most {MOST_AT_ONCE} files at once, then choose it again"
TOO_OFTEN = "This was not kept: wait a minute, then choose it again"
NOT_KEPT = "The file that you chose is not kept yet: choose it again"


@dataclass(frozen=True, slots=True)
class Chosen:
    """By the name of the field: what can be taken, and in words why another cannot."""

    desk: DocumentDesk
    received: dict[str, Received] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def not_kept(self) -> list[FormError]:
        return [FormError(name, NOT_KEPT) for name in self.received]


async def chosen_files(request: Request, caller: Person, desk: DeskDep) -> Chosen:
    """What is refused is said beside its field; whatever was typed with it is kept all the same."""
    chosen = Chosen(desk)
    for name, file in (await request.form()).multi_items():
        is_chosen = isinstance(file, UploadFile) and (file.filename or file.size)
        if not isinstance(file, UploadFile) or not is_chosen or not name.endswith(CHOSEN):
            continue
        asked = name.removesuffix(CHOSEN)
        if len(chosen.received) + len(chosen.refused) >= MOST_AT_ONCE:
            chosen.refused[asked] = TOO_MANY
            continue
        try:
            await refuse_too_many_documents(request, caller)
            chosen.received[asked] = await examined(desk, file.filename or "", await file.read())
        except AskedTooOften:
            chosen.refused[asked] = TOO_OFTEN
        except DomainError as refused:
            chosen.refused[asked] = refusal_in_words(refused)
    return chosen


ChosenFiles = Annotated[Chosen, Depends(chosen_files)]


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where chosen files go, for whom, and when."""

    session: AsyncSession
    desk: DocumentDesk
    caller: Principal
    now: datetime


async def keep_files(
    keeping: Keeping, opened: Opened, step: Step, chosen: Chosen, changes: dict[str, Any]
) -> list[FormError]:
    """Name them in `changes` as the answers to their questions. What cannot be kept is given back in words."""
    refused = dict(chosen.refused)
    for each in step.section.questions:
        name = f"{each.field}-{each.question_id}"
        if each.kind not in FILES or each.question_id is None or name not in chosen.received:
            continue
        try:
            async with keeping.session.begin_nested():
                document = await send_for_draft(
                    keeping.session,
                    keeping.desk,
                    chosen.received[name],
                    opened.draft,
                    caller=keeping.caller,
                    now=keeping.now,
                )
        except DomainError as problem:
            refused[name] = refusal_in_words(problem)
            continue
        given = dict(changes.get("questions") or {})
        given[each.question_id] = _answer(each.kind, given.get(each.question_id), str(document.id))
        changes["questions"] = given
    return [FormError(name, words) for name, words in refused.items()]


def _answer(kind: str, given: Any, document_id: str) -> Any:
    """Words that were typed beside a file are kept: which of the two is meant is for their writer to say."""
    if kind == QuestionKind.FILE:
        return document_id
    return (given if isinstance(given, dict) else {}) | {BY_FILE: document_id}


async def drop_replaced(keeping: Keeping, opened: Opened, before: Mapping[str, Any]) -> Opened:
    """Documents that answered a question `before` and answer none now go. The draft with those that it has now."""
    form = ApplicationForm.model_validate(opened.job.application_form)
    there = await documents_of_draft(keeping.session, opened.draft.id)
    gone = left_out(form, before, opened.draft.typed, there)
    await remove_from_draft(keeping.session, opened.draft, gone, caller=keeping.caller, now=keeping.now)
    return replace(opened, documents=[each for each in there if each.id not in gone])
