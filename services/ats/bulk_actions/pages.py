"""A vacancy's candidates with a box to tick beside each, and how far what was asked for many of them is."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.routes import Manager
from services.ats.applications.states import LABELS, REASON_LABELS
from services.ats.bulk_actions import commands, queries
from services.ats.bulk_actions.schemas import BatchCreate
from services.ats.bulk_actions.states import ACTION_LABELS, ITEM_LABELS, BulkAction, ItemState
from services.ats.interviews.queries import rounds_of
from services.ats.panels.queries import applications_for_panel
from services.ats.panels.rules import essential_of
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.pages import Crumb, FormError, render

router = APIRouter(include_in_schema=False)
TONES = {ItemState.DONE: "green", ItemState.REFUSED: "red"}


class Asked(BaseModel):
    """The form as it came. `batch_id` was made with the page: sent twice, it is done once."""

    batch_id: str = ""
    action: str = ""
    applications: list[str] = Field(default_factory=list, max_length=1000)
    reason_code: str = ""
    unmet_criteria: list[str] = Field(default_factory=list, max_length=100)
    round_id: str = ""

    def wanted(self) -> BatchCreate:
        """Raises ValidationError."""
        fields: dict[str, object] = {"action": self.action, "application_ids": self.applications}
        fields |= {"id": self.batch_id} if self.batch_id else {}
        if self.action == BulkAction.REJECT:
            fields["rejection"] = {"reason_code": self.reason_code, "unmet_criteria": self.unmet_criteria}
        if self.action == BulkAction.INVITE_TO_BOOK:
            fields["round_id"] = self.round_id
        return BatchCreate.model_validate(fields)


WORDS = {
    "action": FormError("action", "Choose what is to be done"),
    "application_ids": FormError("applications", "Choose at least one candidate"),
    "rejection": FormError("reason_code", "Choose a reason, and with it the criteria that are not met"),
    "round_id": FormError("round_id", "Choose a round of interviews"),
}


@router.get("/vacancies/{vacancy_id}/candidates")
async def candidates_page(request: Request, vacancy_id: UUID, session: SessionDep, _caller: Manager) -> Response:
    return await _candidates(request, vacancy_id, session, Asked())


@router.post("/vacancies/{vacancy_id}/candidates")
async def begin_bulk_action_on_page(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    caller: Manager,
    now: Now,
    asked: Annotated[Asked, Form()],
) -> Response:
    try:
        batch = await commands.begin_batch(session, vacancy_id, asked.wanted(), caller=caller, now=now)
    except ValidationError as refused:
        names = dict.fromkeys(str(error["loc"][0]) for error in refused.errors() if error["loc"])
        errors = [WORDS.get(name, WORDS["action"]) for name in names] or [WORDS["action"]]
        return await _candidates(request, vacancy_id, session, asked, errors)
    except commands.BatchIdTaken as refused:
        errors = [FormError("action", refused.title)]
        return await _candidates(request, vacancy_id, session, asked, errors)
    return RedirectResponse(f"/bulk-actions/{batch.id}", status_code=303)


@router.get("/bulk-actions/{batch_id}")
async def bulk_action_page(request: Request, batch_id: UUID, session: SessionDep, _caller: Manager) -> Response:
    batch = await queries.get_batch(session, batch_id)
    vacancy = await get_vacancy(session, batch.vacancy_id)
    return render(
        request,
        "bulk_actions/batch.html",
        batch=await queries.read_batch(session, batch),
        vacancy=vacancy,
        actions=ACTION_LABELS,
        labels=ITEM_LABELS,
        tones=TONES,
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb(vacancy.reference, f"/vacancies/{vacancy.id}"),
            Crumb("Candidates", f"/vacancies/{vacancy.id}/candidates"),
            Crumb("Many at once"),
        ],
    )


async def _candidates(
    request: Request, vacancy_id: UUID, session: AsyncSession, asked: Asked, errors: list[FormError] | None = None
) -> Response:
    vacancy = await get_vacancy(session, vacancy_id)
    return render(
        request,
        "bulk_actions/candidates.html",
        status_code=422 if errors else 200,
        vacancy=vacancy,
        candidates=await applications_for_panel(session, vacancy_id),
        batches=await queries.batches_of(session, vacancy_id),
        labels=LABELS,
        action_labels=ACTION_LABELS,
        actions=[(each.value, ACTION_LABELS[each]) for each in BulkAction],
        reasons=[(each.value, label) for each, label in REASON_LABELS.items()],
        criteria=[(name, f"{name}: {text}") for name, text in essential_of(vacancy).items()],
        rounds=[(str(each.id), each.title) for each in await rounds_of(session, vacancy_id)],
        asked=asked,
        batch_id=uuid4(),
        errors=errors or [],
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb(vacancy.reference, f"/vacancies/{vacancy.id}"),
            Crumb("Candidates"),
        ],
    )
