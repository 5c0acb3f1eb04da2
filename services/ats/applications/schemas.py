from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field, model_validator

from services.ats.applications.employment_gaps import Gap
from services.ats.applications.form_answers import FormAnswers, Referee, Registration
from services.ats.applications.states import ApplicationAction, ApplicationSource, PoolReach, RejectionReason, Stage
from services.ats.selection_policy.schemes import Scheme
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.criteria import Strict
from shared.pagination import PagedFilter
from shared.vocabulary import HiringRoute

MOST_FILES = 10
"""With one application. More of them, and more than its body may hold, are sent ahead or after it."""


class Answer(Strict):
    """What a candidate says to one essential criterion."""

    criterion_id: str = Field(max_length=20, examples=["E1"])
    answer: str = Field(
        min_length=1, max_length=5000, pattern=r"\S", examples=["Three years in the housing advice team."]
    )


class ApplicationCreate(FormAnswers, Strict):
    """One person's application. One live application per person and vacancy: the e-mail address says who.

    `GET /v1/jobs/{job_id}/form` says which members the form of a vacancy asks for, and its own questions.
    """

    name: str = Field(min_length=1, max_length=200, pattern=r"\S", examples=["Amara Osei"])
    email: EmailStr = Field(max_length=320, examples=["amara.osei@people.example"])
    phone: str | None = Field(default=None, max_length=40, pattern=r"^[0-9+() -]+$", examples=["0121 496 0000"])
    answers: list[Answer] = Field(default_factory=list, max_length=30)
    supporting_statement: str = Field(default="", max_length=20_000)
    guaranteed_interview: Scheme | None = Field(
        default=None,
        description="Claimed without evidence, where the employer's selection policy offers it. Who claims it is"
        " scored like everyone, and interviewed if every essential criterion is met",
    )
    talent_pool_opt_in: PoolReach | None = Field(
        default=None,
        description="The person agrees, in the words of `GET /v1/reference/talent-pool-consent`, to be invited to like"
        " jobs by this employer, or by every one of the region. Left out: they do not",
    )

    @model_validator(mode="after")
    def _one_answer_a_criterion(self) -> Self:
        ids = [each.criterion_id for each in self.answers]
        if len(set(ids)) != len(ids):
            raise ValueError("a criterion is answered twice")
        return self


class SentFile(Strict):
    """A file inside JSON. What it is is told by its content, whatever its name and `content_type` say."""

    file_name: str = Field(default="", max_length=400, examples=["Certificate.pdf"])
    content_type: str | None = Field(default=None, max_length=200, examples=["application/pdf"])
    content_base64: str = Field(examples=["JVBERi0xLjQK…"], description="The content in base64 (RFC 4648)")


class ApplicationSent(ApplicationCreate):
    """An application with its files. A question that takes a file is answered by one (`file_name`, `content_base64`),
    or by the id of a document that was sent ahead.
    """

    documents: list[SentFile] = Field(
        default_factory=list, max_length=MOST_FILES, description="Beside the form: they answer no question of it"
    )


class ApplicationReceipt(BaseModel):
    """What the sender gets back: no personal data."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    reference: str = Field(examples=["A-7K3QX9PD"])
    vacancy_id: UUID
    stage: Stage
    submitted_at: datetime
    version: int


class LinkRequest(Strict):
    email: EmailStr = Field(max_length=320, examples=["amara.osei@people.example"])


class LinkSent(BaseModel):
    """The same answer whether or not anybody is known by this address."""

    detail: str = "If somebody applied with this address, a link to each application is on its way."


class Candidate(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    email: str
    phone: str | None


class ApplicationRead(ApplicationReceipt):
    source: ApplicationSource
    route: HiringRoute
    referral_id: UUID | None
    stage_entered_at: datetime
    answers: list[Answer]
    supporting_statement: str
    claims_interview: bool = Field(description="Claims a guaranteed interview; under which scheme is not shown")
    rejection_reason: RejectionReason | None
    unmet_criteria: list[str]
    decided_by: UUID | None
    decided_at: datetime | None
    interview_at: datetime | None
    interviewed_at: datetime | None
    cleared_at: datetime | None
    starts_on: date | None
    opening_no: int | None
    checks_outstanding: int | None = Field(description="Checks in the way of the first day; null before an acceptance")
    form_version: int | None = Field(description="Of the vacancy's forms, the one that was answered")
    form_answers: dict[str, Any] = Field(
        description="employment, breaks, education, declarations and questions, as far as they were given"
    )
    employment_gaps: list[Gap] = Field(
        default_factory=list, description="Over three months up to the day of the application, told of by nobody"
    )
    knock_outs: list[str] = Field(description="Questions, by id, with an answer that rules the person out")
    registrations: list[Registration] = Field(default_factory=list, description="Once the person is shown")
    referees: list[Referee] = Field(default_factory=list, description="Once the person is shown")
    candidate: Candidate | None = Field(default=None, description="Null until the person is shortlisted")
    allowed_actions: list[ApplicationAction] = Field(default_factory=list)


class AnsweredCriterion(BaseModel):
    criterion_id: str = Field(examples=["E1"])
    text: str


class AnsweredForm(BaseModel):
    """The form that one application answered, whatever the vacancy asks by now."""

    form_version: int | None = Field(description="None: the person was referred and answered no form")
    application_form: ApplicationForm | None
    essential: list[AnsweredCriterion]


class ApplicationFilter(PagedFilter):
    vacancy_id: UUID | None = None
    stage: Stage | None = None


class Rejection(Strict):
    reason_code: RejectionReason
    unmet_criteria: list[str] = Field(default_factory=list, max_length=30, examples=[["E1"]])

    @model_validator(mode="after")
    def _names_what_is_unmet(self) -> Self:
        if self.reason_code is RejectionReason.ESSENTIAL_NOT_MET and not self.unmet_criteria:
            raise ValueError("essential_not_met names the unmet criteria")
        return self


class InterviewInvitation(Strict):
    starts_at: AwareDatetime = Field(examples=["2026-12-10T10:00:00+00:00"])
    place: str = Field(min_length=2, max_length=200, examples=["Council House, room 2"])
