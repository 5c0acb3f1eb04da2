"""Which file answers which question of a form. No database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from services.ats.applications.form_rules import BY_FILE, Fault, refuse_faults
from services.ats.applications.schemas import MOST_FILES, ApplicationCreate
from services.ats.vacancies.application_form import FILES, ApplicationForm, QuestionKind
from shared.errors import Invalid


class TooManyFiles(Invalid):
    code = "too_many_files"
    title = f"An application comes with at most {MOST_FILES} files"


class PartUnknown(Invalid):
    code = "part_unknown"
    title = "The form has a part that is not read here"


class PartMissing(Invalid):
    code = "part_missing"
    title = "The form has no part named application, or several"


def refuse_too_many(count: int) -> None:
    """Raises TooManyFiles."""
    if count > MOST_FILES:
        raise TooManyFiles(next_step="Send the rest by POST /v1/documents, ahead of the application or after it.")


def refuse_misplaced(form: ApplicationForm, wanted: ApplicationCreate, answering: Collection[str]) -> None:
    """`answering`: the questions that a file came for. Raises FormNotAnswered."""
    kinds = {each.question_id: each.kind for each in form.questions}
    faults = []
    if set(answering) - set(kinds):
        faults.append(Fault("questions", "unknown", "A file came for a question that this form does not have."))
    for question_id in answering:
        field = f"questions.{question_id}"
        if question_id in kinds and kinds[question_id] not in FILES:
            faults.append(Fault(field, "not_an_answer", "This question is not answered with a file."))
        elif question_id in wanted.questions:
            faults.append(Fault(field, "given_twice", "Answer it once: with the file, or in the application."))
    refuse_faults(faults)


def with_answers(form: ApplicationForm, wanted: ApplicationCreate, sent: Mapping[str, UUID]) -> ApplicationCreate:
    """The application as it would be had these documents been sent ahead for their questions."""
    kinds = {each.question_id: each.kind for each in form.questions}
    answers = {
        question_id: str(document_id) if kinds[question_id] is QuestionKind.FILE else {BY_FILE: str(document_id)}
        for question_id, document_id in sent.items()
    }
    return wanted.model_copy(update={"questions": wanted.questions | answers})
