"""A rejection taken back: to where it came from, with nothing told twice and nothing told that was not so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.ats.applications.rejecting import tell_rejections
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import standing_steps
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.worker import DUE
from shared.events.applications import ApplicationRejected, ApplicationRejectionUndone, ApplicationShortlisted
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats

REASON = {"reason_code": "stronger_candidates"}
NO_MORE = {"reason_code": "no_appointment"}


async def act(council: Ats, candidate: dict[str, Any], verb: str, person: StaffMember, body: Any = None) -> Any:
    return await council.decide(f"/v1/applications/{candidate['id']}/{verb}", person, body)


async def tell(council: Ats) -> int:
    async with council.region() as session:
        return await tell_rejections(session, council.now)


async def read(council: Ats, candidate: dict[str, Any]) -> dict[str, Any]:
    headers = council.headers(Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)
    return (await council.client.get(f"/v1/applications/{candidate['id']}", headers=headers)).json()


async def test_a_rejection_is_told_when_its_delay_is_over_dated_with_that_instant(council: Ats) -> None:
    assert tell_rejections in DUE
    vacancy, person = await council.live(), await council.staff(Role.RECRUITER)
    candidate = await council.apply(vacancy)
    await act(council, candidate, "reject", person, REASON)
    due = council.now + timedelta(hours=4)
    council.services.clock.advance(timedelta(hours=3, minutes=59))
    assert await tell(council) == 0
    council.services.clock.advance(timedelta(hours=2))
    assert await tell(council) == 1
    assert await tell(council) == 0
    assert len(await council.events(ApplicationRejected)) == 1
    async with council.region() as session:
        connection = await session.connection()
        told = await connection.exec_driver_sql(
            "SELECT occurred_at FROM ats.events WHERE name = %s", (ApplicationRejected.name,)
        )
        assert [row[0] for row in told] == [due]


async def test_a_council_may_tell_at_once(council: Ats) -> None:
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    body = {"valid_from": council.now.date().isoformat(), "rejection_delay_minutes": 0}
    headers = council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id)
    await council.client.put("/v1/employers/SAW/selection-policy", json=body, headers=headers)
    vacancy, person = await council.live(), await council.staff(Role.RECRUITER)
    await act(council, await council.apply(vacancy), "reject", person, REASON)
    assert len(await council.events(ApplicationRejected)) == 1


@pytest.mark.parametrize("stage", ["submitted", "shortlisted", "interview"])
async def test_undone_in_time_it_goes_back_to_where_it_was_and_nobody_hears_of_it(council: Ats, stage: str) -> None:
    vacancy, person = await council.live(), await council.staff(Role.HIRING_MANAGER)
    if stage == "interview":
        [candidate] = await council.at_interview(vacancy, person)
    else:
        candidate = await council.apply(vacancy)
        if stage == "shortlisted":
            await act(council, candidate, "shortlist", person)
    before = await read(council, candidate)
    await act(council, candidate, "reject", person, REASON)
    assert "undo_rejection" in (await read(council, candidate))["allowed_actions"]
    undone = await act(council, candidate, "undo-rejection", person)
    assert (undone.status_code, undone.json()["stage"]) == (200, stage)
    assert (undone.json()["rejection_reason"], undone.json()["unmet_criteria"]) == (None, [])
    assert undone.json()["allowed_actions"] == [*before["allowed_actions"]]
    council.services.clock.advance(timedelta(days=1))
    assert await tell(council) == 0
    assert await council.events(ApplicationRejected) == []
    assert await council.events(ApplicationRejectionUndone) == []
    again = await act(council, candidate, "undo-rejection", person)
    assert (again.status_code, again.json()["code"]) == (409, "stage_not_reachable")


async def test_undone_after_it_was_told_the_candidate_hears_that_we_looked_again(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.RECRUITER)
    candidate = await council.apply(vacancy)
    await act(council, candidate, "reject", person, REASON)
    council.services.clock.advance(timedelta(hours=5))
    await tell(council)
    assert (await act(council, candidate, "undo-rejection", person)).status_code == 200
    [undone] = await council.events(ApplicationRejectionUndone)
    async with council.region() as session:
        connection = await session.connection()
        told = await connection.exec_driver_sql(
            "SELECT id FROM ats.events WHERE name = %s", (ApplicationRejected.name,)
        )
        assert [str(row[0]) for row in told] == [undone["rejection_event_id"]]


async def test_rejected_undone_and_rejected_again_is_told_once(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.RECRUITER)
    candidate = await council.apply(vacancy)
    for verb, body in (("reject", REASON), ("undo-rejection", None), ("reject", REASON)):
        assert (await act(council, candidate, verb, person, body)).status_code == 200
    council.services.clock.advance(timedelta(hours=5))
    await tell(council)
    assert len(await council.events(ApplicationRejected)) == 1


async def test_the_interview_that_a_rejection_noted_is_taken_back_in_the_log_and_in_the_clock(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    await act(council, candidate, "reject", person, {"reason_code": "interview_not_passed"})
    await act(council, candidate, "undo-rejection", person)
    assert (await read(council, candidate))["interviewed_at"] is None
    async with council.region() as session:
        interviews = select(HiringLogEntry).where(HiringLogEntry.event == HiringEvent.INTERVIEWED)
        first, correction = (await session.scalars(interviews.order_by(HiringLogEntry.id))).all()
        assert (correction.corrects_id, correction.takes_back) == (first.id, True)
        standing = await standing_steps(session, [first.vacancy_id])
        assert HiringEvent.INTERVIEWED not in {each.event for each in standing}
    await act(council, candidate, "record-interview", person)
    async with council.region() as session:
        standing = await standing_steps(session, [first.vacancy_id])
        assert [each.event for each in standing].count(HiringEvent.INTERVIEWED) == 1


async def test_an_interview_that_was_held_stays_held(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.HIRING_MANAGER)
    [candidate] = await council.at_interview(vacancy, person)
    await act(council, candidate, "record-interview", person)
    await act(council, candidate, "reject", person, REASON)
    await act(council, candidate, "undo-rejection", person)
    assert (await read(council, candidate))["interviewed_at"] is not None


async def test_who_has_applied_again_since_is_named_instead(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.RECRUITER)
    first = await council.apply(vacancy, email="amara@people.example")
    await act(council, first, "reject", person, NO_MORE)
    second = await council.apply(vacancy, email="amara@people.example")
    refused = await act(council, first, "undo-rejection", person)
    assert (refused.status_code, refused.json()["code"]) == (409, "applied_again")
    assert refused.json()["existing"] == f"/v1/applications/{second['id']}"
    assert second["reference"] in refused.json()["detail"]


async def test_nobody_comes_back_to_a_vacancy_that_has_ended(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.RECRUITER)
    candidate = await council.apply(vacancy)
    await act(council, candidate, "reject", person, REASON)
    await council.move(vacancy, "cancel", {"reason": "The funding was withdrawn"})
    refused = await act(council, candidate, "undo-rejection", person)
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")


async def test_who_comes_back_to_a_shortlist_that_was_confirmed_meanwhile_hears_of_it(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.RECRUITER)
    candidate, other = [await council.apply(vacancy) for _ in range(2)]
    for each in (candidate, other):
        await act(council, each, "shortlist", person)
    await act(council, candidate, "reject", person, REASON)
    await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person)
    assert len(await council.events(ApplicationShortlisted)) == 1
    await act(council, candidate, "undo-rejection", person)
    told = [each["application_id"] for each in await council.events(ApplicationShortlisted)]
    assert told == [other["id"], candidate["id"]]
