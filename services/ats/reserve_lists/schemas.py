from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.ats.vacancies.criteria import Strict

MOST_LISTED = 500


class ReserveWanted(Strict):
    """Onto the reserve list of the vacancy."""

    rank: int | None = Field(
        default=None, ge=1, le=MOST_LISTED, description="Left out: after all others. Who had it, and who follows, moves"
    )


class ReserveOrder(Strict):
    application_ids: list[UUID] = Field(
        min_length=1,
        max_length=MOST_LISTED,
        description="Everybody on the list, the first to be offered the post first",
    )


class ReserveEntryRead(BaseModel):
    """A place on the reserve list. The candidate is told of the list and its end, and of no rank."""

    application_id: UUID
    reference: str = Field(examples=["A-7K3QX9PD"])
    rank: int = Field(examples=[1])
    listed_at: datetime
    listed_by: UUID | None
    until: datetime
    told_at: datetime | None = Field(description="Null while the listing may be taken back unheard")
