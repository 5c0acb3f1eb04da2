from __future__ import annotations

from collections import Counter
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.permitted import MANAGERS
from services.ats.applications.states import LABELS as STAGE_LABELS
from services.ats.applications.states import Stage
from services.ats.approvals import commands
from services.ats.approvals.queries import approvals_of_vacancy
from services.ats.audit.actor import Actor
from services.ats.checks.queries import candidates_in_checks
from services.ats.employment_references.callers import ONLOOKERS
from services.ats.employment_references.queries import candidates_to_ask_about
from services.ats.hiring_log.queries import steps_of_vacancy
from services.ats.offers.queries import pending_offers
from services.ats.vacancies import queries
from services.ats.vacancies.actions import LABELS, VacancyAction
from services.ats.vacancies.fields import plain_decimal
from services.ats.vacancies.filters import VacancyFilter
from services.ats.vacancies.permitted import allowed_actions
from services.ats.vacancies.presenting import present_vacancy
from shared.app import Now, SessionDep
from shared.auth import ROLE_SCOPES, Principal, allow, allow_decision
from shared.pages import Crumb, FormError, render
from shared.pagination import PageQuery
from shared.registry import get_employer, list_employers
from shared.vocabulary import Role, Scope, VacancyState

router = APIRouter(prefix="/vacancies", include_in_schema=False)
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ))]
Approver = Annotated[Principal, Depends(allow_decision(Role.APPROVER))]
ALERT_LABELS = {
    "duty_after_shortlist": "A redeployment duty opened after the shortlist was confirmed",
    "opening_promised_twice": "A redeployee accepted, but every opening was taken",
    "published_before_release": "Advertised before displaced staff had their first refusal",
    "shortlisted_without_clearance": "Shortlisted before displaced staff had their first refusal",
    "approval_expired": "The approval was not used in time: ask for it anew",
    "check_due_soon": "A check of somebody hired here is to be followed up soon",
    "check_run_out": "A check of somebody hired here has run out",
    "check_waiver_ended": "A check was waived until a day that has passed",
    "reference_expired": "A referee has not answered in twelve weeks",
    "publication_missed": "The advert was not ready at its hour: publish it yourself, or schedule it anew",
}
TONES = {
    VacancyState.IN_CLEARING: "purple",
    VacancyState.LIVE: "green",
    VacancyState.APPROVAL_PENDING: "yellow",
    VacancyState.FILLED: "blue",
    VacancyState.PARTIALLY_FILLED: "blue",
    VacancyState.CANCELLED: "grey",
    VacancyState.ON_HOLD: "grey",
    VacancyState.UNFILLED: "red",
}


@router.get("")
async def vacancies_page(
    request: Request,
    session: SessionDep,
    caller: Reader,
    page: PageQuery,
    state: Annotated[str, Query()] = "",
    employer: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    chosen = VacancyState(state) if state in set(VacancyState) else None
    wanted = VacancyFilter(state=chosen, employer=employer or None)
    found, cursor = await queries.search_vacancies(session, wanted, page, newest_first=True)
    employers = await list_employers(session, None if caller.is_region else caller.employer_ids)
    titles = {each.id: each.title for each in await list_employers(session)}
    return render(
        request,
        "desk/vacancies.html",
        vacancies=found,
        employer_titles=titles,
        labels=LABELS,
        tones=TONES,
        state=state,
        employer=employer,
        state_items=[(each.value, LABELS[each]) for each in VacancyState],
        employer_items=[(each.code, each.title) for each in employers],
        next_href=str(request.url.include_query_params(cursor=cursor)) if cursor else None,
    )


@router.get("/{vacancy_id}")
async def vacancy_page(request: Request, vacancy_id: UUID, session: SessionDep, caller: Reader) -> Response:
    return await _vacancy(request, vacancy_id, session, caller)


@router.post("/{vacancy_id}/approve")
async def approve_on_page(vacancy_id: UUID, session: SessionDep, caller: Approver, now: Now) -> Response:
    await commands.approve_vacancy(session, vacancy_id, actor=Actor.of(caller), reason=None, expected=None, now=now)
    return RedirectResponse(f"/vacancies/{vacancy_id}", status_code=303)


@router.post("/{vacancy_id}/reject")
async def reject_on_page(
    request: Request,
    vacancy_id: UUID,
    session: SessionDep,
    caller: Approver,
    now: Now,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    if len(reason.strip()) < 3:
        errors = [FormError("reason", "Say why, so that the requester can put it right")]
        return await _vacancy(request, vacancy_id, session, caller, errors)
    await commands.reject_vacancy(
        session, vacancy_id, actor=Actor.of(caller), reason=reason.strip(), expected=None, now=now
    )
    return RedirectResponse(f"/vacancies/{vacancy_id}", status_code=303)


async def _vacancy(
    request: Request,
    vacancy_id: UUID,
    session: AsyncSession,
    caller: Principal,
    errors: list[FormError] | None = None,
) -> Response:
    vacancy = await queries.get_vacancy(session, vacancy_id)
    stages = await _stages(session, vacancy_id)
    alerts = await queries.alerts_of_vacancy(session, vacancy_id)
    may_read_people = _may_read_people(caller, vacancy.employer_id)
    being_checked = await candidates_in_checks(session, vacancy_id) if may_read_people else []
    may_ask = any(grant.role in ONLOOKERS for grant in caller.grants if grant.employer_id == vacancy.employer_id)
    decides = any(g.role is Role.APPROVER for g in caller.grants if g.employer_id == vacancy.employer_id)
    asked_about = await candidates_to_ask_about(session, vacancy_id) if may_ask else []
    return render(
        request,
        "desk/vacancy.html",
        status_code=422 if errors else 200,
        vacancy=present_vacancy(vacancy, caller),
        hours=plain_decimal(vacancy.hours_per_week),
        employer=await get_employer(session, vacancy.employer_id),
        approvals=await approvals_of_vacancy(session, vacancy),
        timeline=await steps_of_vacancy(session, vacancy_id),
        being_checked=being_checked,
        manages=any(each.role in MANAGERS and each.employer_id == vacancy.employer_id for each in caller.grants),
        asked_about=asked_about,
        to_approve=await pending_offers(session, vacancy_id) if decides else [],
        stages=[(STAGE_LABELS[stage], stages[stage]) for stage in Stage if stages[stage]],
        labels=LABELS,
        tones=TONES,
        alerts=[ALERT_LABELS.get(each.code, each.code) for each in alerts],
        may_decide=VacancyAction.APPROVE in allowed_actions(vacancy, caller),
        errors=errors or [],
        breadcrumbs=[Crumb("Vacancies", "/vacancies"), Crumb(vacancy.reference)],
    )


def _may_read_people(caller: Principal, employer_id: UUID) -> bool:
    """Only whoever may read applications of this employer is led to them."""
    held = (grant.role for grant in caller.grants if grant.employer_id == employer_id)
    return any(Scope.APPLICATIONS_READ in ROLE_SCOPES[role] for role in held)


async def _stages(session: AsyncSession, vacancy_id: UUID) -> Counter[Stage]:
    """How many applications stand at each stage; a caller who may not read them still learns nothing but counts."""
    rows = await session.execute(
        select(Application.stage, func.count()).where(Application.vacancy_id == vacancy_id).group_by(Application.stage)
    )
    return Counter({row[0]: row[1] for row in rows})
