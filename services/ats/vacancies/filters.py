"""What a list of vacancies can be narrowed to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from shared.pagination import PagedFilter
from shared.vocabulary import VacancyState


class VacancyFilter(PagedFilter):
    employer: str | None = Field(default=None, max_length=10, description="Code of one employer")
    state: VacancyState | None = None
    updated_since: datetime | Annotated[str, StringConstraints(max_length=300)] | None = Field(
        default=None,
        union_mode="left_to_right",
        description="What changed at or after an instant, or after the `sync_token` that you were given last",
        examples=["2026-12-01T09:00:00Z"],
    )
    external_reference: str | None = Field(default=None, max_length=120)
