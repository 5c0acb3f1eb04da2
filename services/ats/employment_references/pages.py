"""References on the pages of staff: whom a candidate's references are asked of, one of them, and what was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.audit.actor import Actor
from services.ats.employment_references import commands, presenting, queries
from services.ats.employment_references.callers import AnswerReader, Asker, Onlooker
from services.ats.employment_references.forms import FORMS, ReferenceQuestionKind
from services.ats.employment_references.models import ReferenceState
from services.ats.employment_references.permitted import may_read
from services.ats.employment_references.schemas import GapExplained, OffServiceReference, RefereeAddress, ReferenceAsk
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.errors import Invalid
from shared.pages import Crumb, FormError, render
from shared.pages.sent import Given, filled, parts_of

router = APIRouter(include_in_schema=False)
STATES = {
    ReferenceState.AWAITING_CONSENT: "Waits for the candidate's agreement",
    ReferenceState.CONSENT_REFUSED: "The candidate did not agree",
    ReferenceState.REQUESTED: "Asked for",
    ReferenceState.EXPIRED: "Not answered in twelve weeks",
    ReferenceState.RECEIVED: "Received",
    ReferenceState.RECEIVED_OFF_SERVICE: "Received by another way",
    ReferenceState.WITHDRAWN: "Asked for no more",
}
FORM_ITEMS = [("general", "General"), ("social_care", "Social care, adults or children")]
DATES = ("employed_from", "employed_to", "first_on", "last_on")
TYPED = ("referee_name", "referee_email", "organisation", "form", "asks_first", "explanation", "evidence_reference")
WORDS = {
    "referee_name": "Enter the referee's name",
    "referee_email": "Enter the referee's e-mail address, like name@example.org",
    "organisation": "Enter where they worked together",
    "asks_first": "Say whether the candidate wants to be asked first",
    "explanation": "Say what the candidate did",
    "evidence_reference": "Say where your records hold it: letters, numbers and . _ / : # -",
}


@router.get("/applications/{application_id}/references")
async def references_page(
    request: Request, application_id: UUID, session: SessionDep, caller: Onlooker, now: Now
) -> Response:
    return await _references(request, application_id, session, caller, now)


@router.post("/applications/{application_id}/references")
async def ask_for_reference_on_page(
    request: Request, application_id: UUID, session: SessionDep, caller: Asker, now: Now, given: Given
) -> Response:
    wanted = ("referee_name", "referee_email", "organisation", "form", "asks_first", "employed_from", "employed_to")
    try:
        asked = ReferenceAsk.model_validate(filled(given.fields, *wanted, dates=DATES))
        await commands.ask_for_reference(session, application_id, asked, actor=Actor.of(caller), now=now)
    except (ValidationError, Invalid) as refused:
        return await _references(request, application_id, session, caller, now, _errors(refused), given.fields)
    return RedirectResponse(f"/applications/{application_id}/references", status_code=303)


@router.post("/applications/{application_id}/explain-gap")
async def explain_gap_on_page(
    request: Request, application_id: UUID, session: SessionDep, caller: Asker, now: Now, given: Given
) -> Response:
    try:
        gap = GapExplained.model_validate(filled(given.fields, "explanation", "first_on", "last_on", dates=DATES))
        await commands.explain_gap(session, application_id, gap, actor=Actor.of(caller), now=now)
    except (ValidationError, Invalid) as refused:
        return await _references(request, application_id, session, caller, now, _errors(refused), given.fields)
    return RedirectResponse(f"/applications/{application_id}/references", status_code=303)


@router.get("/references/{reference_id}")
async def reference_page(request: Request, reference_id: UUID, session: SessionDep, caller: Onlooker) -> Response:
    return await _reference(request, reference_id, session, caller)


@router.get("/references/{reference_id}/answers")
async def reference_answers_page(
    request: Request, reference_id: UUID, session: SessionDep, caller: AnswerReader, now: Now
) -> Response:
    said = await commands.read_answers_of(session, reference_id, caller=caller, now=now)
    reference = await queries.get_reference(session, reference_id)
    asked = FORMS.get((reference.form, reference.form_version), ())
    return render(
        request,
        "employment_references/answers.html",
        reference=reference,
        said=said,
        rows=[
            (each.label, said.answers[each.id].replace("_", " ") if _is_coded(each.kind) else said.answers[each.id])
            for each in asked
            if each.id in said.answers
        ],
        breadcrumbs=_crumbs(reference.application_id, "What was said"),
    )


@router.post("/references/{reference_id}/change-address")
async def change_address_on_page(
    request: Request, reference_id: UUID, session: SessionDep, caller: Asker, now: Now, given: Given
) -> Response:
    try:
        wanted = RefereeAddress.model_validate(filled(given.fields, "referee_name", "referee_email"))
    except ValidationError as refused:
        return await _reference(request, reference_id, session, caller, _errors(refused), given.fields)
    await commands.change_address(session, reference_id, wanted, actor=Actor.of(caller), expected=None, now=now)
    return _back(reference_id)


@router.post("/references/{reference_id}/record-off-service")
async def record_off_service_on_page(
    request: Request, reference_id: UUID, session: SessionDep, caller: Asker, now: Now, given: Given
) -> Response:
    fields = filled(given.fields, "evidence_reference", "employed_from", "employed_to", dates=DATES)
    try:
        came = OffServiceReference.model_validate(fields)
        await commands.record_off_service(session, reference_id, came, actor=Actor.of(caller), expected=None, now=now)
    except (ValidationError, Invalid) as refused:
        return await _reference(request, reference_id, session, caller, _errors(refused), given.fields)
    return _back(reference_id)


@router.post("/references/{reference_id}/ask-again")
async def ask_again_on_page(reference_id: UUID, session: SessionDep, caller: Asker, now: Now) -> Response:
    await commands.ask_again(session, reference_id, actor=Actor.of(caller), expected=None, now=now)
    return _back(reference_id)


@router.post("/references/{reference_id}/complete")
async def complete_reference_on_page(reference_id: UUID, session: SessionDep, caller: Asker, now: Now) -> Response:
    await commands.complete_reference(session, reference_id, actor=Actor.of(caller), expected=None, now=now)
    return _back(reference_id)


@router.post("/references/{reference_id}/withdraw")
async def withdraw_reference_on_page(reference_id: UUID, session: SessionDep, caller: Asker, now: Now) -> Response:
    await commands.withdraw_reference(session, reference_id, actor=Actor.of(caller), expected=None, now=now)
    return _back(reference_id)


def _back(reference_id: UUID) -> Response:
    return RedirectResponse(f"/references/{reference_id}", status_code=303)


def _is_coded(kind: ReferenceQuestionKind) -> bool:
    return kind in {ReferenceQuestionKind.RATING, ReferenceQuestionKind.YES_NO}


def _crumbs(application_id: UUID, here: str) -> list[Crumb]:
    return [
        Crumb("Vacancies", "/vacancies"),
        Crumb("References", f"/applications/{application_id}/references"),
        Crumb(here),
    ]


def _errors(refused: ValidationError | Invalid) -> list[FormError]:
    if isinstance(refused, Invalid):
        return [FormError(refused.field or "employed_from", refused.title)]
    names = dict.fromkeys(str(error["loc"][0]) if error["loc"] else "employed_to" for error in refused.errors())
    return [FormError(name, WORDS.get(name, "Enter a real date, the later one last")) for name in names]


def _typed(fields: Mapping[str, str] | None) -> dict[str, Any]:
    sent = dict(fields or {})
    return {
        "sent": dict.fromkeys(TYPED, "") | sent,
        "dates": {name: parts_of(sent, name) for name in DATES},
    }


async def _references(
    request: Request,
    application_id: UUID,
    session: AsyncSession,
    caller: Principal,
    now: Now,
    errors: list[FormError] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Response:
    application = await get_application(session, application_id)
    return render(
        request,
        "employment_references/references.html",
        status_code=422 if errors else 200,
        shown=await presenting.present_references(session, application_id, caller, now),
        reference=application.reference,
        may_ask=application.stage in queries.ASKED_AT,
        states=STATES,
        forms=FORM_ITEMS,
        errors=errors or [],
        breadcrumbs=[Crumb("Vacancies", "/vacancies"), Crumb("References")],
        **_typed(fields),
    )


async def _reference(
    request: Request,
    reference_id: UUID,
    session: AsyncSession,
    caller: Principal,
    errors: list[FormError] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Response:
    reference = await queries.get_reference(session, reference_id)
    vacancy = await get_vacancy(session, reference.vacancy_id)
    return render(
        request,
        "employment_references/reference.html",
        may_read=may_read(caller, reference.employer_id, vacancy.hiring_manager_id),
        status_code=422 if errors else 200,
        shown=presenting.present_reference(reference, caller),
        states=STATES,
        errors=errors or [],
        breadcrumbs=_crumbs(reference.application_id, "One reference"),
        **_typed(fields),
    )
