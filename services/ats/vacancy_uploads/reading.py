"""What a row says. A broken one is that row's own matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ValidationError

from services.ats.vacancies.schemas import VacancyCreate
from services.ats.vacancy_uploads.lines import TOO_LONG, RowNotRead, cells_of
from services.ats.vacancy_uploads.schemas import MAX_ROW_BYTES
from shared.errors import DomainError, Invalid
from shared.intake import read_json, unreadable
from shared.problems import as_problem, validation_problem

LONGEST_REFERENCE = 120
COLUMNS = (
    *("employer", "source_system", "external_reference", "management", "title", "hours_per_week", "contract"),
    *("contract_months", "postcode", "grade", "scp_min", "scp_max", "salary_min_pence", "salary_max_pence"),
    *("pay_effective_from", "soc2020", "family", "working_pattern", "office_days_per_week", "directorate"),
    *("description", "openings", "starts_on", "closes_at", "advert_days", "publish_at", "auto_publish"),
    *("hiring_manager_id", "apply.method", "apply.url", "clearing_exemption", "requisition.post_id"),
    *("requisition.cost_code", "requisition.reason", "requisition.freeze_ground", "flags.is_hybrid"),
    *("requisition.agency_cover.weekly_cost_pence", "is_anonymised"),
    *("flags.is_job_share", "flags.is_politically_restricted", "flags.dbs_level", "flags.requires_driving"),
    *("flags.barred_lists", "flags.regulated_registration", "flags.weeks_per_year"),
)
"""What a CSV's header may name, in any order: the API's own fields, one inside another with a dot."""
NOT_IN_CSV = ("essential", "desirable", "application_form", "flags.pay_supplement")
"""Objects and lists of them, and so for NDJSON alone."""
LISTS = frozenset({"flags.barred_lists"})
"""Columns of several words, with a semicolon between them."""


class RowTooLong(Invalid):
    code = "row_too_long"
    title = f"A row has at most {MAX_ROW_BYTES} bytes"


class KeyMissing(Invalid):
    code = "key_missing"
    title = "A row names its vacancy by source_system and external_reference"


class ColumnUnknown(Invalid):
    code: ClassVar[str] = "column_unknown"
    title: ClassVar[str] = "The header names a column that there is not, or one twice"


@dataclass(frozen=True, slots=True)
class Row:
    """`problem` for one that cannot be read or is not valid, else `wanted`. `reference` is what it calls itself."""

    number: int
    raw: bytes
    wanted: VacancyCreate | None = None
    problem: Mapping[str, Any] | None = None
    reference: str | None = None


def header_of(line: bytes) -> Sequence[str]:
    """Raises ColumnUnknown, naming it."""
    names = [each.strip() for each in cells_of(line)]
    for place, name in enumerate(names):
        if name not in COLUMNS or name in names[:place]:
            raise ColumnUnknown(f"Column {place + 1}", field=name[:60], next_step=f"Use: {', '.join(COLUMNS)}")
    return names


def read_row(number: int, raw: bytes, header: Sequence[str] | None, *, employer: str | None = None) -> Row:
    """A row of NDJSON, or of CSV under its header. `employer`: whose the rows of a CSV are that do not say."""
    reference: str | None = None
    try:
        if raw == TOO_LONG:
            raise RowTooLong
        sent = _object(raw) if header is None else _nested(header, raw, employer)
        if found := list(unreadable((), sent)):
            return Row(number, raw, problem=validation_problem(found))
        reference = _reference(sent)
        wanted = VacancyCreate.model_validate(sent)
        if wanted.source_system is None:
            raise KeyMissing(field="source_system")
    except ValidationError as error:
        problem = validation_problem(error.errors(include_url=False, include_input=False))
        return Row(number, raw, problem=problem, reference=reference)
    except DomainError as error:
        return Row(number, raw, problem=as_problem(error), reference=reference)
    return Row(number, raw, wanted, reference=wanted.external_reference)


def _reference(sent: Mapping[str, Any]) -> str | None:
    """What the sender knows the row by, as far as it can be one: it comes back with what is wrong."""
    named = sent.get("external_reference")
    return named if isinstance(named, str) and len(named) <= LONGEST_REFERENCE else None


def _object(raw: bytes) -> dict[str, Any]:
    try:
        sent = read_json(raw)
    except (ValueError, RecursionError):
        raise RowNotRead from None
    if not isinstance(sent, dict):
        raise RowNotRead
    return sent


def _nested(header: Sequence[str], raw: bytes, employer: str | None) -> dict[str, Any]:
    """An empty cell is a field that is left out."""
    cells = cells_of(raw)
    if len(cells) > len(header):
        raise RowNotRead
    sent: dict[str, Any] = {} if employer is None else {"employer": employer}
    for name, cell in zip(header, cells, strict=False):
        if cell.strip():
            put_in(sent, name, [each.strip() for each in cell.split(";")] if name in LISTS else cell.strip())
    return sent


def put_in(sent: dict[str, Any], name: str, value: Any) -> None:
    """The field `name`, which says with dots what it is inside."""
    *outer, last = name.split(".")
    for each in outer:
        sent = sent.setdefault(each, {})
    sent[last] = value
