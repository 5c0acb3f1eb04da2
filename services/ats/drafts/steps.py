"""The steps of a draft as pages: which members of the application each asks for, and how they stand in its fields."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from services.ats.applications.form import FormQuestion, FormSection
from services.ats.applications.form_rules import BY_FILE, BY_TEXT, Fault
from services.ats.documents.presenting import STATES
from services.ats.drafts.posted import Fields, read_answer
from services.ats.drafts.wording import in_words
from services.ats.files.models import Document
from services.ats.vacancies.application_form import FILES
from shared.pages import FormError
from shared.pages.formats import long_date

MEMBERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "about_you": ("name", "phone"),
        "essential_criteria": ("answers",),
        "statement": ("supporting_statement",),
    }
)
"""Of the steps that are not called as their one member is."""
LONG = 1000
"""Texts that may be longer than this get a box of several lines."""
NO_DOCUMENTS: Mapping[str, Document] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a page, with what was typed into it."""

    name: str
    question: FormQuestion
    value: Any
    is_checkbox: bool = False
    document: Document | None = None

    @property
    def takes_file(self) -> bool:
        return self.question.kind in FILES

    @property
    def document_id(self) -> str | None:
        """Of the document that is named in the answer."""
        given = self.value.get(BY_FILE) if isinstance(self.value, dict) else self.value
        return given if self.takes_file and isinstance(given, str) else None

    @property
    def document_name(self) -> str:
        return "A file that you sent" if self.document is None else self.document.file_name

    @property
    def document_state(self) -> str:
        return "" if self.document is None else STATES[self.document.state]

    @property
    def words(self) -> Any:
        """What was typed instead of a file."""
        return self.value.get(BY_TEXT) if isinstance(self.value, dict) else None

    @property
    def label(self) -> str:
        is_marked = self.question.is_required or self.is_checkbox
        return self.question.label if is_marked else f"{self.question.label} (optional)"

    @property
    def is_long(self) -> bool:
        return self.question.kind == "long_text" or (self.question.max_length or 0) > LONG

    @property
    def shown(self) -> str:
        """What was typed or sent, for people to read."""
        if self.takes_file:
            return "\n".join(each for each in (self.words, self.document_id and self.document_name) if each)
        return _in_words(self.question, self.value)


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one page, or of one entry of its list."""

    title: str
    inputs: list[Input]
    number: int | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    section: FormSection
    members: dict[str, Any]
    groups: list[Group] = field(default_factory=list)

    @property
    def seen(self) -> str:
        return seal(self.members)

    @property
    def title(self) -> str:
        return self.section.title

    @property
    def takes_files(self) -> bool:
        return any(each.takes_file for group in self.groups for each in group.inputs)


def step_of(
    section: FormSection,
    typed: Mapping[str, Any],
    *,
    blanks: int = 0,
    documents: Mapping[str, Document] = NO_DOCUMENTS,
) -> Step:
    """What the page of this section shows. `blanks`: entries to be filled in after those that are there; `documents`:
    the draft's, by id.
    """
    members = {name: typed[name] for name in names_of(section) if name in typed}
    groups = (
        [*_entries(section, members, blanks)]
        if section.is_list
        else [Group("", [*_inputs(section, members, documents)])]
    )
    return Step(section, members, groups)


def names_of(section: FormSection) -> tuple[str, ...]:
    return MEMBERS.get(section.key, (section.key,))


def seal(members: Mapping[str, Any]) -> str:
    """To tell whether another window has changed this step since the page was drawn."""
    return hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()[:16]


def read_step(section: FormSection, fields: Fields) -> dict[str, Any]:
    """The members of the section as they were typed; None for what was left empty."""
    if section.is_list:
        return {section.key: [*_read_entries(section, fields)]}
    given: dict[str, Any] = dict.fromkeys(names_of(section))
    for question in _asked(section):
        value = read_answer(question, _name(question), fields)
        if question.criterion_id is not None:
            given["answers"] = (given["answers"] or []) + _answer(question.criterion_id, value)
        elif question.field == "declarations":
            given["declarations"] = (given["declarations"] or []) + ([question.question_id] if value else [])
        elif question.question_id is not None:
            given["questions"] = (given["questions"] or {}) | ({} if value is None else {question.question_id: value})
        else:
            given[question.field] = value
    return given


def _answer(criterion_id: str, value: Any) -> list[dict[str, Any]]:
    return [] if value is None else [{"criterion_id": criterion_id, "answer": value}]


def errors_of(step: Step, faults: Sequence[Fault]) -> list[FormError]:
    """Those of this step, each at its field. Of several that want an answer, each says which question it is."""
    labels = {each.name: each.question.label for group in step.groups for each in group.inputs}
    found: list[FormError] = []
    for fault in faults:
        if fault.field.partition(".")[0] in names_of(step.section):
            field = _field_of(step, fault)
            found.append(FormError(field, in_words(fault, labels.get(field, ""))))
    return found


def _field_of(step: Step, fault: Fault) -> str:
    head, _, rest = fault.field.partition(".")
    if step.section.is_list:
        return fault.field.replace(".", "-") if rest else f"{head}-0-{step.section.questions[0].field}"
    if fault.about is not None:
        return f"{head}-{fault.about}"
    return f"{head}-{rest.partition('.')[0]}" if head == "questions" and rest else head


def _asked(section: FormSection) -> Iterator[FormQuestion]:
    """Not the e-mail address: it is the draft's own."""
    return (each for each in section.questions if each.field != "email" or section.is_list)


