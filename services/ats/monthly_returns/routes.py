"""The monthly return over HTTP: what its columns are, a template, sending it, and what became of each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from services.ats.monthly_returns import commands, queries
from services.ats.monthly_returns.columns import COLUMNS, NAMES
from services.ats.monthly_returns.schemas import (
    MAX_FILE_BYTES,
    MAX_ROWS,
    MONTH,
    ColumnRead,
    ReturnRead,
    ReturnReport,
    ReturnRow,
)
from services.ats.vacancy_uploads.sheets import as_csv
from shared.app import Now, SessionDep
from shared.auth import Principal, allow, allow_anyone
from shared.intake import CSV_TYPE, require_media_type
from shared.pagination import Page, PageQuery
from shared.problems import problems
from shared.vocabulary import Scope

PATH = "/v1/monthly-returns"
BODY_LIMITS = {PATH: MAX_FILE_BYTES}
router = APIRouter(tags=["monthly returns"])
Sender = Annotated[Principal, Depends(allow(Scope.MILESTONES_WRITE))]
Reader = Annotated[Principal, Depends(allow(Scope.VACANCIES_READ, Scope.MILESTONES_WRITE))]
REPORT_COLUMNS = ("row", "external_reference", "opening_no", "status", "column", "rule", "detail", "what_to_do")
ReportKind = Annotated[
    Literal["json", "csv"], Query(description="The report as JSON, or as CSV to send back to a vendor")
]
CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {CSV_TYPE: {"schema": {"type": "string"}}}}}
EXAMPLE = as_csv(NAMES, [[each.example for each in COLUMNS]])


@router.get(
    "/v1/reference/monthly-return-columns",
    summary="The columns of the monthly return",
    response_model=list[ColumnRead],
    responses=problems(),
    dependencies=[allow_anyone()],
)
async def list_return_columns() -> Sequence[Any]:
    return COLUMNS


@router.get(
    "/v1/reference/monthly-return-template",
    summary="A monthly return to be filled in: the header and an example",
    responses={**problems(), **CSV_ANSWER},
    response_class=Response,
    dependencies=[allow_anyone()],
)
async def get_return_template() -> Response:
    disposition = {"Content-Disposition": 'attachment; filename="monthly-return.csv"'}
    return Response(EXAMPLE, media_type=CSV_TYPE, headers=disposition)


@router.post(
    PATH,
    summary=f"Send a monthly return of up to {MAX_ROWS:,} rows: campaigns, open and past, with the date of each step",
    response_model=ReturnReport,
    responses={**problems(404, 413, 415), **CSV_ANSWER},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {CSV_TYPE: {"schema": {"type": "string"}, "example": EXAMPLE}},
        }
    },
)
async def send_monthly_return(
    request: Request,
    caller: Sender,
    now: Now,
    employer: Annotated[str, Query(max_length=10, description="The code of the employer whose return it is")],
    month: Annotated[str, Query(pattern=MONTH, description="The month that it is of", examples=["2026-11"])],
    dry_run: Annotated[bool, Query(description="Check every row as if it were stored, and store nothing")] = False,
    report: ReportKind = "json",
) -> Any:
    """A row is all that is known of a campaign, or of one of its openings. The same file again changes nothing. The
    latest month's rows stand, whatever order returns come in: another day in one is a correction, an empty cell takes
    a day back, and the hiring log keeps what was corrected. A campaign that is wrong is left out whole, with what to
    do about each row of it; its neighbours are taken all the same.
    """
    require_media_type(request, CSV_TYPE)
    sessions = request.state.sessions
    sending, made = await commands.begin_return(sessions, employer, month, caller=caller, now=now)
    rows = await commands.read_rows(request.stream(), sending)
    results = await commands.record_rows(sessions, sending, rows, caller=caller, is_rehearsal=dry_run)
    if dry_run:
        return _as(report, queries.report_of(made, results))
    return _as(report, await commands.finish_return(sessions, made, results, caller=caller, now=now))


@router.get(
    PATH, summary="List the monthly returns taken, newest first", response_model=Page[ReturnRead], responses=problems()
)
async def list_monthly_returns(session: SessionDep, _caller: Reader, page: PageQuery) -> Page[ReturnRead]:
    found, cursor = await queries.search_returns(session, page)
    return Page(items=[queries.report_of(each) for each in found], next_cursor=cursor)


@router.get(
    f"{PATH}/{{return_id}}",
    summary="Read what became of each row of a monthly return",
    response_model=ReturnReport,
    responses={**problems(404), **CSV_ANSWER},
)
async def get_monthly_return(return_id: UUID, session: SessionDep, _caller: Reader, report: ReportKind = "json") -> Any:
    return _as(report, queries.report_of(await queries.get_return(session, return_id)))


def _as(kind: str, found: ReturnReport) -> Response:
    if kind == "json":
        return Response(found.model_dump_json(), media_type="application/json")
    lines = (line for row in found.results for line in _lines(row))
    disposition = {"Content-Disposition": f'attachment; filename="monthly-return-{found.month}-report.csv"'}
    return Response(as_csv(REPORT_COLUMNS, lines), media_type=CSV_TYPE, headers=disposition)


def _lines(row: ReturnRow) -> Iterator[tuple[Any, ...]]:
    """A line a finding, or one for a row that is as it should be."""
    start = (row.row, row.external_reference, row.opening_no, row.status)
    if not row.findings:
        yield (*start, "", "", "", "")
    for each in row.findings:
        yield (*start, each.column, each.rule, each.detail, each.what_to_do)
