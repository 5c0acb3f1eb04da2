"""A saved search as people read it, and as the address of the page that shows what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from services.ats.jobs.schemas import JobCriteria
from services.ats.jobs.workplaces import WORKPLACE_LABELS
from shared.addresses import public_url
from shared.pages.formats import pence, short_date
from shared.reference.occupations import families
from shared.vocabulary import Service

ANYTHING = "all new jobs"


def in_words(search: JobCriteria) -> str:
    return "; ".join(_parts(search)) or ANYTHING


def _parts(search: JobCriteria) -> Iterator[str]:
    if search.q:
        yield f"“{search.q}”"
    if search.near:
        yield f"within {search.within_miles} miles of {search.near}"
    if search.outcode:
        yield f"in {search.outcode.upper()}"
    yield from _choices(search)
    for words, value in (
        ("at least {} hours a week", search.hours_from),
        ("at most {} hours a week", search.hours_to),
        ("pay point {} or more", search.scp_from),
        ("pay point {} or less", search.scp_to),
    ):
        if value is not None:
            yield words.format(value)
    if search.salary_from_pence is not None:
        yield f"pay reaching {pence(search.salary_from_pence)}"
    if search.salary_to_pence is not None:
        yield f"pay from {pence(search.salary_to_pence)} or less"
    if search.closing_before is not None:
        yield f"closing before {short_date(search.closing_before)}"
    if search.closing_within_days is not None:
        yield f"closing within {search.closing_within_days} days"


def _choices(search: JobCriteria) -> Iterator[str]:
    """For each filter that is chosen from, its values."""
    chosen = (
        [f"employer {each.upper()}" for each in search.employer],
        [families()[each].label if each in families() else each for each in search.family],
        [each.replace("_", " ") for each in search.contract],
        [each.replace("_", " ") for each in search.working_pattern],
        [WORKPLACE_LABELS[each].lower() for each in search.workplace],
    )
    yield from (" or ".join(each) for each in chosen if each)


def search_page(search: JobCriteria) -> str:
    """The search page with those of the filters that it has."""
    shown = {
        "q": search.q,
        "near": search.near,
        "miles": search.within_miles if search.near else None,
        **{name: values[0] for name, values in _single(search).items() if len(values) == 1},
    }
    query = urlencode({name: value for name, value in shown.items() if value})
    return f"{public_url(Service.ATS)}/jobs" + (f"?{query}" if query else "")


def _single(search: JobCriteria) -> dict[str, list[str]]:
    return {
        "employer": search.employer,
        "family": search.family,
        "workplace": [each.value for each in search.workplace],
    }
