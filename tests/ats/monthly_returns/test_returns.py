"""The monthly return: campaigns told by a file, again and again without harm, wrong ones reported and left out."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest
from sqlalchemy import func, select

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.monthly_returns.columns import NAMES
from services.ats.monthly_returns.models import MonthlyReturn, ReturnedCampaign
from services.ats.time_to_hire.queries import read_log
from services.ats.vacancies.models import Vacancy
from shared.calendar import local_date
from shared.vocabulary import Scope
from tests.ats.monthly_returns.rows import found, row, send, sheet, statuses, still_open
from tests.factories.ats import Ats

EXTERNAL = {"management": "external", "apply": {"method": "url", "url": "https://x.example/1"}}
View = list[tuple[str, str, int | None, str | None]]


async def view(council: Ats, **at: Any) -> View:
    """What the clock reads: event, day, opening and route."""
    instant = at.get("as_at", council.now)
    async with council.region() as session:
        log = await read_log(session, as_at=instant, is_replay="as_at" in at)
    return sorted((e.event.value, local_date(e.occurred_at).isoformat(), e.opening_no, e.route) for e in log)


async def entries(council: Ats) -> Sequence[HiringLogEntry]:
    async with council.region() as session:
        return (await session.scalars(select(HiringLogEntry).order_by(HiringLogEntry.id))).all()


async def headline(council: Ats, **query: str) -> dict[str, Any]:
    answer = await council.client.get(
        "/v1/reports/time-to-hire", params=query, headers=council.headers(Scope.REPORTS_READ)
    )
    return answer.json()["measures"][0]


async def test_a_past_campaign_enters_the_clock_and_never_becomes_an_advert(council: Ats) -> None:
    report = await send(council, sheet(row()))
    assert (statuses(report), report["results"][0]["quality"]) == (["recorded"], "A")
    assert await view(council) == [
        ("advert_closed", "2026-02-23", None, None),
        ("advert_live", "2026-02-09", None, "external"),
        ("approved", "2026-02-02", None, None),
        ("cleared", "2026-04-14", 1, "external"),
        ("interviewed", "2026-03-10", None, None),
        ("offer_accepted", "2026-03-13", 1, "external"),
        ("offer_made", "2026-03-12", 1, None),
        ("shortlisted", "2026-02-27", None, None),
        ("started", "2026-05-05", 1, "external"),
    ]
    assert {each.source.value for each in await entries(council)} == {"monthly_return"}
    assert (await headline(council))["filled"] == 1
    async with council.region() as session:
        assert await session.scalar(select(func.count()).select_from(Vacancy)) == 0
    jobs = await council.client.get("/v1/jobs")
    assert jobs.json()["items"] == []


async def test_the_same_file_again_changes_nothing(council: Ats) -> None:
    content = sheet(row(), still_open(external_reference="REQ-2"))
    await send(council, content)
    before = len(await entries(council))
    for month in ("2026-10", "2026-10", "2026-11"):
        assert statuses(await send(council, content, month=month)) == ["unchanged", "unchanged"]
    assert len(await entries(council)) == before


async def test_a_changed_day_is_a_new_entry_and_the_old_one_is_kept(council: Ats) -> None:
    await send(council, sheet(row()), month="2026-09")
    first = await entries(council)
    assert statuses(await send(council, sheet(row(cleared_on="2026-04-20")))) == ["corrected"]
    added = (await entries(council))[len(first) :]
    assert [(each.event, each.reason, each.takes_back) for each in added] == [
        ("cleared", "monthly return of 2026-10", False)
    ]
    corrected = next(each for each in first if each.id == added[0].corrects_id)
    assert local_date(corrected.occurred_at) == date(2026, 4, 14)
    assert ("cleared", "2026-04-20", 1, "external") in await view(council)
    assert ("cleared", "2026-04-14", 1, "external") not in await view(council)


async def test_a_replay_of_the_day_before_a_correction_shows_what_was_known_then(council: Ats) -> None:
    await send(council, sheet(row()))
    known_by = max(each.recorded_at for each in await entries(council))
    await send(council, sheet(row(cleared_on="2026-04-20")))
    assert ("cleared", "2026-04-14", 1, "external") in await view(council, as_at=known_by)


async def test_a_day_that_a_later_return_leaves_out_is_taken_back(council: Ats) -> None:
    """The offer came to nothing after all: the opening is open again and its clock never stopped."""
    await send(council, sheet(row(started_on="")), month="2026-09")
    changed = row(offered_on="", accepted_on="", cleared_on="", started_on="", outcome="open")
    assert statuses(await send(council, sheet(changed))) == ["corrected"]
    assert {event for event, *_ in await view(council)} == {
        *("approved", "advert_live", "advert_closed", "shortlisted", "interviewed")
    }
    measured = await headline(council)
    assert (measured["filled"], measured["open"]) == (0, 1)


async def test_an_earlier_months_return_that_comes_late_does_not_undo_a_later_one(council: Ats) -> None:
    await send(council, sheet(row(cleared_on="2026-04-20")), month="2026-10")
    assert statuses(await send(council, sheet(row()), month="2026-09")) == ["older"]
    assert ("cleared", "2026-04-20", 1, "external") in await view(council)


async def test_a_dry_run_says_the_same_and_stores_nothing(council: Ats) -> None:
    content = sheet(row(), row(external_reference="REQ-2", outcome="open"))
    tried = await send(council, content, dry_run=True)
    assert (tried["dry_run"], statuses(tried)) == (True, ["recorded", "refused"])
    assert await entries(council) == []
    async with council.region() as session:
        for table in (MonthlyReturn, ReturnedCampaign):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    taken = await send(council, content)
    assert tried["results"] == taken["results"]


WRONG = [
    ({"closed_on": "2026-03-11"}, [("shortlisted_on", "out_of_order")]),
    ({"interviewed_on": "2026-02-20"}, [("interviewed_on", "out_of_order")]),
    ({"started_on": "2026-11-17"}, [("started_on", "in_the_future")]),
    ({"approved_on": "1926-02-02"}, [("approved_on", "before_2000")]),
    ({"approved_on": "2026-02-30"}, [("approved_on", "not_a_date")]),
    ({"approved_on": "2/30/2026"}, [("approved_on", "not_a_date")]),
    ({"offered_on": ""}, [("offered_on", "step_missing")]),
    ({"advertised_on": ""}, [("advertised_on", "step_missing"), ("advertised_on", "step_missing")]),
    ({"outcome": "open"}, [("outcome", "outcome_contradicts_dates")]),
    ({"outcome": "failed"}, [("outcome", "outcome_contradicts_dates"), ("ended_on", "outcome_contradicts_dates")]),
    (
        {"accepted_on": "", "cleared_on": "", "started_on": ""},
        [("outcome", "outcome_contradicts_dates")],
    ),
    ({"ended_on": "2026-06-01"}, [("ended_on", "outcome_contradicts_dates")]),
    ({"outcome": "hired"}, [("outcome", "not_listed")]),
    ({"route": ""}, [("route", "required")]),
    ({"openings": "0"}, [("openings", "not_a_number")]),
    ({"opening_no": "2"}, [("opening_no", "opening_unknown")]),
    ({"employer": "WLV"}, [("employer", "other_employer")]),
    ({"external_reference": "amy.pond@people.example"}, [("external_reference", "personal_data")]),
    ({"source_system": "a\x00b"}, [("source_system", "not_text")]),
    ({"external_reference": "x" * 121}, [("external_reference", "too_long")]),
]


@pytest.mark.parametrize(("changes", "rules"), WRONG)
async def test_a_wrong_row_is_reported_by_column_and_rule_and_never_takes_its_neighbours(
    council: Ats, changes: dict[str, str], rules: list[tuple[str, str]]
) -> None:
    neighbour = row(external_reference="REQ-2")
    report = await send(council, sheet(row(**changes), neighbour))
    assert statuses(report) == ["refused", "recorded"]
    assert found(report) == [rules, []]
    assert all(each["what_to_do"] for each in report["results"][0]["findings"])
    assert "amy" not in str(report)
    assert len(await view(council)) == 9, "the neighbour's steps, and none of the wrong row's"


async def test_the_same_day_is_in_order(council: Ats) -> None:
    in_a_day = dict.fromkeys(
        ("closed_on", "shortlisted_on", "interviewed_on", "offered_on", "accepted_on"), "2026-03-02"
    )
    assert statuses(await send(council, sheet(row(**in_a_day)))) == ["recorded"]


async def test_days_are_read_as_a_british_spreadsheet_writes_them(council: Ats) -> None:
    await send(council, sheet(row(approved_on="2/2/2026", advertised_on="09/02/2026")))
    assert ("advert_live", "2026-02-09", None, "external") in await view(council)


async def test_several_openings_have_a_row_each_and_the_rest_stay_open(council: Ats) -> None:
    second = {"opening_no": "2", "accepted_on": "2026-03-20", "cleared_on": "2026-05-01", "started_on": ""}
    bare = dict.fromkeys(("approved_on", "advertised_on", "closed_on", "shortlisted_on", "interviewed_on"), "")
    report = await send(council, sheet(row(openings="3"), row(**second, **bare)))
    assert statuses(report) == ["recorded", "recorded"]
    measured = await headline(council)
    assert (measured["filled"], measured["open"], measured["excluded"]) == (2, 1, 0)


async def test_a_campaign_is_taken_whole_or_not_at_all(council: Ats) -> None:
    report = await send(
        council, sheet(row(openings="2"), row(opening_no="2", offered_on=""), row(external_reference="X"))
    )
    assert statuses(report) == ["refused", "refused", "recorded"]
    assert found(report)[0] == [("external_reference", "campaign_refused")]
    assert "Row 2" in report["results"][0]["findings"][0]["detail"]


async def test_rows_of_one_campaign_agree_on_what_is_the_campaigns(council: Ats) -> None:
    report = await send(council, sheet(row(openings="2"), row(opening_no="2", approved_on="2026-02-01")))
    assert ("approved_on", "rows_differ") in found(report)[1]
    twice = await send(council, sheet(row(), row()))
    assert ("opening_no", "opening_twice") in found(twice)[1]


@pytest.mark.parametrize(
    ("header", "code", "field"),
    [
        ((*NAMES, "Candidate Name"), "personal_column", "candidate name"),
        ((*NAMES, "appointee_email"), "personal_column", "appointee_email"),
        ((*NAMES, "NI-Number"), "personal_column", "ni-number"),
        ((*NAMES, "salary"), "column_unknown", "salary"),
        ((*NAMES, "route"), "column_unknown", "route"),
        (NAMES[1:], "column_missing", "employer"),
    ],
)
async def test_a_column_about_people_or_unknown_or_missing_is_refused_by_its_name(
    council: Ats, header: tuple[str, ...], code: str, field: str
) -> None:
    content = ",".join(header).encode() + b"\n"
    problem = await send(council, content, status=422)
    assert (problem["code"], problem["field"]) == (code, field)
    assert problem["next_step"]


async def test_other_refusals_of_a_whole_return(council: Ats) -> None:
    assert (await send(council, b"", status=422))["code"] == "file_empty"
    assert (await send(council, sheet(row()), month="2026-12", status=422))["code"] == "month_ahead"
    assert (await send(council, sheet(row()), month="2026-13", status=422))["field"] == "month"
    assert (await send(council, sheet(row()), status=404, employers=("WLV",)))["code"] == "employer_not_known"
    json = await council.client.post(
        "/v1/monthly-returns?employer=SAW&month=2026-10", json={}, headers=council.headers(Scope.MILESTONES_WRITE)
    )
    assert json.status_code == 415


async def test_broken_lines_are_their_own_matter(council: Ats) -> None:
    content = (
        sheet(row())
        + b'"\xff\xfe",b\n'
        + b",".join([b"x"] * 40)
        + b"\n"
        + sheet(row(external_reference="2")).split(b"\n", 1)[1]
    )
    report = await send(council, content)
    assert statuses(report) == ["recorded", "refused", "refused", "recorded"]


async def test_the_report_goes_back_to_the_vendor_as_a_sheet_without_formulas(council: Ats) -> None:
    written = await send(council, sheet(row(external_reference="=1+1", offered_on=""), row()), report="csv")
    lines = list(csv.DictReader(io.StringIO(written)))
    assert [(each["row"], each["status"], each["column"], each["rule"]) for each in lines] == [
        ("1", "refused", "offered_on", "step_missing"),
        ("2", "recorded", "", ""),
    ]
    assert lines[0]["external_reference"] == "'=1+1"
    assert lines[0]["what_to_do"] == "Fill in offered_on, or take accepted_on out."


async def test_the_template_is_a_return_that_is_taken(council: Ats) -> None:
    template = await council.client.get("/v1/reference/monthly-return-template")
    assert template.headers["content-type"].startswith("text/csv")
    assert statuses(await send(council, template.content)) == ["recorded"]
    columns = await council.client.get("/v1/reference/monthly-return-columns")
    assert [each["name"] for each in columns.json()] == list(NAMES)


async def test_a_return_is_read_by_its_own_employer_alone(council: Ats) -> None:
    made = await send(council, sheet(row()))
    url = f"/v1/monthly-returns/{made['id']}"
    mine = await council.client.get(url, headers=council.headers(Scope.VACANCIES_READ))
    assert mine.json()["results"] == made["results"]
    listed = await council.client.get("/v1/monthly-returns", headers=council.headers(Scope.VACANCIES_READ))
    assert [each["id"] for each in listed.json()["items"]] == [made["id"]]
    other = council.headers(Scope.VACANCIES_READ, employers=("WLV",))
    assert (await council.client.get(url, headers=other)).status_code == 404
    assert (await council.client.get("/v1/monthly-returns", headers=other)).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "quality"),
    [
        ({}, "A"),
        ({"source": "records"}, "B"),
        ({"source": "estimate"}, "C"),
        ({"shortlisted_on": ""}, "C"),
        ({"started_on": ""}, "A"),
        ({"route": "slot_in", "advertised_on": "", "closed_on": "", "shortlisted_on": "", "interviewed_on": ""}, "A"),
    ],
)
async def test_the_quality_says_who_kept_the_days_and_whether_one_is_missing(
    council: Ats, changes: dict[str, str], quality: str
) -> None:
    report = await send(council, sheet(row(**changes)))
    assert report["results"][0]["quality"] == quality


async def test_the_figures_are_those_that_the_rows_give_by_hand(council: Ats) -> None:
    """Closed campaigns of 20, 35, …, 155 days from first advert to cleared, one cancelled and one failed."""
    first = date(2026, 2, 9)
    days = list(range(20, 156, 15))
    rows = [
        row(
            external_reference=f"REQ-{number}",
            closed_on=(first + timedelta(days=5)).isoformat(),
            **dict.fromkeys(("shortlisted_on", "interviewed_on"), (first + timedelta(days=10)).isoformat()),
            **dict.fromkeys(("offered_on", "accepted_on"), (first + timedelta(days=15)).isoformat()),
            cleared_on=(first + timedelta(days=number)).isoformat(),
            started_on="",
        )
        for number in days
    ]
    await send(council, sheet(*rows))
    measured = await headline(council)
    assert (measured["filled"], measured["median_days"]) == (len(days), f"{median(days):.1f}")
    assert measured["share_filled_by_day_100"] == f"{sum(each <= 100 for each in days) / len(days):.4f}"
    ends = [("cancelled", "2026-03-11"), ("failed", "2026-03-21")]
    ended = [still_open(external_reference=end, outcome=end, ended_on=on) for end, on in ends]
    await send(council, sheet(*rows, *ended))
    measured = await headline(council)
    assert (measured["cancelled"], measured["failed"], measured["excluded"]) == (1, 1, 0)
    # Of twelve two left the risk set before day 100 without a hire: six of twelve were filled by then.
    assert measured["share_filled_by_day_100"] == "0.5000"
    assert (await headline(council, cohort="2026-Q1"))["openings"] == 12


# Campaigns that are vacancies here


async def vacancy_here(council: Ats, **changes: Any) -> dict[str, Any]:
    """Advertised on 16 November 2026 by the council's own system; it is the next March."""
    key = {"source_system": "talentlink", "external_reference": "REQ-1"}
    vacancy = await council.live(**key, **(EXTERNAL | changes))
    council.services.clock.advance(timedelta(days=120))
    return vacancy


