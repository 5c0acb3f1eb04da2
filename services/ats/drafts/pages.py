"""Applying without an account, as pages: begin, each part of the form, a look at the answers. No JavaScript needed."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import EmailStr, TypeAdapter, ValidationError

from services.ats.drafts import commands
from services.ats.drafts.asking import AskedTooOften, refuse_too_many
from services.ats.drafts.callers import Person
from services.ats.drafts.chosen_files import ChosenFiles, Keeping, drop_replaced, keep_files
from services.ats.drafts.commands import NewDraft
from services.ats.drafts.opened import Opened, address, crumbs_of, open_draft, sections_of
from services.ats.drafts.posted import REMOVE_FILE, Fields, date_parts
from services.ats.drafts.steps import Step, errors_of, read_step
from services.ats.drafts.telling import BEGUN_HERE, LINK_PURPOSE
from services.ats.drafts.wording import ADDRESS
from services.ats.jobs.queries import get_job
from shared import csrf
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import Principal, allow_anyone
from shared.links import BEARER_PREFIX, issue_link, open_link
from shared.pages import FormError, Notice, render
from shared.sessions import TOKEN_BYTES
from shared.typed import TypedRoute, typed_of

router = APIRouter(prefix="/jobs/{job_id}/apply", include_in_schema=False, route_class=TypedRoute)
Anyone = Annotated[Principal, allow_anyone()]
Part = Annotated[str, Path(pattern="^[a-z_]{1,40}$")]
# Every field of a step is read as it was sent; the token alone is named, so that the body is known to be a form.
Token = Annotated[str, Form(max_length=100)]
EMAIL: TypeAdapter[str] = TypeAdapter(EmailStr)
AT_ONCE = timedelta(minutes=1)
MOST_BLANKS = 1


@router.get("")
async def begin_page(request: Request, job_id: UUID, session: SessionDep, _: Anyone, now: Now) -> Response:
    job = await get_job(session, job_id, now=now)
    return render(request, "drafts/begin.html", job=job, email="", errors=[], breadcrumbs=crumbs_of(job))


@router.post("")
async def begin_on_page(
    request: Request,
    job_id: UUID,
    session: RegionSessionDep,
    caller: Anyone,
    now: Now,
    email: Annotated[str, Form(max_length=320)] = "",
    website: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Whoever fills in what people do not see is sent on as if all were well, and nothing is kept."""
    csrf.refuse_other_origin(request)
    job = await get_job(session, job_id, now=now)
    bearer = BEARER_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    try:
        email = EMAIL.validate_python(email.strip())
        if not website:
            await refuse_too_many(request, email, caller)
            draft, _ = await commands.begin_draft(session, job_id, NewDraft(email, {}), caller=caller, now=now)
            token = await issue_link(
                session, purpose=BEGUN_HERE, subject_id=draft.id, employer_id=None, expires_at=now + AT_ONCE
            )
            bearer = (await open_link(session, token, now=now)).token
    except (ValidationError, AskedTooOften) as error:
        status, words = (422, ADDRESS) if isinstance(error, ValidationError) else (429, "Wait a minute, then try again")
        return render(
            request,
            "drafts/begin.html",
            status_code=status,
            job=job,
            email=email,
            errors=[FormError("email", words)],
            breadcrumbs=crumbs_of(job),
        )
    response = RedirectResponse(address(job_id, sections_of(job)[0].key), status_code=303)
    settings = request.state.settings
    csrf.set_cookie(response, settings, csrf.link_cookie(settings.service), bearer)
    return response


@router.get("/check")
async def check_page(request: Request, job_id: UUID, session: SessionDep, caller: Person, now: Now) -> Response:
    opened = await open_draft(session, job_id, caller, now=now)
    return draw_check(request, opened, caller)


