"""Choosing a password: by the link of an invitation, or by one that somebody asks for who has forgotten theirs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import EmailStr, TypeAdapter, ValidationError
from starlette.datastructures import Headers

from services.ats.identity import invitations, passwords, rules
from services.ats.identity.sign_in import Origin, remember
from shared import csrf
from shared.app import Now, RegionSessionDep
from shared.asking import Asking, may_ask
from shared.auth import Principal, allow_anyone, allow_link
from shared.errors import Forbidden
from shared.http_guard import caller_address
from shared.links import end_link_sessions_of
from shared.pages import FormError, render
from shared.registry import get_staff
from shared.settings import Settings
from shared.vocabulary import Service

router = APIRouter(include_in_schema=False)
Owner = Annotated[Principal, Depends(allow_link(invitations.INVITATION, invitations.RESET))]
ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)
ASKING = Asking("password-reset", for_one_person=3)


@router.get("/forgotten-password", dependencies=[allow_anyone()])
async def forgotten_password_page(request: Request) -> Response:
    return render(request, "identity/forgotten_password.html", errors=[], email="")


@router.post("/forgotten-password", dependencies=[allow_anyone()])
async def ask_for_password_reset(
    request: Request, session: RegionSessionDep, now: Now, email: Annotated[str, Form(max_length=320)] = ""
) -> Response:
    """The same answer whether or not there is such an account, and when it was asked too often."""
    csrf.refuse_other_origin(request)
    try:
        address = ADDRESS.validate_python(email.strip())
    except ValidationError:
        errors = [FormError("email", "Enter an e-mail address, like name@example.org")]
        return render(request, "identity/forgotten_password.html", status_code=422, errors=errors, email=email)
    if await may_ask(request, ASKING, address):
        await invitations.send_password_reset(session, address, now=now)
    return render(request, "identity/password_link_sent.html")


@router.get("/invitation")
async def invitation_page(request: Request, _: Owner) -> Response:
    return render(request, "identity/invitation.html")


@router.post("/invitation")
async def choose_password(
    request: Request,
    password: Annotated[str, Form()],
    caller: Owner,
    session: RegionSessionDep,
    now: Now,
) -> Response:
    if caller.subject_id is None:
        raise Forbidden
    person = await get_staff(session, caller.subject_id)
    try:
        rules.check_password(password, person.email)
    except rules.PasswordTooWeak as weak:
        error = FormError("password", weak.next_step or weak.detail)
        return render(request, "identity/invitation.html", status_code=422, errors=[error])
    await invitations.set_password(session, person, await passwords.hash_in_thread(password), now=now)
    await remember(session, origin_of(request, person.email))
    await end_link_sessions_of(session, person.id)
    response = RedirectResponse("/sign-in", status_code=303)
    csrf.drop_cookie(response, request.state.settings, csrf.link_cookie(Service.ATS))
    return response


def origin_of(request: Request, email: str) -> Origin:
    """Under what an attempt at this account from here is counted."""
    settings: Settings = request.state.settings
    address = caller_address(request.scope, Headers(scope=request.scope), settings)
    return Origin(email, address, settings.person_key_secret.get_secret_value())
