from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from shared.problems import Problem

MAX_ROWS = 10_000
MAX_UPLOAD_BYTES = 64 * 1024 * 1024
MAX_ROW_BYTES = 256 * 1024


class RowStatus(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class RowResult(BaseModel):
    """What became of one row. `problem` is what the same body would get from a PUT."""

    row: int = Field(description="From 1; empty lines and a header do not count", examples=[1])
    status: RowStatus
    external_reference: str | None = Field(default=None, examples=["REQ-2041"])
    id: UUID | None = None
    version: int | None = None
    problem: Problem | None = None


class UploadRead(BaseModel):
    """How far an upload is. Rows that are counted are done: no failure of later ones undoes them."""

    id: UUID
    employer_id: UUID
    dry_run: bool = Field(default=False, description="Everything was checked, nothing was stored")
    started_at: datetime
    finished_at: datetime | None = Field(description="Null while rows are coming, or when the sender broke off")
    rows: int = Field(description="Done so far", examples=[2])
    created: int
    changed: int
    unchanged: int
    refused: int


class UploadReport(UploadRead):
    results: list[RowResult]
