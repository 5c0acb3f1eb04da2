"""Time to hire, section 1: what each edge case does to the clock of an opening."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ats.time_to_hire.log import LogEntry
from services.ats.time_to_hire.rules import (
    Clock,
    Opening,
    campaign_days,
    clock,
    is_excluded,
    openings_at,
    sample,
)
from services.ats.time_to_hire.statistics import Observation, summarise
from services.ats.time_to_hire.vocabulary import Fault, HiringEvent, Measure, Outcome
from shared.calendar import CalendarHorizonPassed
from shared.vocabulary import HiringRoute

VACANCY = UUID("00000000-0000-4000-8000-000000000001")
DAY_0 = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
HEADLINE = Measure.ADVERT_TO_CLEARED
ANN, BEN, CAT = (uuid5(VACANCY, name) for name in ("ann", "ben", "cat"))


def on(day: float) -> datetime:
    return DAY_0 + timedelta(days=day)


def entry(event: str, day: float, **facts: Any) -> LogEntry:
    """An event so many days after the vacancy was submitted, recorded as it happened unless said otherwise."""
    usual: dict[str, Any] = {"vacancy_id": VACANCY, "occurred_at": on(day), "recorded_at": on(day)}
    return LogEntry(event=HiringEvent(event), **(usual | facts))


def hired(candidate: UUID, offered: float, accepted: float, cleared: float, **facts: Any) -> list[LogEntry]:
    return [
        entry("offer_made", offered, application_id=candidate),
        entry("offer_accepted", accepted, application_id=candidate, **facts),
        entry("cleared", cleared, application_id=candidate),
    ]


def without(event: HiringEvent, log: list[LogEntry]) -> list[LogEntry]:
    return [one for one in log if one.event is not event]


ADVERTISED = [
    entry("submitted", 0, openings=1),
    entry("approved", 4),
    entry("released", 6),
    entry("advert_live", 10),
    entry("advert_closed", 24),
]
FILLED = [*ADVERTISED, *hired(ANN, 40, 43, 70), entry("started", 100, application_id=ANN)]


def opening(log: list[LogEntry], as_at: float = 365) -> Opening:
    (only,) = openings_at(log, on(as_at))
    return only


def headline(log: list[LogEntry], as_at: float = 365) -> tuple[int, Outcome] | None:
    found = clock(opening(log, as_at), HEADLINE)
    return (found.gross_days, found.outcome) if found else None


def headlines(log: list[LogEntry], as_at: float = 365) -> list[tuple[int, Outcome]]:
    found = [clock(one, HEADLINE) for one in openings_at(log, on(as_at))]
    return [(each.gross_days, each.outcome) for each in found if each]


@pytest.mark.parametrize(
    ("measure", "days"),
    [
        (Measure.ADVERT_TO_CLEARED, 60),
        (Measure.ADVERT_TO_ACCEPT, 33),
        (Measure.ADVERT_TO_START, 90),
        (Measure.APPROVED_TO_CLEARED, 66),
        (Measure.APPROVED_TO_ACCEPT, 39),
        (Measure.CLOSE_TO_OFFER, 16),
        (Measure.APPROVAL_LAG, 4),
        (Measure.NOTICE_LAG, 30),
    ],
)
def test_a_measure_is_the_days_between_its_two_events(measure: Measure, days: int) -> None:
    found = clock(opening(FILLED), measure)
    assert found is not None
    assert (found.gross_days, found.outcome) == (days, Outcome.FILLED)


def test_an_opening_that_is_not_filled_is_open_at_its_age() -> None:
    assert headline(ADVERTISED, as_at=50) == (40, Outcome.OPEN)


def test_the_same_day_is_zero_days() -> None:
    assert headline([entry("advert_live", 0), *hired(ANN, 0, 0, 0)]) == (0, Outcome.FILLED)


def test_days_are_those_of_london() -> None:
    late = datetime(2026, 3, 29, 23, 30, tzinfo=UTC)
    log = [
        LogEntry(vacancy_id=VACANCY, event=HiringEvent.ADVERT_LIVE, occurred_at=late, recorded_at=late),
        *hired(ANN, 85, 86, 90),
    ]
    found = clock(opening(log), HEADLINE)
    assert found is not None
    assert (found.started_on, found.ended_on) == (date(2026, 3, 30), date(2026, 4, 5))


def test_a_new_advert_never_resets_the_headline_and_is_counted_beside_it() -> None:
    again = [*FILLED, entry("advert_live", 30)]
    assert headline(again) == headline(FILLED) == (60, Outcome.FILLED)
    assert len(opening(again).adverts) == 2
    assert (campaign_days(opening(FILLED)), campaign_days(opening(again))) == (60, 40)


def test_a_new_advert_after_the_hire_is_about_the_other_openings() -> None:
    again = [*FILLED, entry("advert_live", 80)]
    assert len(opening(again).adverts) == 1
    assert campaign_days(opening(again)) == 60


def test_the_days_of_a_campaign_end_with_what_they_are_asked_for_and_begin_with_an_advert() -> None:
    again = opening([*ADVERTISED, entry("advert_live", 45), *hired(ANN, 40, 50, 70)])
    assert [campaign_days(again, end) for end in (HiringEvent.OFFER_MADE, HiringEvent.OFFER_ACCEPTED)] == [30, 5]
    assert campaign_days(opening([entry("advert_live", 70), *hired(ANN, 70, 70, 70)])) == 0
    assert campaign_days(opening(ADVERTISED[:2])) is None


def test_openings_come_by_vacancy_and_number() -> None:
    first, second = UUID(int=1), UUID(int=2)
    log = [entry("advert_live", 5, vacancy_id=second), entry("advert_live", 10, vacancy_id=first, openings=2)]
    found = [(one.vacancy_id, one.opening_no) for one in openings_at(log, on(20))]
    assert found == [(first, 1), (first, 2), (second, 1)]


def test_hires_take_the_openings_in_order_of_acceptance() -> None:
    log = [
        entry("submitted", 0, openings=3),
        entry("advert_live", 10),
        *hired(BEN, 40, 50, 55),
        *hired(ANN, 41, 45, 90),
    ]
    assert headlines(log, as_at=110) == [(80, Outcome.FILLED), (45, Outcome.FILLED), (100, Outcome.OPEN)]


def test_a_hire_that_names_its_opening_takes_that_one() -> None:
    log = [
        entry("submitted", 0, openings=2),
        entry("advert_live", 10),
        *hired(BEN, 40, 50, 55),
        *hired(ANN, 41, 45, 90, opening_no=2),
    ]
    assert headlines(log) == [(45, Outcome.FILLED), (80, Outcome.FILLED)]


def test_milestones_without_candidates_are_told_apart_by_their_opening() -> None:
    log = [
        entry("advert_live", 10, openings=2),
        *(
            entry(event, day, opening_no=number)
            for number, days in ((1, (40, 43, 70)), (2, (41, 44, 60)))
            for event, day in zip(("offer_made", "offer_accepted", "cleared"), days, strict=True)
        ),
    ]
    assert headlines(log) == [(60, Outcome.FILLED), (50, Outcome.FILLED)]


@pytest.mark.parametrize("voided_by", ["offer_withdrawn", "offer_declined"])
def test_an_acceptance_that_is_voided_opens_the_opening_again_and_the_clock_never_stopped(voided_by: str) -> None:
    voided = [*FILLED[:-1], entry(voided_by, 75, application_id=ANN)]
    assert headline(voided, as_at=100) == (90, Outcome.OPEN)
    filled_again = [*voided, *hired(BEN, 110, 115, 130)]
    assert headline(filled_again) == (120, Outcome.FILLED)


def test_somebody_who_never_arrives_leaves_the_opening_open() -> None:
    no_show = [*FILLED, entry("offer_withdrawn", 100.3, application_id=ANN)]
    assert headline(no_show, as_at=120) == (110, Outcome.OPEN)


def test_the_acceptance_that_stood_counts_and_not_the_first() -> None:
    log = [
        *ADVERTISED,
        *hired(ANN, 40, 43, 50),
        entry("offer_withdrawn", 51, application_id=ANN),
        *hired(ANN, 60, 62, 80),
    ]
    found = clock(opening(log), Measure.ADVERT_TO_ACCEPT)
    assert found is not None
    assert found.gross_days == 52


def test_a_declined_offer_of_one_candidate_leaves_the_hire_of_another() -> None:
    log = [*FILLED, entry("offer_made", 38, application_id=BEN), entry("offer_declined", 44, application_id=BEN)]
    assert headline(log) == (60, Outcome.FILLED)


def test_holds_count_in_the_gross_days_and_not_in_the_net() -> None:
    log = [*FILLED, entry("hold_started", 20), entry("hold_ended", 30)]
    found = clock(opening(log), HEADLINE)
    assert found is not None
    assert (found.gross_days, found.net_days) == (60, 50)


def test_holds_that_overlap_are_taken_off_once() -> None:
    log = [
        *FILLED,
        entry("hold_started", 20),
        entry("hold_started", 25),
        entry("hold_ended", 30),
        entry("hold_ended", 35),
        entry("hold_started", 28, opening_no=1),
        entry("hold_ended", 40, opening_no=1),
        entry("hold_started", 40),
        entry("hold_ended", 41),
    ]
    found = clock(opening(log), HEADLINE)
    assert found is not None
    assert (found.gross_days, found.net_days) == (60, 60 - 21)
    assert opening(log).holds == ((on(20).date(), on(41).date()),)


def test_a_hold_counts_only_inside_the_measure_and_runs_on_while_nobody_ends_it() -> None:
    before_the_advert = [*ADVERTISED, entry("hold_started", 5), entry("hold_ended", 12), entry("hold_started", 40)]
    found = clock(opening(before_the_advert, as_at=50), HEADLINE)
    assert found is not None
    assert (found.gross_days, found.net_days) == (40, 40 - 2 - 10)
    over_before_it = [*ADVERTISED, entry("hold_started", 5), entry("hold_ended", 8)]
    found = clock(opening(over_before_it, as_at=50), HEADLINE)
    assert found is not None
    assert (found.gross_days, found.net_days) == (40, 40)


def test_a_cancelled_vacancy_ends_as_cancelled_and_is_neither_dropped_nor_open() -> None:
    assert headline([*ADVERTISED, entry("cancelled", 34)]) == (24, Outcome.CANCELLED)


def test_a_step_of_the_day_of_the_cancellation_is_in_order() -> None:
    assert headline([*ADVERTISED, *hired(ANN, 40, 43, 70)[:1], entry("cancelled", 39.9)]) == (30, Outcome.CANCELLED)


def test_a_vacancy_that_is_cancelled_twice_ended_the_first_time() -> None:
    assert headline([*ADVERTISED, entry("cancelled", 34), entry("cancelled", 40)]) == (24, Outcome.CANCELLED)


def test_a_cancelled_vacancy_leaves_the_opening_alone_that_has_its_hire() -> None:
    log = [
        entry("advert_live", 10, openings=2),
        *hired(ANN, 40, 43, 70),
        entry("cancelled", 60),
    ]
    assert headlines(log) == [(60, Outcome.FILLED), (50, Outcome.CANCELLED)]


def test_a_cancelled_vacancy_leaves_the_opening_alone_that_was_taken_on_the_same_day() -> None:
    log = [entry("advert_live", 10, openings=2), entry("cancelled", 42.9), *hired(ANN, 40, 43, 70)]
    assert headlines(log) == [(60, Outcome.FILLED), (33, Outcome.CANCELLED)]


def test_an_opening_cancelled_by_itself_is_passed_over_by_later_hires_and_not_brought_back_by_an_advert() -> None:
    log = [
        entry("advert_live", 10, openings=2),
        entry("cancelled", 20, opening_no=1),
        entry("advert_live", 30),
        *hired(ANN, 40, 43, 70),
    ]
    assert headlines(log) == [(10, Outcome.CANCELLED), (60, Outcome.FILLED)]


def test_an_opening_that_ended_by_itself_goes_on_with_an_advert_of_its_own_or_from_its_failure_with_any() -> None:
    cancelled = [*ADVERTISED, entry("cancelled", 20, opening_no=1)]
    assert headline([*cancelled, entry("advert_live", 30, opening_no=1)], as_at=100) == (90, Outcome.OPEN)
    failed = [*ADVERTISED, entry("failed", 40, opening_no=1)]
    assert headline([*failed, entry("advert_live", 60)], as_at=100) == (90, Outcome.OPEN)


def test_an_opening_cancelled_between_acceptance_and_clearance_ends_as_cancelled() -> None:
    log = [*ADVERTISED, *hired(ANN, 40, 43, 70)[:2], entry("cancelled", 50, opening_no=1)]
    assert headline(log) == (40, Outcome.CANCELLED)


def test_a_cancellation_after_the_clearance_does_not_undo_the_hire() -> None:
    log = [*ADVERTISED, *hired(ANN, 40, 43, 70), entry("cancelled", 80, opening_no=1)]
    assert headline(log) == (60, Outcome.FILLED)


def test_a_cancelled_vacancy_that_is_advertised_again_goes_on_from_its_first_advert() -> None:
    log = [*ADVERTISED, entry("cancelled", 34), entry("advert_live", 50), *hired(ANN, 80, 82, 90)]
    assert headline(log) == (80, Outcome.FILLED)


def test_an_opening_has_failed_once_28_days_pass_without_another_advert() -> None:
    log = [*ADVERTISED, entry("failed", 40)]
    assert headline(log, as_at=67) == (57, Outcome.OPEN)
    assert headline(log, as_at=68) == (30, Outcome.FAILED)
    assert headline([*log, entry("advert_live", 60)], as_at=100) == (90, Outcome.OPEN)


def test_an_opening_that_is_said_to_have_failed_twice_failed_the_first_time() -> None:
    assert headline([*ADVERTISED, entry("failed", 40), entry("failed", 50)], as_at=68) == (30, Outcome.FAILED)


def test_an_opening_that_failed_and_is_cancelled_within_28_days_was_cancelled() -> None:
    log = [*ADVERTISED, entry("failed", 40)]
    assert headline([*log, entry("cancelled", 50)]) == (40, Outcome.CANCELLED)
    assert headline([*log, entry("cancelled", 80)]) == (30, Outcome.FAILED)


def test_an_opening_filled_from_clearing_has_no_headline_and_its_own_route() -> None:
    log = [*ADVERTISED[:2], entry("filled_from_clearing", 9, opening_no=1)]
    filled = opening(log)
    assert clock(filled, HEADLINE) is None
    assert not is_excluded(filled, HEADLINE)
    assert filled.route is HiringRoute.REDEPLOYMENT
    from_approval = clock(filled, Measure.APPROVED_TO_CLEARED)
    assert from_approval is not None
    assert (from_approval.gross_days, from_approval.outcome) == (5, Outcome.FILLED)


def test_an_advert_for_the_second_opening_says_nothing_about_the_one_filled_from_clearing() -> None:
    log = [
        entry("approved", 4, openings=2),
        entry("filled_from_clearing", 9, opening_no=1),
        entry("released", 10),
        entry("advert_live", 11),
        *hired(ANN, 40, 43, 71),
    ]
    from_clearing, advertised = openings_at(log, on(365))
    assert from_clearing.faults == frozenset()
    assert clock(from_clearing, HEADLINE) is None
    found = clock(advertised, HEADLINE)
    assert found is not None
    assert found.gross_days == 60


def test_a_closing_reported_late_is_no_fault_of_the_opening_that_was_filled_from_clearing_before() -> None:
    log = [entry("approved", 4, openings=2), entry("filled_from_clearing", 9, opening_no=1), entry("advert_live", 11)]
    log += [entry("advert_closed", 25, recorded_at=on(30))]
    assert [one.faults for one in openings_at(log, on(365))] == [frozenset(), {Fault.BACKDATED}]


def test_a_post_that_was_slotted_in_counts_from_approval_only() -> None:
    log = [*ADVERTISED[:2], *hired(ANN, 8, 9, 12, route=HiringRoute.SLOT_IN)]
    assert clock(opening(log), HEADLINE) is None
    from_approval = clock(opening(log), Measure.APPROVED_TO_ACCEPT)
    assert from_approval is not None
    assert from_approval.gross_days == 5


def test_the_headline_takes_external_hires_and_counts_the_others() -> None:
    internal = [*ADVERTISED, *hired(ANN, 20, 21, 22, route=HiringRoute.INTERNAL)]
    slotted_in = [*ADVERTISED[:2], *hired(ANN, 8, 9, 12)]
    logs = [FILLED, internal, slotted_in, ADVERTISED[:2]]
    openings = [opening(log) for log in logs]
    found = sample(openings, HEADLINE)
    assert found.observations == (Observation(60, Outcome.FILLED),)
    assert (found.other_routes, found.not_begun, found.excluded) == (1, 2, 0)
    every_route = sample(openings, HEADLINE, routes=None)
    assert [seen.days for seen in every_route.observations] == [60, 12]
    assert opening(internal).route is HiringRoute.INTERNAL
    from_approval = sample(openings, Measure.APPROVED_TO_CLEARED)
    assert [(seen.days, seen.outcome) for seen in from_approval.observations] == [
        (66, Outcome.FILLED),
        (361, Outcome.OPEN),
    ]


def test_an_opening_that_is_advertised_inside_and_not_taken_is_of_another_route() -> None:
    inside = opening([*ADVERTISED[:3], entry("advert_live", 10, route=HiringRoute.INTERNAL)])
    found = sample([inside], HEADLINE)
    assert (found.observations, found.other_routes) == ((), 1)
    assert sample([inside], HEADLINE, routes=frozenset({HiringRoute.INTERNAL})).other_routes == 0


@pytest.mark.parametrize(
    "wrong",
    [
        [*ADVERTISED, *hired(ANN, 5, 6, 9)],
        [entry("approved", 4), entry("advert_live", 10), *hired(ANN, 5, 6, 9)],
        [*ADVERTISED, *hired(ANN, 45, 43, 70)],
        [*ADVERTISED, *hired(ANN, 40, 43, 42)],
        [*FILLED[:-1], entry("started", 60, application_id=ANN)],
        [*without(HiringEvent.APPROVED, FILLED), entry("approved", 20)],
        [*without(HiringEvent.SUBMITTED, ADVERTISED), entry("submitted", 8)],
        [*without(HiringEvent.RELEASED, ADVERTISED), entry("released", 2)],
        [entry("advert_closed", 5), entry("advert_live", 10)],
        [*ADVERTISED, entry("cancelled", 30), *hired(ANN, 40, 43, 70)],
        [*ADVERTISED, entry("hold_ended", 20)],
    ],
)
def test_dates_out_of_order_go_to_the_data_quality_list_and_are_never_clamped(wrong: list[LogEntry]) -> None:
    found = opening(wrong)
    assert Fault.OUT_OF_ORDER in found.faults
    assert clock(found, HEADLINE) is None
    assert (sample([found], HEADLINE).observations, sample([found], HEADLINE).excluded) == ((), 1)


def test_order_is_that_of_days_since_a_council_may_send_only_dates() -> None:
    log = [entry("advert_live", 10), entry("offer_made", 40.2, application_id=ANN), *hired(ANN, 40.2, 40.0, 50)[1:]]
    assert headline(log) == (40, Outcome.FILLED)


def test_a_stage_that_was_skipped_keeps_the_opening_out_of_the_measure_that_needs_it() -> None:
    not_cleared = opening([*FILLED[:-2], FILLED[-1]])
    assert not_cleared.faults == {Fault.STAGE_SKIPPED}
    assert is_excluded(not_cleared, HEADLINE)
    assert clock(not_cleared, HEADLINE) is None
    to_accept = clock(not_cleared, Measure.ADVERT_TO_ACCEPT)
    assert to_accept is not None
    assert to_accept.gross_days == 33


def test_more_hires_than_openings_are_not_guessed_at() -> None:
    log = [entry("advert_live", 10, openings=1), *hired(ANN, 40, 43, 70), *hired(BEN, 41, 44, 71)]
    assert opening(log).faults == {Fault.MORE_HIRES_THAN_OPENINGS}
    assert headline(log) is None
    named = [entry("advert_live", 10, openings=2), *hired(ANN, 40, 43, 70, opening_no=1)]
    named += hired(BEN, 41, 44, 71, opening_no=1)
    first, second = openings_at(named, on(50))
    assert (first.faults, second.faults) == ({Fault.MORE_HIRES_THAN_OPENINGS}, frozenset())


def test_a_hire_of_nobody_knows_which_opening_is_not_guessed_at() -> None:
    log = [entry("advert_live", 10, openings=2), entry("offer_accepted", 40)]
    assert [one.faults for one in openings_at(log, on(50))] == [{Fault.OPENING_UNKNOWN}] * 2
    assert headlines(log, as_at=50) == []
    of_one_opening = [entry("advert_live", 10, openings=1), entry("offer_accepted", 40), entry("cleared", 50)]
    assert headline(of_one_opening) == (40, Outcome.FILLED)


def test_an_event_recorded_more_than_two_days_late_is_listed_and_still_counts() -> None:
    late = [*FILLED[:-2], entry("cleared", 70, application_id=ANN, recorded_at=on(72.1))]
    assert opening(late).faults == {Fault.BACKDATED}
    assert headline(late) == (60, Outcome.FILLED)
    in_time = [*FILLED[:-2], entry("cleared", 70, application_id=ANN, recorded_at=on(72))]
    assert opening(in_time).faults == frozenset()


def test_a_closing_date_is_that_of_the_campaign_that_led_to_the_offer() -> None:
    log = [*ADVERTISED, entry("advert_live", 30), entry("advert_closed", 35), *hired(ANN, 40, 43, 70)]
    log += [entry("advert_closed", 41), entry("advert_closed", 60)]
    found = clock(opening(log), Measure.CLOSE_TO_OFFER)
    assert found is not None
    assert found.gross_days == 5


def test_a_closing_after_the_cancellation_begins_no_measure() -> None:
    log = [*ADVERTISED[:4], entry("cancelled", 20), entry("advert_closed", 21)]
    assert clock(opening(log), Measure.CLOSE_TO_OFFER) is None


def test_a_planned_first_day_has_not_happened_yet() -> None:
    planned = [*FILLED[:-1], entry("started", 100, application_id=ANN, recorded_at=on(70))]
    assert clock(opening(planned, as_at=99), Measure.NOTICE_LAG) == Clock(
        on(70).date(), on(99).date(), Outcome.OPEN, days_on_hold=0
    )


@pytest.mark.parametrize(
    ("start", "end", "calendar_days", "working_days"),
    [
        (date(2026, 4, 2), date(2026, 4, 7), 5, 1),
        (date(2026, 12, 23), date(2027, 1, 4), 12, 5),
        (date(2026, 5, 1), date(2026, 5, 4), 3, 0),
        (date(2026, 5, 2), date(2026, 5, 5), 3, 1),
    ],
)
def test_working_days_stand_beside_calendar_days(start: date, end: date, calendar_days: int, working_days: int) -> None:
    found = Clock(start, end, Outcome.FILLED, days_on_hold=0)
    assert (found.gross_days, found.working_days) == (calendar_days, working_days)


def test_working_days_past_the_known_bank_holidays_are_refused_and_calendar_days_are_not() -> None:
    found = Clock(date(2026, 1, 5), date(2099, 1, 5), Outcome.OPEN, days_on_hold=0)
    assert found.gross_days > 26_000
    with pytest.raises(CalendarHorizonPassed):
        _ = found.working_days


def test_the_median_over_openings_keeps_the_open_ones_in() -> None:
    logs = [
        [
            entry("advert_live", 0, vacancy_id=UUID(int=number)),
            *(hired_in(UUID(int=number), days) if not is_open else []),
        ]
        for number, (days, is_open) in enumerate(
            [(40, False), (55, False), (55, True), (70, False), (80, True), (90, False), (90, False)], start=1
        )
    ]
    found = sample([one for log in logs for one in openings_at(log, on(100))], HEADLINE)
    summary = summarise(found.observations)
    assert (summary.openings, summary.filled, summary.still_open) == (7, 5, 2)
    assert summary.median == Fraction(90)


def hired_in(vacancy_id: UUID, days: int) -> list[LogEntry]:
    return [
        entry(event, days, vacancy_id=vacancy_id, opening_no=1) for event in ("offer_made", "offer_accepted", "cleared")
    ]


some_day = st.integers(min_value=11, max_value=200)


@given(st.lists(some_day, max_size=5), some_day)
def test_check_5_a_new_advert_never_shortens_the_gross_headline(adverts: list[int], as_at: int) -> None:
    again = [*FILLED, *(entry("advert_live", day) for day in adverts)]
    assert headline(again, as_at) == headline(FILLED, as_at)


@given(st.lists(st.tuples(some_day, some_day), max_size=5), some_day)
def test_check_5_a_pause_never_changes_the_gross_headline(holds: list[tuple[int, int]], as_at: int) -> None:
    paused = [*FILLED]
    for one, other in holds:
        paused += [entry("hold_started", min(one, other)), entry("hold_ended", max(one, other))]
    found = clock(opening(paused, as_at), HEADLINE)
    assert found is not None
    assert (found.gross_days, found.outcome) == headline(FILLED, as_at)
    assert 0 <= found.net_days <= found.gross_days


@given(st.integers(min_value=71, max_value=99), some_day)
def test_check_5_a_withdrawn_offer_never_shortens_the_gross_headline(withdrawn: int, as_at: int) -> None:
    before = headline(FILLED[:-1], as_at)
    after = headline([*FILLED[:-1], entry("offer_withdrawn", withdrawn, application_id=ANN)], as_at)
    assert before is not None
    assert after is not None
    assert after[0] >= before[0]


@st.composite
def any_log(draw: st.DrawFn) -> list[LogEntry]:
    """Entries of any kind, in any order, some recorded late."""
    kinds = st.sampled_from(HiringEvent)
    size = draw(st.integers(min_value=1, max_value=25))
    log = []
    for _ in range(size):
        day = draw(st.integers(min_value=0, max_value=150))
        late = draw(st.sampled_from([0, 0, 0, 1, 5]))
        log.append(
            entry(
                draw(kinds).value, day, recorded_at=on(day + late),
                application_id=draw(st.sampled_from([None, ANN, BEN, CAT])),
                opening_no=draw(st.sampled_from([None, None, 1, 2])),
            )
        )  # fmt: skip
    return log


@given(any_log(), st.integers(min_value=0, max_value=160))
def test_check_6_replaying_a_past_day_gives_that_days_figures(log: list[LogEntry], day: int) -> None:
    known_that_day = [one for one in log if one.recorded_at <= on(day)]
    assert openings_at(log, on(day)) == openings_at(known_that_day, on(day))


@given(any_log(), st.integers(min_value=0, max_value=160))
def test_no_log_whatever_gives_a_negative_duration(log: list[LogEntry], day: int) -> None:
    openings = openings_at(log, on(day))
    for measure in Measure:
        for found in (clock(one, measure) for one in openings):
            assert found is None or 0 <= found.net_days <= found.gross_days
        counted = sample(openings, measure, routes=None)
        assert len(counted.observations) + counted.excluded + counted.not_begun == len(openings)


@given(st.permutations(FILLED), st.integers(min_value=0, max_value=160))
def test_the_order_in_which_the_log_is_read_makes_no_difference(log: list[LogEntry], day: int) -> None:
    assert openings_at(log, on(day)) == openings_at(FILLED, on(day))
