from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.audit.actor import ActorKind
from services.ats.checks.policy import ABROAD_YEARS, REFERENCE_YEARS, CheckRule
from services.ats.checks.rules import Shown
from services.ats.checks.states import (
    CheckAction,
    CheckKind,
    CheckMethod,
    CheckOutcome,
    CheckStep,
    Engagement,
    PostTrait,
    WaiverState,
)
from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.states import BarredList, DbsLevel
from shared.pagination import PagedFilter
from shared.vocabulary import ContractKind, Role

EvidenceReference = Annotated[
    str,
    Field(
        min_length=2,
        max_length=80,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/:#-]*$",
        description="Where your records hold what was seen; never its content, nor a share code",
        examples=["EDRMS/2026/4471"],
    ),
]
Words = Annotated[str, Field(min_length=3, max_length=1000)]


class ChecksSetOut(Strict):
    """Who the candidate is as far as checks go by it."""

    engagement: Engagement
    has_lived_abroad: bool = Field(description="In the years that the policy looks back on")


class CheckPassed(Strict):
    """What was seen, by which method, and when."""

    method: CheckMethod
    evidence_reference: EvidenceReference
    checked_on: date = Field(examples=["2026-11-16"])
    copied_on: date | None = Field(default=None, description="Right to work: when the dated copy was made")
    is_time_limited: bool | None = Field(default=None, description="Right to work: whether it ends one day")
    follow_up_on: date | None = Field(default=None, description="When it is to be checked again")
    expires_on: date | None = None
    dbs_level: DbsLevel | None = Field(default=None, description="DBS: the level of the certificate")
    barred_lists: list[BarredList] = Field(default_factory=list, max_length=2, description="Which lists were looked at")

    def shown(self) -> Shown:
        return Shown(
            method=self.method,
            evidence_reference=self.evidence_reference,
            checked_on=self.checked_on,
            copied_on=self.copied_on,
            is_time_limited=self.is_time_limited,
            follow_up_on=self.follow_up_on,
            expires_on=self.expires_on,
            dbs_level=self.dbs_level,
            barred_lists=tuple(self.barred_lists),
        )


class CheckWords(Strict):
    """Why. Kept beside the check, for those who may read it."""

    reason: Words = Field(examples=["The school kept no records of those years"])


class WaiverAsked(Strict):
    """Start without this check until a day, with what is done meanwhile."""

    reason: Words = Field(examples=["The certificate is delayed"])
    risk_assessment: Words = Field(examples=["Works beside a colleague at all times until it has come"])
    ends_on: date = Field(examples=["2027-02-28"])


class CheckRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    application_id: UUID
    vacancy_id: UUID
    kind: CheckKind
    required_by: list[str] = Field(description="The rules of the policy that ask for it")
    asks: dict[str, Any] = Field(
        description="How much of it: level, lists, body or years", examples=[{"level": "basic"}]
    )
    is_required: bool
    may_waive: bool
    outcome: CheckOutcome
    method: CheckMethod | None
    evidence_reference: str | None
    copied_on: date | None
    checked_by: UUID | None
    checked_on: date | None
    expires_on: date | None
    follow_up_on: date | None
    reason: str | None
    waiver: WaiverState | None
    waiver_asked_by: UUID | None
    waiver_reason: str | None
    risk_assessment: str | None
    waiver_ends_on: date | None
    waiver_decided_by: UUID | None
    waiver_role: Role | None
    due_on: date | None = Field(description="The next day on which somebody has to look at it")
    version: int
    allowed_actions: list[CheckAction] = Field(default_factory=list)


class ChecksRead(BaseModel):
    """Every check of one candidate, and what stands in the way of a start."""

    application_id: UUID
    engagement: Engagement | None = Field(description="Null until the checks are set out")
    has_lived_abroad: bool | None
    policy_version: int | None = Field(description="0: the region's own rules")
    policy_valid_from: date | None
    missing: list[CheckKind] = Field(description="Neither passed nor waived for the first day")
    checks: list[CheckRead]


class CheckEntryRead(BaseModel):
    """One outcome of a check. Nobody can change it."""

    model_config = ConfigDict(from_attributes=True)

    step: CheckStep
    at: datetime
    actor_kind: ActorKind
    actor_id: UUID | None
    role: Role | None
    method: CheckMethod | None
    evidence_reference: str | None
    copied_on: date | None
    checked_on: date | None
    expires_on: date | None
    follow_up_on: date | None
    waiver_ends_on: date | None
    words: str | None


class DueFilter(PagedFilter):
    due_by: date | None = Field(default=None, description="Today where not given")


class RuleWrite(Strict):
    """The check is asked for where all of it is true."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{2,59}$", examples=["dbs_of_the_post"])
    check: CheckKind
    engagements: list[Engagement] = Field(min_length=1, max_length=len(Engagement))
    contracts: list[ContractKind] | None = Field(default=None, max_length=len(ContractKind))
    trait: PostTrait | None = None
    only_from_abroad: bool = False
    may_be_waived: bool = Field(default=True, description="Of no effect where law allows no waiver")

    def rule(self) -> CheckRule:
        return CheckRule(
            self.code,
            self.check,
            frozenset(self.engagements),
            None if self.contracts is None else frozenset(self.contracts),
            self.trait,
            self.only_from_abroad,
            self.may_be_waived,
        )


class PolicyWrite(Strict):
    """An employer's rules from a day on, for offers accepted from then. Given as a whole."""

    valid_from: date = Field(examples=["2026-12-01"])
    rules: list[RuleWrite] = Field(min_length=1, max_length=60)
    reference_years: int = Field(default=REFERENCE_YEARS, ge=1, le=10)
    abroad_years: int = Field(default=ABROAD_YEARS, ge=1, le=10)


class PolicyRead(BaseModel):
    employer: str
    version: int = Field(description="0: the region's own rules")
    valid_from: date
    rules: list[RuleWrite]
    reference_years: int
    abroad_years: int
    to_come: list[date] = Field(description="Days from which other rules of this employer are in force")
