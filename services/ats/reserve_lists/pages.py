"""A vacancy's reserve list: who is on it, in which order, and who may be put on it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.applications.routes import Manager
from services.ats.applications.states import Stage
from services.ats.audit.actor import Actor
from services.ats.reserve_lists import commands, queries
from services.ats.vacancies.queries import get_vacancy
from shared.app import Now, SessionDep
from shared.pages import Crumb, FormError, render

router = APIRouter(include_in_schema=False)
CHOOSE = FormError("application_id", "Choose a candidate")


@router.get("/vacancies/{vacancy_id}/reserve-list")
async def reserve_list_page(request: Request, vacancy_id: UUID, session: SessionDep, _caller: Manager) -> Response:
    return await _list(request, vacancy_id, session)


@router.post("/vacancies/{vacancy_id}/reserve-list")
async def reserve_on_page(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    caller: Manager,
    now: Now,
    application_id: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    could = await queries.could_be_listed(session, vacancy_id)
    chosen = next((each.id for each in could if str(each.id) == application_id), None)
    if chosen is None:
        return await _list(request, vacancy_id, session, [CHOOSE])
    await commands.reserve_application(session, chosen, actor=Actor.of(caller), now=now)
    return _back(vacancy_id)


@router.post("/vacancies/{vacancy_id}/reserve-list/move-up")
async def move_up_on_page(
    vacancy_id: UUID,
    session: SessionDep,
    caller: Manager,
    now: Now,
    application_id: Annotated[UUID, Form()],
) -> Response:
    ranked = [each.application_id for each in await queries.read_list(session, vacancy_id)]
    if application_id in ranked[1:]:
        place = ranked.index(application_id)
        ranked[place - 1 : place + 1] = [application_id, ranked[place - 1]]
        await commands.reorder_reserve_list(session, vacancy_id, ranked, actor=Actor.of(caller), now=now)
    return _back(vacancy_id)


@router.get("/applications/{application_id}/take-off-reserve-list")
async def take_off_page(request: Request, application_id: UUID, session: SessionDep, _caller: Manager) -> Response:
    application = await get_application(session, application_id)
    vacancy = await get_vacancy(session, application.vacancy_id)
    return render(
        request,
        "reserve_lists/take_off.html",
        application=application,
        is_listed=application.stage is Stage.RESERVE_LISTED,
        vacancy=vacancy,
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb(vacancy.reference, f"/vacancies/{vacancy.id}"),
            Crumb("Reserve list", f"/vacancies/{vacancy.id}/reserve-list"),
            Crumb(application.reference),
        ],
    )


@router.post("/applications/{application_id}/take-off-reserve-list")
async def take_off_on_page(application_id: UUID, session: SessionDep, caller: Manager, now: Now) -> Response:
    application = await commands.take_off_reserve_list(session, application_id, actor=Actor.of(caller), now=now)
    return _back(application.vacancy_id)


def _back(vacancy_id: UUID) -> Response:
    return RedirectResponse(f"/vacancies/{vacancy_id}/reserve-list", status_code=303)


async def _list(
    request: Request, vacancy_id: UUID, session: AsyncSession, errors: list[FormError] | None = None
) -> Response:
    vacancy = await get_vacancy(session, vacancy_id)
    could = await queries.could_be_listed(session, vacancy_id)
    return render(
        request,
        "reserve_lists/list.html",
        status_code=422 if errors else 200,
        vacancy=vacancy,
        listed=await queries.read_list(session, vacancy_id),
        could_be_listed=[(str(each.id), each.reference) for each in could],
        errors=errors or [],
        breadcrumbs=[
            Crumb("Vacancies", "/vacancies"),
            Crumb(vacancy.reference, f"/vacancies/{vacancy.id}"),
            Crumb("Candidates", f"/vacancies/{vacancy.id}/candidates"),
            Crumb("Reserve list"),
        ],
    )
