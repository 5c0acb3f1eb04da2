"""A hire taken back frees the opening and corrects the clock; the first day is confirmed or not come to."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from services.ats.hires.models import Hire
from services.ats.hires.queries import new_starters
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import stands
from services.ats.time_to_hire.queries import read_log
from services.ats.time_to_hire.rules import openings_at
from services.ats.time_to_hire.vocabulary import HiringEvent
from shared.events.applications import ApplicationWithdrawn, CandidateUnhired, OfferWithdrawn, StartConfirmed
from shared.events.ats import VacancyChanged
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats

FIRST_DAY = timedelta(days=60)


async def hired(council: Ats, **vacancy: Any) -> tuple[dict[str, Any], str, StaffMember]:
    """A vacancy, somebody hired for it, and who hired them."""
    made = await council.live(**vacancy)
    person = await council.staff(Role.RECRUITER)
    [candidate] = await council.at_interview(made, person)
    own = f"/v1/applications/{candidate['id']}"
    offer = (await council.decide(f"{own}/offers", person, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    await council.pass_checks(candidate["id"], person)
    start = {"starts_on": (council.now + FIRST_DAY).date().isoformat()}
    await council.decide(f"{own}/clear", person, start)
    assert (await council.decide(f"{own}/hire", person)).status_code == 200
    return made, own, person


async def read(council: Ats, own: str) -> dict[str, Any]:
    answer = await council.client.get(f"{own}/hire", headers=council.headers(Scope.APPLICATIONS_READ))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def standing(council: Ats) -> list[str]:
    """What the hiring log knows of the candidate's end of it."""
    last = ("offer_accepted", "cleared", "hired", "started", "offer_withdrawn")
    async with council.region() as session:
        found = await session.scalars(select(HiringLogEntry.event).where(stands()).order_by(HiringLogEntry.id))
        return [each.value for each in found if each in last]


async def the_clock(council: Ats) -> Any:
    async with council.region() as session:
        as_at = council.now + timedelta(days=200)
        [opening] = openings_at(await read_log(session, as_at=as_at, is_replay=False), as_at)
        return opening


@pytest.mark.parametrize(
    ("reason", "stage", "told"),
    [
        ("candidate_withdrew", "withdrawn", ApplicationWithdrawn),
        ("offer_withdrawn", "offer_withdrawn", OfferWithdrawn),
        ("checks_failed", "offer_withdrawn", OfferWithdrawn),
    ],
)
async def test_a_hire_taken_back_frees_the_opening_corrects_the_clock_and_tells(
    council: Ats, reason: str, stage: str, told: Any
) -> None:
    vacancy, own, person = await hired(council)
    assert HiringEvent.STARTED in (await the_clock(council)).reached
    done = await council.decide(f"{own}/un-hire", person, {"reason_code": reason})
    assert (done.status_code, done.json()["stage"], done.json()["opening_no"]) == (200, stage, None)
    shown = await council.read(vacancy)
    assert (shown["state"], shown["openings_remaining"]) == ("closed", 1)
    assert [each["state"] for each in shown["opening_list"]] == ["open"]
    assert await standing(council) == ["offer_accepted", "cleared", "offer_withdrawn"]
    reached = (await the_clock(council)).reached
    assert not {HiringEvent.STARTED, HiringEvent.CLEARED, HiringEvent.OFFER_ACCEPTED} & set(reached)
    news = (await council.events(VacancyChanged))[-1]
    assert (news["state"], news["openings_remaining"]) == ("closed", 1)
    [event] = await council.events(CandidateUnhired)
    assert (event["reason"], event["is_opening_free"], event["opening_no"]) == (reason, True, 1)
    assert len(await council.events(told)) == 1
    offers = await council.client.get(f"{own}/offers", headers=council.headers(Scope.APPLICATIONS_READ))
    assert [(each["state"], each["withdrawn_reason"]) for each in offers.json()] == [("withdrawn", reason)]


async def test_a_hire_recorded_in_error_leaves_the_candidate_as_far_as_before_it(council: Ats) -> None:
    vacancy, own, person = await hired(council)
    done = await council.decide(f"{own}/un-hire", person, {"reason_code": "recorded_in_error"})
    assert (done.json()["stage"], done.json()["opening_no"]) == ("cleared", 1)
    shown = await council.read(vacancy)
    assert (shown["state"], [each["state"] for each in shown["opening_list"]]) == ("closed", ["accepted"])
    assert await standing(council) == ["offer_accepted", "cleared"]
    for kind in (ApplicationWithdrawn, OfferWithdrawn):
        assert await council.events(kind) == []
    again = await council.decide(f"{own}/hire", person)
    assert again.json()["stage"] == "hired"
    assert (await council.read(vacancy))["state"] == "filled"
    assert (await read(council, own))["undone_at"] is None
    assert await standing(council) == ["offer_accepted", "cleared", "hired", "started"]


