"""What an application for a live advert takes today, as data: for the board that shows the form, and for people.

Read off the schema that the application is checked by, so that the two cannot part.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.ats.applications.schemas import Answer, ApplicationCreate
from services.ats.jobs.addresses import form_url
from services.ats.jobs.models import PublishedJob

STANDARD_FORM = "standard-1"
HOSTED = "hosted"
ABOUT_YOU = {"name": "Name", "email": "E-mail address", "phone": "Telephone number"}
STATEMENT = {"supporting_statement": "Why you are right for this job"}
KINDS = {"email": "email", "phone": "phone", "supporting_statement": "long_text"}


class FormQuestion(BaseModel):
    field: str = Field(examples=["answers"], description="Of the application that is sent")
    criterion_id: str | None = Field(default=None, examples=["E1"], description="With `answers`: what is answered to")
    label: str = Field(examples=["A year advising people"])
    kind: str = Field(examples=["long_text"], description="text, email, phone or long_text")
    is_required: bool
    max_length: int


class FormSection(BaseModel):
    key: str = Field(examples=["essential_criteria"])
    title: str = Field(examples=["What you need"])
    questions: list[FormQuestion]


class JobFormRead(BaseModel):
    """How to apply for one advert. `sections` and `json_schema` say the same, for a page and for a program."""

    job_id: UUID
    form: str = Field(examples=[STANDARD_FORM], description="The kind of form; another kind may have other sections")
    version: int = Field(description="Of the advert: its criteria, and so its questions, change with it")
    apply_method: str = Field(description="hosted: send the application to submit_to; url: the employer takes it")
    apply_url: str
    submit_to: str | None = Field(examples=["/v1/jobs/9f0c…/applications"], description="POST, with scope jobs:apply")
    sections: list[FormSection]
    json_schema: dict[str, Any] | None = Field(examples=[{"type": "object"}], description="JSON Schema of the body")


def describe_form(job: PublishedJob) -> JobFormRead:
    is_hosted = job.apply_method == HOSTED
    return JobFormRead(
        job_id=job.id,
        form=STANDARD_FORM,
        version=job.version,
        apply_method=job.apply_method,
        apply_url=job.apply_url or form_url(job.id),
        submit_to=f"/v1/jobs/{job.id}/applications" if is_hosted else None,
        sections=list(_sections(job)) if is_hosted else [],
        json_schema=_schema(job) if is_hosted else None,
    )


def _sections(job: PublishedJob) -> Iterator[FormSection]:
    own = ApplicationCreate.model_json_schema()
    yield FormSection(
        key="about_you", title="About you", questions=[_question(own, *each) for each in ABOUT_YOU.items()]
    )
    length = Answer.model_json_schema()["properties"]["answer"]["maxLength"]
    answers = [
        FormQuestion(
            field="answers",
            criterion_id=each["criterion_id"],
            label=each["text"],
            kind="long_text",
            is_required="answers" in own["required"],
            max_length=length,
        )
        for each in job.essential
    ]
    if answers:
        yield FormSection(key="essential_criteria", title="What you need", questions=answers)
    yield FormSection(
        key="statement", title="In your words", questions=[_question(own, *each) for each in STATEMENT.items()]
    )


def _question(own: dict[str, Any], name: str, label: str) -> FormQuestion:
    shape = own["properties"][name]
    lengths = [each.get("maxLength") for each in (shape, *shape.get("anyOf", ()))]
    return FormQuestion(
        field=name,
        label=label,
        kind=KINDS.get(name, "text"),
        is_required=name in own["required"],
        max_length=next(each for each in lengths if each is not None),
    )


def _schema(job: PublishedJob) -> dict[str, Any]:
    """Of the body of an application, its answers narrowed to this advert's criteria."""
    schema = ApplicationCreate.model_json_schema()
    criterion = schema["$defs"]["Answer"]["properties"]["criterion_id"]
    criterion["enum"] = [each["criterion_id"] for each in job.essential]
    criterion.pop("examples", None)
    if not job.essential:
        schema["properties"]["answers"]["maxItems"] = 0
    return schema
