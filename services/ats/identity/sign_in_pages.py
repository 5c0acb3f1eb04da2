"""Signing in and out here, for all three services."""

from __future__ import annotations

import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.ats.identity import commands, signing
from services.ats.identity.password_pages import origin_of
from services.ats.identity.sign_in import sign_in
from shared import csrf
from shared.app import Now, RegionSessionDep
from shared.auth import Principal, PrincipalKind, allow_anyone, allow_signed_in
from shared.errors import Forbidden, Invalid
from shared.pages import FormError, render
from shared.settings import Settings
from shared.vocabulary import Service

router = APIRouter(include_in_schema=False)
# As each service calls itself on its pages.
TITLES = {Service.CLEARING: "Redeployment", Service.NOTIFICATIONS: "Messages"}
# So that one address cannot keep everybody's passwords waiting; a whole council that comes in at nine is far below.
ATTEMPTS_A_MINUTE = 600
NOT_SIGNED_IN = FormError("email", "The e-mail address or password is not right, or there were too many attempts")


class ServiceUnknown(Invalid):
    code = "service_not_known"
    title = "There is no such service to sign in to"


@router.get("/sign-in", dependencies=[allow_anyone()])
async def sign_in_page(request: Request) -> Response:
    return _sign_in_form(request, "", ())


@router.post("/sign-in", dependencies=[allow_anyone()])
async def sign_in_with_password(
    request: Request, email: Annotated[str, Form()], password: Annotated[str, Form()]
) -> Response:
    """Whatever went wrong, the answer is the same page with the same words."""
    settings: Settings = request.state.settings
    await _check_form(request, settings)
    origin = origin_of(request, email[:320])
    allowance = await request.state.limiter.take(ATTEMPTS_A_MINUTE, "sign-in", origin.address, fail_closed=True)
    token = None
    if allowance.allowed:
        before = request.cookies.get(csrf.session_cookie(Service.ATS))
        token = await sign_in(request.state.sessions, origin, password[:1000], before=before)
    if token is None:
        return _sign_in_form(request, email[:320], (NOT_SIGNED_IN,))
    response = RedirectResponse(csrf.local_path(request.query_params.get("return"), _home(request)), status_code=303)
    csrf.set_cookie(response, settings, csrf.session_cookie(Service.ATS), token)
    csrf.drop_cookie(response, settings, csrf.form_cookie(Service.ATS))
    return response


@router.get("/sign-out")
async def sign_out_page(request: Request, caller: Annotated[Principal, allow_anyone()]) -> Response:
    return render(request, "identity/sign_out.html", is_signed_in=caller.kind is PrincipalKind.STAFF)


@router.post("/sign-out")
async def sign_out(
    request: Request, caller: Annotated[Principal, Depends(allow_signed_in())], session: RegionSessionDep, now: Now
) -> Response:
    """End every session of this person, in all three services."""
    if caller.staff_id is not None:
        await commands.end_sessions(session, caller.staff_id, now=now)
    response = RedirectResponse("/sign-out", status_code=303)
    csrf.drop_cookie(response, request.state.settings, csrf.session_cookie(Service.ATS))
    return response


@router.get("/assert")
async def hand_over(
    request: Request,
    service: str,
    nonce: str,
    caller: Annotated[Principal, Depends(allow_signed_in())],
    session: RegionSessionDep,
) -> Response:
    """Say to another service who is signed in here: a form with a button, since pages have no script."""
    settings: Settings = request.state.settings
    target = next((each for each in Service if each.value == service and each is not Service.ATS), None)
    if target is None:
        raise ServiceUnknown(field="service")
    if caller.staff_id is None or settings.signing_key_secret is None:
        raise Forbidden
    signer = await signing.signer(session, settings.signing_key_secret.get_secret_value(), settings.public_url)
    assertion = signer.assertion(
        caller.staff_id,
        service=target,
        nonce=nonce[:64],
        return_to=csrf.local_path(request.query_params.get("return")),
    )
    return render(
        request,
        "identity/hand_over.html",
        service_title=TITLES[target],
        action=f"{settings.public_urls[target]}/session",
        assertion=assertion,
    )


def _sign_in_form(request: Request, email: str, errors: tuple[FormError, ...]) -> Response:
    """The form is bound to this browser by a cookie, so that nobody can be signed in by a form on a foreign page."""
    settings: Settings = request.state.settings
    name = csrf.form_cookie(Service.ATS)
    nonce = request.cookies.get(name) or secrets.token_urlsafe(32)
    wanted = csrf.local_path(request.query_params.get("return"), "")
    request.state.csrf_token = csrf.csrf_token(nonce)
    response = render(
        request,
        "identity/sign_in.html",
        status_code=422 if errors else 200,
        errors=list(errors),
        email=email,
        action=f"/sign-in?return={quote(wanted, safe='')}" if wanted else "/sign-in",
    )
    csrf.set_cookie(response, settings, name, nonce)
    return response


async def _check_form(request: Request, settings: Settings) -> None:
    cookie = request.cookies.get(csrf.form_cookie(settings.service))
    if not cookie:
        raise csrf.ForgedRequest(next_step="Open the sign-in page again and allow its cookie")
    await csrf.check(request, cookie)


def _home(request: Request) -> str:
    return request.app.state.pages.pages.home_href
