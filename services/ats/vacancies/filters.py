"""What a list of vacancies can be narrowed to."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shared.field_errors import wrong_field
from shared.pagination import PagedFilter
from shared.vocabulary import VacancyState


class VacancyFilter(PagedFilter):
    employer: str | None = Field(default=None, max_length=10, description="Code of one employer")
    state: VacancyState | None = None
    updated_since: datetime | Annotated[str, StringConstraints(max_length=300)] | None = Field(
        default=None,
        union_mode="left_to_right",
        description="What changed at or after an instant, or after the `sync_token` that you were given last."
        " Does not go with `state`",
        examples=["2026-12-01T09:00:00Z"],
    )
    external_reference: str | None = Field(default=None, max_length=120)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.updated_since is not None and self.state is not None:
            raise wrong_field(
                "updated_since",
                "takes_no_other_filter",
                "updated_since does not go with state: a vacancy that leaves the state would stay with you. Follow"
                " them all and choose by the state of each",
            )
        return self