HERE = {
    "approved_on": "",
    "advertised_on": "2026-11-16",
    "closed_on": "2026-12-01",
    "shortlisted_on": "2026-12-03",
    "interviewed_on": "2026-12-09",
    "offered_on": "2026-12-10",
    "accepted_on": "2026-12-11",
    "cleared_on": "2027-01-08",
    "started_on": "2027-02-01",
}


async def test_a_campaign_that_is_a_vacancy_here_is_told_as_by_milestones(council: Ats) -> None:
    vacancy = await vacancy_here(council)
    assert statuses(await send(council, sheet(row(**HERE)), month="2027-02")) == ["recorded"]
    shown = await council.read(vacancy)
    assert (shown["state"], shown["opening_list"][0]["starts_on"]) == ("filled", "2027-02-01")
    before = len(await entries(council))
    assert statuses(await send(council, sheet(row(**HERE)), month="2027-02")) == ["unchanged"]
    assert len(await entries(council)) == before
    later = row(**HERE | {"started_on": "2027-02-08"})
    assert statuses(await send(council, sheet(later), month="2027-02")) == ["corrected"]
    assert (await council.read(vacancy))["opening_list"][0]["starts_on"] == "2027-02-08"
    assert [each for each in await view(council) if each[0] == "started"] == [("started", "2027-02-08", 1, "external")]


