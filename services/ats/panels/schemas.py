from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from services.ats.applications.schemas import Answer
from services.ats.applications.states import Stage
from services.ats.vacancies.criteria import Strict


class PanelWrite(Strict):
    """The whole panel. Who is left out leaves it, and what they submitted stays."""

    lead_id: UUID = Field(description="A member of staff of the employer or of another council")
    member_ids: list[UUID] = Field(description="Everybody else", max_length=19)


class DeclarationWrite(Strict):
    """A conflict of interest, or that there is none. A later declaration takes the place of an earlier one."""

    has_conflict: bool
    what: str | None = Field(default=None, min_length=3, max_length=2000, examples=["I supervised one of them"])
    application_ids: list[UUID] = Field(
        default_factory=list, max_length=500, description="Whom it is about; left out: every candidate"
    )

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.has_conflict != (self.what is not None):
            raise ValueError("a conflict says what it is, and only a conflict does")
        if self.application_ids and not self.has_conflict:
            raise ValueError("application_ids go with a conflict")
        return self


class ScoreWrite(Strict):
    """0 not shown, 1 little, 2 enough, 3 well, 4 very well."""

    criterion_id: str = Field(max_length=60, examples=["E1"])
    score: int = Field(ge=0, le=4)
    note: str = Field(default="", max_length=2000)


class SheetWrite(Strict):
    """All that this member has scored so far: it takes the place of what was saved before."""

    scores: list[ScoreWrite] = Field(max_length=60)

    @model_validator(mode="after")
    def _each_criterion_once(self) -> Self:
        if len({each.criterion_id for each in self.scores}) != len(self.scores):
            raise ValueError("a criterion is scored twice")
        return self


class ModerationWrite(Strict):
    note: str = Field(min_length=10, max_length=4000, examples=["We read the answer to E1 again and agreed on 3."])


class SheetRead(BaseModel):
    staff_id: UUID
    is_former: bool = Field(description="Its member has left the panel since; it counts all the same")
    submitted_at: datetime | None = Field(description="Null of a draft, which nobody else sees")
    scores: list[ScoreWrite]
    total: int


class ModerationRead(BaseModel):
    staff_id: UUID
    note: str
    noted_at: datetime


class PanelApplication(BaseModel):
    """A candidate as the panel sees one: without name, address or anything else that says who it is."""

    id: UUID
    reference: str = Field(examples=["A-7K3QX9PD"])
    stage: Stage
    submitted_at: datetime
    answers: list[Answer]
    supporting_statement: str
    may_score: bool = Field(description="Whether you may: not after a declared conflict, nor after the sift")
    own_sheet: SheetRead | None
    submitted_by: list[UUID] = Field(description="Who has submitted their scores: not what")
    sheets: list[SheetRead] | None = Field(description="What the others submitted; null until you may see it")
    needs_moderation: bool | None = Field(description="Null until you may see the scores")
    moderation: list[ModerationRead]
    essential_met: dict[str, bool] | None = Field(
        description="Of each essential criterion whether the mean score is 2 or more; null until you may see it"
    )


class PanelMemberRead(BaseModel):
    staff_id: UUID
    name: str
    is_lead: bool
    is_former: bool
    has_declared: bool
    has_conflict: bool
    conflict_application_ids: list[UUID] = Field(description="Whom a conflict is about; none: every candidate")
    conflict: str | None = Field(
        description="What it is. It may say who a candidate is: for its maker alone, and for the employer's recruiters"
        " and hiring managers who are not on the panel once the shortlist is confirmed"
    )


class PanelRead(BaseModel):
    vacancy_id: UUID
    vacancy_title: str
    reference: str
    criteria: dict[str, str] = Field(description="What is scored, by id: essential criteria, then desirable skills")
    members: list[PanelMemberRead]
    applications: list[PanelApplication]


class SeatRead(BaseModel):
    """A panel that somebody sits on."""

    vacancy_id: UUID
    vacancy_title: str
    reference: str
    employer: str
    is_lead: bool
    has_declared: bool
    to_score: int = Field(description="Candidates who wait for this member's scores")
