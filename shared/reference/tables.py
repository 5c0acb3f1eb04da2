"""Reading the tables carried in this package."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

FOLDER = Path(__file__).parent / "data"


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of `data/<name>.csv`, every value as text."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_or_none(value: str) -> str | None:
    return value or None


def number_or_none(value: str) -> int | None:
    return int(value) if value else None


def date_or_none(value: str) -> date | None:
    return date.fromisoformat(value) if value else None