async def test_what_milestones_told_already_is_not_told_twice(council: Ats) -> None:
    vacancy = await vacancy_here(council)
    told = [{"external_event_id": "tp-1", "kind": "accepted", "occurred_on": "2026-12-11"}]
    await council.move(vacancy, "milestones", {"milestones": told})
    await send(council, sheet(row(**HERE)), month="2027-02")
    assert [each for each in await view(council) if each[0] == "offer_accepted"] == [
        ("offer_accepted", "2026-12-11", 1, "external")
    ]


async def test_a_step_taken_here_is_not_corrected_by_a_return(council: Ats) -> None:
    await vacancy_here(council)
    report = await send(council, sheet(row(**HERE | {"advertised_on": "2026-11-17"})), month="2027-02")
    assert found(report) == [[("advertised_on", "kept_ours")]]
    assert [day for event, day, *_ in await view(council) if event == "advert_live"] == ["2026-11-16"]


@pytest.mark.parametrize(
    ("kind", "changes", "rule"),
    [
        ({"management": "hosted", "apply": {"method": "hosted"}}, {}, ("external_reference", "managed_here")),
        ({}, {"openings": "2"}, ("openings", "openings_differ")),
    ],
)
async def test_what_a_return_cannot_say_of_a_vacancy_here(
    council: Ats, kind: dict[str, Any], changes: dict[str, str], rule: tuple[str, str]
) -> None:
    await vacancy_here(council, **kind)
    report = await send(council, sheet(row(**HERE | changes)), month="2027-02")
    assert found(report) == [[rule]]


