from __future__ import annotations

from pydantic import BaseModel, Field


class Term(BaseModel):
    code: str
    label: str


class StateRead(Term):
    """A vacancy's state and where its actions lead from here."""

    actions: dict[str, list[str]] = Field(examples=[{"submit": ["approval_pending"]}])


class StageRead(Term):
    """An application's stage and where each action leads from here."""

    actions: dict[str, str] = Field(examples=[{"shortlist": "shortlisted"}])


class SkillRead(Term):
    family: str
    levels: list[str] = Field(description="What levels 1, 2 and 3 mean")


class LockRead(BaseModel):
    """A field that may not be changed in these states, why, and what to do instead."""

    field: str = Field(examples=["salary_min_pence"])
    code: str = Field(examples=["first_refusal"])
    why: str
    instead: str
    states: list[str]
