"""What the daily look for impossible states has found, by API and on a page: for those who administer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from shared.app import SessionDep
from shared.auth import Principal, allow_staff
from shared.impossible_states import Detector, open_finds
from shared.pages import render
from shared.problems import problems
from shared.registry import list_employers
from shared.vocabulary import Role

PAGE = "/impossible-states"
READERS = (Role.COUNCIL_ADMIN, Role.WME_ADMIN)
Administrator = Annotated[Principal, Depends(allow_staff(*READERS))]


class ImpossibleStateRead(BaseModel):
    """Something that the rules never lead to, and still there at the last daily look."""

    id: UUID
    employer_id: UUID | None = Field(description="Null: of no employer")
    rule: str = Field(examples=["two_live_applications"])
    meaning: str
    way_out: str
    subject_kind: str = Field(examples=["application"])
    subject_id: UUID
    found_at: datetime


def impossible_states_router(detector: Detector) -> APIRouter:
    router = APIRouter(tags=["record"])

    @router.get(
        f"/v1{PAGE}",
        summary="What the rules never lead to and is there all the same, newest first",
        response_model=list[ImpossibleStateRead],
        responses=problems(),
    )
    async def list_impossible_states(session: SessionDep, _caller: Administrator) -> list[dict[str, Any]]:
        return [shown(detector, row) for row in await open_finds(session, detector)]

    @router.get(PAGE, include_in_schema=False)
    async def impossible_states_page(request: Request, session: SessionDep, _caller: Administrator) -> Response:
        finds = [shown(detector, row) for row in await open_finds(session, detector)]
        titles = {each.id: each.title for each in await list_employers(session)}
        return render(request, "impossible_states.html", finds=finds, titles=titles)

    return router


def shown(detector: Detector, row: Any) -> dict[str, Any]:
    """With what it means, as far as the rule is still there."""
    rule = detector.rule_of(row.rule)
    words = {"meaning": rule.meaning if rule else row.rule, "way_out": rule.way_out if rule else ""}
    return {**row._mapping, **words}  # noqa: SLF001 - a Row's public mapping
