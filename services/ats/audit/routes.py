"""The audit as its readers see it: a council's administrator their own employer's, WME's administrator everyone's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from services.ats.audit import queries
from services.ats.audit.schemas import AuditChainRead, AuditEntryRead, AuditFilter
from shared.app import SessionDep
from shared.auth import Principal, allow_staff
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Role

router = APIRouter(prefix="/v1", tags=["audit"])
Auditor = Annotated[Principal, Depends(allow_staff(Role.COUNCIL_ADMIN, Role.WME_ADMIN))]


@router.get(
    "/audit-entries",
    summary="Who did what and who read whose data, newest first",
    response_model=Page[AuditEntryRead],
    responses=problems(400),
)
async def list_audit_entries(
    session: SessionDep, _caller: Auditor, page: PageQuery, wanted: Annotated[AuditFilter, Query()]
) -> dict[str, Any]:
    found, cursor = await queries.search_entries(session, wanted, page)
    return {"items": found, "next_cursor": cursor}


@router.get(
    "/audit-chains",
    summary="How far the audit is sealed",
    response_model=list[AuditChainRead],
    responses=problems(),
)
async def list_audit_chains(session: SessionDep, _caller: Auditor) -> Any:
    return await queries.chains(session)
