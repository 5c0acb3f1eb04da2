"""An advert's hours: scheduled, extended, closed early, held by an approver, shown to colleagues alone, copied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.ats.vacancies.adverts import publish_due_adverts
from services.ats.vacancies.lifecycle import close_due_adverts
from services.ats.vacancies.locked_fields import LOCKS
from services.ats.vacancies.schemas import VacancyChange
from shared.events.adverts import AdvertChanged, AdvertEnded, AdvertListed
from shared.events.ats import VacancyPublished
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats, application_body, vacancy_body

UNLOCKED = {"hiring_manager_id"}

PUBLIC_NEWS = (AdvertListed, AdvertChanged, AdvertEnded)


async def change(council: Ats, vacancy: dict[str, Any], **changes: Any) -> Any:
    headers = council.headers(Scope.VACANCIES_WRITE)
    return await council.client.patch(f"/v1/vacancies/{vacancy['id']}", json=changes, headers=headers)


async def timeline(council: Ats, vacancy: dict[str, Any]) -> list[str]:
    headers = council.headers(Scope.VACANCIES_READ)
    answer = await council.client.get(f"/v1/vacancies/{vacancy['id']}/timeline", headers=headers)
    return [each["event"] for each in answer.json()]


async def test_a_scheduled_advert_waits_for_its_hour_after_the_release(council: Ats) -> None:
    vacancy = await council.live(publish_at="2026-11-23")
    assert (vacancy["state"], vacancy["publish_at"]) == ("approved", "2026-11-23T00:00:00Z")
    hour = datetime(2026, 11, 23, tzinfo=UTC)
    async with council.region() as session:
        assert await publish_due_adverts(session, hour - timedelta(seconds=1)) == 0
        assert await publish_due_adverts(session, hour + timedelta(minutes=5)) == 1
        assert await publish_due_adverts(session, hour + timedelta(minutes=5)) == 0
    shown = await council.read(vacancy)
    assert (shown["state"], shown["published_at"]) == ("live", "2026-11-23T00:00:00Z")
    assert shown["closes_at"] == "2026-12-07T23:59:59Z"


async def test_a_release_after_the_scheduled_hour_publishes_at_once(council: Ats) -> None:
    vacancy = await council.in_clearing(publish_at="2026-11-17T08:00")
    council.services.clock.advance(timedelta(days=3))
    released = await council.release(vacancy)
    assert (released["state"], released["published_at"]) == ("live", "2026-11-19T09:00:00Z")


async def test_a_schedule_that_cannot_be_kept_is_brought_to_notice_once(council: Ats) -> None:
    vacancy = await council.live(publish_at="2026-11-23", closes_at="2026-11-24")
    async with council.region() as session:
        assert await publish_due_adverts(session, datetime(2026, 11, 25, tzinfo=UTC)) == 1
        assert await publish_due_adverts(session, datetime(2026, 11, 25, tzinfo=UTC)) == 0
    assert ((await council.read(vacancy))["state"], (await council.read(vacancy))["publish_at"]) == ("approved", None)
    headers = council.headers(Scope.VACANCIES_READ)
    alerts = await council.client.get(f"/v1/vacancies/{vacancy['id']}/alerts", headers=headers)
    assert [each["code"] for each in alerts.json()] == ["publication_missed"]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2027-03-27T17:00", "2027-03-27T17:00:00Z"),
        ("2027-03-28T17:00", "2027-03-28T16:00:00Z"),
        ("2027-03-28", "2027-03-28T22:59:59Z"),
        ("2027-03-28T01:30", "2027-03-28T01:30:00Z"),
        ("2027-10-31T01:30", "2027-10-31T01:30:00Z"),
        ("2027-10-31T01:30+01:00", "2027-10-31T00:30:00Z"),
        ("2027-10-31", "2027-10-31T23:59:59Z"),
    ],
)
async def test_a_deadline_is_londons_on_both_sides_of_the_change_of_the_clocks(
    council: Ats, written: str, instant: str
) -> None:
    """The hour that does not occur is moved forward; of the one that occurs twice the second counts."""
    assert (await council.create(closes_at=written))["closes_at"] == instant


async def test_a_fortnight_across_the_change_of_the_clocks_ends_with_the_local_day(council: Ats) -> None:
    council.services.clock.advance(datetime(2027, 3, 20, 9, tzinfo=UTC) - council.now)
    vacancy = await council.live()
    assert vacancy["closes_at"] == "2027-04-03T22:59:59Z"


async def test_a_deadline_is_extended_while_live_with_its_reason(council: Ats) -> None:
    vacancy = await council.live()
    wanted = {"closes_at": "2026-12-18T12:00", "reason": "no_applications"}
    extended = (await council.move(vacancy, "extend-deadline", wanted)).json()
    assert extended["closes_at"] == "2026-12-18T12:00:00Z"
    assert [(each["was_until"], each["reason"]) for each in extended["deadline_extensions"]] == [
        ("2026-11-30T23:59:59Z", "no_applications")
    ]
    job = await council.client.get(f"/v1/jobs/{vacancy['id']}")
    assert job.json()["closes_at"] == "2026-12-18T12:00:00Z"
    async with council.region() as session:
        assert await close_due_adverts(session, datetime(2026, 12, 18, 11, tzinfo=UTC)) == 0


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"closes_at": "2026-11-20", "reason": "no_applications"}, "deadline_not_later"),
        ({"closes_at": "2027-06-01", "reason": "no_applications"}, "deadline_not_later"),
        ({"closes_at": "2026-12-18", "reason": "other"}, "invalid"),
        ({"closes_at": "2026-12-18"}, "invalid"),
    ],
)
async def test_an_extension_is_later_within_90_days_and_says_why(
    council: Ats, wanted: dict[str, Any], code: str
) -> None:
    vacancy = await council.live()
    answer = await council.move(vacancy, "extend-deadline", wanted)
    assert answer.status_code == 422
    assert answer.json()["code"] == code


async def test_only_an_advert_that_is_out_is_extended(council: Ats) -> None:
    vacancy = await council.in_clearing()
    wanted = {"closes_at": "2026-12-18", "reason": "no_applications"}
    assert (await council.move(vacancy, "extend-deadline", wanted)).json()["code"] == "illegal_move"


async def test_an_advert_closed_early_says_so(council: Ats) -> None:
    early, late = await council.live(), await council.live()
    closed = (await council.move(early, "close", {"reason": "Enough strong applications"})).json()
    assert (closed["state"], closed["closed_early"]) == ("closed", True)
    async with council.region() as session:
        await close_due_adverts(session, datetime(2026, 12, 1, tzinfo=UTC))
    assert (await council.read(late))["closed_early"] is False


async def test_a_hold_is_an_approvers_decision_and_marks_the_clock(council: Ats) -> None:
    approver = await council.staff(Role.APPROVER)
    recruiter = await council.staff(Role.RECRUITER)
    vacancy = await council.live()
    why = {"reason": "Budget review"}
    for body, person, refusal in (
        (why, None, (403, "on_behalf_of_missing")),
        (why | {"approved_by": str(approver.id)}, None, (403, "on_behalf_of_missing")),
        (why, recruiter, (422, "hold_needs_approver")),
        (why | {"approved_by": str(approver.id)}, recruiter, (422, "hold_needs_approver")),
    ):
        named = {} if person is None else {"on_behalf_of": person.id}
        refused = await council.move(vacancy, "hold", body, **named)
        assert (refused.status_code, refused.json()["code"]) == refusal
    body = why | {"approved_by": str(approver.id)}
    held = await council.move(vacancy, "hold", body, on_behalf_of=approver.id)
    assert held.json()["hold"] == {
        "since": "2026-11-16T09:00:00Z",
        "reason": "Budget review",
        "approved_by": str(approver.id),
    }
    resumed = (await council.move(vacancy, "resume")).json()
    assert (resumed["state"], resumed["hold"]) == ("live", None)
    listed, ended = await council.events(AdvertListed), await council.events(AdvertEnded)
    assert [each["vacancy_id"] for each in (*listed, *ended)] == [vacancy["id"]] * 3, "listed, ended, listed again"
    assert (await timeline(council, vacancy))[-2:] == ["hold_started", "hold_ended"]


async def test_each_field_is_locked_or_open_once_live_and_the_locks_are_served(council: Ats) -> None:
    assert set(LOCKS) | UNLOCKED == set(VacancyChange.model_fields)
    served = (await council.client.get("/v1/reference/locked-fields")).json()
    assert {each["field"] for each in served} == set(LOCKS)
    vacancy = await council.live()
    for field, value in (("title", "Other"), ("scp_max", 25), ("closes_at", "2026-12-24"), ("openings", 2)):
        refused = await change(council, vacancy, **{field: value})
        assert (refused.status_code, refused.json()["code"]) == (409, "field_locked"), refused.text
        assert refused.json()["why"] == LOCKS[field].code


async def test_the_hiring_manager_of_a_live_advert_may_change(council: Ats) -> None:
    manager = await council.staff(Role.HIRING_MANAGER)
    vacancy = await council.live()
    changed = await change(council, vacancy, hiring_manager_id=str(manager.id))
    assert changed.status_code == 200, changed.text
    assert (changed.json()["state"], changed.json()["is_approved"]) == ("live", True)
    assert changed.json()["closes_at"] == vacancy["closes_at"]


async def test_the_agency_cover_of_a_live_advert_may_change_and_its_post_may_not(council: Ats) -> None:
    requisition = {"post_id": "HOU-1", "agency_cover": {"weekly_cost_pence": 98_000}}
    vacancy = await council.live(requisition=requisition)
    dearer = requisition | {"agency_cover": {"weekly_cost_pence": 105_000}}
    assert (await change(council, vacancy, requisition=dearer)).status_code == 200
    moved = await change(council, vacancy, requisition=requisition | {"post_id": "HOU-2"})
    assert moved.json()["code"] == "field_locked"


async def test_a_copy_is_a_new_draft_without_the_dates_the_key_and_the_taken_post(council: Ats) -> None:
    original = await council.live(
        source_system="talentlink",
        external_reference="REQ-1",
        requisition={"post_id": "HOU-1", "cost_code": "R4120"},
        closes_at="2026-12-01",
        openings=2,
        description="You help people.",
    )
    answer = await council.move(original, "copy")
    copy = answer.json()
    assert answer.status_code == 201
    assert (copy["state"], copy["copied_from_id"]) == ("draft", original["id"])
    assert (copy["external_reference"], copy["closes_at"], copy["is_approved"]) == (None, None, False)
    assert (copy["requisition"]["post_id"], copy["requisition"]["cost_code"]) == (None, "R4120")
    same = ("title", "description", "salary_min_pence", "openings", "essential", "flags", "outcode")
    assert {name: copy[name] for name in same} == {name: original[name] for name in same}
    assert copy["reference"] != original["reference"]
    await council.move(original, "close")
    await council.move(original, "mark-unfilled", {"reason": "Nobody was appointed"})
    again = (await council.move(original, "copy")).json()
    assert again["requisition"]["post_id"] == "HOU-1"


async def test_a_pool_post_is_converted_to_a_permanent_draft_that_clearing_sees(council: Ats) -> None:
    pool = await council.live(contract="temporary_pool", clearing_exemption="casual_or_apprentice")
    made = (await council.move(pool, "convert", {"reason": "A year of steady need"})).json()
    assert (made["state"], made["contract"], made["converted_from_id"]) == ("draft", "permanent", pool["id"])
    assert made["clearing_exemption"] is None
    permanent = await council.create()
    refused = await council.move(permanent, "convert", {"reason": "A year of steady need"})
    assert refused.json()["code"] == "not_convertible"


async def test_an_internal_advert_is_read_by_its_employers_and_is_public_nowhere(council: Ats) -> None:
    vacancy = await council.live(auto_publish=False)
    audience = {"employers": ["SAW", "DUD"], "closes_at": "2026-11-30"}
    shown = (await council.move(vacancy, "advertise-internally", audience)).json()
    assert (shown["state"], shown["public_url"]) == ("internal_advert", None)
    path = f"/v1/internal-jobs/{vacancy['id']}"
    for employer, status in (("SAW", 200), ("DUD", 200), ("WLV", 404)):
        reader = council.headers(Scope.VACANCIES_READ, employers=(employer,))
        assert (await council.client.get(path, headers=reader)).status_code == status, employer
        listed = (await council.client.get("/v1/internal-jobs", headers=reader)).json()["items"]
        assert len(listed) == (1 if status == 200 else 0)
    assert (await council.client.get(path)).status_code == 401
    assert (await council.client.get(f"/v1/jobs/{vacancy['id']}")).status_code == 404
    assert (await council.client.get("/v1/jobs")).json()["items"] == []
    assert await council.events(VacancyPublished) == []
    assert [await council.events(each) for each in PUBLIC_NEWS] == [[], [], []], "nor is a board told"
    applied = await council.client.post(
        f"/v1/jobs/{vacancy['id']}/applications",
        json=application_body(),
        headers=council.headers(Scope.JOBS_APPLY, employers="region"),
    )
    assert (applied.status_code, applied.json()["code"]) == (404, "job_not_found")


async def test_an_internal_advert_says_what_is_paid_and_not_who_approved_it(council: Ats) -> None:
    approval = {"approved_by": "Secret pay panel", "approved_on": "2026-11-02", "reference": "PP-1"}
    paid = {"kind": "market_supplement", "amount_pence": 200_000, "paid": "yearly"}
    vacancy = await council.live(auto_publish=False, flags={"pay_supplement": paid | approval})
    await council.move(vacancy, "advertise-internally", {"employers": ["DUD"], "closes_at": "2026-11-30"})
    reader = council.headers(Scope.VACANCIES_READ, employers=("DUD",))
    shown = (await council.client.get(f"/v1/internal-jobs/{vacancy['id']}", headers=reader)).json()
    assert shown["advert"]["flags"] == {"pay_supplement": paid}


async def test_an_internal_advert_needs_the_clearance_and_known_employers(council: Ats) -> None:
    waiting = await council.in_clearing(auto_publish=False)
    audience = {"employers": ["SAW"], "closes_at": "2026-11-30"}
    assert (await council.move(waiting, "advertise-internally", audience)).json()["code"] == "illegal_move"
    vacancy = await council.release(waiting)
    unknown = await council.move(vacancy, "advertise-internally", audience | {"employers": ["XXX"]})
    assert unknown.json()["code"] == "employer_not_known"
    past = await council.move(vacancy, "advertise-internally", audience | {"closes_at": "2026-11-01"})
    assert past.json()["code"] == "deadline_passed"


async def test_an_internal_advert_ends_at_its_deadline_or_goes_public_with_one_of_its_own(council: Ats) -> None:
    audience = {"employers": ["SAW", "DUD"], "closes_at": "2026-11-20"}
    ending, public = await council.live(auto_publish=False), await council.live(auto_publish=False)
    for each in (ending, public):
        await council.move(each, "advertise-internally", audience)
    published = (await council.move(public, "publish")).json()
    assert (published["state"], published["closes_at"]) == ("live", "2026-11-30T23:59:59Z")
    async with council.region() as session:
        assert await close_due_adverts(session, datetime(2026, 11, 21, tzinfo=UTC)) == 1
    assert (await council.read(ending))["state"] == "closed"
    reader = council.headers(Scope.VACANCIES_READ, employers=("DUD",))
    assert (await council.client.get("/v1/internal-jobs", headers=reader)).json()["items"] == []


async def test_the_deadline_of_the_public_advert_outlives_an_internal_one_that_ends_before_it(council: Ats) -> None:
    vacancy = await council.live(auto_publish=False, closes_at="2026-12-20")
    await council.move(vacancy, "advertise-internally", {"employers": ["SAW"], "closes_at": "2026-11-20"})
    assert (await council.read(vacancy))["closes_at"] == "2026-11-20T23:59:59Z"
    published = (await council.move(vacancy, "publish")).json()
    assert (published["state"], published["closes_at"]) == ("live", "2026-12-20T23:59:59Z")


async def test_a_public_deadline_that_the_internal_advert_outlived_counts_no_more(council: Ats) -> None:
    vacancy = await council.live(auto_publish=False, closes_at="2026-11-18")
    await council.move(vacancy, "advertise-internally", {"employers": ["SAW"], "closes_at": "2026-11-27"})
    council.services.clock.advance(timedelta(days=4))
    published = (await council.move(vacancy, "publish")).json()
    assert (published["state"], published["closes_at"]) == ("live", "2026-12-04T23:59:59Z")


@pytest.mark.parametrize(
    "wrong",
    [
        {"publish_at": "2026-12-01", "auto_publish": False},
        {"publish_at": "2026-12-01", "closes_at": "2026-11-30"},
        {"publish_at": "soon"},
    ],
)
async def test_a_schedule_that_makes_no_sense_is_refused(council: Ats, wrong: dict[str, Any]) -> None:
    headers = council.headers(Scope.VACANCIES_WRITE)
    answer = await council.client.post("/v1/vacancies", json=vacancy_body(**wrong), headers=headers)
    assert answer.status_code == 422, answer.text
