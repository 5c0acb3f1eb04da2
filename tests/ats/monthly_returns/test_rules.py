"""What the rows of a campaign say together, as pure rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.monthly_returns import rules
from services.ats.monthly_returns.models import DateSource, OpeningOutcome, Quality
from services.ats.monthly_returns.rows import Row
from services.ats.monthly_returns.rules import Happened
from shared.vocabulary import HiringRoute

WHOLE: dict[str, Any] = {
    "route": HiringRoute.EXTERNAL,
    "source": DateSource.SYSTEM,
    "outcome": OpeningOutcome.FILLED,
    "approved_on": date(2026, 2, 2),
    "advertised_on": date(2026, 2, 9),
    "closed_on": date(2026, 2, 23),
    "shortlisted_on": date(2026, 2, 27),
    "interviewed_on": date(2026, 3, 10),
    "offered_on": date(2026, 3, 12),
    "accepted_on": date(2026, 3, 13),
    "cleared_on": date(2026, 4, 14),
    "started_on": date(2026, 5, 5),
}
HIRE = ("offered_on", "accepted_on", "cleared_on", "started_on")
ADVERT = ("advertised_on", "closed_on", "shortlisted_on", "interviewed_on")


def row(number: int = 1, *, without: tuple[str, ...] = (), **changes: Any) -> Row:
    return Row(number, cells={name: cell for name, cell in (WHOLE | changes).items() if name not in without})


def found(*rows: Row) -> list[list[tuple[str, str]]]:
    rules.refuse_contradictions(rows)
    return [[(each.column, each.rule) for each in one.findings] for one in rows]


def test_a_whole_campaign_contradicts_nothing() -> None:
    assert found(row()) == [[]]


@pytest.mark.parametrize("days", [("approved_on", "advertised_on"), ("cleared_on", "started_on")])
def test_steps_of_the_same_day_are_in_order_and_a_day_too_early_is_not(days: tuple[str, str]) -> None:
    earlier, later = days
    assert found(row(**{later: WHOLE[earlier]})) == [[]]
    day_before = WHOLE[earlier].replace(day=WHOLE[earlier].day - 1)
    assert (later, "out_of_order") in found(row(**{later: day_before}))[0]


@pytest.mark.parametrize(
    ("changes", "without", "complaints"),
    [
        ({}, ("offered_on",), [("offered_on", "step_missing")]),
        ({}, ("cleared_on",), []),
        ({}, ("outcome",), []),
        ({}, ("advertised_on",), [("advertised_on", "step_missing"), ("advertised_on", "step_missing")]),
        ({"outcome": OpeningOutcome.OPEN}, ("accepted_on", "started_on"), [("accepted_on", "step_missing")]),
        ({"outcome": OpeningOutcome.OPEN}, ("accepted_on", "cleared_on"), [("accepted_on", "step_missing")]),
        ({"route": HiringRoute.SLOT_IN}, ADVERT, []),
        ({"route": HiringRoute.REDEPLOYMENT}, ADVERT, []),
        ({"route": HiringRoute.RING_FENCED}, ADVERT, []),
        ({}, ADVERT, [("advertised_on", "step_missing")]),
        ({"outcome": OpeningOutcome.OPEN}, (*ADVERT, *HIRE), []),
        ({"outcome": OpeningOutcome.OPEN}, ("approved_on", *ADVERT, *HIRE), [("approved_on", "nothing_dated")]),
        ({"outcome": OpeningOutcome.OPEN}, HIRE, []),
        ({"outcome": OpeningOutcome.OPEN}, (), [("outcome", "outcome_contradicts_dates")]),
        ({}, HIRE, [("outcome", "outcome_contradicts_dates")]),
        ({"outcome": OpeningOutcome.CANCELLED}, HIRE, [("ended_on", "outcome_contradicts_dates")]),
        ({"outcome": OpeningOutcome.FAILED}, HIRE, [("ended_on", "outcome_contradicts_dates")]),
        ({"outcome": OpeningOutcome.CANCELLED, "ended_on": date(2026, 3, 10)}, HIRE, []),
        ({"outcome": OpeningOutcome.FAILED, "ended_on": date(2026, 3, 9)}, HIRE, [("ended_on", "out_of_order")]),
        (
            {"outcome": OpeningOutcome.OPEN, "ended_on": date(2026, 4, 1)},
            HIRE,
            [("ended_on", "outcome_contradicts_dates")],
        ),
        (
            {"outcome": OpeningOutcome.CANCELLED, "ended_on": date(2026, 4, 1)},
            ("approved_on", *ADVERT, *HIRE),
            [],
        ),
    ],
)
def test_dates_route_and_outcome_agree(
    changes: dict[str, Any], without: tuple[str, ...], complaints: list[tuple[str, str]]
) -> None:
    assert found(row(without=without, **changes)) == [complaints]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("source", DateSource.ESTIMATE),
        ("openings", 3),
        ("approved_on", date(2026, 2, 1)),
        ("closed_on", date(2026, 2, 22)),
        ("interviewed_on", date(2026, 3, 9)),
    ],
)
def test_what_is_the_campaigns_is_said_once(name: str, other: object) -> None:
    first = row(1, openings=2)
    assert found(first, row(2, opening_no=2, **{name: other})) == [
        [("external_reference", "campaign_refused")],
        [(name, "rows_differ")],
    ]


def test_a_later_row_may_leave_out_what_the_first_has_said() -> None:
    assert found(row(1, openings=2), row(2, opening_no=2, without=("approved_on", *ADVERT))) == [[], []]


def test_the_first_row_is_that_of_the_lowest_opening() -> None:
    assert found(row(1, opening_no=2, without=("approved_on", *ADVERT)), row(2, openings=2)) == [[], []]


def test_openings_are_numbered_once_and_within_their_count() -> None:
    assert found(row(1), row(2))[1] == [("opening_no", "opening_twice")]
    assert found(row(1, openings=2), row(2, opening_no=3))[1] == [("opening_no", "opening_unknown")]
    assert found(row(1, opening_no=2)) == [[("opening_no", "opening_unknown")]]


def test_the_rows_that_are_kept_out_are_told_which_one_is_wrong() -> None:
    sound, wrong = row(7, openings=2), row(8, opening_no=2, without=("offered_on",))
    found(sound, wrong)
    assert "Row 8" in sound.findings[0].detail


def test_the_same_rows_in_any_order_say_the_same() -> None:
    first, second = row(1, openings=3), row(2, opening_no=2, route=HiringRoute.INTERNAL)
    facts = rules.facts_of([second, first])
    assert facts == rules.facts_of([first, second])
    assert (facts["openings"], facts["source"]) == (3, "system")
    assert facts["steps"] == {
        name: cell.isoformat() for name, cell in WHOLE.items() if name in ("approved_on", *ADVERT)
    }
    assert [(hire["no"], hire["route"], hire["outcome"]) for hire in facts["hires"]] == [
        (1, "external", "filled"),
        (2, "internal", "filled"),
    ]
    assert facts["hires"][0]["steps"] == {name: WHOLE[name].isoformat() for name in HIRE}
    assert rules.facts_of([row(1)])["openings"] == 1


EVENT, EXTERNAL, INTERNAL = HiringEvent, HiringRoute.EXTERNAL, HiringRoute.INTERNAL


def test_the_log_has_the_route_with_the_advert_and_with_the_hire() -> None:
    assert rules.log_of(rules.facts_of([row(1)])) == {
        (EVENT.APPROVED, None): Happened(date(2026, 2, 2)),
        (EVENT.ADVERT_LIVE, None): Happened(date(2026, 2, 9), EXTERNAL),
        (EVENT.ADVERT_CLOSED, None): Happened(date(2026, 2, 23)),
        (EVENT.SHORTLISTED, None): Happened(date(2026, 2, 27)),
        (EVENT.INTERVIEWED, None): Happened(date(2026, 3, 10)),
        (EVENT.OFFER_MADE, 1): Happened(date(2026, 3, 12)),
        (EVENT.OFFER_ACCEPTED, 1): Happened(date(2026, 3, 13), EXTERNAL),
        (EVENT.CLEARED, 1): Happened(date(2026, 4, 14), EXTERNAL),
        (EVENT.STARTED, 1): Happened(date(2026, 5, 5), EXTERNAL),
    }


def test_openings_of_different_routes_have_an_advert_each() -> None:
    log = rules.log_of(rules.facts_of([row(1, openings=2), row(2, opening_no=2, route=INTERNAL)]))
    assert (EVENT.ADVERT_LIVE, None) not in log
    assert [log[EVENT.ADVERT_LIVE, number].route for number in (1, 2)] == [EXTERNAL, INTERNAL]
    assert [log[EVENT.CLEARED, number].route for number in (1, 2)] == [EXTERNAL, INTERNAL]
    assert log[EVENT.ADVERT_CLOSED, None] == Happened(date(2026, 2, 23))


@pytest.mark.parametrize(
    ("outcome", "event"), [(OpeningOutcome.CANCELLED, EVENT.CANCELLED), (OpeningOutcome.FAILED, EVENT.FAILED)]
)
def test_an_opening_that_ended_without_a_hire_says_how(outcome: OpeningOutcome, event: HiringEvent) -> None:
    log = rules.log_of(rules.facts_of([row(1, outcome=outcome, ended_on=date(2026, 4, 1), without=HIRE)]))
    assert log[event, 1] == Happened(date(2026, 4, 1))


@pytest.mark.parametrize(
    ("changes", "without", "quality"),
    [
        ({}, (), Quality.A),
        ({"source": DateSource.ESTIMATE}, (), Quality.C),
        ({}, ("interviewed_on",), Quality.C),
        ({}, ("cleared_on",), Quality.C),
        ({}, ("started_on",), Quality.A),
        ({}, ("approved_on",), Quality.C),
        ({"outcome": OpeningOutcome.OPEN}, HIRE, Quality.A),
        ({"route": HiringRoute.SLOT_IN}, ADVERT, Quality.A),
        ({"route": HiringRoute.SLOT_IN}, (*ADVERT, "cleared_on"), Quality.C),
        ({"route": HiringRoute.INTERNAL}, ADVERT, Quality.C),
    ],
)
def test_the_quality_falls_with_estimates_and_gaps(
    changes: dict[str, Any], without: tuple[str, ...], quality: Quality
) -> None:
    assert rules.quality_of(rules.facts_of([row(without=without, **changes)])) is quality


def test_days_that_no_system_kept_are_b_at_best_and_one_gap_makes_the_campaign_c() -> None:
    assert rules.quality_of(rules.facts_of([row(source=DateSource.RECORDS)])) is Quality.B
    rows = [row(1, openings=2), row(2, opening_no=2, without=("accepted_on",))]
    assert rules.quality_of(rules.facts_of(rows)) is Quality.C
