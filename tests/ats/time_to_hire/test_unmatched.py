"""Time to hire, section 1: the days that clearing added to vacancies which matched nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.ats.time_to_hire.log import LogEntry
from services.ats.time_to_hire.unmatched import unmatched_waits
from services.ats.time_to_hire.vocabulary import HiringEvent

ONE, TWO = (UUID(int=number) for number in (1, 2))
DAY_0 = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def entry(event: str, day: int, **facts: Any) -> LogEntry:
    at = DAY_0 + timedelta(days=day)
    return LogEntry(**({"vacancy_id": ONE, "event": HiringEvent(event), "occurred_at": at, "recorded_at": at} | facts))


def released(day: int, reason: str = "nobody_matched", **facts: Any) -> LogEntry:
    return entry("released", day, reason=reason, **facts)


def days(*log: LogEntry) -> list[int]:
    return [(end - start).days for start, end in unmatched_waits(log)]


def test_it_counts_from_entering_clearing_to_the_release() -> None:
    assert unmatched_waits([entry("clearing_entered", 0), released(3)]) == [(date(2026, 11, 16), date(2026, 11, 19))]


def test_a_vacancy_that_matched_somebody_is_not_counted_whatever_its_window_said_when_it_opened() -> None:
    assert days(entry("clearing_entered", 0), released(9, "all_outcomes_given")) == []


def test_an_approval_long_before_is_not_clearings_doing() -> None:
    assert days(entry("approved", -10), entry("clearing_entered", 0), released(2)) == [2]


def test_a_second_run_waits_for_itself_alone() -> None:
    first = entry("clearing_entered", 0), released(1)
    assert days(*first, entry("clearing_entered", 60), released(62)) == [1, 2]
    assert days(*first, entry("clearing_entered", 60), released(70, "no_eligible_interest")) == [1]


def test_a_release_given_again_counts_once() -> None:
    assert days(entry("clearing_entered", 0), released(1), released(30)) == [1]


def test_each_vacancy_has_its_own_clock() -> None:
    log = entry("clearing_entered", 0), entry("clearing_entered", 1, vacancy_id=TWO), released(3, vacancy_id=TWO)
    assert days(*log, released(4)) == [2, 4]


def test_one_still_in_clearing_is_not_counted() -> None:
    assert days(entry("clearing_entered", 0)) == []
