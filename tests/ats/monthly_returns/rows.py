"""Rows of a monthly return for tests: a whole campaign, and what a test says is otherwise."""

from __future__ import annotations

import csv
import io
from typing import Any

from services.ats.monthly_returns.columns import NAMES
from shared.vocabulary import Scope
from tests.factories.ats import Ats


def row(**changes: Any) -> dict[str, str]:
    """A campaign of last spring: advertised on 9 February 2026, cleared 64 days later."""
    cells = {
        "employer": "SAW",
        "source_system": "talentlink",
        "external_reference": "REQ-1",
        "route": "external",
        "source": "system",
        "approved_on": "2026-02-02",
        "advertised_on": "2026-02-09",
        "closed_on": "2026-02-23",
        "shortlisted_on": "2026-02-27",
        "interviewed_on": "2026-03-10",
        "offered_on": "2026-03-12",
        "accepted_on": "2026-03-13",
        "cleared_on": "2026-04-14",
        "started_on": "2026-05-05",
        "outcome": "filled",
    }
    return cells | changes


def still_open(**changes: Any) -> dict[str, str]:
    after = ("closed_on", "shortlisted_on", "interviewed_on", "offered_on", "accepted_on", "cleared_on", "started_on")
    return row(**(dict.fromkeys(after, "") | {"outcome": "open"} | changes))


def sheet(*rows: dict[str, str], header: tuple[str, ...] = NAMES) -> bytes:
    written = io.StringIO(newline="")
    lines = csv.DictWriter(written, header, restval="")
    lines.writeheader()
    lines.writerows(rows)
    return written.getvalue().encode()


async def send(council: Ats, content: bytes, *, month: str = "2026-10", status: int = 200, **query: Any) -> Any:
    employers = query.pop("employers", ("SAW",))
    answer = await council.client.post(
        "/v1/monthly-returns",
        params={"employer": "SAW", "month": month} | query,
        content=content,
        headers=council.headers(Scope.MILESTONES_WRITE, employers=employers) | {"Content-Type": "text/csv"},
    )
    assert answer.status_code == status, answer.text
    return answer.text if query.get("report") == "csv" else answer.json()


def statuses(report: dict[str, Any]) -> list[str]:
    return [each["status"] for each in report["results"]]


def found(report: dict[str, Any]) -> list[list[tuple[str, str]]]:
    """Of each row the columns and rules that were complained of."""
    return [[(each["column"], each["rule"]) for each in result["findings"]] for result in report["results"]]
