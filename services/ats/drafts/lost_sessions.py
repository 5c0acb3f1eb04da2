"""A step that is saved after its session is over is shown again with what was typed, and says how to save it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, cast
from uuid import UUID

from fastapi import FastAPI, Request, Response

from services.ats.drafts.opened import StepNotFound, address, crumbs_of, section_of, sections_of
from services.ats.drafts.pages import fields_of, save_step
from services.ats.drafts.posted import date_parts
from services.ats.drafts.queries import advert_of
from services.ats.drafts.steps import read_step, step_of
from services.ats.jobs.queries import JobNotFound
from shared import csrf
from shared.csrf import ForgedRequest
from shared.database import transaction
from shared.errors import DomainError, Unauthenticated
from shared.pages import FormError, render
from shared.settings import Settings
from shared.tenancy import REGION
from shared.typed import typed_of

Answer = Callable[[Request, Any], Awaitable[Response]]
OVER = "Your session is over, so this is not saved yet. What you typed is still on this page"
AGAIN = "This is not saved yet. Press the button once more: your link has opened the draft again"


def keep_what_is_typed(app: FastAPI, _settings: Settings) -> None:
    """For `ServiceApp.on_start`, after what it goes before: every other page is answered as ever."""
    for refusal in (Unauthenticated, ForgedRequest):
        as_ever = cast("Answer", app.exception_handlers.get(refusal, app.exception_handlers[DomainError]))
        app.add_exception_handler(refusal, partial(_show_again, as_ever))


async def _show_again(as_ever: Answer, request: Request, error: Exception) -> Response:
    route = request.scope.get("route")
    if getattr(route, "endpoint", None) is not save_step or not typed_of(request):
        return await as_ever(request, error)
    try:
        # Another site does not get its own words shown with our button under them.
        csrf.refuse_other_origin(request)
        return await _draw(request, AGAIN if isinstance(error, ForgedRequest) else OVER)
    except (ForgedRequest, JobNotFound, StepNotFound, ValueError):
        return await as_ever(request, error)


async def _draw(request: Request, words: str) -> Response:
    """Raises JobNotFound, StepNotFound, ValueError for an address that is none."""
    job_id = UUID(request.path_params["job_id"])
    async with transaction(request.state.sessions, REGION) as session:
        job = await advert_of(session, job_id, now=request.state.clock.now())
    section = section_of(sections_of(job), request.path_params["part"])
    fields = fields_of(request)
    typed = {name: value for name, value in read_step(section, fields).items() if value is not None}
    return render(
        request,
        "drafts/step.html",
        status_code=401,
        job=job,
        step=step_of(section, typed),
        seen="".join(fields.get("seen", ())),
        elsewhere=None,
        lost=words,
        date_parts=date_parts,
        email=None,
        next_href=None,
        here=address(job_id),
        errors=[FormError("", words)],
        breadcrumbs=crumbs_of(job),
    )
