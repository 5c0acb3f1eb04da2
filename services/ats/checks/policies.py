"""An employer's own rules: replaced from a day on, and shown."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.checks import queries
from services.ats.checks.models import CheckPolicy
from services.ats.checks.schemas import PolicyRead, PolicyWrite, RuleWrite
from shared.calendar import local_date
from shared.errors import Invalid
from shared.registry import Employer


class PolicyInThePast(Invalid):
    code = "policy_in_the_past"
    title = "Rules are made for offers that are still to be accepted"


async def replace_policy(
    session: AsyncSession, employer: Employer, wanted: PolicyWrite, *, actor: Actor, now: datetime
) -> CheckPolicy:
    """Rules from a day on; what was set out before keeps the rules that it was set out by. Raises PolicyInThePast."""
    if wanted.valid_from < local_date(now):
        raise PolicyInThePast(field="valid_from", next_step="Give today or a later day.")
    # Two who replace it at once: the unique version lets one of them through.
    policy = CheckPolicy(
        employer_id=employer.id,
        version=await queries.newest_version(session, employer.id) + 1,
        valid_from=wanted.valid_from,
        rules=[each.rule().stored() for each in wanted.rules],
        reference_years=wanted.reference_years,
        abroad_years=wanted.abroad_years,
        made_by=actor.id,
        made_at=now,
    )
    session.add(policy)
    subject = Subject("check_policy", policy.id, employer.id)
    write_audit(session, "check_policy_replaced", subject, actor=actor, at=now, reason=f"version {policy.version}")
    return policy


async def present_policy(session: AsyncSession, employer: Employer, today: date) -> PolicyRead:
    """The rules in force today, and the days on which others begin."""
    policy = await queries.policy_in_force(session, employer.id, today)
    return PolicyRead(
        employer=employer.code,
        version=policy.version,
        valid_from=policy.valid_from,
        rules=[RuleWrite.model_validate(each.stored()) for each in policy.rules],
        reference_years=policy.reference_years,
        abroad_years=policy.abroad_years,
        to_come=sorted(
            {each.valid_from for each in await queries.policies_of(session, employer.id) if each.valid_from > today}
        ),
    )
