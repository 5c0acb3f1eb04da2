"""Changes of the registry, told to the other services."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.employers.schemas import EmployerClose
from shared import outbox
from shared.errors import Invalid
from shared.etag import refuse_stale
from shared.events.ats import EmployerChanged
from shared.registry import Employer, apply_employer_changed, employers, get_employer_by_code


class EmployerNeverLived(Invalid):
    code = "employer_never_lived"
    title = "An employer ends after it began, and another takes its place"


async def close_employer(
    session: AsyncSession,
    code: str,
    closing: EmployerClose,
    *,
    expected_version: int | None,
    now: datetime,
) -> Employer:
    """Say when an employer ends and who follows it. Raises EmployerUnknown, EmployerNeverLived or StaleVersion.

    What belongs to it keeps its id: rows are not moved to the successor.
    """
    await session.execute(select(employers.c.id).where(employers.c.code == code.upper()).with_for_update())
    employer = await get_employer_by_code(session, code)
    refuse_stale(expected_version, employer.version)
    successor = await get_employer_by_code(session, closing.successor_code) if closing.successor_code else None
    if closing.valid_to < employer.valid_from:
        raise EmployerNeverLived(field="valid_to")
    if successor is not None and successor.id == employer.id:
        raise EmployerNeverLived(field="successor_code")
    closed = replace(
        employer,
        version=employer.version + 1,
        valid_to=closing.valid_to,
        successor_id=successor.id if successor else None,
    )
    event = changed_event(closed)
    await apply_employer_changed(session, event)
    await outbox.record(session, event, now=now)
    return closed


def changed_event(employer: Employer) -> EmployerChanged:
    return EmployerChanged(
        employer_id=employer.id,
        version=employer.version,
        code=employer.code,
        title=employer.title,
        employer_kind=employer.kind,
        tier=employer.tier,
        parent_id=employer.parent_id,
        successor_id=employer.successor_id,
        valid_from=employer.valid_from,
        valid_to=employer.valid_to,
        latitude=employer.latitude,
        longitude=employer.longitude,
    )
