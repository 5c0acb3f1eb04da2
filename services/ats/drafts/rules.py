"""What a draft may hold, what is missing of it, and when its person hears of it. No database, no clock."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import ValidationError

from services.ats.applications.form_rules import BY_FILE, DOCUMENT_ID, Fault, faults_of
from services.ats.applications.form_rules import SECTIONS as LISTS
from services.ats.applications.schemas import ApplicationCreate
from services.ats.drafts.models import ApplicationDraft
from services.ats.files.models import Document, DocumentState
from services.ats.vacancies.application_form import FILES, ApplicationForm, Asked
from shared.errors import DomainError, Invalid
from shared.field_errors import field_of, words_of

LARGEST_BYTES = 1_000_000
"""Of what is typed, as JSON: more than the longest application that any form takes."""
REMINDED_BEFORE = timedelta(hours=48)
UNTOUCHED_FOR = timedelta(hours=12)
"""Nobody is reminded of what they have just put aside."""
LINK_OUTLIVES_CLOSING = timedelta(days=1)
MOST_MAILS_A_DAY = 10
"""To one address without its having asked for them, whoever begins drafts in its name."""
DOCUMENT_UNKNOWN, DOCUMENT_HARMFUL = "document_unknown", "document_harmful"
# The draft's own: said when it was begun.
MEMBERS = frozenset(ApplicationCreate.model_fields) - {"email"}


class DraftSent(DomainError):
    code = "draft_sent"
    title = "This draft has been sent"


class DraftTooLarge(Invalid):
    code: ClassVar[str] = "draft_too_large"
    status: ClassVar[int] = 413
    title: ClassVar[str] = "This is more than an application can hold"


def refuse_sent(draft: ApplicationDraft) -> None:
    """Raises DraftSent."""
    if draft.application_id is not None:
        raise DraftSent(next_step="Open the link in the mail that says that the application was received")


def merge(typed: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Each member that is given replaces what was typed; null takes it away. Raises DraftTooLarge."""
    merged = {name: value for name, value in (dict(typed) | dict(changes)).items() if value is not None}
    if len(json.dumps(merged, ensure_ascii=False).encode()) > LARGEST_BYTES:
        raise DraftTooLarge(field="application", next_step=f"Keep it within {LARGEST_BYTES} bytes")
    return merged


def keep(draft: ApplicationDraft, typed: dict[str, Any], now: datetime) -> None:
    draft.typed, draft.saved_at = typed, now
    draft.version += 1


def body_of(draft: ApplicationDraft) -> dict[str, Any]:
    """The application as it would be sent now."""
    return draft.typed | {"email": draft.email, "form_version": draft.form_version}


def faults_in(
    form: ApplicationForm, criteria: Sequence[str], body: Mapping[str, Any], documents: Sequence[Document]
) -> list[Fault]:
    """Everything that keeps it from being sent: what cannot be read, then what the form asks for and is not there, and
    then documents that are named and cannot be had. `documents`: the draft's own.

    A member that cannot be read is not called missing as well.
    """
    found = _unsendable(form, criteria, body)
    told = {each.field for each in found}
    return found + [each for each in _document_faults(form, body, documents) if each.field not in told]


def documents_named(form: ApplicationForm, typed: Mapping[str, Any]) -> dict[str, str]:
    """What is given for a document, by question, whether or not it is one."""
    found: dict[str, str] = {}
    if not isinstance(questions := typed.get("questions"), dict):
        return found
    for each in form.questions:
        given = questions.get(each.question_id)
        named = given.get(BY_FILE) if isinstance(given, dict) else given
        if each.kind in FILES and isinstance(named, str):
            found[each.question_id or ""] = named
    return found


def is_document_id(given: str) -> bool:
    return re.fullmatch(DOCUMENT_ID, given) is not None and not given.endswith("\n")


