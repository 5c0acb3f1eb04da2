"""API clients on a page: who may act for an employer, and making, renewing and ending that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.identity import commands, queries
from services.ats.identity.commands import NewClient
from services.ats.identity.models import ApiClient
from shared.app import Now, RegionSessionDep
from shared.auth import Principal, allow_staff
from shared.pages import FormError, ask_first, render
from shared.permissions import SCOPE_MEANINGS
from shared.registry import Employer, list_employers
from shared.vocabulary import Role, Scope

router = APIRouter(prefix="/api-clients", include_in_schema=False)
Administrator = Annotated[Principal, Depends(allow_staff(Role.COUNCIL_ADMIN, Role.WME_ADMIN))]
REGION = "region"
SHOWN_AT_MOST = 200


@dataclass(frozen=True)
class Typed:
    """What somebody has filled in, to be shown again."""

    name: str = ""
    scopes: Sequence[str] = ()
    employers: Sequence[str] = ()


@router.get("")
async def api_clients_page(request: Request, session: RegionSessionDep, caller: Administrator) -> Response:
    query = queries.clients_of(caller).order_by(ApiClient.name, ApiClient.id).limit(SHOWN_AT_MOST)
    clients = (await session.scalars(query)).all()
    codes = {each.id: each.code for each in await list_employers(session)}
    return render(request, "identity/clients.html", clients=[_row(client, codes) for client in clients])


@router.get("/new")
async def new_client_page(request: Request, session: RegionSessionDep, caller: Administrator) -> Response:
    return await _form(request, session, caller, Typed())


@router.post("/new")
async def create_client(
    request: Request,
    session: RegionSessionDep,
    now: Now,
    caller: Administrator,
    name: Annotated[str, Form()] = "",
    scopes: Annotated[tuple[str, ...], Form()] = (),
    employers: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    chosen = tuple(scope for scope in Scope if scope in scopes)
    offered = {each.code: each.id for each in await _offered(session, caller)}
    employer_ids = tuple(offered[code] for code in employers if code in offered)
    is_region = caller.is_region and REGION in employers
    errors = [
        FormError(field, words)
        for field, words, is_missing in (
            ("name", "Enter the system's name", not 0 < len(name.strip()) <= 200),
            ("scopes", "Choose what the system may do", not chosen),
            ("employers", "Choose whom the system acts for", not (employer_ids or is_region)),
        )
        if is_missing
    ]
    if errors:
        return await _form(request, session, caller, Typed(name, scopes, employers), errors)
    new = NewClient(name.strip(), chosen, employer_ids, is_region)
    client, secret = await commands.create_api_client(session, new, now=now, caller=caller)
    return render(request, "identity/client_secret.html", client=client, secret=secret)


@router.post("/{client_id}/rotate-secret")
async def rotate_secret(
    client_id: UUID, request: Request, session: RegionSessionDep, now: Now, caller: Administrator
) -> Response:
    client, secret = await commands.rotate_client_secret(session, client_id, now=now, caller=caller)
    return render(request, "identity/client_secret.html", client=client, secret=secret)


@router.get("/{client_id}/revoke")
async def ask_to_revoke(
    request: Request, client_id: UUID, session: RegionSessionDep, caller: Administrator
) -> Response:
    client = await queries.get_client(session, client_id, caller=caller)
    return ask_first(
        request,
        f"Are you sure that you want to end the access of {client.name}?",
        follows="The system can do nothing more for the employers that you administer. You cannot undo this.",
        button="End access",
        back_href="/api-clients",
    )


@router.post("/{client_id}/revoke")
async def revoke(client_id: UUID, session: RegionSessionDep, now: Now, caller: Administrator) -> Response:
    await commands.revoke_client(session, client_id, now=now, caller=caller)
    return RedirectResponse("/api-clients", status_code=303)


async def _form(
    request: Request,
    session: AsyncSession,
    caller: Principal,
    typed: Typed,
    errors: Sequence[FormError] = (),
) -> Response:
    offered = [(each.code, each.title) for each in await _offered(session, caller)]
    return render(
        request,
        "identity/client_form.html",
        status_code=422 if errors else 200,
        errors=errors,
        typed=typed,
        all_scopes=[(scope.value, meaning, scope.value) for scope, meaning in SCOPE_MEANINGS.items()],
        all_employers=([(REGION, "Every employer of the region")] if caller.is_region else []) + offered,
        back_href="/api-clients",
    )


async def _offered(session: AsyncSession, caller: Principal) -> Sequence[Employer]:
    found = await list_employers(session, None if caller.is_region else caller.employer_ids)
    return sorted(found, key=lambda employer: employer.title)


def _row(client: ApiClient, codes: dict[UUID, str]) -> dict[str, object]:
    return {
        "id": client.id,
        "name": client.name,
        "employers": "the region"
        if client.is_region
        else ", ".join(codes.get(each, "?") for each in client.employer_ids),
        "scopes": ", ".join(client.scopes),
        "is_active": client.is_active,
        "last_used_at": client.last_used_at,
    }
