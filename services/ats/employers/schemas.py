"""Employers as the API shows and changes them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class EmployerRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    code: str = Field(examples=["SAW"])
    title: str = Field(examples=["Sandwell Metropolitan Borough Council"])
    kind: str = Field(examples=["council"])
    tier: str | None = Field(examples=["single"])
    parent_id: UUID | None
    successor_id: UUID | None
    valid_from: date
    valid_to: date | None = Field(description="The last day of its life")
    latitude: float | None
    longitude: float | None


class EmployerList(BaseModel):
    """All employers: the registry is small and comes on one page."""

    items: list[EmployerRead]
    next_cursor: None = None


class EmployerClose(BaseModel):
    """Local government reorganisation: the last day of an employer, and who takes its place."""

    model_config = ConfigDict(extra="forbid")

    valid_to: date
    successor_code: str | None = Field(default=None, max_length=10, examples=["STO"])
