"""Checks on pages: those of one candidate, one check with its forms and history, and what falls due."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.audit.actor import Actor
from services.ats.checks import commands, presenting, queries, setting_out
from services.ats.checks.callers import Checker, Reader, WaiverApprover
from services.ats.checks.rules import Person
from services.ats.checks.schemas import CheckPassed, ChecksSetOut, CheckWords, WaiverAsked
from services.ats.checks.states import (
    ENGAGEMENT_LABELS,
    LABELS,
    METHOD_LABELS,
    METHODS,
    OUTCOME_LABELS,
    STEP_LABELS,
    CheckOutcome,
    WaiverState,
)
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.calendar import local_date
from shared.errors import Invalid
from shared.pages import Crumb, FormError, render
from shared.pages.sent import Given, filled, parts_of
from shared.pagination import PageQuery
from shared.registry import list_employers

router = APIRouter(include_in_schema=False)
TONES = {CheckOutcome.PASSED: "green", CheckOutcome.FAILED: "red", CheckOutcome.NOT_APPLICABLE: "grey"}
TYPED = (
    *("method", "evidence_reference", "is_time_limited", "dbs_level", "list_adults", "list_children"),
    *("reason", "waiver_reason", "risk_assessment"),
)
DATES = ("checked_on", "copied_on", "follow_up_on", "expires_on", "ends_on")
WORDS = {
    "method": "Choose how it was checked",
    "evidence_reference": "Say where your records hold what was seen: letters, numbers and . _ / : # -",
    "checked_on": "Enter the day of the check",
    "ends_on": "Enter the last day of the waiver",
    "reason": "Say why, in at least three letters",
    "risk_assessment": "Say what the risk is and what is done about it",
    "engagement": "Choose how they come to the post",
    "has_lived_abroad": "Say whether they have lived abroad",
    "dbs_level": "Choose the level of the certificate",
    "is_time_limited": "Say whether the right to work ends one day",
}


@router.get("/checks")
async def due_checks_page(
    request: Request,
    session: SessionDep,
    _caller: Reader,
    page: PageQuery,
    now: Now,
    within_days: Annotated[int, Query(ge=0, le=3660)] = 0,
) -> Response:
    today = local_date(now)
    found, cursor = await queries.search_due(session, today.fromordinal(today.toordinal() + within_days), page)
    return render(
        request,
        "checks/due.html",
        checks=found,
        labels=LABELS,
        outcomes=OUTCOME_LABELS,
        tones=TONES,
        within_days=within_days,
        employer_titles={each.id: each.title for each in await list_employers(session)},
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )


@router.get("/applications/{application_id}/checks")
async def checks_page(
    request: Request, application_id: UUID, session: SessionDep, caller: Reader, now: Now
) -> Response:
    return await _checks(request, application_id, session, caller, now)


@router.post("/applications/{application_id}/checks")
async def set_out_checks_on_page(
    request: Request, application_id: UUID, session: SessionDep, caller: Checker, now: Now, given: Given
) -> Response:
    try:
        wanted = ChecksSetOut.model_validate(filled(given.fields, "engagement", "has_lived_abroad"))
    except ValidationError as refused:
        await get_application(session, application_id)
        return await _checks(request, application_id, session, caller, now, _errors(refused))
    person = Person(wanted.engagement, wanted.has_lived_abroad)
    await setting_out.set_out_checks(session, application_id, person, actor=Actor.of(caller), now=now)
    return RedirectResponse(f"/applications/{application_id}/checks", status_code=303)


@router.get("/checks/{check_id}")
async def check_page(request: Request, check_id: UUID, session: SessionDep, caller: Reader) -> Response:
    return await _check(request, check_id, session, caller)


@router.post("/checks/{check_id}/pass")
async def pass_check_on_page(
    request: Request, check_id: UUID, session: SessionDep, caller: Checker, now: Now, given: Given
) -> Response:
    fields = filled(
        given.fields, "method", "evidence_reference", "is_time_limited", "dbs_level", *DATES[:4], dates=DATES
    )
    fields["barred_lists"] = [each for each in ("adults", "children") if given.fields.get(f"list_{each}")]
    try:
        shown = CheckPassed.model_validate(fields).shown()
        await commands.pass_check(session, check_id, shown, caller=caller, expected=None, now=now)
    except (ValidationError, Invalid) as refused:
        return await _check(request, check_id, session, caller, _errors(refused), given.fields)
    return _back(check_id)


@router.post("/checks/{check_id}/fail")
async def fail_check_on_page(
    request: Request, check_id: UUID, session: SessionDep, caller: Checker, now: Now, given: Given
) -> Response:
    try:
        why = CheckWords.model_validate(filled(given.fields, "reason"))
    except ValidationError as refused:
        return await _check(request, check_id, session, caller, _errors(refused), given.fields)
    return await _done(commands.fail_check(session, check_id, why.reason, caller=caller, expected=None, now=now))


@router.post("/checks/{check_id}/not-applicable")
async def call_not_applicable_on_page(
    request: Request, check_id: UUID, session: SessionDep, caller: Checker, now: Now, given: Given
) -> Response:
    try:
        why = CheckWords.model_validate(filled(given.fields, "reason"))
    except ValidationError as refused:
        return await _check(request, check_id, session, caller, _errors(refused), given.fields)
    return await _done(
        commands.call_not_applicable(session, check_id, why.reason, caller=caller, expected=None, now=now)
    )


@router.post("/checks/{check_id}/ask-waiver")
async def ask_waiver_on_page(
    request: Request, check_id: UUID, session: SessionDep, caller: Checker, now: Now, given: Given
) -> Response:
    fields = filled(given.fields, "risk_assessment", "ends_on", dates=DATES)
    fields["reason"] = given.fields.get("waiver_reason", "")
    try:
        asked = WaiverAsked.model_validate(fields)
        await commands.ask_waiver(session, check_id, asked, caller=caller, expected=None, now=now)
    except (ValidationError, Invalid) as refused:
        errors = [FormError("waiver_reason" if e.field == "reason" else e.field, e.text) for e in _errors(refused)]
        return await _check(request, check_id, session, caller, errors, given.fields)
    return _back(check_id)


@router.post("/checks/{check_id}/approve-waiver")
async def approve_waiver_on_page(check_id: UUID, session: SessionDep, caller: WaiverApprover, now: Now) -> Response:
    return await _done(
        commands.decide_waiver(session, check_id, WaiverState.APPROVED, caller=caller, expected=None, now=now)
    )


@router.post("/checks/{check_id}/refuse-waiver")
async def refuse_waiver_on_page(check_id: UUID, session: SessionDep, caller: WaiverApprover, now: Now) -> Response:
    return await _done(
        commands.decide_waiver(session, check_id, WaiverState.REFUSED, caller=caller, expected=None, now=now)
    )


async def _done(doing: Awaitable[Any]) -> Response:
    return _back((await doing).id)


def _back(check_id: UUID) -> Response:
    return RedirectResponse(f"/checks/{check_id}", status_code=303)


def _errors(refused: ValidationError | Invalid) -> list[FormError]:
    if isinstance(refused, Invalid):
        words = " ".join(dict.fromkeys(each for each in (refused.title + ".", refused.detail) if each))
        return [FormError(refused.field or "method", words)]
    names = dict.fromkeys(str(error["loc"][0]) for error in refused.errors())
    return [FormError(name, WORDS.get(name, "Enter a real date")) for name in names]


async def _checks(
    request: Request,
    application_id: UUID,
    session: AsyncSession,
    caller: Principal,
    now: Now,
    errors: list[FormError] | None = None,
) -> Response:
    shown = await presenting.present_checks(session, application_id, caller, now)
    application = await get_application(session, application_id)
    vacancy = await get_vacancy(session, application.vacancy_id)
    return render(
        request,
        "checks/checks.html",
        status_code=422 if errors else 200,
        shown=shown,
        application=application,
        vacancy=vacancy,
        labels=LABELS,
        outcomes=OUTCOME_LABELS,
        tones=TONES,
        may_set_out=application.stage in setting_out.BEFORE_THE_START,
        engagements=[(each.value, label) for each, label in ENGAGEMENT_LABELS.items()],
        errors=errors or [],
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb(vacancy.reference, f"/vacancies/{vacancy.id}"),
            Crumb("Checks"),
        ],
    )


async def _check(
    request: Request,
    check_id: UUID,
    session: AsyncSession,
    caller: Principal,
    errors: list[FormError] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Response:
    """One check. What was typed is shown again where something was wrong with it."""
    check = await presenting.present_one(session, check_id, caller)
    sent = dict.fromkeys(TYPED, "") | dict(fields or {})
    return render(
        request,
        "checks/check.html",
        status_code=422 if errors else 200,
        check=check,
        label=LABELS[check.kind],
        outcomes=OUTCOME_LABELS,
        steps=STEP_LABELS,
        tones=TONES,
        method_labels=METHOD_LABELS,
        methods=[(each.value, METHOD_LABELS[each]) for each in METHOD_LABELS if each in METHODS[check.kind]],
        history=await queries.history_of(session, check_id),
        sent=sent,
        dates={name: parts_of(sent, name) for name in DATES},
        errors=errors or [],
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb("Checks", f"/applications/{check.application_id}/checks"),
            Crumb(LABELS[check.kind]),
        ],
    )
