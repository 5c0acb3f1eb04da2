"""What is asked for beside the advert: the post of the establishment, its budget, and what the law asks of the post."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.fields import Pence
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.states import BarredList, DbsLevel, RequestReason, SupplementKind
from shared.field_errors import wrong_field


class AgencyCover(Strict):
    """An agency worker covers the post until it is filled."""

    weekly_cost_pence: Pence = Field(description="What the agency bills a week", examples=[98_000])


class Requisition(Strict):
    """Which post of the establishment is to be filled and why. Given as a whole."""

    post_id: str | None = Field(default=None, min_length=1, max_length=60, examples=["HOU-0417"])
    cost_code: str | None = Field(default=None, min_length=1, max_length=60, examples=["R4120"])
    reason: RequestReason | None = None
    freeze_ground: str | None = Field(
        default=None, max_length=60, description="The ground on which it goes on in a freeze", examples=["statutory"]
    )
    agency_cover: AgencyCover | None = None

    @classmethod
    def of(cls, vacancy: Vacancy) -> Self:
        weekly = vacancy.agency_weekly_cost_pence
        return cls.model_construct(
            post_id=vacancy.post_id,
            cost_code=vacancy.cost_code,
            reason=vacancy.request_reason,
            freeze_ground=vacancy.freeze_ground,
            agency_cover=None if weekly is None else AgencyCover.model_construct(weekly_cost_pence=weekly),
        )

    def columns(self) -> dict[str, Any]:
        """As a vacancy stores it."""
        return {
            "post_id": self.post_id,
            "cost_code": self.cost_code,
            "request_reason": self.reason,
            "freeze_ground": self.freeze_ground,
            "agency_weekly_cost_pence": None if self.agency_cover is None else self.agency_cover.weekly_cost_pence,
        }


class PaySupplement(Strict):
    """Pay above the grade, with the approval that it needs of its own."""

    kind: SupplementKind
    amount_pence: Pence
    paid: Literal["yearly", "once"]
    approved_by: str = Field(
        min_length=2, max_length=120, description="The post that approved, not a name", examples=["Pay panel"]
    )
    approved_on: date
    reference: str = Field(min_length=1, max_length=120, examples=["PP-2026-14"])

    @model_validator(mode="after")
    def _a_golden_hello_is_paid_once(self) -> Self:
        if self.kind is SupplementKind.GOLDEN_HELLO and self.paid != "once":
            raise wrong_field("paid", "golden_hello_is_paid_once", "a golden_hello is paid once")
        return self


class PostFlags(Strict):
    """What a candidate must know of the post before applying. Given as a whole."""

    is_hybrid: bool = False
    is_job_share: bool = False
    is_politically_restricted: bool = Field(default=False, description="Local Government and Housing Act 1989, s.2")
    dbs_level: DbsLevel = DbsLevel.NONE
    barred_lists: list[BarredList] = Field(default_factory=list, max_length=2)
    regulated_registration: str | None = Field(default=None, max_length=120, examples=["Social Work England"])
    requires_driving: bool = False
    weeks_per_year: int | None = Field(
        default=None,
        ge=30,
        le=52,
        description="Of a term-time post: those that it is paid for, leave included",
        examples=[39],
    )
    pay_supplement: PaySupplement | None = None

    @model_validator(mode="after")
    def _barred_lists_come_with_an_enhanced_check(self) -> Self:
        if self.barred_lists and self.dbs_level is not DbsLevel.ENHANCED:
            raise wrong_field("barred_lists", "enhanced_check_missing", "barred lists need dbs_level enhanced")
        if len(set(self.barred_lists)) != len(self.barred_lists):
            raise wrong_field("barred_lists", "given_twice", "barred_lists names a list twice")
        return self
