"""The referee's page and the candidate's, without an account: what was typed is never lost to a slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import EmailStr, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.employment_references import giving, own, queries
from services.ats.employment_references.asking import send_link
from services.ats.employment_references.callers import Candidate, Referee
from services.ats.employment_references.forms import RATINGS, ReferenceQuestionKind, Wrong
from services.ats.employment_references.schemas import OwnReference
from shared import csrf
from shared.app import Now, RegionSessionDep, SessionDep
from shared.asking import Asking, may_ask
from shared.auth import allow_anyone
from shared.pages import FormError, render
from shared.pages.sent import Given, day_of, parts_of
from shared.sealing import person_key
from shared.vocabulary import Service

router = APIRouter(include_in_schema=False)
ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)
ASKING = Asking("referee-link", for_one_person=5)


@router.get("/my-reference")
async def own_reference_page(request: Request, session: SessionDep, caller: Referee) -> Response:
    try:
        form = await giving.own_reference(session, caller)
    except giving.ReferenceOver:
        return render(request, "employment_references/over.html", status_code=410)
    return _form(request, form, {}, [])


@router.post("/my-reference")
async def give_reference_on_page(
    request: Request, session: SessionDep, caller: Referee, now: Now, given: Given
) -> Response:
    try:
        form = await giving.own_reference(session, caller)
        fields = given.fields
        _, wrong = await giving.give_reference(session, _with_dates(form, fields), caller=caller, now=now)
    except giving.ReferenceOver:
        return render(request, "employment_references/over.html", status_code=410)
    if wrong:
        return _form(request, form, fields, wrong)
    response = render(request, "employment_references/thanks.html")
    csrf.drop_cookie(response, request.state.settings, csrf.link_cookie(Service.ATS))
    return response


@router.get("/my-reference-link", dependencies=[allow_anyone()])
async def ask_for_referee_link_page(request: Request) -> Response:
    return render(request, "employment_references/ask_for_link.html", errors=[], email="")


@router.post("/my-reference-link", dependencies=[allow_anyone()])
async def ask_for_referee_link_on_page(
    request: Request, session: RegionSessionDep, now: Now, email: Annotated[str, Form(max_length=320)] = ""
) -> Response:
    """The same answer whether or not anybody at this address is asked for a reference."""
    try:
        address = ADDRESS.validate_python(email.strip())
    except ValidationError:
        errors = [FormError("email", "Enter an e-mail address, like name@example.org")]
        return render(request, "employment_references/ask_for_link.html", status_code=422, errors=errors, email=email)
    if await may_ask(request, ASKING, address):
        for reference in await queries.open_for_referee(session, person_key(address)):
            if reference.link_expires_at is not None and reference.link_expires_at > now:
                await send_link(session, reference, now=now)
    return render(request, "employment_references/link_sent.html")


@router.get("/my-application/references")
async def own_consents_page(request: Request, session: SessionDep, caller: Candidate) -> Response:
    return render(request, "employment_references/consents.html", consents=await own.own_consents(session, caller))


@router.post("/my-application/references/{reference_id}/agree")
async def agree_on_page(reference_id: UUID, session: SessionDep, caller: Candidate, now: Now) -> Response:
    return await _answered(session, reference_id, caller, now, agrees=True)


@router.post("/my-application/references/{reference_id}/refuse")
async def refuse_on_page(reference_id: UUID, session: SessionDep, caller: Candidate, now: Now) -> Response:
    return await _answered(session, reference_id, caller, now, agrees=False)


async def _answered(
    session: AsyncSession, reference_id: UUID, caller: Candidate, now: Now, *, agrees: bool
) -> Response:
    await own.answer_own_consent(session, reference_id, caller, agrees=agrees, now=now)
    return RedirectResponse("/my-application/references", status_code=303)


def _with_dates(form: OwnReference, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of each date put together, as the questions are answered."""
    sent = dict(fields)
    for question in form.questions:
        if question.kind is ReferenceQuestionKind.DATE:
            sent[question.id] = day_of(fields, question.id)
    return sent


def _form(request: Request, form: OwnReference, fields: Mapping[str, str], wrong: Sequence[Wrong]) -> Response:
    questions = [
        (
            question,
            parts_of(fields, question.id)
            if question.kind is ReferenceQuestionKind.DATE
            else fields.get(question.id, ""),
        )
        for question in form.questions
    ]
    return render(
        request,
        "employment_references/form.html",
        status_code=422 if wrong else 200,
        form=form,
        questions=questions,
        ratings=[(each, each.replace("_", " ").capitalize()) for each in RATINGS],
        errors=[FormError(each.question, each.text) for each in wrong],
    )
