from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.ats.applications.schemas import Rejection
from services.ats.bulk_actions.states import BulkAction, ItemState
from services.ats.vacancies.criteria import Strict
from shared.problems import Problem

MOST_AT_ONCE = 500


class BatchCreate(Strict):
    """The same for many candidates of one vacancy. Each is done for itself: one refused never stops the others."""

    id: UUID | None = Field(
        default=None, description="A UUID of yours: asked again under it, nothing is done a second time"
    )
    action: BulkAction
    application_ids: list[UUID] = Field(min_length=1, max_length=MOST_AT_ONCE)
    rejection: Rejection | None = Field(default=None, description="With `reject`: the one reason for all")
    round_id: UUID | None = Field(default=None, description="With `invite_to_book`: the round of interviews")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(set(self.application_ids)) != len(self.application_ids):
            raise ValueError("an application is named twice")
        if (self.rejection is not None) != (self.action is BulkAction.REJECT):
            raise ValueError("reject, and nothing else, comes with rejection")
        if (self.round_id is not None) != (self.action is BulkAction.INVITE_TO_BOOK):
            raise ValueError("invite_to_book, and nothing else, comes with round_id")
        return self


class ItemRead(BaseModel):
    """What became of one application. `problem` is what the same step would get alone."""

    application_id: UUID
    reference: str = Field(examples=["A-7K3QX9PD"])
    state: ItemState
    problem: Problem | None


class BatchRead(BaseModel):
    """How far a batch is. What is done stays done, whatever becomes of the rest."""

    id: UUID
    vacancy_id: UUID
    action: BulkAction
    asked_by: UUID
    asked_at: datetime
    finished_at: datetime | None = Field(description="Null while some are waiting")
    total: int
    waiting: int
    done: int
    refused: int


class BatchReport(BatchRead):
    items: list[ItemRead]
