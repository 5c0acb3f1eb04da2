"""What became of rows, as a CSV that a spreadsheet opens without running any of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(columns)
    for row in rows:
        lines.writerow([_harmless(cell) for cell in row])
    return written.getvalue()


def _harmless(cell: Any) -> str:
    """A spreadsheet takes what begins like this for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
