"""What each employer keeps for how long, and what goes soon."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.retention import queries, rules
from services.ats.retention.schemas import RetentionOutlook
from services.ats.retention.states import RecordKind
from shared.principals import Principal
from shared.registry import list_employers


async def outlook_for(session: AsyncSession, caller: Principal, today: date) -> list[RetentionOutlook]:
    """For the employers of the caller, by their titles."""
    employers = await list_employers(session, None if caller.is_region else caller.employer_ids)
    chosen = await queries.policies_in_force(session, today, [each.id for each in employers])
    told = []
    for each in sorted(employers, key=lambda employer: employer.title):
        terms = {kind: rules.terms_of(chosen, each.id, kind) for kind in RecordKind}
        ending = await queries.count_ending(session, each.id, today, {kind: terms[kind].months for kind in RecordKind})
        told += [
            RetentionOutlook(
                employer_id=each.id,
                record_kind=kind,
                months=terms[kind].months,
                notice_days=terms[kind].notice_days,
                is_default=(each.id, kind) not in chosen,
                ending=ending[kind],
            )
            for kind in RecordKind
        ]
    return told
