"""A vacancy as the API shows it to one caller."""

from __future__ import annotations

from typing import Any

from pydantic import HttpUrl

from services.ats.vacancies import rules
from services.ats.vacancies.criteria import CriterionWrite, DesirableWrite
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.permitted import allowed_actions
from services.ats.vacancies.requisition import PostFlags, Requisition
from services.ats.vacancies.schemas import Apply, Clearance, OpeningRead, VacancyRead
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
    "auto_publish",
    "is_approved",
    "clearance",
    "adverts",
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
        auto_publish=vacancy.is_auto_published,
        is_approved=rules.is_approved(vacancy),
        clearance=_clearance(vacancy),
        adverts=vacancy.adverts_count,
        public_url=f"{public_url(Service.ATS)}/jobs/{vacancy.id}" if is_live else None,
        allowed_actions=allowed_actions(vacancy, caller),
    )


def _criterion(stored: dict[str, Any]) -> CriterionWrite:
    return CriterionWrite.model_construct(None, **stored | {"kind": CriterionKind(stored["kind"])})


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
