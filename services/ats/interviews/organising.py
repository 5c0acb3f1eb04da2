"""What only who organises the interviews reads: the adjustments that candidates asked for. Each read is audited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.interviews import queries, rules
from services.ats.interviews.models import AdjustmentRequest
from services.ats.panels.queries import find_seat
from services.ats.vacancies.queries import get_vacancy
from shared.principals import Principal


async def read_adjustments(
    session: AsyncSession, vacancy_id: UUID, *, caller: Principal, now: datetime
) -> Sequence[AdjustmentRequest]:
    """Of everybody who asked for some. A recruiter who sits on the panel does not read them.

    Raises VacancyNotFound, OrganiserOnly.
    """
    vacancy = await get_vacancy(session, vacancy_id)
    if caller.staff_id is None or await find_seat(session, vacancy_id, caller.staff_id) is not None:
        raise rules.OrganiserOnly(next_step="Let a recruiter who is not on the panel organise the interviews.")
    found = await queries.adjustments_for(session, vacancy_id)
    for each in found:
        subject = Subject("application", each.application_id, vacancy.employer_id)
        write_audit(session, "adjustments_read", subject, actor=Actor.of(caller), at=now)
    return found
