from __future__ import annotations

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.advert_schemas import ExtensionRead, HoldRead
from services.ats.vacancies.application_form import ApplicationForm, refuse_unknown_criterion
from services.ats.vacancies.applying import Apply
from services.ats.vacancies.criteria import CriterionWrite, DesirableWrite, Strict, with_ids
from services.ats.vacancies.exemptions import is_true_exemption
from services.ats.vacancies.fields import Deadline, Hours, Pence, Point, Postcode, Start, Title
from services.ats.vacancies.requisition import PostFlags, Requisition
from services.ats.vacancies.states import ApplyMethod, ClearingExemption, OpeningState
from shared.field_errors import wrong_field
from shared.reference.occupations import families, unit_groups
from shared.reference.places import outcode_of
from shared.vocabulary import ContractKind, HiringRoute, Management, VacancyState, WorkingPattern

MAX_OPENINGS = 200


class VacancyContent(Strict):
    """What a vacancy says. Pay: the points of the NJC spine, or full-time annual pay in pence, or both."""

    title: Title = Field(examples=["Homelessness prevention officer"])
    hours_per_week: Hours
    contract: ContractKind
    postcode: Postcode
    grade: str | None = Field(default=None, max_length=60, examples=["Grade 7"])
    scp_min: Point | None = None
    scp_max: Point | None = None
    salary_min_pence: Pence | None = None
    salary_max_pence: Pence | None = None
    pay_effective_from: date | None = Field(default=None, description="First day of the pay year of the figures")
    soc2020: str | None = Field(default=None, examples=["3229"], description="Suggested from the title when absent")
    family: str | None = Field(default=None, description="Job family; suggested from the title when absent")
    contract_months: int | None = Field(default=None, ge=1, le=120)
    working_pattern: WorkingPattern | None = None
    office_days_per_week: int | None = Field(default=None, ge=0, le=5)
    directorate: str | None = Field(default=None, max_length=120)
    description: str = Field(default="", max_length=20_000)
    essential: list[CriterionWrite] = Field(default_factory=list, max_length=30)
    desirable: list[DesirableWrite] = Field(default_factory=list, max_length=30)
    openings: int = Field(default=1, ge=1, le=MAX_OPENINGS)
    starts_on: date | None = None
    closes_at: Deadline | None = None
    advert_days: int | None = Field(default=None, ge=1, le=90, description="Instead of closes_at: days live")
    publish_at: Start | None = Field(default=None, description="Not live before, even if released earlier")
    hiring_manager_id: UUID | None = None
    apply: Apply = Field(default_factory=Apply)
    auto_publish: bool = Field(default=True, description="Go live by itself when clearing releases it")
    clearing_exemption: ClearingExemption | None = Field(default=None, description="Why it needs no window (R18)")
    is_anonymised: bool = Field(
        default=True, description="Nobody who decides sees who a candidate is before the shortlist"
    )
    requisition: Requisition = Field(default_factory=Requisition)
    flags: PostFlags = Field(default_factory=PostFlags)
    application_form: ApplicationForm = Field(default_factory=ApplicationForm)

    @model_validator(mode="after")
    def _pay_is_a_range(self) -> Self:
        for low, high in (("scp_min", "scp_max"), ("salary_min_pence", "salary_max_pence")):
            first, last = getattr(self, low), getattr(self, high)
            if (first is None) != (last is None):
                raise wrong_field(low if first is None else high, "pair_incomplete", f"{low} and {high} come together")
            if first is not None and first > last:
                raise wrong_field(low, "order_reversed", f"{low} is above {high}")
        if self.scp_min is None and self.salary_min_pence is None:
            raise wrong_field("scp_min", "missing", "give scp_min and scp_max, or the two salaries in pence")
        return self

    @model_validator(mode="after")
    def _contract_has_its_months(self) -> Self:
        if self.contract is ContractKind.PERMANENT and self.contract_months is not None:
            raise wrong_field("contract_months", "months_surplus", "a permanent contract has no contract_months")
        if self.contract in {ContractKind.FIXED_TERM, ContractKind.SECONDMENT} and self.contract_months is None:
            raise wrong_field("contract_months", "months_missing", "a fixed term or secondment needs contract_months")
        return self

    @model_validator(mode="after")
    def _exemption_is_true_of_the_contract(self) -> Self:
        if not is_true_exemption(self.clearing_exemption, self.contract, self.contract_months):
            raise wrong_field(
                "clearing_exemption",
                "exemption_not_true",
                "this exemption is not true of this contract",
            )
        return self

    @model_validator(mode="after")
    def _is_in_the_reference_lists(self) -> Self:
        if self.soc2020 is not None and self.soc2020 not in unit_groups():
            raise wrong_field("soc2020", "not_in_the_list", "soc2020 is not a unit group of SOC 2020")
        if self.family is not None and self.family not in families():
            raise wrong_field("family", "not_in_the_list", "family is not a job family")
        if outcode_of(self.postcode) is None:
            raise wrong_field(
                "postcode",
                "place_not_known",
                "postcode is not in a place that is known here: the region and its neighbours",
            )
        if self.closes_at is not None and self.advert_days is not None:
            raise wrong_field("advert_days", "given_twice", "give closes_at or advert_days, not both")
        if self.publish_at is not None and not self.auto_publish:
            raise wrong_field("publish_at", "auto_publish_missing", "publish_at needs auto_publish")
        if self.publish_at is not None and self.closes_at is not None and self.closes_at <= self.publish_at:
            raise wrong_field("closes_at", "order_reversed", "closes_at is not after publish_at")
        self.essential = with_ids(self.essential)
        refuse_unknown_criterion(self.application_form, self.essential)
        return self