def _document_faults(form: ApplicationForm, body: Mapping[str, Any], documents: Sequence[Document]) -> Iterator[Fault]:
    named = documents_named(form, body)
    states = {str(each.id): each.state for each in documents}
    times = Counter(named.values())
    for question_id, given in named.items():
        field = f"questions.{question_id}"
        if given not in states or times[given] > 1:
            yield Fault(field, DOCUMENT_UNKNOWN, "Name a document that you sent for this draft, each once.")
        elif states[given] is DocumentState.MALICIOUS:
            yield Fault(field, DOCUMENT_HARMFUL, "The document was found to be harmful: send another.")


def _unsendable(form: ApplicationForm, criteria: Sequence[str], body: Mapping[str, Any]) -> list[Fault]:
    unreadable: list[Fault] = []
    readable = dict(body)
    try:
        wanted = ApplicationCreate.model_validate(readable)
    except ValidationError as error:
        unreadable = list(_unreadable(error, body))
        bad = {each.field.partition(".")[0] for each in unreadable}
        readable = {name: value for name, value in readable.items() if name not in bad}
        readable |= {"name": "-"} if "name" in bad else {}
        try:
            wanted = ApplicationCreate.model_validate(readable)
        except ValidationError:
            return unreadable
        return unreadable + [
            each for each in faults_of(form, criteria, wanted) if each.field.partition(".")[0] not in bad
        ]
    known = {*criteria}
    strange = [each.criterion_id for each in wanted.answers if each.criterion_id not in known]
    unknown = [Fault("answers", "criterion_unknown", "This vacancy has no such criterion.", each) for each in strange]
    return unknown + list(faults_of(form, criteria, wanted))


def only_asked(typed: Mapping[str, Any], form: ApplicationForm, criteria: Sequence[str]) -> dict[str, Any]:
    """What was typed, without what a changed form asks no more: its person could not see it to take it away."""
    kept = dict(typed)
    questions = {each.question_id for each in form.questions}
    declarations = {each.declaration_id for each in form.declarations}
    if isinstance(kept.get("questions"), dict):
        kept["questions"] = {name: value for name, value in kept["questions"].items() if name in questions}
    if isinstance(kept.get("declarations"), list):
        kept["declarations"] = [each for each in kept["declarations"] if each in declarations]
    if isinstance(kept.get("answers"), list):
        kept["answers"] = [
            each for each in kept["answers"] if not isinstance(each, dict) or each.get("criterion_id") in criteria
        ]
    for name in LISTS:
        if getattr(form, name) is Asked.NOT_ASKED:
            kept.pop(name, None)
    for name, is_asked in (
        ("breaks", form.employment is not Asked.NOT_ASKED),
        ("answers", form.criteria is not Asked.NOT_ASKED),
        ("supporting_statement", form.supporting_statement is not Asked.NOT_ASKED),
        ("referees", bool(form.referees)),
    ):
        if not is_asked:
            kept.pop(name, None)
    return kept


def _unreadable(error: ValidationError, body: Mapping[str, Any]) -> Iterator[Fault]:
    for each in error.errors(include_input=False, include_url=False):
        field = field_of(each) or "answers"
        yield Fault(field, str(each["type"]), words_of(each), _criterion(field, body))


def _criterion(field: str, body: Mapping[str, Any]) -> str | None:
    """Which criterion an error inside `answers.0` is about."""
    head, _, rest = field.partition(".")
    number = rest.partition(".")[0]
    if head != "answers" or not number.isdigit():
        return None
    answer = body["answers"][int(number)]
    return answer.get("criterion_id") if isinstance(answer, dict) else None


def is_to_be_reminded(draft: ApplicationDraft, closes_at: datetime, now: datetime) -> bool:
    """Once, in the last two days before the closing, unless it was worked on in the last hours."""
    return (
        draft.application_id is None
        and draft.reminded_at is None
        and closes_at - REMINDED_BEFORE <= now < closes_at
        and draft.saved_at <= now - UNTOUCHED_FOR
    )
