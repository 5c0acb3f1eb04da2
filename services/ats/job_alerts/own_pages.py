"""Somebody's own saved search, as the link in their mail shows it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.ats.job_alerts import commands, queries, rules, words
from services.ats.job_alerts.models import Frequency
from services.ats.job_alerts.pages import FREQUENCIES
from services.ats.job_alerts.telling import LINK_PURPOSE
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_link
from shared.pages import ask_first, render

router = APIRouter(prefix="/my-job-alert", include_in_schema=False)
Owner = Annotated[Principal, Depends(allow_link(LINK_PURPOSE))]
PAGE = "/my-job-alert"


@router.get("")
async def own_alert_page(request: Request, session: SessionDep, caller: Owner) -> Response:
    alert = await queries.get_alert(session, own_id(caller))
    search = rules.read_search(alert.search)
    return render(
        request,
        "job_alerts/own.html",
        alert=alert,
        search=words.in_words(search) if search else None,
        search_href=words.search_page(search) if search else "/jobs",
        keep_until=alert.keep_asked_at + rules.KEEP_WITHIN if alert.keep_asked_at else None,
        frequencies=FREQUENCIES,
    )


@router.post("/confirm")
async def confirm_own_alert(session: SessionDep, caller: Owner, now: Now) -> Response:
    await commands.confirm_alert(session, own_id(caller), now=now)
    return _back()


@router.post("/change")
async def change_own_alert(
    session: SessionDep, caller: Owner, now: Now, frequency: Annotated[Frequency, Form()]
) -> Response:
    await commands.change_frequency(session, own_id(caller), frequency, now=now)
    return _back()


@router.post("/pause")
async def pause_own_alert(session: SessionDep, caller: Owner, now: Now) -> Response:
    await commands.pause_alert(session, own_id(caller), now=now)
    return _back()


@router.post("/resume")
async def resume_own_alert(session: SessionDep, caller: Owner, now: Now) -> Response:
    await commands.resume_alert(session, own_id(caller), now=now)
    return _back()


@router.post("/keep")
async def keep_own_alert(session: SessionDep, caller: Owner, now: Now) -> Response:
    await commands.keep_alert(session, own_id(caller), now=now)
    return _back()


@router.get("/delete")
async def ask_to_delete(request: Request, session: SessionDep, caller: Owner) -> Response:
    await queries.get_alert(session, own_id(caller))
    return ask_first(
        request,
        "Are you sure that you want to stop this job alert?",
        follows="No more mails of it come, and we delete your search and your address. You cannot undo this.",
        button="Stop and delete",
        back_href=PAGE,
    )


@router.post("/delete")
async def delete_own_alert(request: Request, session: SessionDep, caller: Owner, now: Now) -> Response:
    await commands.end_alert(session, own_id(caller), now=now)
    return render(request, "job_alerts/ended.html")


def own_id(caller: Principal) -> UUID:
    """Raises JobAlertNotFound."""
    if caller.subject_id is None:
        raise queries.JobAlertNotFound
    return caller.subject_id


def _back() -> Response:
    return RedirectResponse(PAGE, status_code=303)
