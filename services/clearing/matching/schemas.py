from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.clearing.matching.models import DutyOutcome, Match
from services.clearing.matching.states import NEXT_STATES, MatchState
from services.clearing.registrations.schemas import Reason
from shared.vocabulary import ContractKind


class VacancyCard(BaseModel):
    """What a person reads of a vacancy that is suggested to them."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    reference: str
    title: str
    employer_id: UUID
    band: int
    salary_min_pence: int | None
    salary_max_pence: int | None
    hours_hundredths: int = Field(description="Hundredths of an hour a week")
    contract: ContractKind
    contract_months: int | None
    outcode: str
    working_pattern: str | None
    starts_on: date | None


class MatchSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    registration_id: UUID
    state: MatchState
    score: int
    suggested_at: datetime
    closes_at: datetime
    vacancy: VacancyCard


class MatchRead(MatchSummary):
    """With the whole explanation (R51): every constraint, factor and input, and how the rank is made."""

    ring: int
    tier: int
    explanation: dict[str, Any]
    allowed_actions: list[str]


class DutyRead(BaseModel):
    """Suitable work that has to be offered (R12)."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    registration_id: UUID
    vacancy_id: UUID
    match_id: UUID
    home_employer_id: UUID
    opened_at: datetime
    outcome: DutyOutcome | None
    reason: str | None
    decided_at: datetime | None


class DutyEnding(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"outcome": "offered", "reason": "Offered in writing on 20 November."}]},
    )
    outcome: DutyOutcome
    reason: Reason


ACTION_TO = {MatchState.INTERESTED: "interest", MatchState.DECLINED: "decline"}


def read_match(match: Match, now: datetime) -> MatchRead:
    """With what the person may still answer."""
    facts = {
        name: getattr(match, name) for name in MatchRead.model_fields if name not in {"vacancy", "allowed_actions"}
    }
    is_open = now <= match.closes_at
    actions = [ACTION_TO[state] for state in NEXT_STATES.get(match.state, ()) if state in ACTION_TO and is_open]
    return MatchRead(**facts, vacancy=VacancyCard.model_validate(match.vacancy), allowed_actions=sorted(actions))