async def test_a_cancelled_campaign_is_ended_here_first(council: Ats) -> None:
    vacancy = await vacancy_here(council)
    ended = still_open(approved_on="", advertised_on="2026-11-16", outcome="cancelled", ended_on="2026-12-01")
    assert found(await send(council, sheet(ended), month="2027-02")) == [[("outcome", "end_it_here")]]
    assert (await council.move(vacancy, "cancel", {"reason": "Budget withdrawn"})).status_code == 200
    assert statuses(await send(council, sheet(ended), month="2027-02")) == ["unchanged"]


async def test_a_campaign_that_becomes_a_vacancy_here_is_counted_once(council: Ats) -> None:
    await send(council, sheet(still_open(advertised_on="2026-11-10", approved_on="2026-11-02")))
    assert (await headline(council))["open"] == 1
    await vacancy_here(council)
    assert statuses(await send(council, sheet(row(**HERE)), month="2027-02")) == ["recorded"]
    measured = await headline(council)
    assert (measured["open"], measured["filled"]) == (0, 1)


async def test_two_that_send_the_same_return_at_once_tell_each_step_once(live_council: Ats) -> None:
    content = sheet(*(row(external_reference=f"REQ-{number}") for number in range(20)))
    first, second = await asyncio.gather(send(live_council, content), send(live_council, content))
    assert {*statuses(first), *statuses(second)} == {"recorded", "unchanged"}
    assert len(await entries(live_council)) == 20 * 9


async def test_a_correction_is_corrected_once_more_and_each_entry_once(council: Ats) -> None:
    for month, day in (("2026-08", "2026-04-14"), ("2026-09", "2026-04-20"), ("2026-10", "2026-04-14")):
        await send(council, sheet(row(cleared_on=day)), month=month)
    chain = [each for each in await entries(council) if each.event == "cleared"]
    assert [each.corrects_id for each in chain] == [None, chain[0].id, chain[1].id]
    assert [each for each in await view(council) if each[0] == "cleared"] == [("cleared", "2026-04-14", 1, "external")]


async def test_openings_of_different_routes_are_each_counted_where_they_belong(council: Ats) -> None:
    """The headline takes open competition alone; who came from within is another route of the same campaign."""
    within = row(opening_no="2", route="internal")
    unfilled = still_open(opening_no="3", route="internal", **dict.fromkeys(("approved_on", "advertised_on"), ""))
    await send(council, sheet(row(openings="3"), within, unfilled))
    answer = await headline(council)
    assert (answer["filled"], answer["open"], answer["other_routes"], answer["excluded"]) == (1, 0, 2, 0)
