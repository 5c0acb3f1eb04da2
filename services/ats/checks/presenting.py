"""A candidate's checks as the API and the pages show them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.models import Application
from services.ats.checks import queries, rules
from services.ats.checks.models import PreEmploymentCheck
from services.ats.checks.permitted import allowed_actions
from services.ats.checks.schemas import CheckRead, ChecksRead
from shared.calendar import local_date
from shared.principals import Principal

AS_STORED = frozenset(CheckRead.model_fields) - {"allowed_actions"}


def present_check(check: PreEmploymentCheck, application: Application, caller: Principal) -> CheckRead:
    shown = {name: getattr(check, name) for name in AS_STORED}
    return CheckRead(**shown, allowed_actions=allowed_actions(check, application, caller))


async def present_one(session: AsyncSession, check_id: UUID, caller: Principal) -> CheckRead:
    """Raises CheckNotFound."""
    check = await queries.get_check(session, check_id)
    application = await application_queries.get_application(session, check.application_id)
    return present_check(check, application, caller)


async def present_checks(session: AsyncSession, application_id: UUID, caller: Principal, now: datetime) -> ChecksRead:
    """Raises ApplicationNotFound."""
    application = await application_queries.get_application(session, application_id)
    plan = await queries.find_plan(session, application_id)
    checks = await queries.checks_of(session, application_id)
    return ChecksRead(
        application_id=application_id,
        engagement=None if plan is None else plan.engagement,
        has_lived_abroad=None if plan is None else plan.has_lived_abroad,
        policy_version=None if plan is None else plan.policy_version,
        policy_valid_from=None if plan is None else plan.policy_valid_from,
        missing=rules.unsettled(checks, rules.day_of_reckoning(application, local_date(now))),
        checks=[present_check(each, application, caller) for each in checks],
    )
