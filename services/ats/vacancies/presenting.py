"""A vacancy as the API shows it to one caller."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pydantic import HttpUrl

from services.ats.vacancies import rules
from services.ats.vacancies.advert_rules import was_closed_early
from services.ats.vacancies.advert_schemas import ExtensionRead, HoldRead
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.applying import Apply
from services.ats.vacancies.criteria import CriterionWrite, DesirableWrite
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.permitted import allowed_actions
from services.ats.vacancies.requisition import PostFlags, Requisition
from services.ats.vacancies.schemas import Clearance, OpeningRead, VacancyRead
from shared.addresses import public_url
from shared.principals import Principal
from shared.vocabulary import CriterionKind, Service, VacancyState

AS_STORED = frozenset(VacancyRead.model_fields) - {
    "openings",
    "openings_remaining",
    "opening_list",
    "apply",
    "requisition",
    "flags",
    "application_form",
    "auto_publish",
    "is_approved",
    "clearance",
    "adverts",
    "closed_early",
    "deadline_extensions",
    "hold",
    "internal_employer_ids",
    "public_url",
    "essential",
    "desirable",
    "allowed_actions",
}


def present_vacancy(vacancy: Vacancy, caller: Principal) -> VacancyRead:
    """Not validated again: what is stored was, and a read would cost half as much again."""
    is_live = vacancy.state is VacancyState.LIVE
    return VacancyRead.model_construct(
        **{name: getattr(vacancy, name) for name in AS_STORED},
        essential=[_criterion(each) for each in vacancy.essential],
        desirable=[DesirableWrite.model_construct(**each) for each in vacancy.desirable],
        openings=vacancy.openings_count,
        openings_remaining=rules.openings_remaining(vacancy),
        opening_list=[
            OpeningRead.model_construct(
                opening_no=each.opening_no,
                state=each.state,
                route=each.route,
                starts_on=each.starts_on,
                held_until=each.held_until,
            )
            for each in vacancy.openings
        ],
        apply=_apply(vacancy),
        requisition=Requisition.of(vacancy),
        flags=PostFlags.model_validate(vacancy.flags),
        application_form=ApplicationForm.model_validate(vacancy.application_form),
        auto_publish=vacancy.is_auto_published,
        is_approved=rules.is_approved(vacancy),
        clearance=_clearance(vacancy),
        adverts=vacancy.adverts_count,
        closed_early=was_closed_early(vacancy),
        deadline_extensions=[ExtensionRead.model_validate(each) for each in vacancy.deadline_extensions],
        hold=_hold(vacancy),
        internal_employer_ids=[UUID(each) for each in vacancy.internal_employer_ids],
        public_url=f"{public_url(Service.ATS)}/jobs/{vacancy.id}" if is_live else None,
        allowed_actions=allowed_actions(vacancy, caller),
    )


def _criterion(stored: dict[str, Any]) -> CriterionWrite:
    return CriterionWrite.model_construct(None, **stored | {"kind": CriterionKind(stored["kind"])})


def _hold(vacancy: Vacancy) -> HoldRead | None:
    if vacancy.held_at is None or vacancy.hold_approved_by is None:
        return None
    reason = vacancy.hold_reason or ""
    return HoldRead(since=vacancy.held_at, reason=reason, approved_by=vacancy.hold_approved_by)


def _apply(vacancy: Vacancy) -> Apply:
    url = None if vacancy.apply_url is None else HttpUrl(vacancy.apply_url)
    return Apply.model_construct(method=vacancy.apply_method, url=url)


def _clearance(vacancy: Vacancy) -> Clearance:
    is_cleared = rules.is_cleared(vacancy)
    is_revoked = vacancy.duty_opened_at is not None and not is_cleared
    return Clearance.model_construct(
        is_cleared=is_cleared,
        window_opened_at=vacancy.window_opened_at,
        window_closes_at=vacancy.window_closes_at,
        matched=vacancy.window_matched,
        released_at=vacancy.released_at if is_cleared else None,
        release_reason=vacancy.release_reason if is_cleared else None,
        duty_open=is_revoked,
        duty_alert_at=vacancy.duty_alert_at,
    )
