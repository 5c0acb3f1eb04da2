"""The monthly return on a page: a file is looked at first, and taken when its sender has seen what becomes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.monthly_returns import commands, queries
from services.ats.monthly_returns.columns import COLUMNS
from services.ats.monthly_returns.recording import Sending
from services.ats.monthly_returns.schemas import MAX_FILE_BYTES, ReturnStatus
from shared.app import Now, SessionDep
from shared.auth import Principal, allow_staff
from shared.calendar import local_date
from shared.database import transaction
from shared.errors import DomainError
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery
from shared.registry import get_employer, list_employers
from shared.vocabulary import Role

PATH = "/monthly-returns"
BODY_LIMITS = {PATH: MAX_FILE_BYTES + 64 * 1024}
"""The file, and the form around it."""
MONTHS_OFFERED = 18
router = APIRouter(prefix=PATH, include_in_schema=False)
Sender = Annotated[Principal, Depends(allow_staff(Role.RECRUITER, Role.COUNCIL_HR, Role.COUNCIL_ADMIN, Role.WME_ADMIN))]
TONES = {
    ReturnStatus.RECORDED: "green",
    ReturnStatus.CORRECTED: "blue",
    ReturnStatus.REFUSED: "red",
}


@router.get("")
async def monthly_returns_page(
    request: Request, session: SessionDep, caller: Sender, page: PageQuery, now: Now
) -> Response:
    return await _form(request, session, caller, page, now)


@router.post("")
async def check_monthly_return(
    request: Request,
    caller: Sender,
    page: PageQuery,
    now: Now,
    employer: Annotated[str, Form(max_length=10)] = "",
    month: Annotated[str, Form(max_length=7)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Looked at and kept, but not taken: whoever sent it sees first what would become of each row."""
    content = await file.read() if file is not None else b""
    errors = [
        FormError(field, words)
        for field, words, is_missing in (
            ("employer", "Choose the employer", not employer),
            ("month", "Choose the month", month not in {value for value, _ in _months(now)}),
            ("file", "Choose the file, as CSV", not content),
        )
        if is_missing
    ]
    if not errors:
        try:
            return_id = await _check(request, content, (employer, month), caller, now)
        except DomainError as refused:
            words = " ".join(each for each in (refused.title + ".", refused.detail, refused.next_step) if each)
            errors.append(FormError("file", words))
        else:
            return RedirectResponse(f"{PATH}/{return_id}", status_code=303)
    async with transaction(request.state.sessions, caller.tenancy) as session:
        return await _form(request, session, caller, page, now, employer=employer, month=month, errors=errors)


@router.get("/{return_id}")
async def monthly_return_page(request: Request, return_id: UUID, session: SessionDep, caller: Sender) -> Response:
    found = await queries.get_return(session, return_id)
    report = queries.report_of(found)
    title = f"Monthly return of {in_words(report.month)}"
    return render(
        request,
        "monthly_returns/report.html",
        report=report,
        employer=await get_employer(session, found.employer_id),
        wrong=[each for each in report.results if each.findings],
        tones=TONES,
        may_take=found.taken_at is None and report.refused < report.rows and caller.may_act_for(found.employer_id),
        title=title,
        breadcrumbs=[Crumb("Monthly returns", PATH), Crumb(title)],
    )


@router.post("/{return_id}/take")
async def take_monthly_return(return_id: UUID, request: Request, caller: Sender, now: Now) -> Response:
    sessions = request.state.sessions
    async with transaction(sessions, caller.tenancy) as session:
        found = await queries.get_return(session, return_id, lock=True)
        if found.taken_at is not None:
            raise commands.TakenAlready
        content = await session.scalar(queries.content_of(return_id)) or b""
        employer = await get_employer(session, found.employer_id)
    sending = Sending(found.id, found.employer_id, employer.code, found.month, Actor.of(caller), now)
    rows = await commands.read_rows(_stream(content), sending)
    results = await commands.record_rows(sessions, sending, rows, caller=caller, is_rehearsal=False)
    await commands.finish_return(sessions, found, results, caller=caller, now=now)
    return RedirectResponse(f"{PATH}/{return_id}", status_code=303)


async def _check(request: Request, content: bytes, what: tuple[str, str], caller: Principal, now: datetime) -> UUID:
    sessions = request.state.sessions
    sending, made = await commands.begin_return(sessions, *what, caller=caller, now=now)
    rows = await commands.read_rows(_stream(content), sending)
    results = await commands.record_rows(sessions, sending, rows, caller=caller, is_rehearsal=True)
    return await commands.keep_to_look_at(sessions, made, content, results, caller=caller)


async def _stream(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _months(now: datetime) -> list[tuple[str, str]]:
    """The month under way and those before it, newest first."""
    first = local_date(now).replace(day=1)
    found = []
    for back in range(MONTHS_OFFERED):
        months = first.year * 12 + first.month - 1 - back
        day = first.replace(year=months // 12, month=months % 12 + 1)
        found.append((day.isoformat()[:7], in_words(day.isoformat()[:7])))
    return found


def in_words(month: str) -> str:
    """October 2026, of 2026-10."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


async def _form(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    page: PageQuery,
    now: datetime,
    *,
    employer: str = "",
    month: str = "",
    errors: Sequence[FormError] = (),
) -> Response:
    offered = await list_employers(session, None if caller.is_region else caller.employer_ids)
    found, cursor = await queries.search_returns(session, page)
    titles = {each.id: each.title for each in await list_employers(session)}
    months = _months(now)
    return render(
        request,
        "monthly_returns/returns.html",
        status_code=422 if errors else 200,
        errors=errors,
        employer=employer or (offered[0].code if len(offered) == 1 else ""),
        month=month or months[1][0],
        employer_items=[(each.code, each.title) for each in offered],
        month_items=months,
        columns=COLUMNS,
        in_words=in_words,
        returns=[queries.report_of(each) for each in found],
        employer_titles=titles,
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )
