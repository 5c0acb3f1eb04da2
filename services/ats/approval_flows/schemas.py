from __future__ import annotations

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.ats.approval_flows.rules import EXPIRES_AFTER_MONTHS, REMINDER_WORKING_DAYS
from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.fields import Pence
from services.ats.vacancies.states import RequestReason
from shared.field_errors import wrong_field
from shared.reference.occupations import families
from shared.vocabulary import ContractKind


class GroupWrite(Strict):
    """Approvers of whom `quorum` must say yes before the next group is asked."""

    name: str = Field(min_length=2, max_length=120, examples=["Finance"])
    quorum: int = Field(default=1, ge=1, le=20)
    approver_ids: list[UUID] = Field(
        default_factory=list, max_length=50, description="Empty: every approver of the employer"
    )

    @model_validator(mode="after")
    def _quorum_fits(self) -> Self:
        if len(set(self.approver_ids)) != len(self.approver_ids):
            raise wrong_field("approver_ids", "given_twice", "approver_ids names somebody twice")
        if self.approver_ids and self.quorum > len(self.approver_ids):
            raise wrong_field("quorum", "order_reversed", "quorum is above the number of approver_ids")
        return self


class ExemptWhen(Strict):
    """Which posts take the shorter flow: those of which every condition given is true."""

    contracts: list[ContractKind] = Field(default_factory=list, max_length=20)
    families: list[str] = Field(default_factory=list, max_length=100, examples=[["housing_homelessness"]])
    reasons: list[RequestReason] = Field(default_factory=list, max_length=20)
    salary_up_to_pence: Pence | None = Field(default=None, description="Full-time annual pay, in pence")

    @model_validator(mode="after")
    def _are_families(self) -> Self:
        if unknown := set(self.families) - set(families()):
            raise wrong_field("families", "not_in_the_list", f"not a job family: {', '.join(sorted(unknown))}")
        return self


class FlowWrite(Strict):
    groups: list[GroupWrite] = Field(min_length=1, max_length=10)
    exempt_groups: list[GroupWrite] = Field(default_factory=list, max_length=10)
    exempt_when: ExemptWhen = Field(default_factory=ExemptWhen)
    expires_after_months: int = Field(default=EXPIRES_AFTER_MONTHS, ge=1, le=24)
    reminder_working_days: int = Field(default=REMINDER_WORKING_DAYS, ge=1, le=20)

    @model_validator(mode="after")
    def _exempt_posts_are_told_apart(self) -> Self:
        if bool(self.exempt_groups) != bool(self.exempt_when.model_dump(exclude_defaults=True)):
            raise wrong_field("exempt_groups", "pair_incomplete", "it goes with a condition in exempt_when")
        return self


class FlowRead(BaseModel):
    """`version` 0: the employer has said nothing, and any one approver decides."""

    employer: str = Field(examples=["SAW"])
    version: int
    groups: list[GroupWrite]
    exempt_groups: list[GroupWrite]
    exempt_when: ExemptWhen
    expires_after_months: int
    reminder_working_days: int


class DelegationWrite(Strict):
    """The signed-in or named approver lets another decide in their place."""

    to_staff_id: UUID
    starts_on: date
    ends_on: date = Field(description="The last day")
    reason: str = Field(min_length=3, max_length=500, examples=["Annual leave"])

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.ends_on < self.starts_on:
            raise wrong_field("ends_on", "order_reversed", "ends_on is before starts_on")
        return self


class DelegationRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    from_staff_id: UUID
    to_staff_id: UUID
    starts_on: date
    ends_on: date
    reason: str
    made_at: datetime
    ended_at: datetime | None
