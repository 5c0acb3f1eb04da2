from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.states import Stage
from services.ats.checks.models import CheckEntry, CheckPlan, CheckPolicy, PreEmploymentCheck
from services.ats.checks.policy import REGION_DEFAULT, CheckRule, Policy
from services.ats.checks.rules import Person, Post, Required, required_checks
from services.ats.checks.states import CheckKind
from services.ats.vacancies.models import Vacancy
from shared.errors import NotFound
from shared.pagination import PageRequest, paginate

IN_POST_OR_ON_THE_WAY = (Stage.ACCEPTED, Stage.CLEARED, Stage.HIRED)


class CheckNotFound(NotFound):
    code = "check_not_found"
    title = "There is no such check here for you"


async def get_check(session: AsyncSession, check_id: UUID, *, lock: bool = False) -> PreEmploymentCheck:
    """Raises CheckNotFound, for another employer's too."""
    query = select(PreEmploymentCheck).where(PreEmploymentCheck.id == check_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise CheckNotFound
    return found


async def find_check(
    session: AsyncSession, application_id: UUID, kind: CheckKind, *, lock: bool = False
) -> PreEmploymentCheck | None:
    query = select(PreEmploymentCheck).where(
        PreEmploymentCheck.application_id == application_id, PreEmploymentCheck.kind == kind
    )
    return await session.scalar(query.with_for_update() if lock else query)


async def checks_of(session: AsyncSession, application_id: UUID) -> list[PreEmploymentCheck]:
    """In the order of the kinds."""
    found = await session.scalars(select(PreEmploymentCheck).where(PreEmploymentCheck.application_id == application_id))
    order = list(CheckKind)
    return sorted(found, key=lambda each: order.index(each.kind))


async def history_of(session: AsyncSession, check_id: UUID) -> Sequence[CheckEntry]:
    """Oldest first."""
    found = await session.scalars(select(CheckEntry).where(CheckEntry.check_id == check_id).order_by(CheckEntry.id))
    return found.all()


async def find_plan(session: AsyncSession, application_id: UUID) -> CheckPlan | None:
    return await session.get(CheckPlan, application_id)


async def policy_in_force(session: AsyncSession, employer_id: UUID, on: date) -> Policy:
    """The employer's own rules of the latest day up to `on`, else the region's."""
    own = select(CheckPolicy).where(CheckPolicy.employer_id == employer_id, CheckPolicy.valid_from <= on)
    found = await session.scalar(own.order_by(CheckPolicy.valid_from.desc(), CheckPolicy.version.desc()).limit(1))
    return REGION_DEFAULT if found is None else as_policy(found)


async def policies_of(session: AsyncSession, employer_id: UUID) -> list[Policy]:
    """An employer's own, oldest first."""
    own = select(CheckPolicy).where(CheckPolicy.employer_id == employer_id)
    found = await session.scalars(own.order_by(CheckPolicy.valid_from, CheckPolicy.version))
    return [as_policy(each) for each in found]


async def newest_version(session: AsyncSession, employer_id: UUID) -> int:
    newest = select(func.max(CheckPolicy.version)).where(CheckPolicy.employer_id == employer_id)
    return await session.scalar(newest) or 0


def as_policy(stored: CheckPolicy) -> Policy:
    rules = tuple(CheckRule.of(each) for each in stored.rules)
    return Policy(stored.version, stored.valid_from, rules, stored.reference_years, stored.abroad_years)


async def needed_by(session: AsyncSession, vacancy: Vacancy, plan: CheckPlan) -> tuple[Required, ...]:
    """By the rules that were in force when the checks were set out, whatever the post has become since."""
    own = (CheckPolicy.employer_id == plan.employer_id, CheckPolicy.version == plan.policy_version)
    found = await session.scalar(select(CheckPolicy).where(*own))
    policy = REGION_DEFAULT if found is None else as_policy(found)
    return required_checks(policy, Post.of(vacancy), Person(plan.engagement, plan.has_lived_abroad))


async def search_due(
    session: AsyncSession, due_by: date, page: PageRequest
) -> tuple[list[PreEmploymentCheck], str | None]:
    """Checks of people in post or on the way there that somebody has to look at by a day, the earliest first."""
    query = (
        select(PreEmploymentCheck)
        .join(Application, Application.id == PreEmploymentCheck.application_id)
        .where(PreEmploymentCheck.due_on <= due_by, Application.stage.in_(IN_POST_OR_ON_THE_WAY))
    )
    return await paginate(session, query, page, order=(PreEmploymentCheck.due_on, PreEmploymentCheck.id))


async def candidates_in_checks(session: AsyncSession, vacancy_id: UUID) -> Sequence[Row[UUID, str, Stage, int | None]]:
    """Who of a vacancy has accepted and is being checked, by reference alone."""
    query = (
        select(Application.id, Application.reference, Application.stage, Application.checks_outstanding)
        .join(CheckPlan, CheckPlan.application_id == Application.id)
        .where(Application.vacancy_id == vacancy_id, Application.stage.in_(IN_POST_OR_ON_THE_WAY))
        .order_by(Application.reference)
    )
    return (await session.execute(query)).all()
