"""Interviews: one person, one room, one place at a time; booked, moved and cancelled by the candidate's own link."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import select

from services.ats.applications.models import Application
from services.ats.applications.rejecting import tell_rejections
from services.ats.audit.models import AuditEntry
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.interviews.releasing import release_places
from services.ats.worker import DUE
from shared.calendar import LONDON
from shared.events.applications import ApplicationRejected
from shared.events.interviews import (
    ContactForInterview,
    InterviewBooked,
    InterviewBookingWanted,
    InterviewCancelled,
    InterviewMoved,
    PanelContact,
    PanelInterviewCancelled,
    PanelInterviewSet,
)
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats
from tests.factories.identity import mailed
from tests.factories.interviews import Interviews
from tests.factories.panels import Panel


@pytest.fixture
async def interviews(council: Ats) -> Interviews:
    return await Interviews.of(council)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_times_are_london_times_on_both_sides_of_the_change_of_clocks(interviews: Interviews) -> None:
    [winter] = await interviews.slots(starts_at="2027-03-26T10:00")
    [summer] = await interviews.slots(starts_at="2027-03-29T10:00")
    assert winter["starts_at"] == "2027-03-26T10:00:00Z"
    assert summer["starts_at"] == "2027-03-29T09:00:00Z"
    refused = await interviews.add_slots(starts_at="2027-03-26")
    assert (refused.status_code, refused.json()["field"]) == (422, "starts_at")


async def test_several_times_are_set_one_after_another_with_a_pause(interviews: Interviews) -> None:
    slots = await interviews.slots(starts_at="2026-12-10T09:00", minutes=45, count=3, gap_minutes=15)
    assert [(each["starts_at"][11:16], each["ends_at"][11:16]) for each in slots] == [
        ("09:00", "09:45"),
        ("10:00", "10:45"),
        ("11:00", "11:45"),
    ]


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"starts_at": "2026-11-01T09:00"}, "slot_in_the_past", "starts_at"),
        ({"place": None}, "where_missing", "place"),
        ({"minutes": 0}, "invalid", "minutes"),
        ({"capacity": 0}, "invalid", "capacity"),
        ({"video_url": "javascript:alert(1)"}, "invalid", "video_url"),
    ],
)
async def test_a_time_that_cannot_be_is_refused_with_its_field(
    interviews: Interviews, wrong: dict[str, Any], code: str, field: str
) -> None:
    refused = await interviews.add_slots(**wrong)
    assert refused.status_code == 422
    assert (refused.json()["code"], refused.json()["field"]) == (code, field)


async def test_only_the_vacancys_panel_interviews_for_it(interviews: Interviews) -> None:
    stranger = await interviews.council.staff(Role.PANEL_MEMBER)
    refused = await interviews.add_slots(panel=[str(stranger.id)])
    assert refusal(refused) == (422, "not_on_this_panel")


async def test_nobody_of_a_panel_is_in_two_interviews_at_once_and_a_taken_time_takes_no_neighbour(council: Ats) -> None:
    first = await Interviews.of(council)
    panel = await Panel.of(council, first.vacancy)
    lead = str(panel.people[0].id)
    await first.slots(starts_at="2026-12-10T09:00", panel=[lead])
    other = await Interviews.of(council, await council.live(title="Planning officer"))
    seats = Panel(council, other.vacancy, panel.people)
    await seats.name(*panel.people)
    refused = await other.add_slots(starts_at="2026-12-10T08:00", count=3, panel=[lead])
    assert refusal(refused) == (409, "member_busy")
    assert (await other.shown())["slots"] == [], "all of them or none"
    assert (await other.add_slots(starts_at="2026-12-10T09:45", panel=[lead])).status_code == 201, "one after the other"


async def test_no_room_of_an_employer_is_used_twice_at_once_however_it_is_written(council: Ats) -> None:
    first = await Interviews.of(council)
    await first.slots(starts_at="2026-12-10T09:00", room="Room 2")
    other = await Interviews.of(council, await council.live(title="Planning officer"))
    refused = await other.add_slots(starts_at="2026-12-10T09:30", room="ROOM 2")
    assert refusal(refused) == (409, "room_taken")
    assert (await other.add_slots(starts_at="2026-12-10T09:30", room="Room 3")).status_code == 201
    [slot] = (await first.shown())["slots"]
    assert (
        await first.call("POST", f"/v1/interview-slots/{slot['id']}/cancel", {"reason": "times_changed"})
    ).is_success
    assert (await other.add_slots(starts_at="2026-12-10T09:00", room="room 2")).status_code == 201, "it is free again"


async def test_of_two_who_set_up_the_same_room_at_once_one_does(live_council: Ats) -> None:
    interviews = await Interviews.of(live_council)
    answers = await asyncio.gather(*(interviews.add_slots(room="Room 2") for _ in range(4)))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409]
    assert {each.json()["code"] for each in answers if each.status_code == 409} == {"room_taken"}


async def test_a_candidate_books_by_their_link_and_is_told_with_the_appointment(interviews: Interviews) -> None:
    council = interviews.council
    [slot] = await interviews.slots(video_url="https://meet.example/canary", room="Room 2")
    [candidate] = await interviews.invited()
    assert await interviews.stage(candidate) == "shortlisted"
    [wanted] = await council.events(InterviewBookingWanted)
    assert wanted["application_id"] == candidate["id"]
    shown = await council.client.get("/v1/my/interviews", headers=await interviews.link(candidate))
    assert [each["id"] for each in shown.json()["rounds"][0]["slots"]] == [slot["id"]]
    booking = await interviews.booked(candidate, slot)
    assert (booking["state"], booking["sequence"]) == ("booked", 0)
    assert await interviews.stage(candidate) == "interview"
    [told] = await council.events(InterviewBooked)
    assert (told["booking_id"], told["starts_at"], told["place"]) == (
        booking["id"],
        slot["starts_at"],
        "Council House, Room 2",
    )
    assert "meet.example" not in str(told), "whoever has the address can join"
    async with council.region() as session:
        [sealed] = await mailed(session, InterviewBooked.name, ContactForInterview)
    assert sealed.video_url == "https://meet.example/canary"
    own = (await council.client.get("/v1/my/interviews", headers=await interviews.link(candidate))).json()
    assert own["rounds"][0]["booking"]["may_move"] is True
    assert own["rounds"][0]["slots"] == [], "the place is taken"


async def test_nobody_books_uninvited_or_twice_or_for_another(interviews: Interviews) -> None:
    first, second = await interviews.slots(count=2)
    invited, uninvited = await interviews.shortlisted(2)
    assert (await interviews.invite(invited)).status_code == 200
    assert refusal(await interviews.book(uninvited, first)) == (409, "not_invited")
    booking = await interviews.booked(invited, first)
    again = await interviews.book(invited, second)
    assert refusal(again) == (409, "already_booked")
    assert again.json()["booking_id"] == booking["id"]
    path = f"/v1/applications/{invited['id']}/book-interview"
    assert (await interviews.by_link(uninvited, path, {"slot_id": second["id"]})).status_code == 404
    moved = await interviews.by_link(
        uninvited, f"/v1/interview-bookings/{booking['id']}/move", {"slot_id": second["id"]}
    )
    assert refusal(moved) == (404, "booking_not_found")


async def test_of_many_who_want_the_last_place_at_once_exactly_one_gets_it(live_council: Ats) -> None:
    interviews = await Interviews.of(live_council)
    [slot] = await interviews.slots(capacity=2)
    candidates = await interviews.invited(6)
    await interviews.booked(candidates[0], slot)
    answers = await asyncio.gather(*(interviews.book(each, slot) for each in candidates[1:]))
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409, 409]
    assert {each.json()["code"] for each in answers if each.status_code == 409} == {"slot_full"}
    [now] = (await interviews.shown())["slots"]
    assert now["taken"] == 2
    assert len(await live_council.events(InterviewBooked)) == 2


async def test_two_who_exchange_their_times_at_once_do_not_hold_each_other_up(live_council: Ats) -> None:
    interviews = await Interviews.of(live_council)
    slots = await interviews.slots(count=2, capacity=2)
    candidates = await interviews.invited(2)
    made = [await interviews.booked(each, slot) for each, slot in zip(candidates, slots, strict=True)]
    answers = await asyncio.gather(
        *(
            interviews.by_link(candidate, f"/v1/interview-bookings/{booking['id']}/move", {"slot_id": slot["id"]})
            for candidate, booking, slot in zip(candidates, made, reversed(slots), strict=True)
        )
    )
    assert [each.status_code for each in answers] == [200, 200]
    assert [each["taken"] for each in (await interviews.shown())["slots"]] == [1, 1]


async def test_a_candidate_moves_until_the_stated_time_and_staff_until_it_begins(interviews: Interviews) -> None:
    council = interviews.council
    first, second = await interviews.slots(count=2)
    [candidate] = await interviews.invited()
    booking = await interviews.booked(candidate, first)
    path = f"/v1/interview-bookings/{booking['id']}/move"
    moved = await interviews.by_link(candidate, path, {"slot_id": second["id"]})
    assert (moved.status_code, moved.json()["id"], moved.json()["sequence"]) == (200, booking["id"], 1)
    [told] = await council.events(InterviewMoved)
    assert (told["sequence"], told["starts_at"]) == (1, second["starts_at"])
    council.services.clock.advance(timedelta(days=6, hours=1))
    late = await interviews.by_link(candidate, path, {"slot_id": first["id"]})
    assert refusal(late) == (409, "too_late_to_change")
    assert (await interviews.call("POST", path, {"slot_id": first["id"]})).status_code == 200
    council.services.clock.advance(timedelta(days=1))
    assert refusal(await interviews.call("POST", path, {"slot_id": second["id"]})) == (409, "slot_over")


async def test_the_last_moment_to_change_is_the_stated_one_and_not_a_second_later(interviews: Interviews) -> None:
    council = interviews.council
    first, second = await interviews.slots(count=2)
    [candidate] = await interviews.invited()
    booking = await interviews.booked(candidate, first)
    path = f"/v1/interview-bookings/{booking['id']}/move"
    council.services.clock.advance(timedelta(days=6, seconds=1))
    assert refusal(await interviews.by_link(candidate, path, {"slot_id": second["id"]})) == (409, "too_late_to_change")
    council.services.clock.instant -= timedelta(seconds=1)
    assert (await interviews.by_link(candidate, path, {"slot_id": second["id"]})).status_code == 200


async def test_the_last_interview_cancelled_leads_back_to_the_shortlist_and_another_may_be_booked(
    interviews: Interviews,
) -> None:
    council = interviews.council
    [slot] = await interviews.slots()
    [candidate] = await interviews.invited()
    booking = await interviews.booked(candidate, slot)
    cancelled = await interviews.by_link(
        candidate, f"/v1/interview-bookings/{booking['id']}/cancel", {"reason": "panel_unavailable"}
    )
    assert (cancelled.json()["state"], cancelled.json()["sequence"]) == ("cancelled", 1)
    assert cancelled.json()["cancel_reason"] == "candidate_unable", "a candidate speaks for themselves alone"
    assert await interviews.stage(candidate) == "shortlisted"
    [told] = await council.events(InterviewCancelled)
    assert (told["booking_id"], told["reason"], told["may_book_again"]) == (booking["id"], "candidate_unable", True)
    again = await interviews.booked(candidate, slot)
    assert again["id"] != booking["id"]


async def test_with_another_interview_booked_a_cancelled_one_leaves_the_stage(interviews: Interviews) -> None:
    [slot] = await interviews.slots()
    [candidate] = await interviews.invited()
    booking = await interviews.booked(candidate, slot)
    interviews.round_id = (await interviews.add_round(title="Presentation")).json()["id"]
    [later] = await interviews.slots(starts_at="2026-12-20T09:00")
    await interviews.invite(candidate)
    await interviews.booked(candidate, later)
    path = f"/v1/interview-bookings/{booking['id']}/cancel"
    assert (await interviews.call("POST", path, {"reason": "panel_unavailable"})).status_code == 200
    assert await interviews.stage(candidate) == "interview"
    read = await interviews.call("GET", f"/v1/applications/{candidate['id']}")
    assert read.json()["interview_at"] == later["starts_at"]


async def test_a_time_that_moves_takes_everybody_with_it_and_one_cancelled_frees_them(interviews: Interviews) -> None:
    council = interviews.council
    [slot] = await interviews.slots(capacity=2)
    candidates = await interviews.invited(2)
    for each in candidates:
        await interviews.booked(each, slot)
    path = f"/v1/interview-slots/{slot['id']}"
    unchanged = await interviews.call("PATCH", path, {"capacity": 3})
    assert (unchanged.json()["capacity"], await council.events(InterviewMoved)) == (3, [])
    assert refusal(await interviews.call("PATCH", path, {"capacity": 1})) == (422, "capacity_taken")
    moved = await interviews.call("PATCH", path, {"starts_at": "2026-12-11T14:00"})
    assert (moved.json()["starts_at"], moved.json()["ends_at"]) == ("2026-12-11T14:00:00Z", "2026-12-11T14:45:00Z")
    told = await council.events(InterviewMoved)
    assert {(each["application_id"], each["sequence"], each["starts_at"]) for each in told} == {
        (each["id"], 1, "2026-12-11T14:00:00Z") for each in candidates
    }
    await interviews.call("POST", f"{path}/cancel", {"reason": "panel_unavailable"})
    assert [each["reason"] for each in await council.events(InterviewCancelled)] == ["panel_unavailable"] * 2
    assert [await interviews.stage(each) for each in candidates] == ["shortlisted"] * 2
    assert refusal(await interviews.book(candidates[0], slot)) == (409, "slot_cancelled")


async def test_a_moved_time_takes_its_panel_along_and_is_refused_where_one_of_them_is_busy(council: Ats) -> None:
    interviews = await Interviews.of(council)
    panel = await Panel.of(council, interviews.vacancy)
    lead = str(panel.people[0].id)
    [first] = await interviews.slots(starts_at="2026-12-10T09:00", panel=[lead])
    await interviews.slots(starts_at="2026-12-10T14:00", panel=[lead])
    path = f"/v1/interview-slots/{first['id']}"
    assert refusal(await interviews.call("PATCH", path, {"starts_at": "2026-12-10T13:30"})) == (409, "member_busy")
    moved = await interviews.call("PATCH", path, {"starts_at": "2026-12-10T15:00"})
    assert (moved.status_code, moved.json()["panel"]) == (200, [lead])
    refused = await interviews.add_slots(starts_at="2026-12-10T15:30", panel=[lead])
    assert refusal(refused) == (409, "member_busy")
    other = await interviews.call("PATCH", path, {"panel": [str(panel.people[1].id)]})
    assert other.json()["panel"] == [str(panel.people[1].id)]


async def test_a_candidate_is_not_offered_a_time_with_somebody_who_declared_a_conflict_about_them(
    council: Ats,
) -> None:
    interviews = await Interviews.of(council)
    panel = await Panel.of(council, interviews.vacancy, 3)
    candidate = await council.apply(interviews.vacancy)
    await panel.score_alike(candidate, 3, 3)
    person = panel.people[2]
    await panel.declare(person, has_conflict=True, what="My cousin", application_ids=[candidate["id"]])
    await interviews.call("POST", f"/v1/applications/{candidate['id']}/shortlist")
    await interviews.call("POST", f"/v1/vacancies/{interviews.vacancy['id']}/confirm-shortlist")
    assert (await interviews.invite(candidate)).status_code == 200
    [slot] = await interviews.slots(panel=[str(person.id)])
    own = (await council.client.get("/v1/my/interviews", headers=await interviews.link(candidate))).json()
    assert own["rounds"][0]["slots"] == []
    assert refusal(await interviews.book(candidate, slot)) == (409, "slot_not_offered")


async def test_who_leaves_frees_their_place_and_a_rejection_shows_nothing_before_it_is_told(
    interviews: Interviews,
) -> None:
    council = interviews.council
    [slot] = await interviews.slots(capacity=2)
    leaving, rejected = await interviews.invited(2)
    for each in (leaving, rejected):
        await interviews.booked(each, slot)
    assert release_places in DUE
    await interviews.by_link(leaving, f"/v1/applications/{leaving['id']}/withdraw")
    reject = f"/v1/applications/{rejected['id']}/reject"
    assert (await interviews.call("POST", reject, {"reason_code": "right_to_work"})).status_code == 200
    async with council.region() as session:
        assert await release_places(session, council.now) == 1
        assert await release_places(session, council.now) == 0
    assert [each["application_id"] for each in await council.events(InterviewCancelled)] == [leaving["id"]]
    async with council.region() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE ats.rejections SET told_at = tell_at")
        assert await release_places(session, council.now) == 1
    told = (await council.events(InterviewCancelled))[1]
    assert (told["application_id"], told["reason"], told["may_book_again"]) == (
        rejected["id"],
        "application_ended",
        False,
    )
    assert (await interviews.shown())["slots"][0]["taken"] == 0
    assert await interviews.stage(rejected) == "rejected"


async def test_the_calendar_file_keeps_its_id_and_its_sequence_rises(interviews: Interviews) -> None:
    first, second = await interviews.slots(starts_at="2027-06-10T10:00", count=2)
    [candidate] = await interviews.invited()
    booking = await interviews.booked(candidate, first)
    path = f"/v1/interview-bookings/{booking['id']}"

    async def file(headers: dict[str, str] | None = None) -> Any:
        given = headers or interviews.council.headers(Scope.APPLICATIONS_READ)
        answer = await interviews.council.client.get(f"{path}/calendar", headers=given)
        assert answer.headers["content-type"].startswith("text/calendar")
        assert answer.headers["content-disposition"] == 'attachment; filename="interview.ics"'
        return Calendar.from_ical(answer.content)

    own = await file(await interviews.link(candidate))
    [event] = own.walk("VEVENT")
    assert (str(event["UID"]), event["SEQUENCE"], str(own["METHOD"])) == (booking["id"], 0, "PUBLISH")
    assert event.decoded("DTSTART").astimezone(LONDON).strftime("%H:%M") == "10:00"
    assert event.decoded("DTSTART") == datetime(2027, 6, 10, 9, 0, tzinfo=UTC)
    staffs = (await file()).walk("VEVENT")[0]
    assert candidate["reference"] in str(staffs["SUMMARY"])
    assert "Amara" not in str(staffs), "a calendar is shared: it shows no name"
    await interviews.by_link(candidate, f"{path}/move", {"slot_id": second["id"]})
    moved = (await file()).walk("VEVENT")[0]
    assert (str(moved["UID"]), moved["SEQUENCE"]) == (booking["id"], 1)
    await interviews.by_link(candidate, f"{path}/cancel", {"reason": "candidate_unable"})
    cancelled = await file()
    assert str(cancelled["METHOD"]) == "CANCEL"
    assert (cancelled.walk("VEVENT")[0]["SEQUENCE"], str(cancelled.walk("VEVENT")[0]["STATUS"])) == (2, "CANCELLED")


async def test_adjustments_are_for_the_organiser_alone_and_each_read_is_audited(council: Ats) -> None:
    interviews = await Interviews.of(council)
    [slot] = await interviews.slots()
    [candidate] = await interviews.invited()
    await interviews.booked(candidate, slot, adjustments="A room without stairs")
    path = f"/v1/vacancies/{interviews.vacancy['id']}/interview-adjustments"
    read = await interviews.call("GET", path)
    assert [(each["application_id"], each["words"]) for each in read.json()] == [
        (candidate["id"], "A room without stairs")
    ]
    manager = await council.staff(Role.HIRING_MANAGER)
    assert (await interviews.call("GET", path, person=manager)).status_code == 403
    alone = await council.client.get(path, headers=council.headers(Scope.APPLICATIONS_READ))
    assert alone.status_code == 403, "a client names the person who reads"
    async with council.region() as session:
        reads = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "adjustments_read"))).all()
    assert [(str(each.subject_id), each.actor_id) for each in reads] == [(candidate["id"], interviews.recruiter.id)]
    assert "without stairs" not in str(await council.events(InterviewBooked))


async def test_a_recruiter_on_the_panel_does_not_read_adjustments(council: Ats) -> None:
    interviews = await Interviews.of(council)
    member = await council.staff(Role.PANEL_MEMBER)
    await Panel(council, interviews.vacancy, []).name(member, interviews.recruiter)
    path = f"/v1/vacancies/{interviews.vacancy['id']}/interview-adjustments"
    assert refusal(await interviews.call("GET", path)) == (403, "organiser_only")


async def chosen_by(panel: Panel, interviews: Interviews) -> dict[str, Any]:
    """A candidate whom the panel has scored, on a shortlist that is final and invited to choose a time."""
    candidate = await interviews.council.apply(interviews.vacancy)
    await panel.score_alike(candidate, 3, 3)
    await interviews.call("POST", f"/v1/applications/{candidate['id']}/shortlist")
    await interviews.call("POST", f"/v1/vacancies/{interviews.vacancy['id']}/confirm-shortlist")
    assert (await interviews.invite(candidate)).status_code == 200
    return candidate


async def told_to_panel(council: Ats, kind: type[PanelInterviewSet | PanelInterviewCancelled]) -> list[Any]:
    told = await council.events(kind)
    return sorted((each["member_id"], each["sequence"], each["starts_at"]) for each in told)


async def test_the_panel_has_each_interview_in_its_calendar_and_loses_what_was_moved_or_cancelled(
    interviews: Interviews,
) -> None:
    council = interviews.council
    panel = await Panel.of(council, interviews.vacancy, 3)
    candidate = await chosen_by(panel, interviews)
    first_member, both, second_member = (str(each.id) for each in panel.people)
    [first] = await interviews.slots(
        starts_at="2027-06-10T10:00", panel=[first_member, both], video_url="https://m.example/x"
    )
    [second] = await interviews.slots(starts_at="2027-06-10T12:00", panel=[both, second_member])
    booking = await interviews.booked(candidate, first)
    set_first = sorted((each, 0, first["starts_at"]) for each in (first_member, both))
    assert await told_to_panel(council, PanelInterviewSet) == set_first
    [told, _] = await council.events(PanelInterviewSet)
    async with council.region() as session:
        shown = await session.get_one(Application, UUID(candidate["id"]))
        sealed = await mailed(session, PanelInterviewSet.name, PanelContact)
    assert told["candidate_reference"] == shown.reference
    assert {each.video_url for each in sealed} == {"https://m.example/x"}
    assert {each.name for each in sealed} == {each.name for each in panel.people[:2]}
    assert "m.example" not in str(told), "whoever has the address can join"
    await interviews.by_link(candidate, f"/v1/interview-bookings/{booking['id']}/move", {"slot_id": second["id"]})
    moved = sorted((each, 1, second["starts_at"]) for each in (both, second_member))
    assert await told_to_panel(council, PanelInterviewSet) == sorted([*set_first, *moved])
    assert await told_to_panel(council, PanelInterviewCancelled) == [(first_member, 1, second["starts_at"])]
    await interviews.call("POST", f"/v1/interview-slots/{second['id']}/cancel", {"reason": "times_changed"})
    gone = await told_to_panel(council, PanelInterviewCancelled)
    assert [each for each in gone if each[1] == 2] == sorted(
        (each, 2, second["starts_at"]) for each in (both, second_member)
    )


async def test_who_takes_another_members_place_in_a_booked_slot_is_told_and_the_candidate_is_not(
    interviews: Interviews,
) -> None:
    council = interviews.council
    panel = await Panel.of(council, interviews.vacancy, 2)
    candidate = await chosen_by(panel, interviews)
    leaving, coming = (str(each.id) for each in panel.people)
    [slot] = await interviews.slots(panel=[leaving])
    await interviews.booked(candidate, slot)
    changed = await interviews.call("PATCH", f"/v1/interview-slots/{slot['id']}", {"panel": [coming]})
    assert changed.status_code == 200, changed.text
    assert [each[:2] for each in await told_to_panel(council, PanelInterviewCancelled)] == [(leaving, 1)]
    assert (coming, 1, slot["starts_at"]) in await told_to_panel(council, PanelInterviewSet)
    assert await council.events(InterviewMoved) == []


async def test_who_was_rejected_and_is_taken_back_after_their_place_was_freed_chooses_another_time(
    interviews: Interviews,
) -> None:
    council = interviews.council
    first, second = await interviews.slots(count=2)
    [candidate] = await interviews.invited()
    await interviews.booked(candidate, first)
    path = f"/v1/applications/{candidate['id']}"
    await interviews.call("POST", f"{path}/reject", {"reason_code": "right_to_work"})
    async with council.region() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("UPDATE ats.rejections SET told_at = tell_at")
        assert await release_places(session, council.now) == 1
    undone = await interviews.call("POST", f"{path}/undo-rejection")
    assert undone.status_code == 200, undone.text
    assert (undone.json()["stage"], undone.json()["interview_at"]) == ("shortlisted", None)
    await interviews.booked(candidate, second)
    assert await interviews.stage(candidate) == "interview"


async def test_a_rejection_before_the_interview_is_not_one_after_it(interviews: Interviews) -> None:
    council = interviews.council
    slots = await interviews.slots(count=2)
    before, after = await interviews.invited(2)
    for candidate, slot in zip((before, after), slots, strict=True):
        await interviews.booked(candidate, slot)
    reject = {"reason_code": "interview_not_passed"}
    await interviews.call("POST", f"/v1/applications/{before['id']}/reject", {"reason_code": "right_to_work"})
    council.services.clock.advance(timedelta(days=8))
    await interviews.call("POST", f"/v1/applications/{after['id']}/reject", reject)
    held = {
        each["id"]: (await interviews.call("GET", f"/v1/applications/{each['id']}")).json()["interviewed_at"]
        for each in (before, after)
    }
    assert held == {before["id"]: None, after["id"]: slots[1]["starts_at"]}
    async with council.region() as session:
        logged = select(HiringLogEntry.application_id).where(HiringLogEntry.event == HiringEvent.INTERVIEWED)
        assert [str(each) for each in await session.scalars(logged)] == [after["id"]]
        assert await tell_rejections(session, council.now + timedelta(days=1)) == 2
    told = await council.events(ApplicationRejected)
    assert {each["application_id"]: each["after_interview"] for each in told} == {
        before["id"]: False,
        after["id"]: True,
    }
    assert [each["was_shortlisted"] for each in told] == [True, True]