async def test_the_freed_opening_is_offered_to_somebody_else(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.RECRUITER)
    first, second = await council.at_interview(vacancy, person, count=2)
    own = f"/v1/applications/{first['id']}"
    offer = (await council.decide(f"{own}/offers", person, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    await council.pass_checks(first["id"], person)
    await council.decide(f"{own}/clear", person, {"starts_on": "2027-02-01"})
    await council.decide(f"{own}/hire", person)
    other = f"/v1/applications/{second['id']}/offers"
    assert not (await council.decide(other, person, council.terms())).is_success
    await council.decide(f"{own}/un-hire", person, {"reason_code": "candidate_withdrew"})
    assert (await council.decide(other, person, council.terms())).status_code == 201


async def test_a_hire_is_not_taken_back_into_a_post_that_is_advertised_anew(council: Ats) -> None:
    requisition = {"post_id": "HSG-0042", "reason": "replacement"}
    vacancy, own, person = await hired(council, requisition=requisition)
    await council.create(requisition=requisition)
    refused = await council.decide(f"{own}/un-hire", person, {"reason_code": "candidate_withdrew"})
    assert (refused.status_code, refused.json()["code"]) == (409, "post_has_open_requisition")
    assert (await council.read(vacancy))["state"] == "filled"


async def test_a_hire_taken_back_while_its_post_is_advertised_anew_is_refused_and_not_an_error(
    live_council: Ats,
) -> None:
    council = live_council
    _, own, person = await hired(council, requisition={"post_id": "HSG-0042", "reason": "replacement"})
    other = await council.create()
    services = council.services
    async with await psycopg.AsyncConnection.connect(services.parts.postgres.database_url(services.database)) as rival:
        opened = "UPDATE ats.vacancies SET post_id = 'HSG-0042' WHERE id = %s"
        await rival.execute(opened, (other["id"],))
        undoing = asyncio.create_task(council.decide(f"{own}/un-hire", person, {"reason_code": "candidate_withdrew"}))
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        while not undoing.done() and (await (await rival.execute(waits)).fetchone() or (0,))[0] == 0:
            await asyncio.sleep(0.02)
        await rival.commit()
        refused = await undoing
    assert (refused.status_code, refused.json()["code"]) == (409, "post_has_open_requisition"), refused.text
    assert refused.json()["existing"] == f"/v1/vacancies/{other['id']}"


async def test_a_hire_taken_back_three_times_at_once_is_taken_back_once(live_council: Ats) -> None:
    _, own, person = await hired(live_council)
    body = {"reason_code": "candidate_withdrew"}
    answers = await asyncio.gather(*(live_council.decide(f"{own}/un-hire", person, body) for _ in range(3)))
    assert {each.status_code for each in answers} <= {200, 404, 409}
    assert len([each for each in answers if each.is_success]) == 1
    assert len(await live_council.events(CandidateUnhired)) == 1


async def test_a_start_is_confirmed_on_another_day_and_the_clock_goes_by_it(council: Ats) -> None:
    vacancy, own, person = await hired(council)
    early = await council.decide(f"{own}/confirm-start", person)
    assert (early.status_code, early.json()["code"]) == (422, "start_ahead")
    council.services.clock.advance(FIRST_DAY + timedelta(days=2))
    day = (council.now - timedelta(days=1)).date()
    confirmed = await council.decide(f"{own}/confirm-start", person, {"started_on": day.isoformat()})
    assert (confirmed.status_code, confirmed.json()["starts_on"]) == (200, day.isoformat())
    assert (confirmed.json()["start_confirmed_by"], confirmed.json()["allowed_actions"]) == (
        str(person.id),
        ["record_leaving", "un_hire"],
    )
    assert (await the_clock(council)).reached[HiringEvent.STARTED].date() == day
    assert (await council.read(vacancy))["opening_list"][0]["starts_on"] == day.isoformat()
    assert [each["started_on"] for each in await council.events(StartConfirmed)] == [day.isoformat()]
    twice = await council.decide(f"{own}/confirm-start", person)
    assert twice.json()["code"] == "start_confirmed"
    assert (await standing(council)).count("started") == 1
    refused = await council.decide(f"{own}/un-hire", person, {"reason_code": "candidate_withdrew"})
    assert refused.json()["code"] == "start_confirmed"


async def test_the_opening_of_a_no_show_is_free_where_the_council_says_so(council: Ats) -> None:
    vacancy, own, person = await hired(council)
    body = {"frees_opening": True}
    assert (await council.decide(f"{own}/record-no-show", person, body)).json()["code"] == "start_ahead"
    council.services.clock.advance(FIRST_DAY)
    gone = await council.decide(f"{own}/record-no-show", person, body)
    assert (gone.json()["unhire_reason"], gone.json()["undone_by"]) == ("no_show", str(person.id))
    assert [each["state"] for each in (await council.read(vacancy))["opening_list"]] == ["open"]
    assert len(await council.events(OfferWithdrawn)) == 1


async def test_the_opening_of_a_no_show_waits_for_them_where_the_council_says_so(council: Ats) -> None:
    vacancy, own, person = await hired(council)
    council.services.clock.advance(FIRST_DAY)
    waits = await council.decide(f"{own}/record-no-show", person, {"frees_opening": False})
    assert (waits.status_code, waits.json()["undone_at"]) == (200, None)
    assert [each["state"] for each in (await council.read(vacancy))["opening_list"]] == ["filled"]
    assert "started" not in await standing(council)
    council.services.clock.advance(timedelta(days=3))
    came = await council.decide(f"{own}/confirm-start", person, {"started_on": council.now.date().isoformat()})
    assert (came.status_code, came.json()["no_show_at"]) == (200, None)
    assert (await the_clock(council)).reached[HiringEvent.STARTED].date() == council.now.date()


async def test_when_and_why_somebody_left_is_kept_and_counted_by_route(council: Ats) -> None:
    _, own, person = await hired(council)
    council.services.clock.advance(FIRST_DAY)
    leaving = {"left_on": council.now.date().isoformat(), "reason_code": "resigned"}
    assert (await council.decide(f"{own}/record-leaving", person, leaving)).json()["code"] == "start_not_confirmed"
    await council.decide(f"{own}/confirm-start", person)
    council.services.clock.advance(timedelta(days=90))
    leaving["left_on"] = council.now.date().isoformat()
    left = await council.decide(f"{own}/record-leaving", person, leaving)
    assert (left.json()["left_on"], left.json()["leaving_reason"]) == (leaving["left_on"], "resigned")
    reader = council.headers(Scope.REPORTS_READ)
    found = (await council.client.get("/v1/reports/time-to-hire", headers=reader)).json()["new_starters"]
    assert found == [{"route": "external", "started": None, "first_year_over": 0, "left_in_first_year": None}]
    async with council.region() as session:
        assert [each[2:] for each in await new_starters(session, on=council.now.date())] == [(1, 0, 1)]
    unknown = await council.decide(f"{own}/record-leaving", person, leaving | {"reason_code": "bored"})
    assert unknown.status_code == 422


async def test_who_has_not_been_hired_has_no_hire(council: Ats) -> None:
    person = await council.staff(Role.RECRUITER)
    candidate = await council.apply(await council.live())
    own = f"/v1/applications/{candidate['id']}"
    headers = council.headers(Scope.APPLICATIONS_READ)
    assert (await council.client.get(f"{own}/hire", headers=headers)).json()["code"] == "hire_not_found"
    assert (await council.decide(f"{own}/confirm-start", person)).status_code == 404
    refused = await council.decide(f"{own}/un-hire", person, {"reason_code": "offer_withdrawn"})
    assert refused.json()["code"] == "stage_not_reachable"


async def test_a_hire_is_followed_up_on_its_page(council: Ats) -> None:
    _, own, person = await hired(council)
    path = own.removeprefix("/v1")
    await sign_in(council, person.email)
    assert f"{path}/hire" in (await council.client.get(f"{path}/checks")).text
    council.services.clock.advance(FIRST_DAY)
    form = {"csrf_token": token_of(await council.client.get(f"{path}/hire"))}
    slip = await council.client.post(f"{path}/hire/record-no-show", data=form)
    assert (slip.status_code, "Say whether the opening is free" in slip.text) == (422, True)
    assert (await council.client.post(f"{path}/hire/confirm-start", data=form)).status_code == 303
    wrong = form | {"left_on-day": "1", "left_on-month": "1", "left_on-year": "2020"}
    slip = await council.client.post(f"{path}/hire/record-leaving", data=wrong)
    assert (slip.status_code, "Choose why they left" in slip.text, 'value="2020"' in slip.text) == (422, True, True)
    slip = await council.client.post(f"{path}/hire/record-leaving", data=wrong | {"leaving_reason": "retired"})
    assert (slip.status_code, "The last day lies before the first" in slip.text) == (422, True)
    back = await council.client.post(f"{path}/hire/un-hire", data=form | {"unhire_reason": "recorded_in_error"})
    assert back.status_code == 303
    assert "Taken back" in (await council.client.get(f"{path}/hire")).text


async def test_hires_made_before_are_found_by_their_entries(council: Ats) -> None:
    _, own, _ = await hired(council)
    async with council.region() as session:
        [hire] = (await session.scalars(select(Hire))).all()
        entries = {each.id: each.event.value for each in (await session.scalars(select(HiringLogEntry))).all()}
    assert (entries[hire.hired_log_id], entries[hire.started_log_id]) == ("hired", "started")
    assert str(hire.application_id) in own
