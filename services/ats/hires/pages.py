"""A hire on a page: the first day, a no-show, the hire taken back, and leaving."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.applications.routes import Manager, Reader
from services.ats.audit.actor import Actor
from services.ats.hires import commands, queries, undoing
from services.ats.hires.presenting import present_hire
from services.ats.hires.schemas import Leaving, NoShow, StartWanted, UnhireWanted
from services.ats.hires.states import LEAVING_LABELS, UNHIRE_LABELS, UnhireReason
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.calendar import local_date
from shared.errors import Invalid
from shared.pages import Crumb, FormError, render
from shared.pages.sent import Given, filled, parts_of

router = APIRouter(prefix="/applications/{application_id}/hire", include_in_schema=False)
DATES = ("started_on", "left_on")
CHOSEN = ("frees_opening", "leaving_reason", "unhire_reason")
WORDS = {
    "started_on": "Enter a real date",
    "frees_opening": "Say whether the opening is free",
    "left_on": "Enter their last day",
    "leaving_reason": "Choose why they left",
    "unhire_reason": "Choose why the hire is taken back",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """A form that a manager sent about one candidate's hire."""

    request: Request
    application_id: UUID
    session: AsyncSession
    caller: Principal
    now: datetime
    fields: Mapping[str, str]

    @property
    def how(self) -> dict[str, Any]:
        return {"actor": Actor.of(self.caller), "expected": None, "now": self.now}


async def as_sent(
    request: Request, application_id: UUID, session: SessionDep, caller: Manager, now: Now, given: Given
) -> Sending:
    return Sending(request, application_id, session, caller, now, given.fields)


SendingDep = Annotated[Sending, Depends(as_sent, scope="function")]


@router.get("")
async def hire_page(request: Request, application_id: UUID, session: SessionDep, caller: Reader, now: Now) -> Response:
    return await _hire(Sending(request, application_id, session, caller, now, {}))


@router.post("/confirm-start")
async def confirm_start_on_page(sent: SendingDep, _caller: Manager) -> Response:
    async def confirm() -> None:
        wanted = StartWanted.model_validate(filled(sent.fields, "started_on", dates=DATES))
        await commands.confirm_start(sent.session, sent.application_id, wanted.started_on, **sent.how)

    return await _tried(sent, confirm())


@router.post("/record-no-show")
async def record_no_show_on_page(sent: SendingDep, _caller: Manager) -> Response:
    async def record() -> None:
        wanted = NoShow.model_validate(filled(sent.fields, "frees_opening"))
        await undoing.record_no_show(sent.session, sent.application_id, frees_opening=wanted.frees_opening, **sent.how)

    return await _tried(sent, record())


@router.post("/record-leaving")
async def record_leaving_on_page(sent: SendingDep, _caller: Manager) -> Response:
    async def record() -> None:
        fields = filled(sent.fields, "left_on", "leaving_reason", dates=DATES)
        leaving = Leaving.model_validate(_coded(fields, "leaving_reason"))
        await commands.record_leaving(sent.session, sent.application_id, leaving, **sent.how)

    return await _tried(sent, record())


@router.post("/un-hire")
async def un_hire_on_page(sent: SendingDep, _caller: Manager) -> Response:
    async def take_back() -> None:
        wanted = UnhireWanted.model_validate(_coded(filled(sent.fields, "unhire_reason"), "unhire_reason"))
        await undoing.un_hire(sent.session, sent.application_id, wanted.reason_code, **sent.how)

    return await _tried(sent, take_back())


def _coded(sent: dict[str, Any], name: str) -> dict[str, Any]:
    """Each form of the page has a field of its own for its reason, which the API calls `reason_code`."""
    return {("reason_code" if key == name else key): value for key, value in sent.items()}


async def _tried(sent: Sending, doing: Awaitable[None]) -> Response:
    """On to the hire as it is then; what was refused is said beside its field, and what was typed stays."""
    try:
        await doing
    except ValidationError as refused:
        names = dict.fromkeys(str(error["loc"][0]) for error in refused.errors())
        # Each form has a field of its own for its reason, which the API calls `reason_code`.
        own = "leaving_reason" if sent.request.url.path.endswith("record-leaving") else "unhire_reason"
        fields = [own if name == "reason_code" else name for name in names]
        return await _hire(sent, [FormError(name, WORDS[name]) for name in fields])
    except Invalid as refused:
        return await _hire(sent, [FormError(refused.field or "started_on", f"{refused.title}.")])
    return RedirectResponse(f"/applications/{sent.application_id}/hire", status_code=303)


async def _hire(sent: Sending, errors: list[FormError] | None = None) -> Response:
    application = await get_application(sent.session, sent.application_id)
    hire = await queries.get_hire(sent.session, sent.application_id)
    return render(
        sent.request,
        "hires/hire.html",
        status_code=422 if errors else 200,
        hire=present_hire(hire, sent.caller, local_date(sent.now)),
        reference=application.reference,
        leaving_labels=LEAVING_LABELS,
        unhire_labels=UNHIRE_LABELS,
        leaving_items=[(each.value, label) for each, label in LEAVING_LABELS.items()],
        unhire_items=[(each.value, label) for each, label in UNHIRE_LABELS.items() if each is not UnhireReason.NO_SHOW],
        sent=dict.fromkeys(CHOSEN, "") | dict(sent.fields),
        dates={name: parts_of(sent.fields, name) for name in DATES},
        errors=errors or [],
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb("Checks", f"/applications/{sent.application_id}/checks"),
            Crumb("The hire"),
        ],
    )
