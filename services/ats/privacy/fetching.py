"""Fetching an export: once, and then it is gone."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor, ActorKind
from services.ats.audit.commands import Subject, write_audit
from services.ats.files.desk import DocumentDesk
from services.ats.privacy.contents import with_documents
from services.ats.privacy.models import DataExport
from shared.errors import DomainError
from shared.principals import Principal


class ExportGone(DomainError):
    code: ClassVar[str] = "export_gone"
    status: ClassVar[int] = 410
    title: ClassVar[str] = "This export was fetched, or nobody fetched it in time"


async def fetch_export(session: AsyncSession, desk: DocumentDesk, caller: Principal, *, now: datetime) -> bytes:
    """The ZIP, with the documents. It is deleted in the same transaction. Raises ExportGone (410), StoreAway (503)."""
    taken = (
        delete(DataExport)
        .where(DataExport.case_id == caller.subject_id, DataExport.expires_at > now)
        .returning(DataExport.body, DataExport.employer_id)
    )
    found = (await session.execute(taken)).one_or_none()
    if found is None or caller.subject_id is None:
        raise ExportGone(next_step="Ask again for what is held about you")
    subject = Subject("data_subject_case", caller.subject_id, found.employer_id)
    write_audit(session, "data_export_fetched", subject, actor=Actor(ActorKind.CANDIDATE), at=now)
    return await with_documents(session, desk, found.body)
