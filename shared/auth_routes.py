"""What a caller may do, in every service; and what happens to a person who must sign in first."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from shared.app import SessionDep
from shared.auth import Principal, allow_signed_in, permission_of
from shared.errors import DomainError, Unauthenticated
from shared.principals import PrincipalKind
from shared.problems import problems
from shared.registry import Employer, list_employers
from shared.settings import Settings
from shared.vocabulary import Role, Scope


class EmployerName(BaseModel):
    id: UUID
    code: str = Field(examples=["SAW"])
    title: str = Field(examples=["Sandwell Metropolitan Borough Council"])


class RoleHeld(BaseModel):
    """A staff role and where it is held; no employer means the whole region."""

    role: Role
    employer_id: UUID | None
    employer_code: str | None = Field(examples=["SAW"])


class WhoamiRead(BaseModel):
    """The caller as this service sees it."""

    kind: PrincipalKind
    id: UUID | None = Field(description="The client, the member of staff, or the subject of the link")
    reach: Literal["employers", "region", "person"]
    employers: list[EmployerName]
    scopes: list[Scope]
    roles: list[RoleHeld]
    purpose: str | None = Field(description="What a link is for", examples=["candidate"])


router = APIRouter(prefix="/v1", tags=["identity"])


@router.get(
    "/whoami",
    summary="Who you are to this service and what you may do",
    response_model=WhoamiRead,
    responses=problems(),
)
async def whoami(caller: Annotated[Principal, Depends(allow_signed_in())], session: SessionDep) -> WhoamiRead:
    known = {each.id: each for each in await list_employers(session, caller.employer_ids)}
    return WhoamiRead(
        kind=caller.kind,
        id=caller.id,
        reach=_reach(caller),
        employers=[EmployerName(id=each.id, code=each.code, title=each.title) for each in known.values()],
        scopes=sorted(caller.scopes),
        roles=_roles(caller, known) if caller.kind is PrincipalKind.STAFF else [],
        purpose=caller.purpose,
    )


def _reach(caller: Principal) -> Literal["employers", "region", "person"]:
    if caller.subject_id is not None:
        return "person"
    return "region" if caller.is_region else "employers"


def _roles(caller: Principal, known: dict[UUID, Employer]) -> list[RoleHeld]:
    codes: dict[UUID | None, str] = {each.id: each.code for each in known.values()}
    return [
        RoleHeld(role=grant.role, employer_id=grant.employer_id, employer_code=codes.get(grant.employer_id))
        for grant in caller.grants
    ]


def sign_in_by_redirect(
    app: FastAPI, _settings: Settings, *, ask_again: Mapping[str, str] = MappingProxyType({})
) -> None:
    """For `ServiceApp.on_start`: a browser that opens a page without a session is sent where it gets one.

    Staff are sent to sign in and back, people who came by a link to the page that `ask_again` gives for its purpose.
    """

    async def send_to_sign_in(request: Request, error: Exception) -> Response:
        href = _where_to_sign_in(request, ask_again)
        if href is None:
            return await request.app.exception_handlers[DomainError](request, error)
        return RedirectResponse(href, status_code=303)

    app.add_exception_handler(Unauthenticated, send_to_sign_in)


def _where_to_sign_in(request: Request, ask_again: Mapping[str, str]) -> str | None:
    route = request.scope.get("route")
    if route is None or request.url.path.startswith("/v1/") or "text/html" not in request.headers.get("accept", ""):
        return None
    permission = permission_of(route)
    sign_in_href = request.app.state.pages.pages.sign_in_href
    if not permission.admits_staff:
        return next((ask_again[each] for each in sorted(permission.purposes) if each in ask_again), None)
    if not sign_in_href or request.method != "GET":
        return None
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{sign_in_href}?return={quote(wanted, safe='')}"
