"""An upload from its first row to its last. Each batch is a transaction of its own, with its results in it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.vacancies.commands import employer_of
from services.ats.vacancy_uploads.lines import lines_of
from services.ats.vacancy_uploads.models import Upload, UploadBatch
from services.ats.vacancy_uploads.queries import get_report, report_of
from services.ats.vacancy_uploads.reading import Row, header_of, read_row
from services.ats.vacancy_uploads.schemas import MAX_ROWS, UploadReport
from services.ats.vacancy_uploads.writing import Result, Sender, refused, write_rows
from shared.database import Sessions, transaction
from shared.errors import DomainError, Invalid
from shared.principals import Principal
from shared.problems import as_problem

BATCH = 500
Key = tuple[str | None, str | None]


class UploadIdTaken(DomainError):
    code = "upload_id_taken"
    title = "This upload_id is not yours for this employer"


class TooManyRows(DomainError):
    code = "too_many_rows"
    status = 413
    title = f"An upload has at most {MAX_ROWS} rows"


class RowTwice(Invalid):
    code = "row_twice"
    title = "An earlier row of this upload names the same vacancy"


class OtherEmployer(Invalid):
    code = "other_employer"
    title = "An upload is of one employer, and this row names another"


@dataclass(slots=True)
class Uploading:
    """One upload under way. A rehearsal checks everything and takes it back."""

    sessions: Sessions
    upload: Upload
    sender: Sender
    is_rehearsal: bool
    header: bytes | None = None
    seen: dict[Key, int] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)


async def begin_upload(
    sessions: Sessions, upload_id: UUID, employer: str, *, caller: Principal, now: datetime, is_rehearsal: bool
) -> Uploading:
    """A new upload, or one to be gone on with. Raises EmployerUnknown, UploadIdTaken."""
    async with transaction(sessions, caller.tenancy) as session:
        found = await employer_of(session, employer, caller)
        upload = Upload(id=upload_id, employer_id=found.id, started_at=now)
        if not is_rehearsal:
            values = {"id": upload_id, "employer_id": found.id, "started_at": now}
            await session.execute(insert(Upload).values(values).on_conflict_do_nothing())
            stored = await session.get(Upload, upload_id)
            if stored is None or stored.employer_id != found.id:
                raise UploadIdTaken(field="upload_id", next_step="Make up another one: any new UUID.")
            upload = stored
    return Uploading(sessions, upload, Sender(found, caller, now), is_rehearsal)


async def take_rows(under_way: Uploading, stream: AsyncIterator[bytes], *, is_csv: bool) -> UploadReport:
    """Every row of the stream. What is done stays done when a later part is refused or never comes.

    Raises ColumnUnknown, TooManyRows.
    """
    header: Sequence[str] | None = None
    batch: list[Row] = []
    number = 0
    async for line in lines_of(stream, is_csv=is_csv):
        if is_csv and header is None:
            under_way.header, header = line, header_of(line)
            continue
        number += 1
        if number > MAX_ROWS:
            raise TooManyRows(next_step="What was before is done: send the rest as another upload.")
        batch.append(read_row(number, line, header, employer=under_way.sender.employer.code))
        if len(batch) == BATCH:
            await _take_batch(under_way, batch)
            batch = []
    if batch:
        await _take_batch(under_way, batch)
    return await _finish(under_way)


async def _take_batch(under_way: Uploading, batch: Sequence[Row]) -> None:
    upload, rows = under_way.upload, [_refuse_misplaced(under_way, each) for each in batch]
    batch_no = (batch[0].number - 1) // BATCH + 1
    digest = _digest_of(under_way.header, batch)
    async with transaction(under_way.sessions, under_way.sender.caller.tenancy) as session:
        if under_way.is_rehearsal:
            rehearsal = await session.begin_nested()
            under_way.results += await _results(session, rows, under_way.sender)
            await rehearsal.rollback()
            return
        # One sender at a time: a twin finds what this one has done.
        await session.get(Upload, upload.id, with_for_update=True)
        done = await session.get(UploadBatch, (upload.id, batch_no))
        if done is not None and done.digest == digest:
            return
        results = await _results(session, rows, under_way.sender)
        if done is None:
            done = UploadBatch(
                employer_id=upload.employer_id, upload_id=upload.id, batch_no=batch_no, digest=digest, results=results
            )
            session.add(done)
        done.digest, done.results = digest, results


def _digest_of(header: bytes | None, batch: Sequence[Row]) -> bytes:
    """The same cells under another header say something else."""
    raw = [] if header is None else [header]
    return hashlib.sha256(b"\n".join([*raw, *(each.raw for each in batch)])).digest()


async def _results(session: AsyncSession, rows: Sequence[Row], sender: Sender) -> list[Result]:
    written = {each["row"]: each for each in await write_rows(session, rows, sender)}
    return [
        refused(each.number, each.reference, each.problem) if each.problem is not None else written[each.number]
        for each in rows
    ]


def _refuse_misplaced(under_way: Uploading, row: Row) -> Row:
    """A valid row of another employer, or of a vacancy that an earlier row has named, is refused."""
    wanted = row.wanted
    if wanted is None:
        return row
    code = under_way.sender.employer.code
    if wanted.employer.strip().upper() != code:
        return _with(
            row, OtherEmployer(field="employer", next_step=f"Send it in an upload of its own: this is {code}'s.")
        )
    first = under_way.seen.setdefault((wanted.source_system, wanted.external_reference), row.number)
    if first != row.number:
        return _with(row, RowTwice(f"Row {first} is the first.", field="external_reference"))
    return row


def _with(row: Row, error: DomainError) -> Row:
    return Row(row.number, row.raw, problem=as_problem(error), reference=row.reference)


async def _finish(under_way: Uploading) -> UploadReport:
    upload, sender = under_way.upload, under_way.sender
    if under_way.is_rehearsal:
        upload.finished_at = sender.now
        return report_of(upload, under_way.results, is_dry_run=True)
    async with transaction(under_way.sessions, sender.caller.tenancy) as session:
        stored = await session.get(Upload, upload.id, with_for_update=True)
        if stored is not None:
            stored.finished_at = stored.finished_at or sender.now
        return await get_report(session, upload.id)
