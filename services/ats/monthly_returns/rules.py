"""What the rows of one campaign say together, and where they contradict themselves. No database, no clock.

A campaign is taken whole or not at all: one wrong row keeps out all rows of its campaign, and of no other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.monthly_returns.columns import OF_AN_OPENING, OF_THE_CAMPAIGN, STEPS
from services.ats.monthly_returns.models import DateSource, OpeningOutcome, Quality
from services.ats.monthly_returns.rows import Finding, Row
from shared.vocabulary import HiringRoute

SAID_ONCE = ("openings", "source", *OF_THE_CAMPAIGN)
NEEDED_BEFORE = {
    "closed_on": "advertised_on",
    "accepted_on": "offered_on",
    "cleared_on": "accepted_on",
    "started_on": "accepted_on",
}
"""A step that cannot have happened without another: nobody is hired with no offer."""
WITHOUT_ADVERT = frozenset({HiringRoute.SLOT_IN, HiringRoute.REDEPLOYMENT, HiringRoute.RING_FENCED})
OF_A_HIRE = frozenset({HiringEvent.OFFER_ACCEPTED, HiringEvent.CLEARED, HiringEvent.STARTED})
ENDED = {OpeningOutcome.CANCELLED: HiringEvent.CANCELLED, OpeningOutcome.FAILED: HiringEvent.FAILED}

Place = tuple[HiringEvent, int | None]
"""A step of the whole campaign (none), or of one of its openings."""


@dataclass(frozen=True, slots=True)
class Happened:
    day: date
    route: HiringRoute | None = None


def refuse_contradictions(rows: Sequence[Row]) -> None:
    """Note what is wrong in the rows of one campaign, and in all others of it that they are kept out with it."""
    first = min(rows, key=lambda row: row.opening_no)
    seen: dict[int, int] = {}
    for row in rows:
        row.findings += _against_the_first(row, first)
        twin = seen.setdefault(row.opening_no, row.number)
        if twin != row.number:
            detail = f"Row {twin} is about the same opening of the same campaign."
            row.findings.append(Finding("opening_no", "opening_twice", detail, "Number the openings 1, 2, 3 …"))
        if row.opening_no > (first.cells.get("openings") or 1):
            detail = "The campaign has fewer openings than this."
            row.findings.append(Finding("opening_no", "opening_unknown", detail, "Correct openings or opening_no."))
        row.findings += _contradictions(_with_the_campaign(row, first))
    wrong = [row.number for row in rows if row.findings]
    for row in rows:
        if wrong and not row.findings:
            detail = f"Row {wrong[0]} of the same campaign is wrong: a campaign is taken whole or not at all."
            row.findings.append(Finding("external_reference", "campaign_refused", detail, "Correct that row."))


def _with_the_campaign(row: Row, first: Row) -> Mapping[str, Any]:
    return {name: first.cells[name] for name in OF_THE_CAMPAIGN if name in first.cells} | dict(row.cells)


def _against_the_first(row: Row, first: Row) -> Iterator[Finding]:
    for name in SAID_ONCE:
        if name in row.cells and row.cells[name] != first.cells.get(name):
            detail = f"Row {first.number} of the same campaign says something else."
            yield Finding(name, "rows_differ", detail, "Say it once, in the campaign's first row.")


def _contradictions(cells: Mapping[str, Any]) -> Iterator[Finding]:
    """The ordering rules of time to hire, sections 1 and 2: by day, and the same day is in order."""
    dated = [(name, cells[name]) for name in STEPS if name in cells]
    for (earlier, before), (later, after) in pairwise(dated):
        if after < before:
            detail = f"{later} lies before {earlier}."
            yield Finding(later, "out_of_order", detail, "Look up both dates and correct the wrong one.")
    for name, needed in NEEDED_BEFORE.items():
        if name in cells and needed not in cells:
            detail = f"There is {name}, and no {needed}."
            yield Finding(needed, "step_missing", detail, f"Fill in {needed}, or take {name} out.")
    is_advertised = cells.get("route") not in WITHOUT_ADVERT
    if is_advertised and cells.keys() & OF_AN_OPENING.keys() and "advertised_on" not in cells:
        detail = "There was an offer, and no advert."
        yield Finding("advertised_on", "step_missing", detail, "Fill in advertised_on, or correct the route.")
    yield from _against_the_outcome(cells, dated)
    if not dated and cells.get("outcome") is OpeningOutcome.OPEN:
        yield Finding("approved_on", "nothing_dated", "No step has a date.", "Fill in what has happened so far.")


def _against_the_outcome(cells: Mapping[str, Any], dated: Sequence[tuple[str, date]]) -> Iterator[Finding]:
    outcome, ended_on = cells.get("outcome"), cells.get("ended_on")
    if outcome is None:
        return
    rule = "outcome_contradicts_dates"
    if outcome is OpeningOutcome.FILLED and "accepted_on" not in cells:
        yield Finding("outcome", rule, "Filled, and no accepted_on.", "Fill it in, or say open.")
    if outcome is not OpeningOutcome.FILLED and "accepted_on" in cells:
        what_to_do = "Say filled; or, where the acceptance came to nothing, take the dates of that offer out."
        yield Finding("outcome", rule, f"Accepted, and the outcome is {outcome}.", what_to_do)
    if outcome in ENDED and ended_on is None:
        yield Finding("ended_on", rule, f"The outcome is {outcome}, and ended_on is empty.", "Fill in ended_on.")
    if outcome not in ENDED and ended_on is not None:
        yield Finding("ended_on", rule, f"It ended, and the outcome is {outcome}.", "Take ended_on out, or correct it.")
    if ended_on is not None and dated and ended_on < max(day for _, day in dated):
        yield Finding("ended_on", "out_of_order", "A step lies after the end.", "Correct the wrong date.")


def facts_of(rows: Sequence[Row]) -> dict[str, Any]:
    """What sound rows of one campaign say, as it is kept: the same rows in any order give the same."""
    ordered = sorted(rows, key=lambda row: row.opening_no)
    first = ordered[0].cells
    return {
        "openings": first.get("openings") or 1,
        "source": first["source"].value,
        "steps": {name: first[name].isoformat() for name in OF_THE_CAMPAIGN if name in first},
        "hires": [
            {
                "no": row.opening_no,
                "route": row.cells["route"].value,
                "outcome": row.cells["outcome"].value,
                "steps": {
                    name: row.cells[name].isoformat() for name in (*OF_AN_OPENING, "ended_on") if name in row.cells
                },
            }
            for row in ordered
        ],
    }


def log_of(facts: Mapping[str, Any]) -> dict[Place, Happened]:
    """The steps that a campaign's facts are in the hiring log.

    An advert is of the whole campaign; where its openings go different routes, each has its own.
    """
    routes = {hire["no"]: HiringRoute(hire["route"]) for hire in facts["hires"]}
    is_one_route = len(set(routes.values())) == 1
    steps: dict[Place, Happened] = {}
    for name, day in facts["steps"].items():
        event, on = STEPS[name], date.fromisoformat(day)
        if event is not HiringEvent.ADVERT_LIVE:
            steps[event, None] = Happened(on)
        elif is_one_route:
            steps[event, None] = Happened(on, next(iter(routes.values())))
        else:
            steps |= {(event, number): Happened(on, route) for number, route in routes.items()}
    for hire in facts["hires"]:
        number = hire["no"]
        for name, day in hire["steps"].items():
            event = STEPS.get(name) or ENDED[OpeningOutcome(hire["outcome"])]
            steps[event, number] = Happened(date.fromisoformat(day), routes[number] if event in OF_A_HIRE else None)
    return steps


def quality_of(facts: Mapping[str, Any]) -> Quality:
    """Estimates, and campaigns with a gap before their last step, are C; what a system kept is A, the rest B."""
    if facts["source"] == DateSource.ESTIMATE or any(
        _has_gap(facts["steps"] | hire["steps"], hire) for hire in facts["hires"]
    ):
        return Quality.C
    return Quality.A if facts["source"] == DateSource.SYSTEM else Quality.B


def _has_gap(steps: Mapping[str, str], hire: Mapping[str, Any]) -> bool:
    unadvertised = {"advertised_on", "closed_on", "shortlisted_on", "interviewed_on"}
    expected = [name for name in STEPS if HiringRoute(hire["route"]) not in WITHOUT_ADVERT or name not in unadvertised]
    reached = [name in steps for name in expected]
    return reached != sorted(reached, reverse=True)
