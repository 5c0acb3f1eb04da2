"""One answer of a draft as it was posted: the fields of a form in the application's own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.ats.applications.form import FormQuestion
from services.ats.applications.form_rules import BY_FILE, BY_TEXT
from services.ats.vacancies.application_form import FILES, QuestionKind

Fields = Mapping[str, Sequence[str]]
"""A form as it was posted: the values of each field."""
YES, NO = "true", "false"
# No id of a question has a dot in it: these fields are never another question's.
CHOSEN, SENT = ".file", ".sent"
"""Beside a question that takes a file: the file that is chosen, and the id of the document that was sent."""
REMOVE_FILE = "remove_file"


def read_answer(question: FormQuestion, name: str, fields: Fields, *, is_entry: bool = False) -> Any:
    """One answer as it was typed, in the application's own terms where it can be said in them; None where empty."""
    if question.kind == "date":
        return _date(name, fields)
    if question.kind in FILES:
        return _file(question, name, fields)
    if question.kind == "multi_select":
        return list(fields.get(name, ())) or None
    typed = "".join(fields.get(name, ())[:1])
    if not typed.strip():
        return None
    is_ticked = question.kind == "declaration" or (is_entry and question.kind == "yes_no")
    if is_ticked or (question.kind == "yes_no" and typed in {YES, NO}):
        return is_ticked or typed == YES
    return _number(typed) if question.kind == "number" else typed.replace("\r\n", "\n")


def _file(question: FormQuestion, name: str, fields: Fields) -> Any:
    """The document that was sent before, unless it is taken away now, and what was typed beside it."""
    sent = "" if name in fields.get(REMOVE_FILE, ()) else "".join(fields.get(f"{name}{SENT}", ())[:1]).strip()
    if question.kind == QuestionKind.FILE:
        return sent or None
    typed = "".join(fields.get(name, ())[:1]).replace("\r\n", "\n")
    return ({BY_TEXT: typed} if typed.strip() else {}) | ({BY_FILE: sent} if sent else {}) or None


def _number(typed: str) -> Any:
    plain = typed.strip()
    try:
        return int(plain) if plain.lstrip("-").isdecimal() else float(plain)
    except ValueError:
        return typed


def _date(name: str, fields: Fields) -> str | None:
    """Three fields as one text, which is a date where they make one."""
    year, month, day = ("".join(fields.get(f"{name}-{part}", ())[:1]).strip() for part in ("year", "month", "day"))
    if not (year or month or day):
        return None
    return f"{year}-{month.zfill(2) if month else ''}-{day.zfill(2) if day else ''}"


def date_parts(value: Any) -> dict[str, str]:
    """As they were typed into the three fields."""
    parts = str(value or "").rsplit("-", 2)
    year, month, day = parts if len(parts) == 3 else (str(value or ""), "", "")
    return {"day": day, "month": month, "year": year}
