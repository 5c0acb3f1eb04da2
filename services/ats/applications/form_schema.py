"""The body of an application for one form as JSON Schema (draft 2020-12), from the model that it is read by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from services.ats.applications.form_rules import BY_FILE, BY_TEXT, DOCUMENT_ID, ONE_DAY, SECTIONS, limits
from services.ats.applications.schemas import ApplicationSent, SentFile
from services.ats.vacancies.application_form import TEXTS, ApplicationForm, Asked, CouncilQuestion, QuestionKind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# What no body may hold, whatever the route (shared.intake).
NOT_TEXT = "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]"
BEYOND = (
    "Formats (date, email) are to be asserted.",
    "employment and breaks: ended_on is not before started_on.",
    "A document that answers a question comes with it, or was sent by you (POST /v1/documents?job_id=…), named once.",
    "What a file is is told by its content, and it has at most 10 MB; together they have at most 30 MB.",
)
"""What the server checks and JSON Schema cannot say."""
NONE_ASKED: Mapping[str, Any] = MappingProxyType({"maxItems": 0})


def schema_of(
    form: ApplicationForm, criteria: Sequence[str], version: int, schemes: Sequence[str] = ()
) -> dict[str, Any]:
    """`criteria`: the ids of the vacancy's essential ones; `schemes`: those that guarantee an interview here."""
    schema: dict[str, Any] = {"$schema": DIALECT} | ApplicationSent.model_json_schema()
    members, required = schema["properties"], schema["required"]
    members["form_version"] = {"anyOf": [{"const": version}, {"type": "null"}]}
    members["guaranteed_interview"] = {"anyOf": [{"enum": list(schemes)}, {"type": "null"}], "default": None}
    if not schemes:
        members["guaranteed_interview"] = {"type": "null", "default": None}
    _narrow_personal(form, members, required)
    _narrow_criteria(form, criteria, schema)
    for name in SECTIONS:
        if getattr(form, name) is Asked.REQUIRED:
            required.append(name)
    for name in (*SECTIONS, "breaks"):
        asked = form.employment if name == "breaks" else getattr(form, name)
        members[name] |= NONE_ASKED if asked is Asked.NOT_ASKED else {}
    members["referees"] |= {"minItems": form.referees} if form.referees else NONE_ASKED
    members["declarations"] |= _declarations(form)
    members["questions"] = _questions(form)
    required += ["referees"] if form.referees else []
    required += ["declarations"] if form.declarations else []
    required += ["questions"] if members["questions"]["required"] else []
    return schema


def _narrow_personal(form: ApplicationForm, members: dict[str, Any], required: list[str]) -> None:
    if form.phone == "required":
        members["phone"] = next(each for each in members["phone"]["anyOf"] if each["type"] == "string")
        required.append("phone")
    if form.supporting_statement is Asked.REQUIRED:
        members["supporting_statement"] |= {"pattern": r"\S"}
        required.append("supporting_statement")
    if form.supporting_statement is Asked.NOT_ASKED:
        members["supporting_statement"] |= {"maxLength": 0}


def _narrow_criteria(form: ApplicationForm, criteria: Sequence[str], schema: dict[str, Any]) -> None:
    """Only this vacancy's, each at most once, or exactly once where it is required."""
    criterion = schema["$defs"]["Answer"]["properties"]["criterion_id"]
    criterion["enum"] = list(criteria)
    criterion.pop("examples", None)
    answers = schema["properties"]["answers"]
    if not criteria or form.criteria is Asked.NOT_ASKED:
        answers |= NONE_ASKED
        return
    fewest = 1 if form.criteria is Asked.REQUIRED else 0
    answers["allOf"] = [
        {
            "contains": {"properties": {"criterion_id": {"const": each}}, "required": ["criterion_id"]},
            "minContains": fewest,
            "maxContains": 1,
        }
        for each in criteria
    ]
    if fewest:
        schema["required"].append("answers")


def _declarations(form: ApplicationForm) -> dict[str, Any]:
    ids = [each.declaration_id for each in form.declarations]
    if not ids:
        return dict(NONE_ASKED)
    return {"items": {"enum": ids}, "uniqueItems": True, "minItems": len(ids), "maxItems": len(ids)}


def _questions(form: ApplicationForm) -> dict[str, Any]:
    return {
        "type": "object",
        "title": "Questions",
        "properties": {each.question_id: question_schema(each) for each in form.questions},
        "required": [each.question_id for each in form.questions if each.is_required],
        "additionalProperties": False,
        "default": {},
    }


def question_schema(question: CouncilQuestion) -> dict[str, Any]:
    """Of one answer. Labels are for people; the options' are in the form's sections."""
    return {"title": question.label} | SHAPES[question.kind](question)


def _text(question: CouncilQuestion) -> dict[str, Any]:
    longest = question.max_length or TEXTS[question.kind]
    return {"type": "string", "maxLength": longest, "pattern": r"\S", "not": {"pattern": NOT_TEXT}}


def _number(question: CouncilQuestion) -> dict[str, Any]:
    low, high = limits(question)
    return {"type": "number", "minimum": low, "maximum": high}


def _choice(question: CouncilQuestion) -> dict[str, Any]:
    one = {"enum": [each.value for each in question.options]}
    if question.kind is QuestionKind.SINGLE_SELECT:
        return one
    return {"type": "array", "items": one, "uniqueItems": True, "minItems": int(question.is_required)}


def _file(_question: CouncilQuestion) -> dict[str, Any]:
    return {"anyOf": [_document(), SentFile.model_json_schema()]}


def _document() -> dict[str, Any]:
    return {"type": "string", "format": "uuid", "pattern": DOCUMENT_ID}


def _file_or_text(question: CouncilQuestion) -> dict[str, Any]:
    named = {
        "type": "object",
        "properties": {BY_FILE: _document(), BY_TEXT: _text(question)},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [named, SentFile.model_json_schema()]}


SHAPES: Mapping[QuestionKind, Callable[[CouncilQuestion], dict[str, Any]]] = MappingProxyType(
    {
        QuestionKind.SHORT_TEXT: _text,
        QuestionKind.LONG_TEXT: _text,
        QuestionKind.NUMBER: _number,
        QuestionKind.DATE: lambda _: ONE_DAY.json_schema(),
        QuestionKind.YES_NO: lambda _: {"type": "boolean"},
        QuestionKind.SINGLE_SELECT: _choice,
        QuestionKind.MULTI_SELECT: _choice,
        QuestionKind.FILE: _file,
        QuestionKind.FILE_OR_TEXT: _file_or_text,
    }
)
