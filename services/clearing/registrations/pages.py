"""Pages of registrations: for the home council's HR, and for whoever registers or asks for their link."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, EmailStr, Field, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.commands import note_reads
from services.clearing.audit.models import Subject
from services.clearing.registrations import commands, queries, submission, verification
from services.clearing.registrations.callers import SIGN_IN_LINKS_PER_MINUTE, Hr, Reader, Writer
from services.clearing.registrations.labels import REASON_LABELS, STATE_LABELS, STATE_TONES, TIER_LABELS
from services.clearing.registrations.queries import RegistrationFilter
from services.clearing.registrations.schemas import Verification, read_registration
from services.clearing.registrations.states import RegistrationState
from services.clearing.registrations.verification import TierNotSupported
from shared.app import Now, RegionSessionDep, SessionDep
from shared.auth import Principal, allow_anyone
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery
from shared.registry import get_employer, list_employers
from shared.sealing import person_key

router = APIRouter(include_in_schema=False)
ADDRESS = TypeAdapter(EmailStr)
UNCONFIRMED = RegistrationState.UNCONFIRMED


class VerificationForm(BaseModel):
    """The form as it is posted; a date comes in three parts."""

    tier: int = Field(ge=1, le=5)
    day: str = Field(default="", alias="protected_until-day")
    month: str = Field(default="", alias="protected_until-month")
    year: str = Field(default="", alias="protected_until-year")
    advised: list[str] = Field(default_factory=list)

    def protected_until(self) -> date | None:
        """Raises ValueError for what is no date."""
        if not (self.day or self.month or self.year):
            return None
        return date(int(self.year), int(self.month), int(self.day))


@router.get("/registrations")
async def registrations_page(
    request: Request,
    session: SessionDep,
    caller: Reader,
    page: PageQuery,
    now: Now,
    state: Annotated[str, Query()] = "",
) -> Response:
    chosen = RegistrationState(state) if state in set(RegistrationState) else None
    found, cursor = await queries.search_registrations(session, RegistrationFilter(state=chosen), page, caller)
    await note_reads(session, Subject.REGISTRATION, found, caller, now=now)
    return render(
        request,
        "registrations/list.html",
        registrations=found,
        employer_titles={each.id: each.title for each in await list_employers(session)},
        is_region=caller.is_region,
        labels=STATE_LABELS,
        tones=STATE_TONES,
        reasons=REASON_LABELS,
        state=state,
        state_items=[(each.value, STATE_LABELS[each]) for each in RegistrationState if each is not UNCONFIRMED],
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )


@router.get("/registrations/{registration_id}")
async def registration_page(
    request: Request, registration_id: UUID, session: SessionDep, caller: Reader, now: Now
) -> Response:
    shown = await queries.get_registration_for(session, registration_id, caller)
    # Beside it the page shows who else is registered for the same employment.
    others = await queries.others_of_employment(session, shown)
    await note_reads(session, Subject.REGISTRATION, [shown, *others], caller, now=now)
    return await _registration(request, registration_id, session, caller)


@router.post("/registrations/{registration_id}/verify")
async def verify_on_page(
    request: Request,
    registration_id: UUID,
    session: SessionDep,
    caller: Hr,
    now: Now,
    sent: Annotated[VerificationForm, Form()],
) -> Response:
    try:
        protected_until = sent.protected_until()
    except ValueError:
        errors = [FormError("protected_until", "Enter a real date")]
        return await _registration(request, registration_id, session, caller, errors)
    found = Verification(
        tier=sent.tier, protected_until=protected_until, occupational_health_advised=bool(sent.advised)
    )
    try:
        await verification.verify_registration(session, registration_id, found, by=Actor.of(caller), now=now)
    except TierNotSupported as refusal:
        return await _registration(request, registration_id, session, caller, [FormError("tier", refusal.detail)])
    return _to(registration_id)


@router.post("/registrations/{registration_id}/return")
async def return_on_page(
    request: Request,
    registration_id: UUID,
    session: SessionDep,
    caller: Hr,
    now: Now,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    if not reason.strip():
        errors = [FormError("reason", "Say what is missing")]
        return await _registration(request, registration_id, session, caller, errors)
    await verification.return_registration(session, registration_id, reason.strip(), by=Actor.of(caller), now=now)
    return _to(registration_id)


@router.post("/registrations/{registration_id}/reject")
async def reject_on_page(
    request: Request,
    registration_id: UUID,
    session: SessionDep,
    caller: Hr,
    now: Now,
    rejection: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    if not rejection.strip():
        errors = [FormError("rejection", "Say why it is not the right one")]
        return await _registration(request, registration_id, session, caller, errors)
    await verification.reject_registration(session, registration_id, rejection.strip(), by=Actor.of(caller), now=now)
    return _to(registration_id)


@router.post("/registrations/{registration_id}/submit")
async def submit_on_page(registration_id: UUID, session: SessionDep, caller: Hr, now: Now) -> Response:
    """The right one of two for one employment, once the other has been rejected."""
    await submission.submit_registration(session, registration_id, by=Actor.of(caller), now=now)
    return _to(registration_id)


@router.post("/registrations/{registration_id}/tell-person")
async def tell_on_page(registration_id: UUID, session: SessionDep, _: Writer, now: Now) -> Response:
    await commands.tell_person(session, registration_id, now=now)
    return _to(registration_id)


@router.post("/registrations/{registration_id}/sign-in-link")
async def send_link_on_page(registration_id: UUID, session: SessionDep, _: Writer, now: Now) -> Response:
    registration = await queries.get_registration(session, registration_id)
    await commands.send_sign_in_link(session, registration, now=now)
    return _to(registration_id)


@router.get("/my-link", dependencies=[allow_anyone()])
async def ask_for_link_page(request: Request) -> Response:
    return render(request, "registrations/ask_for_link.html", errors=[], email="")


@router.post("/my-link", dependencies=[allow_anyone()])
async def ask_for_link_on_page(
    request: Request, session: RegionSessionDep, now: Now, email: Annotated[str, Form(max_length=254)] = ""
) -> Response:
    try:
        address = ADDRESS.validate_python(email.strip())
    except ValidationError:
        errors = [FormError("email", "Enter an e-mail address, like name@example.org")]
        return render(request, "registrations/ask_for_link.html", status_code=422, errors=errors, email=email)
    allowance = await request.state.limiter.take(
        SIGN_IN_LINKS_PER_MINUTE, f"sign-in-link:{person_key(address)}", fail_closed=True
    )
    if allowance.allowed:
        await commands.send_sign_in_links(session, address, now=now)
    return render(request, "registrations/link_sent.html")


async def _registration(
    request: Request,
    registration_id: UUID,
    session: AsyncSession,
    caller: Principal,
    errors: list[FormError] | None = None,
) -> Response:
    registration = await queries.get_registration_for(session, registration_id, caller)
    return render(
        request,
        "registrations/registration.html",
        status_code=422 if errors else 200,
        registration=read_registration(registration),
        others=await queries.others_of_employment(session, registration),
        labels=STATE_LABELS,
        employer=await get_employer(session, registration.home_employer_id),
        may_decide=caller.may_act_for(registration.home_employer_id) and not caller.is_region,
        label=STATE_LABELS[registration.state],
        tone=STATE_TONES.get(registration.state),
        reason=REASON_LABELS[registration.reason],
        tiers=TIER_LABELS,
        errors=errors or [],
        breadcrumbs=[Crumb("Registrations", "/registrations"), Crumb(registration.name)],
    )


def _to(registration_id: UUID) -> Response:
    return RedirectResponse(f"/registrations/{registration_id}", status_code=303)
