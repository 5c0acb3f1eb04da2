"""The end of a draft, as pages: it is sent, filled from an earlier application, deleted, or its links are made void."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError
from pydantic.networks import EmailStr

from services.ats.applications.claims import SchemeNotOffered
from services.ats.applications.form_rules import FormNotAnswered
from services.ats.applications.queries import ApplicationNotFound, get_application
from services.ats.applications.rules import CriterionUnknown, JobClosed
from services.ats.applications.telling import LINK_PURPOSE as CANDIDATE
from services.ats.documents.uploads import refusal_in_words
from services.ats.drafts import commands, queries
from services.ats.drafts.asking import ask_for_links
from services.ats.drafts.callers import Person
from services.ats.drafts.opened import address, crumbs_of, open_draft
from services.ats.drafts.pages import Token, draw_check
from services.ats.drafts.telling import LINK_PURPOSE
from services.ats.drafts.wording import ADDRESS
from services.ats.files.quota import QuotaReached
from shared import csrf
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import Principal, allow_anyone, allow_link
from shared.database import enter
from shared.links import issue_link, open_link
from shared.pages import FormError, Notice, ask_first, render
from shared.tenancy import REGION

router = APIRouter(include_in_schema=False)
Known = Annotated[Principal, Depends(allow_link(LINK_PURPOSE))]
Candidate = Annotated[Principal, Depends(allow_link(CANDIDATE))]
EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)
AT_ONCE = timedelta(minutes=1)
CHANGED = "The form has changed since you last saw it. Look at your answers again, then send them."
OVER = "The deadline has passed. Your answers were not sent."


@router.post("/jobs/{job_id}/apply/check")
async def submit_on_page(request: Request, job_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    """The browser goes on as the candidate that it has become."""
    opened = await open_draft(session, job_id, caller, now=now, lock=True)
    if opened.draft.application_id is None and commands.adopt_form(opened.draft, opened.job, now=now):
        return draw_check(request, opened, caller, status=409, notice=Notice(CHANGED))
    try:
        application = await commands.submit_draft(session, opened.draft, caller=caller, now=now)
    except (FormNotAnswered, CriterionUnknown, SchemeNotOffered):
        return draw_check(request, opened, caller, status=422)
    except QuotaReached as reached:
        return draw_check(request, opened, caller, status=409, error=refusal_in_words(reached))
    except JobClosed:
        return draw_check(request, opened, caller, status=409, error=OVER)
    await enter(session, REGION)
    token = await issue_link(
        session, purpose=CANDIDATE, subject_id=application.id, employer_id=None, expires_at=now + AT_ONCE
    )
    bearer = (await open_link(session, token, now=now)).token
    response = RedirectResponse(address(job_id, "done"), status_code=303)
    settings = request.state.settings
    csrf.set_cookie(response, settings, csrf.link_cookie(settings.service), bearer)
    return response


@router.get("/jobs/{job_id}/apply/done")
async def done_page(request: Request, job_id: UUID, session: SessionDep, caller: Candidate) -> Response:
    if caller.subject_id is None:
        raise ApplicationNotFound
    application = await get_application(session, caller.subject_id)
    if application.vacancy_id != job_id:
        raise ApplicationNotFound
    return render(request, "drafts/done.html", application=application)


@router.get("/jobs/{job_id}/apply/former")
async def former_page(request: Request, job_id: UUID, session: SessionDep, caller: Known, now: Now) -> Response:
    opened = await open_draft(session, job_id, caller, now=now)
    found = await queries.former_applications(session, opened.draft)
    return render(
        request,
        "drafts/former.html",
        job=opened.job,
        former=found,
        here=address(job_id),
        breadcrumbs=crumbs_of(opened.job, here="Earlier applications"),
    )


@router.post("/jobs/{job_id}/apply/former")
async def reuse_on_page(
    job_id: UUID, session: SessionDep, caller: Known, now: Now, application_id: Annotated[UUID, Form()]
) -> Response:
    opened = await open_draft(session, job_id, caller, now=now, lock=True)
    await commands.reuse_former(session, opened.draft, application_id, now=now)
    return RedirectResponse(address(job_id, "check"), status_code=303)


@router.get("/jobs/{job_id}/apply/delete")
async def ask_to_delete(request: Request, job_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    opened = await open_draft(session, job_id, caller, now=now)
    return ask_first(
        request,
        "Are you sure that you want to delete this draft?",
        follows=f"All that you wrote for the job of {opened.job.title} is gone. You cannot undo this.",
        button="Delete this draft",
        back_href=address(job_id, "check"),
    )


@router.post("/jobs/{job_id}/apply/delete")
async def delete_on_page(
    request: Request,
    job_id: UUID,
    session: SessionDep,
    caller: Person,
    now: Now,
    csrf_token: Token = "",  # noqa: ARG001 - looked at before, with the session
) -> Response:
    opened = await open_draft(session, job_id, caller, now=now, lock=True)
    await commands.delete_draft(session, opened.draft, now=now)
    return _ended(request, opened.job.id, "Your draft is deleted", "Nothing of it is kept, and its links open nothing.")


@router.get("/jobs/{job_id}/apply/end-links")
async def ask_to_end_links(request: Request, job_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    await open_draft(session, job_id, caller, now=now)
    return ask_first(
        request,
        "Are you sure that you want to end your links?",
        follows="No link and no browser opens this draft any more. To go on with it you ask for a new link.",
        button="End my links",
        back_href=address(job_id, "check"),
    )


@router.post("/jobs/{job_id}/apply/end-links")
async def end_links_on_page(
    request: Request,
    job_id: UUID,
    session: SessionDep,
    caller: Person,
    now: Now,
    csrf_token: Token = "",  # noqa: ARG001 - looked at before, with the session
) -> Response:
    opened = await open_draft(session, job_id, caller, now=now, lock=True)
    await commands.end_links(session, opened.draft, now=now)
    words = "No link and no browser opens your draft any more. It is still here: ask for a new link to go on with it."
    return _ended(request, opened.job.id, "Your links are void", words)


def _ended(request: Request, job_id: UUID, title: str, words: str) -> Response:
    response = render(request, "drafts/ended.html", title=title, words=words, job_id=job_id)
    csrf.drop_cookie(response, request.state.settings, csrf.link_cookie(request.state.settings.service))
    return response


@router.get("/my-drafts", dependencies=[allow_anyone()])
async def draft_link_page(request: Request) -> Response:
    return render(request, "drafts/ask_for_link.html", errors=[], email="")


@router.post("/my-drafts", dependencies=[allow_anyone()])
async def ask_for_draft_link(
    request: Request, session: RegionSessionDep, now: Now, email: Annotated[str, Form(max_length=320)] = ""
) -> Response:
    try:
        address_given = EMAIL.validate_python(email.strip())
    except ValidationError:
        errors = [FormError("email", ADDRESS)]
        return render(request, "drafts/ask_for_link.html", status_code=422, errors=errors, email=email)
    await ask_for_links(request, session, address_given, now)
    return render(request, "drafts/link_sent.html")
