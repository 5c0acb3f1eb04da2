"""References for tests: who is asked, and what fills in a form with nothing to object to."""

from __future__ import annotations

from typing import Any

from services.ats.employment_references.forms import FORMS, ReferenceForm, ReferenceQuestionKind


def referee(**changes: Any) -> dict[str, Any]:
    return {
        "referee_name": "Morgan Lee",
        "referee_email": "morgan.lee@former.example",
        "organisation": "Former Council",
        "employed_from": "2023-02-01",
        "employed_to": "2026-10-31",
        "asks_first": False,
    } | changes


def answers(form: ReferenceForm = ReferenceForm.GENERAL, **changes: str) -> dict[str, str]:
    given = {}
    for question in FORMS[form, 1]:
        match question.kind:
            case ReferenceQuestionKind.RATING:
                given[question.id] = "good"
            case ReferenceQuestionKind.DATE:
                given[question.id] = {"employed_from": "2023-03-01", "employed_to": "2026-09-30"}[question.id]
            case ReferenceQuestionKind.YES_NO:
                given[question.id] = "yes" if question.id in {"would_re_employ", "is_able", "is_suitable"} else "no"
            case ReferenceQuestionKind.TEXT:
                given[question.id] = "Line manager"
    return given | changes
