"""What an application for a live advert takes today, as data: for the board that shows the form, and for people.

Read off the schema that the application is checked by, so that the two cannot part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.ats.applications.form_rules import SECTIONS, limits
from services.ats.applications.form_schema import BEYOND, schema_of
from services.ats.applications.schemas import Answer, ApplicationCreate
from services.ats.files.kinds import MOST_BYTES, DocumentKind
from services.ats.jobs.addresses import form_url
from services.ats.jobs.models import PublishedJob
from services.ats.selection_policy.schemes import LABELS, Scheme
from services.ats.vacancies.application_form import (
    FILES,
    TEXTS,
    ApplicationForm,
    Asked,
    CouncilQuestion,
    Option,
    QuestionKind,
)

STANDARD_FORM, COUNCILS_FORM = "standard-1", "council-1"
HOSTED = "hosted"
ABOUT_YOU = {"name": "Name", "email": "E-mail address", "phone": "Telephone number"}
STATEMENT = {"supporting_statement": "Why you are right for this job"}
KINDS = {"email": "email", "phone": "phone", "supporting_statement": "long_text"}
# Sections that are lists of entries: title, and the labels of an entry's members.
LISTS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "employment": (
            "Your employment",
            {
                "employer": "Employer",
                "job_title": "Job title",
                "started_on": "First day",
                "ended_on": "Last day, unless you are still there",
                "duties": "What you did",
                "reason_for_leaving": "Why you left",
            },
        ),
        "breaks": (
            "Time between jobs of more than three months",
            {"started_on": "First day", "ended_on": "Last day", "reason": "What you did"},
        ),
        "education": (
            "Your education",
            {
                "institution": "School, college or university",
                "qualification": "Qualification",
                "grade": "Grade",
                "awarded_on": "Awarded on",
            },
        ),
        "registrations": (
            "Your professional registrations",
            {"body": "Registered with", "number": "Registration number", "expires_on": "Expires on"},
        ),
        "referees": (
            "Who can tell us about you",
            {
                "name": "Name",
                "email": "E-mail address",
                "phone": "Telephone number",
                "organisation": "Organisation",
                "relationship": "How they know you",
                "ask_me_first": "Ask me before you contact them",
            },
        ),
    }
)
FORMATS = {"date": "date", "email": "email"}


class FormQuestion(BaseModel):
    field: str = Field(examples=["answers"], description="Of the application that is sent")
    criterion_id: str | None = Field(default=None, examples=["E1"], description="With `answers`: what is answered to")
    question_id: str | None = Field(default=None, description="With `questions` and `declarations`: which one")
    label: str = Field(examples=["A year advising people"])
    help: str = ""
    kind: str = Field(
        examples=["long_text"],
        description="text, email, phone, declaration, or a kind of a vacancy's application_form.questions",
    )
    is_required: bool
    max_length: int | None = Field(default=None, description="Of texts, in characters")
    options: list[Option] = Field(default_factory=list)
    minimum: int | None = None
    maximum: int | None = None
    document_kinds: list[DocumentKind] = Field(default_factory=list, description="Of files: what is taken, by content")
    max_bytes: int | None = Field(default=None, description="Of files")


class FormSection(BaseModel):
    key: str = Field(examples=["essential_criteria"])
    title: str = Field(examples=["What you need"])
    is_list: bool = Field(default=False, description="So many entries as there are, each with these questions")
    min_entries: int = 0
    max_entries: int | None = None
    questions: list[FormQuestion]


class JobFormRead(BaseModel):
    """How to apply for one advert. `sections` and `json_schema` say the same, for a page and for a program."""

    job_id: UUID
    form: str = Field(
        examples=[STANDARD_FORM], description="standard-1: the form that everyone has; council-1: this council's own"
    )
    version: int = Field(description="Of the advert: its criteria, and so its questions, change with it")
    form_version: int = Field(description="Send it with the application: another is refused (409 form_changed)")
    apply_method: str = Field(description="hosted: send the application to submit_to; url: the employer takes it")
    apply_url: str
    submit_to: str | None = Field(examples=["/v1/jobs/9f0c…/applications"], description="POST, with scope jobs:apply")
    sections: list[FormSection]
    json_schema: dict[str, Any] | None = Field(
        examples=[{"type": "object"}], description="JSON Schema (draft 2020-12) of the body"
    )
    beyond_schema: list[str] = Field(description="What is checked and JSON Schema cannot say")


def describe_form(job: PublishedJob) -> JobFormRead:
    is_hosted = job.apply_method == HOSTED
    form = ApplicationForm.model_validate(job.application_form)
    criteria = [each["criterion_id"] for each in job.essential]
    return JobFormRead(
        job_id=job.id,
        form=COUNCILS_FORM if job.application_form else STANDARD_FORM,
        version=job.version,
        form_version=job.form_version,
        apply_method=job.apply_method,
        apply_url=job.apply_url or form_url(job.id),
        submit_to=f"/v1/jobs/{job.id}/applications" if is_hosted else None,
        sections=list(_sections(job, form)) if is_hosted else [],
        json_schema=schema_of(form, criteria, job.form_version, job.guaranteed_interviews) if is_hosted else None,
        beyond_schema=list(BEYOND) if is_hosted else [],
    )


def _sections(job: PublishedJob, form: ApplicationForm) -> Iterator[FormSection]:
    own = ApplicationCreate.model_json_schema()
    about = [_member(own, *each) for each in ABOUT_YOU.items()]
    about[-1].is_required = form.phone == "required"
    yield FormSection(key="about_you", title="About you", questions=about)
    if form.employment is not Asked.NOT_ASKED:
        yield _entries(own, "employment", form.employment)
        yield _entries(own, "breaks", Asked.OPTIONAL)
    for name in SECTIONS[1:]:
        if getattr(form, name) is not Asked.NOT_ASKED:
            yield _entries(own, name, getattr(form, name))
    if job.essential and form.criteria is not Asked.NOT_ASKED:
        yield FormSection(key="essential_criteria", title="What you need", questions=_criteria(job, form))
    if form.supporting_statement is not Asked.NOT_ASKED:
        statement = [_member(own, *each) for each in STATEMENT.items()]
        statement[0].is_required = form.supporting_statement is Asked.REQUIRED
        yield FormSection(key="statement", title="In your words", questions=statement)
    if job.guaranteed_interviews:
        yield FormSection(key="guaranteed_interview", title="Guaranteed interview", questions=[_schemes(job)])
    if form.questions:
        yield FormSection(key="questions", title="Questions", questions=[_own(each) for each in form.questions])
    if form.referees:
        yield _entries(own, "referees", Asked.REQUIRED, fewest=form.referees)
    if form.declarations:
        yield FormSection(key="declarations", title="Declarations", questions=_declarations(form))


def _schemes(job: PublishedJob) -> FormQuestion:
    """Those that this employer offers, of which one may be claimed."""
    return FormQuestion(
        field="guaranteed_interview",
        label="If you meet every essential criterion you will be interviewed, where one of these is true of you",
        help="You need no proof. Your answers are scored like everybody's.",
        kind=QuestionKind.SINGLE_SELECT,
        is_required=False,
        options=[Option(value=each, label=LABELS[Scheme(each)]) for each in job.guaranteed_interviews],
    )


def _criteria(job: PublishedJob, form: ApplicationForm) -> list[FormQuestion]:
    length = Answer.model_json_schema()["properties"]["answer"]["maxLength"]
    return [
        FormQuestion(
            field="answers",
            criterion_id=each["criterion_id"],
            label=each["text"],
            kind="long_text",
            is_required=form.criteria is Asked.REQUIRED,
            max_length=length,
        )
        for each in job.essential
    ]


def _declarations(form: ApplicationForm) -> list[FormQuestion]:
    return [
        FormQuestion(
            field="declarations", question_id=each.declaration_id, label=each.text, kind="declaration", is_required=True
        )
        for each in form.declarations
    ]


def _own(question: CouncilQuestion) -> FormQuestion:
    low, high = limits(question) if question.kind is QuestionKind.NUMBER else (None, None)
    return FormQuestion(
        field="questions",
        question_id=question.question_id,
        label=question.label,
        help=question.help,
        kind=question.kind,
        is_required=question.is_required,
        max_length=question.max_length or TEXTS.get(question.kind),
        options=question.options,
        minimum=low,
        maximum=high,
        document_kinds=list(DocumentKind) if question.kind in FILES else [],
        max_bytes=MOST_BYTES if question.kind in FILES else None,
    )


def _entries(own: dict[str, Any], name: str, asked: Asked, *, fewest: int = 0) -> FormSection:
    title, labels = LISTS[name]
    shape = own["$defs"][own["properties"][name]["items"]["$ref"].rpartition("/")[2]]
    return FormSection(
        key=name,
        title=title if asked is Asked.REQUIRED else f"{title} (optional)",
        is_list=True,
        min_entries=fewest,
        max_entries=own["properties"][name]["maxItems"],
        questions=[_member(shape, *each) for each in labels.items()],
    )


def _member(own: dict[str, Any], name: str, label: str) -> FormQuestion:
    shape = own["properties"][name]
    ways = (shape, *shape.get("anyOf", ()))
    kind = next((FORMATS[each["format"]] for each in ways if each.get("format") in FORMATS), None)
    if shape.get("type") == "boolean":
        kind = "yes_no"
    return FormQuestion(
        field=name,
        label=label,
        kind=KINDS.get(name) or kind or "text",
        is_required=name in own["required"],
        max_length=next((each["maxLength"] for each in ways if "maxLength" in each), None),
    )
