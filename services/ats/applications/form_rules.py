"""Whether an application answers its vacancy's form. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.ats.applications.form_answers import Day
from services.ats.applications.schemas import ApplicationCreate
from services.ats.vacancies.application_form import (
    FILES,
    LARGEST_NUMBER,
    TEXTS,
    ApplicationForm,
    Asked,
    CouncilQuestion,
    QuestionKind,
)
from shared.errors import DomainError, Invalid

SECTIONS = ("employment", "education", "registrations")
# As the answer to an upload gives it.
DOCUMENT_ID = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
BY_FILE, BY_TEXT = "document_id", "text"
ONE_DAY: TypeAdapter[Any] = TypeAdapter(Day)


class FormNotAnswered(Invalid):
    code = "form_not_answered"
    title = "The application does not answer the form of this vacancy"


class FormChanged(DomainError):
    code = "form_changed"
    title = "The form has changed since it was read"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to be mended: where, which rule, and how."""

    field: str
    code: str
    message: str
    # The criterion or declaration, where the field holds several.
    about: str | None = None


def refuse_unanswered(form: ApplicationForm, essential: Sequence[Mapping[str, Any]], wanted: ApplicationCreate) -> None:
    """Every fault at once, so that it is mended once. Raises FormNotAnswered."""
    refuse_faults([*faults_of(form, [each["criterion_id"] for each in essential], wanted)])


def refuse_faults(faults: Sequence[Fault]) -> None:
    """Raises FormNotAnswered with all of them, where there are any."""
    if faults:
        raise _not_answered(faults)


def _not_answered(faults: Sequence[Fault]) -> FormNotAnswered:
    return FormNotAnswered(
        faults[0].message,
        field=faults[0].field,
        next_step="Correct the fields named in `errors`; GET /v1/jobs/{id}/form says what it takes",
        errors=[{"field": each.field, "code": each.code, "message": each.message} for each in faults],
    )


def refuse_other_version(answered: int | None, current: int) -> None:
    """Raises FormChanged where the candidate answered another form than the one that is advertised now."""
    if answered is not None and answered != current:
        raise FormChanged(
            field="form_version", next_step="Read the form again and show what is new.", form_version=current
        )


def knock_outs(form: ApplicationForm, wanted: ApplicationCreate) -> list[CouncilQuestion]:
    """The questions whose answers rule the person out, in the form's order."""
    found = []
    for each in form.questions:
        given = wanted.questions.get(each.question_id or "")
        chosen = given if isinstance(given, list) else [given]
        if each.knock_out is not None and any(answer in each.knock_out.answers for answer in chosen):
            found.append(each)
    return found


def faults_of(form: ApplicationForm, criteria: Sequence[str], wanted: ApplicationCreate) -> Iterator[Fault]:
    """What is wrong with an application for this form. `criteria`: the ids of the vacancy's essential ones."""
    yield from _personal(form, criteria, wanted)
    for name in SECTIONS:
        yield from _section(getattr(form, name), name, wanted)
    if form.employment is Asked.NOT_ASKED and wanted.breaks:
        yield Fault("breaks", "not_asked", "This form does not ask for it: leave it out.")
    yield from _periods(wanted)
    yield from _referees(form, wanted)
    yield from _declarations(form, wanted)
    yield from _own_questions(form, wanted)


def _personal(form: ApplicationForm, criteria: Sequence[str], wanted: ApplicationCreate) -> Iterator[Fault]:
    if form.phone == "required" and wanted.phone is None:
        yield Fault("phone", "missing", "Give a telephone number.")
    answered = {each.criterion_id for each in wanted.answers}
    if form.criteria is Asked.NOT_ASKED and answered:
        yield Fault("answers", "not_asked", "This form does not ask for it: leave it out.")
    if form.criteria is Asked.REQUIRED:
        for each in criteria:
            if each not in answered:
                yield Fault("answers", "missing", f"Say how you meet {each}.", each)
    statement = wanted.supporting_statement.strip()
    if form.supporting_statement is Asked.NOT_ASKED and wanted.supporting_statement:
        yield Fault("supporting_statement", "not_asked", "This form does not ask for it: leave it out.")
    if form.supporting_statement is Asked.REQUIRED and not statement:
        yield Fault("supporting_statement", "missing", "Say why you are right for this job.")


def _section(asked: Asked, name: str, wanted: ApplicationCreate) -> Iterator[Fault]:
    """A required one is sent, if only to say that there is none."""
    if asked is Asked.REQUIRED and name not in wanted.model_fields_set:
        yield Fault(name, "missing", "Give it, or send an empty list where there is none.")
    if asked is Asked.NOT_ASKED and getattr(wanted, name):
        yield Fault(name, "not_asked", "This form does not ask for it: leave it out.")


def _periods(wanted: ApplicationCreate) -> Iterator[Fault]:
    """What JSON Schema cannot say."""
    for name in ("employment", "breaks"):
        for number, each in enumerate(getattr(wanted, name)):
            if each.ended_on is not None and each.ended_on < each.started_on:
                yield Fault(f"{name}.{number}.ended_on", "before_start", "It ends before it starts: correct one date.")


def _referees(form: ApplicationForm, wanted: ApplicationCreate) -> Iterator[Fault]:
    if form.referees and len(wanted.referees) < form.referees:
        yield Fault("referees", "too_few", f"Name {form.referees}.")
    if not form.referees and wanted.referees:
        yield Fault("referees", "not_asked", "This form does not ask for it: leave it out.")