def draw_check(
    request: Request,
    opened: Opened,
    caller: Principal,
    *,
    status: int = 200,
    error: str | None = None,
    notice: Notice | None = None,
) -> Response:
    """The answers with a way to change each; with `error` or a status of a refusal, also what is wrong with them."""
    if opened.draft.application_id is not None:
        return render(request, "drafts/sent_before.html", job=opened.job, breadcrumbs=crumbs_of(opened.job))
    steps = opened.steps()
    wrong = [
        FormError(f"step-{step.section.key}", f"{step.title}: {each.text}") for step, errors in steps for each in errors
    ]
    errors = [] if status == 200 else wrong
    return render(
        request,
        "drafts/check.html",
        status_code=status,
        job=opened.job,
        draft=opened.draft,
        steps=steps,
        until=opened.until,
        may_reuse=caller.purpose == LINK_PURPOSE,
        here=address(opened.job.id),
        errors=[FormError("", error), *errors] if error else errors,
        notice=notice,
        breadcrumbs=crumbs_of(opened.job),
    )


@router.get("/{part}")
async def step_page(
    request: Request, job_id: UUID, part: Part, session: SessionDep, caller: Person, now: Now, more: bool = False
) -> Response:
    opened = await open_draft(session, job_id, caller, now=now)
    if opened.draft.application_id is not None:
        return draw_check(request, opened, caller)
    step = opened.step(part)
    is_untouched = not step.groups
    return draw_step(request, opened.job.id, opened.step(part, blanks=int(more or is_untouched)), opened=opened)


def draw_step(
    request: Request,
    job_id: UUID,
    step: Step,
    *,
    opened: Opened,
    errors: list[FormError] | None = None,
    elsewhere: Step | None = None,
) -> Response:
    """`elsewhere`: what another window has saved meanwhile, beside what was typed here."""
    status = 409 if elsewhere is not None else 422 if errors else 200
    return render(
        request,
        "drafts/step.html",
        status_code=status,
        job=opened.job,
        step=step,
        seen=(elsewhere or step).seen,
        elsewhere=elsewhere,
        lost=None,
        date_parts=date_parts,
        email=opened.draft.email,
        next_href=opened.after(step.section.key),
        here=address(job_id),
        errors=errors or [],
        breadcrumbs=crumbs_of(opened.job),
    )


@router.post("/{part}")
async def save_step(
    request: Request,
    job_id: UUID,
    part: Part,
    caller: Person,
    chosen: ChosenFiles,
    session: SessionDep,
    now: Now,
    csrf_token: Token = "",  # noqa: ARG001 - looked at before, with the session
) -> Response:
    """Kept whatever it is; what is wrong with it is said, and stops nobody from going on."""
    opened = await open_draft(session, job_id, caller, now=now, lock=True)
    stored, fields = opened.step(part), fields_of(request)
    changes = read_step(stored.section, fields)
    kept = {name: value for name, value in changes.items() if value is not None}
    if stored.seen not in fields.get("seen", ()) and kept != stored.members:
        typed = {name: value for name, value in opened.draft.typed.items() if name not in changes} | kept
        step = opened.step(part, typed)
        return draw_step(request, job_id, step, opened=opened, errors=chosen.not_kept, elsewhere=stored)
    keeping, before = Keeping(session, chosen.desk, caller, now), opened.draft.typed
    refused = await keep_files(keeping, opened, stored, chosen, changes)
    commands.save_draft(opened.draft, changes, now=now)
    opened = await drop_replaced(keeping, opened, before)
    if not refused and fields.keys() & {"add", REMOVE_FILE}:
        more = "?more=true" if "add" in fields else ""
        return RedirectResponse(f"{address(job_id, part)}{more}", status_code=303)
    step = opened.step(part)
    said = {each.field for each in refused}
    if errors := [*refused, *(each for each in errors_of(step, opened.faults) if each.field not in said)]:
        step = step if step.groups else opened.step(part, blanks=1)
        return draw_step(request, job_id, step, opened=opened, errors=errors)
    return RedirectResponse(opened.after(part), status_code=303)


def fields_of(request: Request) -> Fields:
    found: dict[str, list[str]] = {}
    for name, value in typed_of(request):
        found.setdefault(name, []).append(value)
    return found
