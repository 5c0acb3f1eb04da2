"""Requests about one's own data, on pages: for the privacy office, and for the person behind their link."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.audit.actor import Actor
from services.ats.documents.uploads import DeskDep
from services.ats.privacy import commands, queries
from services.ats.privacy.asking import as_zip, asker_of, open_own
from services.ats.privacy.callers import Candidate, Fetcher, Officer
from services.ats.privacy.contents import Erased
from services.ats.privacy.fetching import ExportGone, fetch_export
from services.ats.privacy.rules import EXPORT_KEPT
from services.ats.privacy.schemas import CaseCreate, OwnCaseCreate
from services.ats.privacy.states import CONFIRMATION_LABELS, KIND_LABELS, Confirmation
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import Principal
from shared.errors import Invalid
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery
from shared.registry import EmployerUnknown, list_employers
from shared.vocabulary import Service

router = APIRouter(include_in_schema=False)
SERVICE_LABELS = {
    Service.ATS: "Recruitment",
    Service.CLEARING: "Redeployment",
    Service.NOTIFICATIONS: "Messages",
}
KINDS = [(kind.value, label) for kind, label in KIND_LABELS.items()]
WORDS = {
    "kind": "Choose what the person asks for",
    "email": "Enter the e-mail address by which the person is known",
    "name": "Enter the person's name, to write to them",
    "confirmed_by": "Say how you know that it is the person who asks",
    "employer": "Choose an employer of yours",
    "right_email": "Enter an e-mail address, like name@example.org",
    "right_name": "Say what is right: a name or an address, and only where something is to be put right",
}


class CaseForm(BaseModel):
    """The fields as they were typed."""

    kind: str = Field(default="", max_length=40)
    email: str = Field(default="", max_length=320)
    name: str = Field(default="", max_length=200)
    confirmed_by: str = Field(default="", max_length=40)
    employer: str = Field(default="", max_length=10)
    right_name: str = Field(default="", max_length=200)
    right_email: str = Field(default="", max_length=320)

    def filled(self, *names: str) -> dict[str, str]:
        typed = {name: str(getattr(self, name)).strip() for name in names}
        return {name: value for name, value in typed.items() if value}


@router.get("/data-requests")
async def cases_page(request: Request, session: SessionDep, caller: Officer, page: PageQuery) -> Response:
    found, cursor = await queries.search_cases(session, page)
    next_href = str(request.url.include_query_params(cursor=cursor)) if cursor else None
    shown = await _choices(session, caller)
    return render(request, "privacy/cases.html", cases=found, next_href=next_href, **shown, **_typed(CaseForm()))


@router.post("/data-requests")
async def open_case_on_page(
    request: Request,
    session: SessionDep,
    caller: Officer,
    page: PageQuery,
    erased: Erased,
    now: Now,
    sent: Annotated[CaseForm, Form()],
) -> Response:
    try:
        wanted = CaseCreate.model_validate(sent.filled(*CaseForm.model_fields))
        asker = await asker_of(session, wanted, caller)
    except (ValidationError, Invalid, EmployerUnknown) as refusal:
        found, _ = await queries.search_cases(session, page)
        shown = {**await _choices(session, caller), **_typed(sent, _errors(refusal))}
        return render(request, "privacy/cases.html", status_code=422, cases=found, next_href=None, **shown)
    case = await commands.open_case(session, wanted, asker, erased=erased, actor=Actor.of(caller), now=now)
    return RedirectResponse(f"/data-requests/{case.id}", status_code=303)


@router.get("/data-requests/{case_id}")
async def case_page(request: Request, case_id: UUID, session: SessionDep, _caller: Officer) -> Response:
    case = await queries.get_case(session, case_id)
    return render(
        request,
        "privacy/case.html",
        case=case,
        parts=await queries.parts_of(session, case_id),
        kinds=KIND_LABELS,
        confirmations=CONFIRMATION_LABELS,
        services=SERVICE_LABELS,
        breadcrumbs=[Crumb("Data requests", "/data-requests"), Crumb("Request")],
    )


@router.get("/my-data")
async def own_cases_page(request: Request, session: RegionSessionDep, caller: Candidate) -> Response:
    return await _own(request, session, caller, CaseForm())


@router.post("/my-data")
async def open_own_case_on_page(
    request: Request,
    session: RegionSessionDep,
    caller: Candidate,
    erased: Erased,
    now: Now,
    sent: Annotated[CaseForm, Form()],
) -> Response:
    try:
        wanted = OwnCaseCreate.model_validate(sent.filled("kind", "right_name", "right_email"))
    except ValidationError as refusal:
        return await _own(request, session, caller, sent, _errors(refusal))
    case = await open_own(session, wanted, caller, erased=erased, now=now)
    return render(request, "privacy/asked.html", case=case, kinds=KIND_LABELS)


@router.get("/my-data-export")
async def export_page(request: Request, _caller: Fetcher) -> Response:
    return render(request, "privacy/export.html", days=EXPORT_KEPT.days)


@router.post("/my-data-export")
async def fetch_export_on_page(
    request: Request, session: RegionSessionDep, caller: Fetcher, desk: DeskDep, now: Now
) -> Response:
    try:
        return as_zip(await fetch_export(session, desk, caller, now=now))
    except ExportGone:
        return render(request, "privacy/export_gone.html", status_code=410)


async def _own(
    request: Request, session: AsyncSession, caller: Principal, typed: CaseForm, errors: Sequence[FormError] = ()
) -> Response:
    assert caller.subject_id is not None
    application = await get_application(session, caller.subject_id)
    cases = await queries.cases_of(session, application.person_key)
    shown = {"cases": cases, "kinds": KIND_LABELS, "kind_items": KINDS, **_typed(typed, errors)}
    return render(request, "privacy/own.html", status_code=422 if errors else 200, **shown)


async def _choices(session: AsyncSession, caller: Principal) -> dict[str, Any]:
    everyone = {each.id: each.title for each in await list_employers(session)}
    own = await list_employers(session, None if caller.is_region else caller.employer_ids)
    items = [(each.code, each.title) for each in sorted(own, key=lambda each: each.title)]
    confirmations = [
        (each.value, CONFIRMATION_LABELS[each]) for each in Confirmation if each is not Confirmation.OWN_LINK
    ]
    return {
        "titles": everyone,
        "kinds": KIND_LABELS,
        "kind_items": KINDS,
        "confirmation_items": confirmations,
        "employer_items": items,
        "blank_employer": "All employers" if caller.is_region else "Choose one",
    }


def _typed(typed: CaseForm, errors: Sequence[FormError] = ()) -> dict[str, Any]:
    return {"typed": typed, "errors": list(errors)}


def _errors(refusal: ValidationError | Invalid | EmployerUnknown) -> list[FormError]:
    if not isinstance(refusal, ValidationError):
        return [FormError("employer", WORDS["employer"])]
    names = dict.fromkeys(str(each["loc"][0]) if each["loc"] else "right_name" for each in refusal.errors())
    return [FormError(name, WORDS.get(name, "Check this")) for name in names]
