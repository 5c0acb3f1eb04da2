"""What a council's own system reports: kept as told, once, and never clamped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.vacancies.models import VacancyAlert
from shared.calendar import local_date
from shared.vocabulary import Scope
from tests.factories.ats import Ats

EXTERNAL = {"management": "external", "apply": {"method": "url", "url": "https://x.example/1"}}


def milestone(number: int, kind: str, on: str, **more: Any) -> dict[str, Any]:
    return {"external_event_id": f"tp-{number}", "kind": kind, "occurred_on": on} | more


WHOLE = [
    milestone(1, "published", "2026-11-17"),
    milestone(2, "closed", "2026-12-01"),
    milestone(3, "shortlisted", "2026-12-03", count=5),
    milestone(4, "interviewed", "2026-12-09", count=4),
    milestone(5, "offered", "2026-12-10"),
    milestone(6, "accepted", "2026-12-11"),
    milestone(7, "cleared", "2027-01-08"),
    milestone(8, "started", "2027-02-01"),
]


async def report(council: Ats, vacancy: dict[str, Any], milestones: list[dict[str, Any]]) -> dict[str, Any]:
    answer = await council.move(vacancy, "milestones", {"milestones": milestones})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
async def external(council: Ats) -> dict[str, Any]:
    """Released today; now it is the next March."""
    vacancy = await council.live(**EXTERNAL)
    council.services.clock.advance(timedelta(days=120))
    return vacancy


async def test_the_whole_way_is_recorded_and_fills_the_vacancy(council: Ats, external: dict[str, Any]) -> None:
    done = await report(council, external, WHOLE)
    assert (done["recorded"], [each["questions"] for each in done["results"]]) == (8, [[]] * 8)
    shown = await council.read(external)
    assert (shown["state"], shown["opening_list"][0]["state"]) == ("filled", "filled")
    assert shown["opening_list"][0]["starts_on"] == "2027-02-01"
    assert shown["closed_at"] == "2026-12-01T12:00:00Z"


async def test_the_same_report_again_changes_nothing(council: Ats, external: dict[str, Any]) -> None:
    await report(council, external, WHOLE)
    before = await council.read(external)
    again = await report(council, external, WHOLE)
    assert (again["recorded"], again["duplicates"]) == (0, 8)
    assert await council.read(external) == before
    async with council.region() as session:
        told = await session.scalars(select(HiringLogEntry.event).where(HiringLogEntry.source == "milestone"))
        assert len(told.all()) == 8


async def test_the_same_id_with_other_facts_is_a_conflict_and_the_first_stands(
    council: Ats, external: dict[str, Any]
) -> None:
    await report(council, external, [milestone(1, "closed", "2026-12-01")])
    done = await report(council, external, [milestone(1, "closed", "2026-12-05")])
    assert (done["results"][0]["status"], done["conflicts"]) == ("conflict", 1)
    listed = await council.client.get(
        f"/v1/vacancies/{external['id']}/milestones", headers=council.headers(Scope.VACANCIES_READ)
    )
    assert [each["occurred_at"] for each in listed.json()] == ["2026-12-01T12:00:00Z"]


async def test_out_of_order_dates_are_kept_and_reported_never_clamped(council: Ats, external: dict[str, Any]) -> None:
    done = await report(
        council, external, [milestone(1, "accepted", "2026-12-11"), milestone(2, "closed", "2026-12-20")]
    )
    assert [each["questions"] for each in done["results"]] == [[], ["out_of_order"]]
    async with council.region() as session:
        rows = await session.execute(
            select(HiringLogEntry.event, HiringLogEntry.occurred_at)
            .where(HiringLogEntry.source == "milestone")
            .order_by(HiringLogEntry.id)
        )
        assert [(row.event.value, row.occurred_at.date().isoformat()) for row in rows] == [
            ("offer_accepted", "2026-12-11"),
            ("advert_closed", "2026-12-20"),
        ]


async def test_a_milestone_in_the_future_does_not_take_its_neighbours_with_it(
    council: Ats, external: dict[str, Any]
) -> None:
    done = await report(
        council, external, [milestone(1, "closed", "2026-12-01"), milestone(2, "started", "2027-09-01")]
    )
    assert [each["status"] for each in done["results"]] == ["recorded", "in_the_future"]


async def test_what_is_reported_of_today_in_the_morning_has_happened(council: Ats, external: dict[str, Any]) -> None:
    """A day counts as its noon, which is no reason to send a report of today away until then."""
    now, today = council.now, local_date(council.now)
    assert now.hour < 12
    told = [
        milestone(1, "closed", today.isoformat()),
        milestone(2, "accepted", today.isoformat()),
        milestone(3, "started", today.isoformat()),
        milestone(4, "started", (today + timedelta(days=1)).isoformat()),
    ]
    done = await report(council, external, told)
    assert [each["status"] for each in done["results"]] == ["recorded", "recorded", "recorded", "in_the_future"]
    shown = await council.read(external)
    assert (shown["state"], shown["opening_list"][0]["starts_on"]) == ("filled", today.isoformat())
    async with council.region() as session:
        at = await session.scalars(select(HiringLogEntry.occurred_at).where(HiringLogEntry.source == "milestone"))
        assert set(at) == {now}, "nothing is logged later than the clock"
    council.services.clock.advance(timedelta(hours=8))
    again = await report(council, external, told[:3])
    assert (again["duplicates"], again["conflicts"]) == (3, 0)


@pytest.mark.parametrize(
    "told", [{"occurred_at": "0001-01-01T00:00:00+14:00"}, {"occurred_on": "0001-01-01"}, {"occurred_on": "1926-12-01"}]
)
async def test_a_mistyped_century_is_refused(council: Ats, external: dict[str, Any], told: dict[str, str]) -> None:
    mistyped = {"external_event_id": "tp-1", "kind": "closed"} | told
    answer = await council.move(external, "milestones", {"milestones": [mistyped]})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "before the year 2000" in answer.text


async def test_an_advert_before_the_release_is_a_breach_of_first_refusal_and_alerts(council: Ats) -> None:
    vacancy = await council.in_clearing(**EXTERNAL)
    done = await report(council, vacancy, [milestone(1, "published", "2026-11-15")])
    assert done["results"][0]["questions"] == ["published_before_release"]
    assert (await council.read(vacancy))["state"] == "in_clearing"
    async with council.region() as session:
        assert (await session.scalars(select(VacancyAlert.code))).all() == ["published_before_release"]


async def test_more_acceptances_than_openings_are_questioned(council: Ats, external: dict[str, Any]) -> None:
    done = await report(council, external, [milestone(1, "accepted", "2026-12-11", count=2)])
    assert done["results"][0] == {
        "external_event_id": "tp-1",
        "status": "recorded",
        "opening_nos": [1],
        "questions": ["no_opening_left"],
    }


async def test_a_start_without_its_acceptance_fills_an_opening_and_is_questioned(
    council: Ats, external: dict[str, Any]
) -> None:
    done = await report(council, external, [milestone(1, "started", "2027-02-01")])
    assert done["results"][0]["questions"] == ["acceptance_not_reported"]
    assert (await council.read(external))["state"] == "filled"


async def test_each_opening_has_milestones_of_its_own(council: Ats) -> None:
    vacancy = await council.live(openings=2, **EXTERNAL)
    council.services.clock.advance(timedelta(days=120))
    await report(
        council,
        vacancy,
        [
            milestone(1, "accepted", "2026-12-11", opening_no=2),
            milestone(2, "accepted", "2026-12-20", opening_no=1),
            milestone(3, "cleared", "2027-01-08", opening_no=2),
            milestone(4, "started", "2027-02-01", opening_no=2),
        ],
    )
    shown = await council.read(vacancy)
    assert [each["state"] for each in shown["opening_list"]] == ["accepted", "filled"]


async def test_a_hosted_vacancy_takes_no_milestones(council: Ats) -> None:
    vacancy = await council.live()
    answer = await council.move(vacancy, "milestones", {"milestones": WHOLE[:1]})
    assert (answer.status_code, answer.json()["code"]) == (409, "managed_here")


async def test_milestones_need_their_scope(council: Ats, external: dict[str, Any]) -> None:
    answer = await council.client.post(
        f"/v1/vacancies/{external['id']}/milestones",
        json={"milestones": WHOLE[:1]},
        headers=council.headers(Scope.VACANCIES_WRITE),
    )
    assert answer.status_code == 403
