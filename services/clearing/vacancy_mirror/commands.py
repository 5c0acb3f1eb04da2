from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.vacancy_mirror import queries
from services.clearing.vacancy_mirror.models import Vacancy
from shared.events.ats import VacancyChanged
from shared.reference.pay import PointNotOnSpine, band_of_range_top, pay_years

COPIED = (
    "version", "content_version", "employer_id", "reference", "title", "state", "management", "contract", "outcode",
    "openings", "openings_remaining", "family", "soc2020", "salary_min_pence", "salary_max_pence",
    "pay_effective_from", "contract_months", "working_pattern", "office_days_per_week", "starts_on",
    "entered_clearing_at", "content_changed_at", "clearing_exemption", "hiring_manager_id",
)  # fmt: skip
HIGHEST_BAND = 12


async def mirror_vacancy(session: AsyncSession, event: VacancyChanged) -> Vacancy | None:
    """Keep the newest version of a vacancy. None when a newer one is already here: the event changes nothing."""
    # Two versions of a vacancy that is not here yet would both insert it: the second waits for the first.
    await session.execute(select(func.pg_advisory_xact_lock(event.vacancy_id.int >> 65)))
    vacancy = await queries.find_vacancy(session, event.vacancy_id, lock=True)
    if vacancy is not None and vacancy.version >= event.version:
        return None
    values = _values(event)
    if vacancy is None:
        vacancy = Vacancy(id=event.vacancy_id, **values)
        session.add(vacancy)
    else:
        for name, value in values.items():
            setattr(vacancy, name, value)
    await session.flush()
    return vacancy


def _values(event: VacancyChanged) -> dict[str, Any]:
    stated = event.model_dump(mode="json", include={"essential", "desirable"})
    return {name: getattr(event, name) for name in COPIED} | {
        "hours_hundredths": int(Decimal(event.hours_per_week) * 100),
        "band": _band_of(event),
        "essential": stated["essential"],
        "desirable": stated["desirable"],
    }


def _band_of(event: VacancyChanged) -> int:
    """By the point at the top of the range, else by its pay. A post without either is out of everyone's reach."""
    on = event.pay_effective_from or pay_years()[-1]
    pence = event.salary_max_pence or event.salary_min_pence
    try:
        return band_of_range_top(on=on, scp=event.scp_max, pence=pence)
    except PointNotOnSpine:
        return HIGHEST_BAND if pence is None else band_of_range_top(on=on, pence=pence)
