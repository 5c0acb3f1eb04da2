"""That somebody was shown who a candidate is stands in the audit, each time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.rules import is_hidden
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audits

READ = "personal_data_read"


async def note_reads(session: AsyncSession, read: Iterable[Application], *, actor: Actor, now: datetime) -> None:
    """An entry for each of these whose candidate is shown by name; of one who is hidden nothing was read."""
    shown = [each for each in read if not is_hidden(each) and each.contact is not None]
    subjects = [Subject("application", each.id, each.employer_id) for each in shown]
    await write_audits(session, READ, subjects, actor=actor, at=now)
