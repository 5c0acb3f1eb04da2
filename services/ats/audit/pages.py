"""The audit on a page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.ats.audit import queries
from services.ats.audit.schemas import AuditFilter
from shared.app import SessionDep
from shared.auth import Principal, allow_staff
from shared.pages import render
from shared.pagination import PageQuery
from shared.registry import list_employers
from shared.vocabulary import Role

router = APIRouter(include_in_schema=False)
Auditor = Annotated[Principal, Depends(allow_staff(Role.COUNCIL_ADMIN, Role.WME_ADMIN))]


@router.get("/audit")
async def audit_page(
    request: Request, session: SessionDep, _caller: Auditor, page: PageQuery, wanted: Annotated[AuditFilter, Query()]
) -> Response:
    found, cursor = await queries.search_entries(session, wanted, page)
    return render(
        request,
        "audit/entries.html",
        entries=found,
        chains=await queries.chains(session),
        action=wanted.action or "",
        titles={each.id: each.title for each in await list_employers(session)},
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )
