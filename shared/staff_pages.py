"""Staff sign-in at `clearing` and `notifications`: the browser goes to `ats` and comes back with an assertion.

The assertion is signed by ats, lives a minute, is for this service alone and works once. It carries a hash of a
nonce that this service gave the same browser on its way out, so nobody can be signed in as somebody else by a form on
a foreign page. The session that it opens is this service's own.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from shared import csrf, sessions
from shared.app import RegionSessionDep
from shared.auth import Principal, allow_anyone, allow_signed_in
from shared.database import transaction
from shared.errors import Forbidden
from shared.registry import find_staff
from shared.tenancy import REGION
from shared.tokens import Assertion, Verifier
from shared.vocabulary import Service


class SignInNotCompleted(Forbidden):
    """Spent, made for another browser, too old, or for somebody this service does not know yet."""

    code = "sign_in_not_completed"
    title = "Signing in was not completed"


router = APIRouter(include_in_schema=False)


@router.get("/sign-in", dependencies=[allow_anyone()])
async def sign_in(request: Request) -> Response:
    """Send the browser to ats, with a nonce that only this browser can bring back."""
    settings = request.state.settings
    nonce = secrets.token_urlsafe(32)
    asked = {
        "service": settings.service.value,
        "nonce": nonce_hash(nonce),
        "return": csrf.local_path(request.query_params.get("return")),
    }
    response = RedirectResponse(f"{settings.public_urls[Service.ATS]}/assert?{urlencode(asked)}", status_code=303)
    csrf.set_cookie(response, settings, csrf.form_cookie(settings.service), nonce, cross_site=True)
    return response


@router.post("/session", dependencies=[allow_anyone()])
async def open_session(request: Request, assertion: Annotated[str, Form()]) -> Response:
    settings = request.state.settings
    verifier: Verifier = request.app.state.verifier
    asserted = await verifier.assertion(request.state.sessions, assertion)
    nonce = request.cookies.get(csrf.form_cookie(settings.service), "")
    if not hmac.compare_digest(nonce_hash(nonce), asserted.nonce):
        raise SignInNotCompleted(next_step="Start again from the page that you wanted to see")
    before = request.cookies.get(csrf.session_cookie(settings.service), "")
    async with transaction(request.state.sessions, REGION) as session:
        token = await _exchange(session, asserted, before)
    response = RedirectResponse(csrf.local_path(asserted.return_to), status_code=303)
    csrf.set_cookie(response, settings, csrf.session_cookie(settings.service), token)
    csrf.drop_cookie(response, settings, csrf.form_cookie(settings.service))
    return response


@router.post("/sign-out")
async def sign_out(
    request: Request, _: Annotated[Principal, Depends(allow_signed_in())], session: RegionSessionDep
) -> Response:
    """End the session here, then let ats ask whether to end the others too."""
    settings = request.state.settings
    name = csrf.session_cookie(settings.service)
    await sessions.end_session(session, request.cookies.get(name, ""))
    response = RedirectResponse(f"{settings.public_urls[Service.ATS]}/sign-out", status_code=303)
    csrf.drop_cookie(response, settings, name)
    return response


def nonce_hash(nonce: str) -> str:
    return sha256(nonce.encode()).hexdigest()


async def _exchange(session: AsyncSession, asserted: Assertion, before: str) -> str:
    """Spend the assertion for a session that takes the place of `before`."""
    person = await find_staff(session, asserted.staff_id)
    is_fresh = await sessions.use_assertion(
        session, asserted.jti, asserted.staff_id, issued_at=asserted.issued_at, expires_at=asserted.expires_at
    )
    if person is None or not person.is_active or not is_fresh:
        raise SignInNotCompleted(next_step="Wait a minute, then start again from the page that you wanted to see")
    await sessions.end_session(session, before)
    return await sessions.open_session(session, person.id)
