"""The append-only log and the report that is made of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.ats.vacancies import clearance
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats, window_opened

EXTERNAL = {"management": "external", "apply": {"method": "url", "url": "https://x.example/1"}}


@pytest.mark.parametrize("table", ["hiring_log", "audit_entries"])
@pytest.mark.parametrize(
    "statement", ["UPDATE ats.{} SET employer_id = employer_id", "DELETE FROM ats.{}", "TRUNCATE ats.{}"]
)
async def test_nobody_rewrites_the_record(council: Ats, table: str, statement: str) -> None:
    await council.in_clearing()
    with pytest.raises(DBAPIError, match=r"permission denied|append-only"):
        async with council.region() as session, session.begin_nested():
            await session.execute(text(statement.format(table)))


async def test_even_the_owner_of_the_tables_is_refused_by_a_trigger(council: Ats) -> None:
    async with council.region() as session:
        guarded = await session.scalars(
            text("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
        )
        assert {"ats.audit_entries", "ats.hiring_log"} <= set(guarded)


async def test_a_timeline_shows_a_vacancys_steps_to_its_own_employer(council: Ats) -> None:
    vacancy = await council.live()
    url = f"/v1/vacancies/{vacancy['id']}/timeline"
    shown = await council.client.get(url, headers=council.headers(Scope.VACANCIES_READ))
    assert [each["event"] for each in shown.json()] == ["approved", "clearing_entered", "released", "advert_live"]
    other = await council.client.get(url, headers=council.headers(Scope.VACANCIES_READ, employers=("DUD",)))
    assert other.status_code == 404


async def report(council: Ats, employers: Any = ("SAW",), **query: str) -> dict[str, Any]:
    answer = await council.client.get(
        "/v1/reports/time-to-hire", params=query, headers=council.headers(Scope.REPORTS_READ, employers=employers)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def filled_after(council: Ats, days: int | None, employer: str = "SAW") -> None:
    """An external vacancy advertised today and cleared so many days later, or still open."""
    vacancy = await council.live(employer=employer, title=f"Post {days} {employer}", closes_at="2027-10-01", **EXTERNAL)
    if days is None:
        return
    started = council.now
    council.services.clock.advance(timedelta(days=days))
    cleared_at = council.now.isoformat()
    accepted_at = (council.now - timedelta(days=1)).isoformat()
    await council.move(
        vacancy,
        "milestones",
        {
            "milestones": [
                {"external_event_id": "a", "kind": "accepted", "occurred_at": accepted_at},
                {"external_event_id": "c", "kind": "cleared", "occurred_at": cleared_at},
            ]
        },
    )
    council.services.clock.instant = started


async def test_the_headline_keeps_open_vacancies_in(council: Ats) -> None:
    for days in (40, 60, 80, None, None):
        await filled_after(council, days)
    council.services.clock.advance(timedelta(days=100))
    found = await report(council)
    headline = found["measures"][0]
    assert (headline["measure"], headline["from_event"], headline["to_event"]) == (
        "advert_to_cleared",
        "advert_live",
        "cleared",
    )
    assert (headline["filled"], headline["open"], headline["excluded"]) == (3, 2, 0)
    # Of five, three are filled by day 80: half are reached at the third, not at the second as the filled alone say.
    assert (headline["median_days"], headline["share_filled_by_day_100"]) == ("80", "0.6000")
    assert found["measures"][1]["measure"] == "approved_to_cleared"


async def test_a_council_sees_its_own_figures_and_the_region_all(council: Ats) -> None:
    await filled_after(council, 40)
    await filled_after(council, 60, employer="DUD")
    council.services.clock.advance(timedelta(days=100))
    assert (await report(council))["measures"][0]["filled"] == 1
    assert (await report(council, employers="region"))["measures"][0]["filled"] == 2
    assert (await report(council, employers="region", employer="DUD"))["measures"][0]["filled"] == 1
    assert (await report(council, employer="DUD"))["measures"][0]["filled"] == 0


async def test_a_cohort_is_the_quarter_in_which_the_clock_began(council: Ats) -> None:
    await filled_after(council, 40)
    council.services.clock.advance(timedelta(days=100))
    assert (await report(council, cohort="2026-Q4"))["measures"][0]["filled"] == 1
    assert (await report(council, cohort="2027-Q1"))["measures"][0]["filled"] == 0


async def test_the_clock_from_the_latest_advert_stands_beside_the_headline_and_never_in_its_place(council: Ats) -> None:
    await filled_after(council, 40)
    vacancy = await council.live(title="Advertised twice", closes_at="2026-12-01T23:59:59Z", **EXTERNAL)
    council.services.clock.advance(timedelta(days=30))
    await council.move(vacancy, "close")
    again = (await council.move(vacancy, "readvertise", {"reason": "Nobody suitable"})).json()
    assert (await council.release(again))["adverts"] == 2
    council.services.clock.advance(timedelta(days=20))
    hired = [
        {"external_event_id": "a", "kind": "accepted", "occurred_at": (council.now - timedelta(days=1)).isoformat()},
        {"external_event_id": "c", "kind": "cleared", "occurred_at": council.now.isoformat()},
    ]
    await council.move(vacancy, "milestones", {"milestones": hired})
    council.services.clock.advance(timedelta(days=10))
    shown = await report(council)
    assert shown["latest_campaign"] == {"filled": 2, "advertised_again": 1, "median_days": "30"}
    assert shown["measures"][0]["filled"] == 2


async def test_contradictory_dates_are_left_out_and_counted(council: Ats) -> None:
    vacancy = await council.live(**EXTERNAL)
    council.services.clock.advance(timedelta(days=50))
    milestones = [
        {"external_event_id": "a", "kind": "accepted", "occurred_on": "2026-12-20"},
        {"external_event_id": "c", "kind": "cleared", "occurred_on": "2026-12-10"},
    ]
    await council.move(vacancy, "milestones", {"milestones": milestones})
    headline = (await report(council))["measures"][0]
    assert (headline["filled"], headline["excluded"]) == (0, 1)


async def test_r20_the_days_that_clearing_added_where_nobody_matched(council: Ats) -> None:
    # Approved on a Friday and released the next working morning: three calendar days, one working day.
    council.services.clock.advance(timedelta(days=4))
    vacancy = await council.in_clearing()
    async with council.region() as session:
        await clearance.note_window(session, window_opened(vacancy, at=council.now, matched=0), now=council.now)
    await council.release(vacancy, at=council.now + timedelta(days=3))
    council.services.clock.advance(timedelta(days=4))
    added = (await report(council))["days_added_to_unmatched_vacancies"]
    assert added == {"vacancies": 1, "median_calendar_days": "3", "median_working_days": "1"}


async def test_a_late_match_is_no_day_added_to_an_unmatched_vacancy(council: Ats) -> None:
    vacancy = await council.in_clearing()
    async with council.region() as session:
        await clearance.note_window(session, window_opened(vacancy, at=council.now, matched=0), now=council.now)
    council.services.clock.advance(timedelta(days=10))
    await council.release(vacancy, reason="all_outcomes_given")
    assert (await report(council))["days_added_to_unmatched_vacancies"]["vacancies"] == 0


async def test_the_page_shows_the_same_figures(council: Ats) -> None:
    for days in (40, 60, 80, None, None):
        await filled_after(council, days)
    council.services.clock.advance(timedelta(days=100))
    person = await council.staff(Role.RECRUITER)
    assert person.is_active
    page = await council.client.get(
        "/time-to-hire", headers=council.headers(Scope.REPORTS_READ) | {"Accept": "text/html"}
    )
    assert page.status_code == 200
    assert "Half of the openings are cleared to start within 80 days" in page.text
