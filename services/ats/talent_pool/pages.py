"""Whom of the talent pool a recruiter invites to a live advert."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.routes import Manager
from services.ats.audit.actor import Actor
from services.ats.talent_pool import commands, queries
from services.ats.talent_pool.rules import NotAdvertised, NotInTalentPool
from services.ats.talent_pool.schemas import MOST_INVITED, PoolFilter, PoolInvite
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.auth import Principal
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery, PageRequest
from shared.reference.occupations import families
from shared.vocabulary import ContractKind

router = APIRouter(prefix="/vacancies/{vacancy_id}/talent-pool", include_in_schema=False)
CHOOSE = FormError("member_ids", f"Choose at least one and at most {MOST_INVITED} people")
SEARCH_AGAIN = FormError("member_ids", "Somebody you chose has left the pool. Look at the list again")
NOT_LIVE = FormError("member_ids", "This job is not advertised to everybody, so nobody can be invited to it")


class Searched(BaseModel):
    """The fields of the search as they came; what is empty is not looked for."""

    family: str = Field(default="", max_length=60)
    outcode: str = Field(default="", max_length=4)
    contract: str = Field(default="", max_length=40)
    hours_min: str = Field(default="", max_length=6)
    hours_max: str = Field(default="", max_length=6)

    def wanted(self) -> PoolFilter:
        """Raises ValidationError."""
        return PoolFilter.model_validate({name: value for name, value in self.model_dump().items() if value})


class Chosen(BaseModel):
    member_ids: list[str] = Field(default_factory=list, max_length=1000)
    is_confirmed: str = Field(default="", max_length=5)


@router.get("")
async def pool_page(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    caller: Manager,
    page: PageQuery,
    searched: Annotated[Searched, Query()],
) -> Response:
    return await _pool(request, vacancy_id, session, caller, page, searched)


@router.post("")
async def invite_on_page(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    caller: Manager,
    now: Now,
    page: PageQuery,
    chosen: Annotated[Chosen, Form()],
) -> Response:
    """Asks once more before anything is sent: a message cannot be called back."""
    try:
        wanted = PoolInvite.model_validate({"member_ids": chosen.member_ids})
        if chosen.is_confirmed:
            await commands.invite_from_pool(session, vacancy_id, wanted.member_ids, actor=Actor.of(caller), now=now)
            return RedirectResponse(f"{request.url.path}/invited", status_code=303)
    except ValidationError:
        return await _pool(request, vacancy_id, session, caller, page, Searched(), [CHOOSE])
    except NotInTalentPool:
        return await _pool(request, vacancy_id, session, caller, page, Searched(), [SEARCH_AGAIN])
    except NotAdvertised:
        return await _pool(request, vacancy_id, session, caller, page, Searched(), [NOT_LIVE])
    vacancy = await get_vacancy(session, vacancy_id)
    return render(request, "talent_pool/confirm.html", vacancy=vacancy, member_ids=wanted.member_ids)


@router.get("/invited")
async def invited_page(request: Request, vacancy_id: UUID, session: SessionDep, _caller: Manager) -> Response:
    return render(request, "talent_pool/invited.html", vacancy=await get_vacancy(session, vacancy_id))


async def _pool(
    request: Request,
    vacancy_id: UUID,
    session: AsyncSession,
    caller: Principal,
    page: PageRequest,
    searched: Searched,
    errors: list[FormError] | None = None,
) -> Response:
    vacancy = await get_vacancy(session, vacancy_id)
    try:
        found, cursor = await queries.search_pool(session, searched.wanted(), page)
    except ValidationError:
        found, cursor, errors = [], None, [FormError("hours_min", "Enter hours as numbers, from 0 to 48")]
    own = None if caller.is_region else caller.employer_ids
    return render(
        request,
        "talent_pool/search.html",
        status_code=422 if errors else 200,
        vacancy=vacancy,
        searched=searched,
        members=[queries.present_member(each, own) for each in found],
        family_labels={each.family: each.label for each in families().values()},
        family_items=[(each.family, each.label) for each in families().values()],
        contract_items=[(each.value, _label(each)) for each in ContractKind],
        contract_labels={each: _label(each) for each in ContractKind},
        next_href=None if cursor is None else str(request.url.include_query_params(cursor=cursor).query),
        errors=errors or [],
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb(vacancy.reference, f"/vacancies/{vacancy.id}"),
            Crumb("Talent pool"),
        ],
    )


def _label(kind: ContractKind) -> str:
    return kind.value.replace("_", " ").capitalize()
