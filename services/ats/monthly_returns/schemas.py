from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.ats.monthly_returns.models import Quality

MAX_ROWS = 10_000
MAX_FILE_BYTES = 4 * 1024 * 1024
MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"


class ReturnStatus(StrEnum):
    """What became of a row, and so of its campaign."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"
    OLDER = "older"
    """A later month's return has spoken of the campaign: that one stands."""
    REFUSED = "refused"


class ColumnRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["closed_on"])
    meaning: str
    format: str
    required: bool
    example: str


class FindingRead(BaseModel):
    """What is wrong in a row that was refused, or worth knowing of one that was taken. Cells are never repeated."""

    column: str = Field(description="Empty where it is the whole row", examples=["accepted_on"])
    rule: str = Field(examples=["step_missing"])
    detail: str
    what_to_do: str


class ReturnRow(BaseModel):
    row: int = Field(description="From 1; empty lines and the header do not count", examples=[1])
    status: ReturnStatus
    external_reference: str | None = Field(examples=["REQ-1987"])
    opening_no: int
    quality: Quality | None = Field(default=None, description="Of the campaign's dates; none for one refused")
    findings: list[FindingRead] = Field(default_factory=list)


class ReturnRead(BaseModel):
    """A monthly return that was taken, or with `dry_run` only looked at."""

    id: UUID
    employer_id: UUID
    month: str = Field(examples=["2026-11"])
    dry_run: bool
    received_at: datetime
    taken_at: datetime | None
    rows: int
    recorded: int
    corrected: int
    unchanged: int
    older: int
    refused: int


class ReturnReport(ReturnRead):
    results: list[ReturnRow]