def _name(question: FormQuestion) -> str:
    of_several = question.criterion_id or question.question_id
    return f"{question.field}-{of_several}" if of_several else question.field


def _inputs(section: FormSection, members: Mapping[str, Any], documents: Mapping[str, Document]) -> Iterator[Input]:
    answers = {each.get("criterion_id"): each.get("answer") for each in _dicts(members.get("answers"))}
    questions = members.get("questions")
    made = members.get("declarations")
    for question in _asked(section):
        if question.criterion_id is not None:
            value = answers.get(question.criterion_id)
        elif question.field == "declarations":
            value = isinstance(made, list) and question.question_id in made
        elif question.question_id is not None:
            value = questions.get(question.question_id) if isinstance(questions, dict) else None
        else:
            value = members.get(question.field)
        made_of = Input(_name(question), question, value, is_checkbox=question.kind == "declaration")
        yield replace(made_of, document=documents.get(made_of.document_id or ""))


def _entries(section: FormSection, members: Mapping[str, Any], blanks: int) -> Iterator[Group]:
    entries = _dicts(members.get(section.key))
    fewest = max(section.min_entries, len(entries) + blanks)
    for number in range(min(fewest, section.max_entries or fewest)):
        is_new = number >= len(entries)
        entry = {} if is_new else entries[number]
        inputs = [
            Input(
                f"{section.key}-{number}-{each.field}", each, entry.get(each.field), is_checkbox=each.kind == "yes_no"
            )
            for each in section.questions
        ]
        yield Group(f"Entry {number + 1}", inputs, number, is_new)


def _dicts(value: Any) -> list[dict[str, Any]]:
    """A system may have sent anything: what is no entry cannot be shown as one."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _read_entries(section: FormSection, fields: Fields) -> Iterator[dict[str, Any]]:
    """Those in which anything was typed, but those that were taken away."""
    removed = set(fields.get("remove", ()))
    for number in range(section.max_entries or 0):
        names = {each.field: (each, f"{section.key}-{number}-{each.field}") for each in section.questions}
        read = {
            name: read_answer(question, posted, fields, is_entry=True) for name, (question, posted) in names.items()
        }
        entry = {name: value for name, value in read.items() if value is not None}
        if entry and str(number) not in removed:
            yield entry


def _in_words(question: FormQuestion, value: Any) -> str:
    labels = {each.value: each.label for each in question.options}
    if question.kind == "date" and isinstance(value, str):
        return _day_in_words(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(labels.get(each, str(each)) for each in value)
    return "" if value is None else labels.get(value, str(value)) if isinstance(value, str) else str(value)


def _day_in_words(typed: str) -> str:
    """What is no day stays as it was typed."""
    try:
        return long_date(date.fromisoformat(typed))
    except ValueError:
        return typed
