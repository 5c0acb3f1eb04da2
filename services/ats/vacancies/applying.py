from __future__ import annotations

from typing import Self

from pydantic import Field, HttpUrl, model_validator

from services.ats.vacancies.criteria import Strict
from services.ats.vacancies.states import ApplyMethod
from shared.field_errors import wrong_field


class Apply(Strict):
    """How a candidate applies. `url` for a vacancy whose candidates the council's own system holds."""

    method: ApplyMethod = ApplyMethod.HOSTED
    url: HttpUrl | None = Field(default=None, max_length=500)

    @model_validator(mode="after")
    def _has_its_url(self) -> Self:
        if (self.method is ApplyMethod.URL) != (self.url is not None):
            raise wrong_field("url", "url_and_method_differ", "method url needs a url, and only it")
        return self
