from __future__ import annotations

from pydantic import BaseModel, Field


class Term(BaseModel):
    code: str
    label: str


class ConsentRead(BaseModel):
    version: str = Field(description="To be sent back with the choice", examples=["2026-11"])
    text: str


class StateRead(Term):
    """A vacancy's state and where its actions lead from here."""

    actions: dict[str, list[str]] = Field(examples=[{"submit": ["approval_pending"]}])


class StageRead(Term):
    """An application's stage and where each action leads from here."""

    actions: dict[str, str] = Field(examples=[{"shortlist": "shortlisted"}])


class MoveRead(BaseModel):
    """One legal move of an application: what is done, from which stage, to which, and by whom."""

    stage: str = Field(examples=["submitted"])
    action: str = Field(examples=["shortlist"])
    to: list[str] = Field(description="Several where it goes back to where it came from", examples=[["shortlisted"]])
    roles: list[str] = Field(description="Staff with one of these", examples=[["hiring_manager", "recruiter"]])
    by_candidate: bool = Field(description="The candidate too, by their link")


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
