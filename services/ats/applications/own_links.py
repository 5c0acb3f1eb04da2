"""A candidate asks for a new link to their own page, on a page or through a front end.

The link in a mail works once and its session lasts two hours, so whoever comes back the next day starts here.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import EmailStr, TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries
from services.ats.applications.schemas import LinkRequest, LinkSent
from services.ats.applications.telling import REQUESTED_LINK_LIFE, tell_with_link
from shared.app import Now, RegionSessionDep
from shared.asking import Asking, may_ask
from shared.auth import allow_anyone
from shared.events.applications import CandidateLinkRequested
from shared.idempotency import IdempotentRoute
from shared.pages import FormError, render
from shared.problems import problems
from shared.sealing import person_key

router = APIRouter(tags=["applications"], route_class=IdempotentRoute, dependencies=[allow_anyone()])
ADDRESS: TypeAdapter[str] = TypeAdapter(EmailStr)
ASKING = Asking("candidate-link", for_one_person=5)


@router.post(
    "/v1/sign-in-links",
    summary="Ask for a link to one's own application: the same answer whether or not anybody is known",
    status_code=202,
    response_model=LinkSent,
    responses=problems(),
)
async def request_sign_in_link(wanted: LinkRequest, request: Request, session: RegionSessionDep, now: Now) -> LinkSent:
    await send_links(request, session, wanted.email, now)
    return LinkSent()


@router.get("/my-link", include_in_schema=False)
async def ask_for_link_page(request: Request) -> Response:
    return render(request, "applications/ask_for_link.html", errors=[], email="")


@router.post("/my-link", include_in_schema=False)
async def ask_for_link_on_page(
    request: Request, session: RegionSessionDep, now: Now, email: Annotated[str, Form(max_length=320)] = ""
) -> Response:
    try:
        address = ADDRESS.validate_python(email.strip())
    except ValidationError:
        errors = [FormError("email", "Enter an e-mail address, like name@example.org")]
        return render(request, "applications/ask_for_link.html", status_code=422, errors=errors, email=email)
    await send_links(request, session, address, now)
    return render(request, "applications/link_sent.html")


async def send_links(request: Request, session: AsyncSession, email: str, now: Now) -> None:
    """Mail a link to each application by this address, unless it was asked too often. Says nothing of either."""
    if not await may_ask(request, ASKING, email):
        return
    for application, vacancy_title in await queries.applications_of_person(session, person_key(email)):
        event = CandidateLinkRequested(
            application_id=application.id,
            vacancy_id=application.vacancy_id,
            employer_id=application.employer_id,
            vacancy_title=vacancy_title,
            expires_at=now + REQUESTED_LINK_LIFE,
        )
        await tell_with_link(session, application, event, now=now, life=REQUESTED_LINK_LIFE)
