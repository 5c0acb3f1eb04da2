"""What a council's system told wrongly, told again: the clock goes by it, and the past stays as it was known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import stands
from services.ats.time_to_hire.vocabulary import HiringEvent
from tests.ats.milestones.test_milestones import EXTERNAL, WHOLE, milestone, report
from tests.factories.ats import Ats


@pytest.fixture
async def external(council: Ats) -> dict[str, Any]:
    """Released today; now it is the next March."""
    vacancy = await council.live(**EXTERNAL)
    council.services.clock.advance(timedelta(days=120))
    return vacancy


def correction(number: int, of: int, kind: str, on: str) -> dict[str, Any]:
    return milestone(number, kind, on, corrects=f"tp-{of}")


def taken_back(number: int, of: int, kind: str) -> dict[str, Any]:
    return {"external_event_id": f"tp-{number}", "kind": kind, "corrects": f"tp-{of}", "takes_back": True}


async def days_logged(council: Ats, event: HiringEvent) -> list[str]:
    """The days that the log holds now for an event of a milestone."""
    async with council.region() as session:
        found = await session.scalars(
            select(HiringLogEntry.occurred_at).where(
                HiringLogEntry.source == "milestone", HiringLogEntry.event == event, stands()
            )
        )
        return [each.date().isoformat() for each in found]


async def test_a_corrected_start_moves_the_clock_and_the_opening_and_takes_no_other(
    council: Ats, external: dict[str, Any]
) -> None:
    await report(council, external, WHOLE)
    done = await report(council, external, [correction(9, 8, "started", "2027-02-08")])
    assert done["results"][0] == {
        "external_event_id": "tp-9", "status": "recorded", "opening_nos": [1], "questions": [],
    }  # fmt: skip
    assert await days_logged(council, HiringEvent.STARTED) == ["2027-02-08"]
    shown = await council.read(external)
    assert (shown["state"], shown["opening_list"][0]["starts_on"]) == ("filled", "2027-02-08")


async def test_a_corrected_acceptance_is_the_same_acceptance_where_other_openings_are_free(council: Ats) -> None:
    vacancy = await council.live(**EXTERNAL, openings=2)
    council.services.clock.advance(timedelta(days=120))
    await report(council, vacancy, [milestone(1, "accepted", "2026-12-11")])
    done = await report(council, vacancy, [correction(2, 1, "accepted", "2026-12-14")])
    assert done["results"][0]["opening_nos"] == [1]
    assert await days_logged(council, HiringEvent.OFFER_ACCEPTED) == ["2026-12-14"]
    shown = await council.read(vacancy)
    assert [each["state"] for each in shown["opening_list"]] == ["accepted", "open"]


async def test_a_publication_told_too_early_is_moved_later(council: Ats, external: dict[str, Any]) -> None:
    await report(council, external, [milestone(1, "published", "2026-11-17")])
    await report(council, external, [correction(2, 1, "published", "2026-11-24")])
    assert await days_logged(council, HiringEvent.ADVERT_LIVE) == ["2026-11-24"]


async def test_what_stays_in_the_log_shows_what_was_known_before(council: Ats, external: dict[str, Any]) -> None:
    await report(council, external, WHOLE)
    await report(council, external, [correction(9, 8, "started", "2027-02-08")])
    async with council.region() as session:
        entries = await session.scalars(
            select(HiringLogEntry).where(HiringLogEntry.event == HiringEvent.STARTED).order_by(HiringLogEntry.id)
        )
        first, second = entries.all()
    assert (first.occurred_at.day, second.occurred_at.day, second.corrects_id) == (1, 8, first.id)


async def test_a_start_that_never_was_frees_the_opening_to_the_acceptance_and_another_may_be_reported(
    council: Ats, external: dict[str, Any]
) -> None:
    await report(council, external, WHOLE)
    await report(council, external, [taken_back(9, 8, "started")])
    shown = await council.read(external)
    assert (shown["state"], shown["opening_list"][0]["state"]) == ("closed", "accepted")
    assert shown["opening_list"][0]["starts_on"] is None
    assert await days_logged(council, HiringEvent.STARTED) == []
    await report(council, external, [taken_back(10, 7, "cleared"), taken_back(11, 6, "accepted")])
    assert (await council.read(external))["opening_list"][0]["state"] == "open"
    done = await report(
        council, external, [milestone(12, "accepted", "2027-02-10"), milestone(13, "started", "2027-03-01")]
    )
    assert [each["opening_nos"] for each in done["results"]] == [[1], [1]]
    assert (await council.read(external))["state"] == "filled"
    assert await days_logged(council, HiringEvent.OFFER_ACCEPTED) == ["2027-02-10"]


async def test_a_correction_is_itself_corrected_and_sent_again_changes_nothing(
    council: Ats, external: dict[str, Any]
) -> None:
    await report(council, external, WHOLE)
    chain = [correction(9, 8, "started", "2027-02-08"), correction(10, 9, "started", "2027-02-15")]
    done = await report(council, external, chain)
    assert done["recorded"] == 2
    again = await report(council, external, chain)
    assert (again["recorded"], again["duplicates"]) == (0, 2)
    assert await days_logged(council, HiringEvent.STARTED) == ["2027-02-15"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (correction(9, 77, "started", "2027-02-08"), "corrects_unknown"),
        (correction(9, 6, "started", "2027-02-08"), "other_kind"),
        (taken_back(9, 77, "started"), "corrects_unknown"),
    ],
)
async def test_a_correction_of_nothing_is_said_to_be_one_and_changes_nothing(
    council: Ats, external: dict[str, Any], sent: dict[str, Any], status: str
) -> None:
    await report(council, external, WHOLE)
    before = await council.read(external)
    done = await report(council, external, [sent, milestone(10, "interviewed", "2026-12-10")])
    assert [each["status"] for each in done["results"]] == [status, "recorded"]
    assert done["not_corrected"] == 1
    assert (await council.read(external))["opening_list"] == before["opening_list"]


async def test_only_the_newest_of_corrections_is_corrected(council: Ats, external: dict[str, Any]) -> None:
    await report(council, external, WHOLE)
    await report(council, external, [correction(9, 8, "started", "2027-02-08")])
    done = await report(council, external, [correction(10, 8, "started", "2027-02-15"), taken_back(11, 8, "started")])
    assert [each["status"] for each in done["results"]] == ["corrects_unknown"] * 2
    assert await days_logged(council, HiringEvent.STARTED) == ["2027-02-08"]


async def test_a_start_is_not_taken_back_while_another_requisition_is_open_for_the_post(council: Ats) -> None:
    vacancy = await council.live(**EXTERNAL, requisition={"post_id": "HSG-0412"})
    council.services.clock.advance(timedelta(days=120))
    await report(council, vacancy, WHOLE)
    await council.create(requisition={"post_id": "HSG-0412"})
    done = await report(council, vacancy, [taken_back(9, 8, "started")])
    assert done["results"][0]["status"] == "post_taken"
    assert (await council.read(vacancy))["state"] == "filled"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (milestone(9, "started", "2027-02-08", takes_back=True), "corrects"),
        (milestone(9, "started", "2027-02-08", takes_back=True, corrects="tp-8"), "occurred_on"),
        (milestone(9, "started", "2027-02-08", corrects="tp-8", opening_no=1), "opening_no"),
    ],
)
async def test_a_correction_that_says_too_much_or_too_little_is_refused_at_its_field(
    council: Ats, external: dict[str, Any], sent: dict[str, Any], field: str
) -> None:
    answer = await council.move(external, "milestones", {"milestones": [sent]})
    assert answer.status_code == 422
    assert answer.json()["field"].endswith(field)
