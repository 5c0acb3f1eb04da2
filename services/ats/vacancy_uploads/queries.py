from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.vacancy_uploads.models import Upload, UploadBatch
from services.ats.vacancy_uploads.schemas import RowResult, RowStatus, UploadReport
from shared.errors import NotFound


class UploadNotFound(NotFound):
    code = "upload_not_found"
    title = "There is no such upload here for you"


async def get_report(session: AsyncSession, upload_id: UUID) -> UploadReport:
    """Raises UploadNotFound, for another employer's upload too."""
    upload = await session.get(Upload, upload_id)
    if upload is None:
        raise UploadNotFound
    batches = select(UploadBatch.results).where(UploadBatch.upload_id == upload_id).order_by(UploadBatch.batch_no)
    return report_of(upload, [row for results in await session.scalars(batches) for row in results])


def report_of(upload: Upload, rows: Iterable[dict[str, object]], *, is_dry_run: bool = False) -> UploadReport:
    results = [RowResult.model_validate(each) for each in rows]
    counts = {status: sum(each.status is status for each in results) for status in RowStatus}
    return UploadReport(
        id=upload.id,
        employer_id=upload.employer_id,
        dry_run=is_dry_run,
        started_at=upload.started_at,
        finished_at=upload.finished_at,
        rows=len(results),
        created=counts[RowStatus.CREATED],
        changed=counts[RowStatus.CHANGED],
        unchanged=counts[RowStatus.UNCHANGED],
        refused=counts[RowStatus.REFUSED],
        results=results,
    )
