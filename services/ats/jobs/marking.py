"""What was found, marked in the title and in the part of the text that holds it."""

from __future__ import annotations

import html
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, true

from services.ats.jobs.models import PublishedJob
from services.ats.jobs.schemas import Highlight
from services.ats.jobs.spelling import LETTERS

LANGUAGE = "english"
# Marks that no text holds by right, put around what was found; they are taken out of the texts first.
BEGIN, END = "\ue000", "\ue001"
HEADLINE = f"StartSel={BEGIN}, StopSel={END}"
LETTERS_MARKED, LETTERS_BEFORE = 300, 80
"""Marking reads every word again: this is what forty words need, and no more."""
STEM = 4
"""Letters by which a form of a word is told in a text: `planning` stands where `planned` does."""


def tsquery_of(words: str) -> ColumnElement[Any]:
    """The words as PostgreSQL searches for them.

    A subquery is read once. In a prepared statement the bare function would be read again for every advert, and the
    search for a word of many would be taken for one that had better read them all than use its index.
    """
    return select(func.websearch_to_tsquery(LANGUAGE, words)).scalar_subquery()


def with_marks(rows: Select[Any], words: str) -> Select[Any]:
    """`rows` of adverts and, of each, its title and a part of its text, marked. For a page: it reads the texts."""
    job = PublishedJob
    # An OFFSET keeps it to be found once for each text, and not again wherever the place is used.
    placed = select(_beginning(job.description, words).label("begins")).correlate(job).offset(0).lateral("placed")
    return rows.add_columns(
        _marked(job.title, words, f"{HEADLINE}, HighlightAll=true"),
        _marked(_from(job.description, placed.c.begins), words, f"{HEADLINE}, MaxWords=40, MinWords=20"),
    ).join(placed, true())


def highlight_of(title: str, text: str) -> Highlight:
    """As HTML in which nothing but the marks is markup."""
    return Highlight(title=_as_html(title), text=_as_html(text))


def _marked(text: Any, words: str, options: str) -> ColumnElement[str]:
    return func.ts_headline(LANGUAGE, func.translate(text, BEGIN + END, ""), tsquery_of(words), options)


def _beginning(text: Any, words: str) -> ColumnElement[int]:
    """Letters to leave out before the part of a text that holds the first of the words: marking all of it is slow."""
    beginnings = "|".join(sorted({each.lower()[:STEM] for each in LETTERS.findall(words)})) or "$"
    return func.greatest(func.regexp_instr(text, rf"\m({beginnings})", 1, 1, 0, "i") - LETTERS_BEFORE, 0)


def _from(text: Any, begins: ColumnElement[int]) -> ColumnElement[str]:
    """The part that is marked, from the start of a word on."""
    cut = func.substr(text, begins + 1, LETTERS_MARKED)
    return case((begins == 0, cut), else_=func.regexp_replace(cut, r"^\S*\s+", ""))


def _as_html(marked: str) -> str:
    return html.escape(marked).replace(BEGIN, "<mark>").replace(END, "</mark>")
