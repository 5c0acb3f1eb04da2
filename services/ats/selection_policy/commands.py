from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.selection_policy.models import SelectionPolicy
from services.ats.selection_policy.schemas import PolicyWrite
from shared.calendar import local_date
from shared.errors import Invalid
from shared.registry import Employer


class PolicyInThePast(Invalid):
    code = "policy_in_the_past"
    title = "A policy does not change what was decided before it"


async def set_policy(
    session: AsyncSession, employer: Employer, wanted: PolicyWrite, *, actor: Actor, now: datetime
) -> None:
    """From `valid_from` on; one that was said for that very day is said anew. Raises PolicyInThePast."""
    if wanted.valid_from < local_date(now):
        raise PolicyInThePast(field="valid_from", next_step="Let it begin today or later.")
    same_day = select(SelectionPolicy).where(
        SelectionPolicy.employer_id == employer.id, SelectionPolicy.valid_from == wanted.valid_from
    )
    policy = await session.scalar(same_day.with_for_update())
    terms = wanted.model_dump(mode="json", exclude={"valid_from"})
    if policy is None:
        # Two who say the first one of a day at once: the unique day lets one of them through.
        policy = SelectionPolicy(
            employer_id=employer.id, valid_from=wanted.valid_from, made_by=actor.id, made_at=now, **terms
        )
        session.add(policy)
    else:
        policy.made_by, policy.made_at = actor.id, now
        for name, value in terms.items():
            setattr(policy, name, value)
    subject = Subject("selection_policy", policy.id, employer.id)
    reason = f"from {wanted.valid_from}: {terms}"
    write_audit(session, "selection_policy_set", subject, actor=actor, at=now, reason=reason)
