"""Many vacancies at a time, as a council's system or a spreadsheet has them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response

from services.ats.vacancies.routes import Reader, Writer
from services.ats.vacancy_uploads import commands, queries
from services.ats.vacancy_uploads.examples import CSV_EXAMPLE, NDJSON_EXAMPLE
from services.ats.vacancy_uploads.schemas import MAX_ROWS, MAX_UPLOAD_BYTES, RowResult, UploadRead, UploadReport
from services.ats.vacancy_uploads.sheets import as_csv
from shared.app import Now, SessionDep
from shared.intake import CSV_TYPE, NDJSON_TYPE, require_media_type
from shared.problems import Problem, problems

PATH = "/v1/vacancies/bulk"
BODY_LIMITS = {PATH: MAX_UPLOAD_BYTES}
router = APIRouter(prefix=PATH, tags=["vacancies"])
REPORT_COLUMNS = ("row", "status", "external_reference", "id", "version", "code", "field", "detail")
ReportKind = Annotated[Literal["json", "csv"], Query(description="The result of each row as JSON or as CSV")]
REPORT_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {CSV_TYPE: {"schema": {"type": "string"}}}}}


@router.post(
    "",
    summary=f"Send up to {MAX_ROWS:,} vacancies: each row is created, changed or left as it is",
    response_model=UploadReport,
    responses={**problems(404, 409, 413, 415), **REPORT_ANSWER},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                NDJSON_TYPE: {"schema": {"type": "string"}, "example": NDJSON_EXAMPLE},
                CSV_TYPE: {"schema": {"type": "string"}, "example": CSV_EXAMPLE},
            },
        }
    },
)
async def bulk_upsert_vacancies(
    request: Request,
    caller: Writer,
    now: Now,
    employer: Annotated[str, Query(max_length=10, description="The code of the employer whose rows these are")],
    upload_id: Annotated[
        UUID | None,
        Query(description="A UUID of yours. Send the same upload again under it to go on where it broke off"),
    ] = None,
    dry_run: Annotated[bool, Query(description="Check every row as if it were stored, and store nothing")] = False,
    report: ReportKind = "json",
) -> Any:
    """NDJSON: one body of `POST /v1/vacancies` a line, with its natural key. CSV: a header of the same field names,
    in any order, one inside another with a dot (`apply.url`); an empty cell is left out. NDJSON alone takes the
    criteria (`essential`, `desirable`), `application_form` and `flags.pay_supplement`.

    A refused row has the problem document that a PUT of it would get, and its neighbours are done all the same.
    """
    is_csv = require_media_type(request, NDJSON_TYPE, CSV_TYPE) == CSV_TYPE
    under_way = await commands.begin_upload(
        request.state.sessions, upload_id or uuid4(), employer, caller=caller, now=now, is_rehearsal=dry_run
    )
    found = await commands.take_rows(under_way, request.stream(), is_csv=is_csv)
    return _as(report, found)


@router.get("/{upload_id}", summary="Read how far an upload is", response_model=UploadRead, responses=problems(404))
async def get_upload(upload_id: UUID, session: SessionDep, _caller: Reader) -> UploadReport:
    return await queries.get_report(session, upload_id)


@router.get(
    "/{upload_id}/report",
    summary="Read what became of each row of an upload",
    response_model=UploadReport,
    responses={**problems(404), **REPORT_ANSWER},
)
async def get_upload_report(upload_id: UUID, session: SessionDep, _caller: Reader, report: ReportKind = "json") -> Any:
    return _as(report, await queries.get_report(session, upload_id))


def _as(kind: str, found: UploadReport) -> Any:
    if kind == "json":
        return Response(found.model_dump_json(), media_type="application/json")
    return Response(as_csv(REPORT_COLUMNS, map(_cells, found.results)), media_type=CSV_TYPE)


def _cells(result: RowResult) -> tuple[Any, ...]:
    problem = result.problem
    why = ("", "", "") if problem is None else (problem.code, problem.field, _detail(problem))
    return (result.row, result.status, result.external_reference, result.id, result.version, *why)


def _detail(problem: Problem) -> str:
    errors = problem.errors or ()
    return "; ".join(f"{each.field}: {each.detail}" for each in errors) or problem.detail