class VacancyPut(VacancyContent):
    """A whole vacancy, its natural key said elsewhere. An optional field that is left out stays as it is."""

    management: Management = Management.HOSTED

    @model_validator(mode="after")
    def _external_ones_are_applied_for_elsewhere(self) -> Self:
        if self.management is Management.EXTERNAL and self.apply.method is not ApplyMethod.URL:
            raise wrong_field("apply.method", "url_missing", "an external vacancy is applied for elsewhere: method url")
        return self


class VacancyCreate(VacancyPut):
    """A new vacancy. The smallest: employer, title, hours_per_week, contract, postcode, scp_min, scp_max."""

    employer: str = Field(max_length=10, description="The employer's code", examples=["SAW"])
    source_system: str | None = Field(default=None, max_length=60, examples=["talentlink"])
    external_reference: str | None = Field(default=None, max_length=120, examples=["REQ-2041"])

    @model_validator(mode="after")
    def _natural_key_is_whole(self) -> Self:
        if (self.source_system is None) != (self.external_reference is None):
            missing = "source_system" if self.source_system is None else "external_reference"
            raise wrong_field(missing, "pair_incomplete", "source_system and external_reference come together")
        return self


class VacancyChange(Strict):
    """The fields to change, and no others. The result is checked as a whole."""

    title: Title | None = None
    hours_per_week: Hours | None = None
    contract: ContractKind | None = None
    postcode: Postcode | None = None
    grade: str | None = None
    scp_min: Point | None = None
    scp_max: Point | None = None
    salary_min_pence: Pence | None = None
    salary_max_pence: Pence | None = None
    pay_effective_from: date | None = None
    soc2020: str | None = None
    family: str | None = None
    contract_months: int | None = None
    working_pattern: WorkingPattern | None = None
    office_days_per_week: int | None = None
    directorate: str | None = None
    description: str | None = None
    essential: list[CriterionWrite] | None = None
    desirable: list[DesirableWrite] | None = None
    openings: int | None = None
    starts_on: date | None = None
    closes_at: Deadline | None = None
    advert_days: int | None = None
    publish_at: Start | None = None
    hiring_manager_id: UUID | None = None
    apply: Apply | None = None
    auto_publish: bool | None = None
    clearing_exemption: ClearingExemption | None = None
    is_anonymised: bool | None = None
    requisition: Requisition | None = None
    flags: PostFlags | None = None
    application_form: ApplicationForm | None = None


class Reason(Strict):
    """Why, in the decider's words. It is shown to colleagues; write no personal data here."""

    reason: str = Field(min_length=3, max_length=500, examples=["The funding was withdrawn"])


class OpeningRead(BaseModel):
    opening_no: int
    state: OpeningState
    route: HiringRoute | None
    starts_on: date | None
    held_until: datetime | None


class Clearance(BaseModel):
    """Where the vacancy stands with clearing. `is_cleared` opens the way to the public."""

    is_cleared: bool
    window_opened_at: datetime | None
    window_closes_at: datetime | None
    matched: int | None
    released_at: datetime | None
    release_reason: str | None
    duty_open: bool
    duty_alert_at: datetime | None = Field(description="A duty opened after the shortlist was confirmed")


class AlertRead(BaseModel):
    """Something about a vacancy that a person must look at. `about_id` is the duty, referral or milestone."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(examples=["duty_after_shortlist"])
    raised_at: datetime
    about_id: UUID | None


class VacancyRead(BaseModel):
    id: UUID
    reference: str = Field(examples=["SAW-2026-00123"])
    employer_id: UUID
    state: VacancyState
    management: Management
    source_system: str | None
    external_reference: str | None
    title: str
    soc2020: str | None
    family: str
    grade: str | None
    scp_min: int | None
    scp_max: int | None
    salary_min_pence: int
    salary_max_pence: int
    pay_effective_from: date
    hours_per_week: Hours
    contract: ContractKind
    contract_months: int | None
    working_pattern: WorkingPattern | None
    office_days_per_week: int | None
    outcode: str
    postcode: str | None
    directorate: str | None
    description: str
    essential: list[CriterionWrite]
    desirable: list[DesirableWrite]
    openings: int
    openings_remaining: int
    opening_list: list[OpeningRead]
    starts_on: date | None
    closes_at: datetime | None
    advert_days: int | None
    publish_at: datetime | None
    hiring_manager_id: UUID | None
    apply: Apply
    auto_publish: bool
    clearing_exemption: ClearingExemption | None
    is_anonymised: bool = Field(description="Nobody who decides sees who a candidate is before the shortlist")
    requisition: Requisition
    flags: PostFlags
    application_form: ApplicationForm
    form_version: int = Field(description="Rises when what is asked of candidates changes")
    version: int
    content_version: int
    content_hash: str
    is_approved: bool
    approved_at: datetime | None
    approval_expires_at: datetime | None
    entered_clearing_at: datetime | None
    clearance: Clearance
    published_at: datetime | None
    closed_at: datetime | None
    closed_early: bool = Field(description="Before its deadline")
    deadline_extensions: list[ExtensionRead]
    hold: HoldRead | None = Field(description="While it is on hold")
    internal_employer_ids: list[UUID] = Field(description="Whose employees see an internal advert")
    copied_from_id: UUID | None
    converted_from_id: UUID | None
    shortlist_confirmed_at: datetime | None
    adverts: int
    public_url: str | None = Field(description="Of the advert, while it is live")
    created_at: datetime
    updated_at: datetime
    allowed_actions: list[VacancyAction]


class VacancyChecked(BaseModel):
    """The answer to `validate_only=true`: nothing was stored."""

    valid: bool = True
    soc2020: str | None
    family: str
    outcode: str
    salary_min_pence: int
    salary_max_pence: int
    pay_effective_from: date
