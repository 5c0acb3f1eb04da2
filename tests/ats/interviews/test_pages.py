"""Interviews on pages, without script: for staff, and behind a candidate's link. Nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx

from shared.links import issue_link
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats
from tests.factories.interviews import Interviews
from tests.factories.panels import Panel


async def post(council: Ats, page: str, action: str, **fields: Any) -> httpx.Response:
    token = token_of(await council.client.get(page))
    return await council.client.post(action, data={"csrf_token": token} | fields)


async def open_link_of(interviews: Interviews, candidate: dict[str, Any]) -> None:
    """As a candidate does: the button behind the link in the mail; the client keeps the cookie."""
    council = interviews.council
    async with council.region() as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=candidate["id"],
            employer_id=None,
            expires_at=council.now + timedelta(days=30),
            path="/my-application/interviews",
        )
    followed = await council.client.post(f"/l/{token}")
    assert followed.headers["location"] == "/my-application/interviews"


async def test_a_candidate_books_moves_and_cancels_on_the_page(council: Ats) -> None:
    interviews = await Interviews.of(council)
    first, second = await interviews.slots(starts_at="2026-12-10T09:00", count=2)
    [candidate] = await interviews.invited()
    await open_link_of(interviews, candidate)
    page = "/my-application/interviews"
    shown = await council.client.get(page)
    assert "10 December 2026 at 9am to 9:45am" in shown.text
    unchosen = await post(council, page, f"{page}/book", adjustments="A room without stairs")
    assert unchosen.status_code == 422
    assert "Choose a time" in unchosen.text
    assert "A room without stairs" in unchosen.text, "nothing typed is lost"
    booked = await post(council, page, f"{page}/book", slot_id=first["id"], adjustments="A room without stairs")
    assert (booked.status_code, booked.headers["location"]) == (303, page)
    own = await council.client.get(page)
    booking_id = re.findall(r"interview-bookings/([0-9a-f-]{36})/calendar", own.text)[0]
    assert "Put it into your calendar" in own.text
    assert (await council.client.get(f"/v1/interview-bookings/{booking_id}/calendar")).status_code == 200
    moved = await post(council, page, f"{page}/{booking_id}/move", slot_id=second["id"])
    assert moved.status_code == 303
    assert "10 December 2026 at 9:45am" in (await council.client.get(page)).text
    assert (await post(council, page, f"{page}/{booking_id}/cancel")).status_code == 303
    assert "Book this time" in (await council.client.get(page)).text
    assert "Choose, move or cancel your interview" in (await council.client.get("/my-application")).text


async def test_the_forms_of_two_rounds_share_no_id(council: Ats) -> None:
    interviews = await Interviews.of(council)
    await interviews.slots(starts_at="2026-12-10T09:00", count=2)
    [candidate] = await interviews.invited()
    interviews.round_id = (await interviews.add_round(title="Presentation")).json()["id"]
    await interviews.slots(starts_at="2026-12-17T09:00", count=2)
    await interviews.invite(candidate)
    await open_link_of(interviews, candidate)
    shown = (await council.client.get("/my-application/interviews")).text
    ids = re.findall(r' id="([^"]+)"', shown)
    assert shown.count("Book this time") == 2
    assert sorted(ids) == sorted(set(ids))


async def test_a_time_that_somebody_else_took_meanwhile_is_told_with_those_left(council: Ats) -> None:
    interviews = await Interviews.of(council)
    first, _ = await interviews.slots(starts_at="2026-12-10T09:00", count=2)
    slow, fast = await interviews.invited(2)
    await open_link_of(interviews, slow)
    page = "/my-application/interviews"
    token = token_of(await council.client.get(page))
    await interviews.booked(fast, first)
    data = {"csrf_token": token, "slot_id": first["id"], "adjustments": "More time to read"}
    refused = await council.client.post(f"{page}/book", data=data)
    assert refused.status_code == 422
    assert "Every place at this time is taken" in refused.text
    assert "More time to read" in refused.text
    assert first["id"] not in refused.text


async def test_a_recruiter_sets_up_a_round_with_times_and_invites_on_the_page(council: Ats) -> None:
    interviews = await Interviews.of(council)
    await Panel.of(council, interviews.vacancy)
    await sign_in(council, interviews.recruiter.email)
    page = f"/vacancies/{interviews.vacancy['id']}/interviews"
    assert page in (await council.client.get(f"/vacancies/{interviews.vacancy['id']}")).text
    unnamed = await post(council, page, f"{page}/rounds", title="")
    assert (unnamed.status_code, "Enter what the round is called" in unnamed.text) == (422, True)
    assert (await post(council, page, f"{page}/rounds", title="Presentation")).status_code == 303
    action = f"/interview-rounds/{interviews.round_id}/slots"
    day = {"day-day": "10", "day-month": "12", "day-year": "2026"}
    wrong = await post(council, page, action, **day, starts_at="25:00", minutes="45", place="Council House")
    assert wrong.status_code == 422
    assert "Enter a real day and a time" in wrong.text
    assert 'value="Council House"' in wrong.text, "nothing typed is lost"
    right = day | {"starts_at": "9:30", "minutes": "45", "count": "2", "place": "Council House", "room": "Room 2"}
    assert (await post(council, page, action, **right)).status_code == 303
    shown = await council.client.get(page)
    assert "10 December 2026 at 9:30am" in shown.text
    taken = await post(council, page, action, **right)
    assert (taken.status_code, "The room is in use" in taken.text) == (422, True)
    days = await council.client.get("/interviews", params={"begin": "2026-12-08"})
    assert "Thursday, 10 December 2026" in days.text
    assert "9:30am to 10:15am" in days.text


async def test_staff_invite_move_and_cancel_on_the_page_and_the_organiser_reads_adjustments(council: Ats) -> None:
    interviews = await Interviews.of(council)
    first, second = await interviews.slots(starts_at="2026-12-10T09:00", count=2)
    [candidate] = await interviews.shortlisted()
    await sign_in(council, interviews.recruiter.email)
    page = f"/vacancies/{interviews.vacancy['id']}/interviews"
    nobody = await post(council, page, f"{page}/invite", round_id=interviews.round_id)
    assert (nobody.status_code, "Choose who is invited" in nobody.text) == (422, True)
    invited = await post(council, page, f"{page}/invite", round_id=interviews.round_id, applications=candidate["id"])
    assert invited.status_code == 303
    booking = await interviews.booked(candidate, first, adjustments="A room without stairs")
    change = f"/interview-bookings/{booking['id']}/change"
    await sign_in(council, interviews.recruiter.email)
    assert (await post(council, page, change, slot_id=second["id"], then="move")).status_code == 303
    adjustments = await council.client.get(f"/vacancies/{interviews.vacancy['id']}/interview-adjustments")
    assert "A room without stairs" in adjustments.text
    assert candidate["reference"] in adjustments.text
    assert (await post(council, page, change, reason="panel_unavailable", then="cancel")).status_code == 303
    assert await interviews.stage(candidate) == "shortlisted"
    cancel = f"/interview-slots/{second['id']}/cancel"
    assert (await post(council, page, cancel, reason="room_unavailable")).status_code == 303
    assert "Cancelled" in (await council.client.get(page)).text


async def test_a_candidate_is_asked_before_they_cancel_and_only_about_their_own(council: Ats) -> None:
    interviews = await Interviews.of(council)
    slots = await interviews.slots(count=2)
    mine, other = await interviews.invited(2)
    booking, theirs = [
        await interviews.booked(candidate, slot) for candidate, slot in zip((mine, other), slots, strict=True)
    ]
    headers = await interviews.link(mine)
    page = f"/my-application/interviews/{booking['id']}/cancel"
    shown = await council.client.get("/my-application/interviews", headers=headers)
    assert f'href="{page}"' in shown.text
    asked = await council.client.get(page, headers=headers)
    assert "Are you sure that you want to cancel your interview?" in asked.text
    assert await interviews.stage(mine) == "interview", "asking does nothing"
    strange = await council.client.get(f"/my-application/interviews/{theirs['id']}/cancel", headers=headers)
    assert strange.status_code == 404
    assert (await council.client.post(page, headers=headers)).status_code == 303
    assert await interviews.stage(mine) == "shortlisted"
