from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.applications.states import PoolReach
from services.ats.vacancies.criteria import Strict
from shared.pagination import PagedFilter
from shared.vocabulary import ContractKind

MOST_INVITED = 100


class PoolFilter(PagedFilter):
    """By the job that somebody applied for last."""

    family: str | None = Field(default=None, max_length=60)
    outcode: str | None = Field(default=None, max_length=4, description="Of the workplace", examples=["B70"])
    contract: ContractKind | None = None
    hours_min: Decimal | None = Field(default=None, ge=0, le=48)
    hours_max: Decimal | None = Field(default=None, ge=0, le=48)


class PoolMemberRead(BaseModel):
    """What somebody applied for last: never who they are."""

    id: UUID
    family: str
    outcode: str
    town: str | None
    contract: ContractKind
    hours_per_week: Decimal
    joined_on: date
    reach: PoolReach
    application_id: UUID | None = Field(
        description="With your own employer: it shows what its stage lets be seen. Null where another's candidate"
        " agreed to be found by the whole region"
    )


class PoolInvite(Strict):
    member_ids: list[UUID] = Field(min_length=1, max_length=MOST_INVITED)


class PoolInvited(BaseModel):
    """The same answer whether or not anybody has applied: before the shortlist nobody learns who did."""

    detail: str = "Each is invited once, unless they have applied for this job already or have left the pool meanwhile."


class PoolJoin(Strict):
    reach: PoolReach
    consent_version: str = Field(max_length=20, description="Of the words that the person agreed to")


class OwnMembership(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    is_member: bool
    reach: PoolReach | None
    kept_until: datetime | None
    consent: str
    consent_version: str
