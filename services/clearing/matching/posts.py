"""From our copy of a vacancy to the post that matching sees."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.clearing.matching.people import SuccessorGroups, in_todays_pounds
from services.clearing.matching.profiles import Criterion, DesirableSkill
from services.clearing.matching.profiles import Vacancy as Post
from services.clearing.vacancy_mirror.models import Vacancy
from shared.events import ats
from shared.reference.places import nearest_council_area


def post_of(vacancy: Vacancy, groups: SuccessorGroups, today: date) -> Post:
    """As of `today`: the pay year and the successor group."""
    return Post(
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        band=vacancy.band,
        max_fte_pence=_pay(vacancy, today),
        hours=vacancy.hours_hundredths,
        outcode=vacancy.outcode,
        contract=vacancy.contract,
        contract_months=vacancy.contract_months,
        openings=vacancy.openings_remaining,
        working_pattern=vacancy.working_pattern,
        office_days=vacancy.office_days_per_week,
        workplace_area=nearest_council_area(vacancy.outcode),
        starts_on=vacancy.starts_on,
        successor_group=groups.group_of(vacancy.employer_id),
        essential=tuple(_criterion(each) for each in vacancy.essential),
        desirable=tuple(DesirableSkill(each["skill_id"], each["level"], each["weight"]) for each in vacancy.desirable),
    )


def _pay(vacancy: Vacancy, today: date) -> int | None:
    if vacancy.salary_max_pence is None:
        return None
    return in_todays_pounds(vacancy.salary_max_pence, vacancy.pay_effective_from or today, today)


def _criterion(stored: dict[str, Any]) -> Criterion:
    return Criterion(**ats.Criterion.model_validate(stored).model_dump())