def _declarations(form: ApplicationForm, wanted: ApplicationCreate) -> Iterator[Fault]:
    known = [each.declaration_id for each in form.declarations]
    if len(set(wanted.declarations)) != len(wanted.declarations):
        yield Fault("declarations", "twice", "A declaration is named twice.")
    if set(wanted.declarations) - set(known):
        yield Fault("declarations", "unknown", "This form has no such declaration.")
    for each in known:
        if each not in wanted.declarations:
            yield Fault("declarations", "missing", f"Make the declaration {each}.", each)


def _own_questions(form: ApplicationForm, wanted: ApplicationCreate) -> Iterator[Fault]:
    known = {each.question_id or "": each for each in form.questions}
    if set(wanted.questions) - set(known):
        # Not named: what a stranger sends as a name is not repeated.
        yield Fault("questions", "unknown", "This form has no such question; its ids are in the form's description.")
    yield from chain.from_iterable(_one(question_id, each, wanted) for question_id, each in known.items())


def _one(question_id: str, question: CouncilQuestion, wanted: ApplicationCreate) -> Iterator[Fault]:
    field = f"questions.{question_id}"
    if question_id not in wanted.questions:
        if question.is_required:
            yield Fault(field, "missing", "Answer it.")
        return
    message = CHECKS[question.kind](question, wanted.questions[question_id])
    if message:
        yield Fault(field, "not_an_answer", message)


def _text(question: CouncilQuestion, given: Any) -> str | None:
    longest = question.max_length or TEXTS[question.kind]
    if not isinstance(given, str) or len(given) > longest:
        return f"Write at most {longest} characters."
    return "Answer it, or leave it out." if not given.strip() else None


def _number(question: CouncilQuestion, given: Any) -> str | None:
    low, high = limits(question)
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return None if is_number and low <= given <= high else f"Give a number from {low} to {high}."


def _date(_question: CouncilQuestion, given: Any) -> str | None:
    try:
        ONE_DAY.validate_python(given)
    except ValidationError:
        return "Write a date like 2024-09-01."
    return None


def _yes_no(_question: CouncilQuestion, given: Any) -> str | None:
    return None if isinstance(given, bool) else "Answer true or false."


def _single(question: CouncilQuestion, given: Any) -> str | None:
    return None if isinstance(given, str) and given in _values(question) else "Choose one of its options."


def _multi(question: CouncilQuestion, given: Any) -> str | None:
    if not isinstance(given, list) or any(not isinstance(each, str) or each not in _values(question) for each in given):
        return "Choose from its options."
    if len(set(given)) != len(given):
        return "An option is chosen twice."
    return "Choose at least one." if question.is_required and not given else None


def _file(_question: CouncilQuestion, given: Any) -> str | None:
    is_id = isinstance(given, str) and re.fullmatch(DOCUMENT_ID, given) is not None and not given.endswith("\n")
    return None if is_id else "Give the id of a document that you sent: POST /v1/documents?job_id=…"


def _file_or_text(question: CouncilQuestion, given: Any) -> str | None:
    """One of the two, and nothing beside it."""
    if not isinstance(given, dict) or len(given) != 1:
        return f"Answer with {BY_FILE} or with {BY_TEXT}, not both."
    if BY_FILE in given:
        return _file(question, given[BY_FILE])
    return _text(question, given[BY_TEXT]) if BY_TEXT in given else f"Answer with {BY_FILE} or with {BY_TEXT}."


def documents_in(form: ApplicationForm, answers: Mapping[str, Any]) -> dict[str, UUID]:
    """The documents that a valid set of answers names, by question."""
    found: dict[str, UUID] = {}
    for each in form.questions:
        given = answers.get(each.question_id or "")
        named = given.get(BY_FILE) if isinstance(given, dict) else given
        if each.kind in FILES and isinstance(named, str):
            found[each.question_id or ""] = UUID(named)
    return found


def refuse_unknown_documents(unknown: Sequence[str]) -> None:
    """`unknown`: the questions whose document is not there to be named. Raises FormNotAnswered."""
    faults = [
        Fault(f"questions.{each}", "document_unknown", "Name a document that you sent for this job, each once.")
        for each in unknown
    ]
    if faults:
        raise _not_answered(faults)


def limits(question: CouncilQuestion) -> tuple[int, int]:
    """The smallest and the largest number, both allowed."""
    low = -LARGEST_NUMBER if question.minimum is None else question.minimum
    return low, LARGEST_NUMBER if question.maximum is None else question.maximum


def _values(question: CouncilQuestion) -> frozenset[str]:
    return frozenset(each.value for each in question.options)


CHECKS: Mapping[QuestionKind, Callable[[CouncilQuestion, Any], str | None]] = MappingProxyType(
    {
        QuestionKind.SHORT_TEXT: _text,
        QuestionKind.LONG_TEXT: _text,
        QuestionKind.NUMBER: _number,
        QuestionKind.DATE: _date,
        QuestionKind.YES_NO: _yes_no,
        QuestionKind.SINGLE_SELECT: _single,
        QuestionKind.MULTI_SELECT: _multi,
        QuestionKind.FILE: _file,
        QuestionKind.FILE_OR_TEXT: _file_or_text,
    }
)
"""By kind: what is wrong with an answer, and how to mend it; None when it is right."""
