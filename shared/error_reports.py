"""What may be written down about an error: its kind and its place, never its words, which may hold personal data."""

from __future__ import annotations

import traceback

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

LONGEST = 200


def kind_of(error: BaseException) -> str:
    """Such as `IntegrityError:23505`, `ValidationError:missing:vacancy_id`, `VacancyNotDraft:vacancy_not_draft`."""
    kind = type(error).__name__
    if isinstance(error, DBAPIError):
        return f"{kind}:{getattr(error.orig, 'sqlstate', None) or 'unknown'}"
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False)[0]
        return f"{kind}:{first['type']}:{'.'.join(map(str, first['loc']))}"[:LONGEST]
    code = getattr(error, "code", None)
    return f"{kind}:{code}"[:LONGEST] if isinstance(code, str) else kind


def place_of(error: BaseException) -> str:
    """The innermost line of our own code, such as `services/ats/vacancies/commands.py:48`."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        for top in ("/services/", "/shared/"):
            _, found, rest = frame.filename.rpartition(top)
            if found and "site-packages" not in frame.filename:
                return f"{top[1:]}{rest}:{frame.lineno}"
    return "unknown"
