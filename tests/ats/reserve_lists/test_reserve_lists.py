"""The reserve list: who could do the job, in an order, for a while; nobody on it is rejected, and nobody told twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from services.ats.applications.closing import close_waiting_applications
from services.ats.bulk_actions.doing import do_batch_items
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.reserve_lists.due import end_reserve_lists, tell_reserve_lists
from services.ats.reserve_lists.models import ReserveEntry
from services.ats.worker import DUE
from shared.events.applications import (
    ApplicationClosed,
    ApplicationRejected,
    ApplicationWithdrawn,
    OfferMade,
)
from shared.events.reserve_lists import ReserveListed, ReserveListingUndone
from shared.links import issue_link, open_link
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats

WHY = "Cannot start before the summer, by her own word"


class Listed:
    """A vacancy with candidates who have been interviewed, and somebody who decides."""

    def __init__(self, council: Ats, vacancy: dict[str, Any], person: StaffMember, people: list[Any]) -> None:
        self.council, self.vacancy, self.person, self.people = council, vacancy, person, people

    @classmethod
    async def of(cls, council: Ats, count: int = 3, **vacancy: Any) -> Listed:
        live = await council.live(**vacancy)
        person = await council.staff(Role.RECRUITER)
        return cls(council, live, person, await council.at_interview(live, person, count=count))

    async def act(self, number: int, verb: str, body: Any = None) -> httpx.Response:
        return await self.council.decide(f"/v1/applications/{self.people[number]['id']}/{verb}", self.person, body)

    async def reserve(self, *numbers: int, **body: Any) -> None:
        for number in numbers:
            answer = await self.act(number, "reserve", body)
            assert (answer.status_code, answer.json()["stage"]) == (200, "reserve_listed"), answer.text

    async def offer(self, number: int, **more: Any) -> httpx.Response:
        return await self.act(number, "offers", self.council.terms() | more)

    async def hire(self, number: int) -> None:
        offer = (await self.offer(number)).json()
        assert (await self.council.decide(f"/v1/offers/{offer['id']}/accept", self.person)).status_code == 200
        await self.council.pass_checks(self.people[number]["id"], self.person)
        start = {"starts_on": (self.council.now + timedelta(days=60)).date().isoformat()}
        assert (await self.act(number, "clear", start)).status_code == 200
        assert (await self.act(number, "hire")).status_code == 200

    async def ranked(self) -> list[int]:
        """Who is on the list, by number, the first first."""
        url = f"/v1/vacancies/{self.vacancy['id']}/reserve-list"
        rows = (await self.council.client.get(url, headers=self.council.headers(Scope.APPLICATIONS_READ))).json()
        assert [each["rank"] for each in rows] == list(range(1, len(rows) + 1))
        numbers = {each["id"]: number for number, each in enumerate(self.people)}
        return [numbers[each["application_id"]] for each in rows]

    async def read(self, number: int) -> dict[str, Any]:
        url = f"/v1/applications/{self.people[number]['id']}"
        headers = self.council.headers(Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)
        return (await self.council.client.get(url, headers=headers)).json()

    async def tick(self) -> int:
        """As the worker does, until nothing is due."""
        done = 0
        for due in (tell_reserve_lists, end_reserve_lists, close_waiting_applications):
            async with self.council.region() as session:
                done += await due(session, self.council.now)
        return done

    async def pass_delay(self) -> None:
        self.council.services.clock.advance(timedelta(hours=5))
        await self.tick()


@pytest.fixture
async def listed(council: Ats) -> Listed:
    return await Listed.of(council)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_who_is_listed_is_told_once_when_the_delay_is_over_and_not_of_a_rank(listed: Listed) -> None:
    assert {tell_reserve_lists, end_reserve_lists} <= set(DUE)
    await listed.reserve(0)
    due = listed.council.now + timedelta(hours=4)
    listed.council.services.clock.advance(timedelta(hours=3, minutes=59))
    assert await listed.tick() == 0
    listed.council.services.clock.advance(timedelta(hours=2))
    assert await listed.tick() == 1
    assert await listed.tick() == 0
    [told] = await listed.council.events(ReserveListed)
    assert told["until"] == "2027-05-16T22:59:59Z"
    assert "rank" not in told
    async with listed.council.region() as session:
        entry = (await session.scalars(select(ReserveEntry))).one()
        assert entry.told_at == due


async def test_nobody_on_the_list_is_rejected_when_somebody_else_is_hired(listed: Listed) -> None:
    await listed.reserve(1)
    await listed.pass_delay()
    await listed.hire(0)
    await listed.tick()
    assert (await listed.read(1))["stage"] == "reserve_listed"
    assert (await listed.read(2))["rejection_reason"] == "post_filled"
    assert [each["application_id"] for each in await listed.council.events(ApplicationClosed)] == [
        listed.people[2]["id"]
    ]
    assert refusal(await listed.act(1, "reject", {"reason_code": "stronger_candidates"})) == (
        409,
        "stage_not_reachable",
    )
    assert await listed.council.events(ApplicationRejected) == []


async def test_an_offer_goes_to_the_first_on_the_list_and_to_another_only_with_a_reason(listed: Listed) -> None:
    await listed.reserve(0, 1)
    refused = await listed.offer(1)
    assert refusal(refused) == (409, "reserve_rank_skipped")
    assert refused.json()["first"] == f"/v1/applications/{listed.people[0]['id']}"
    assert (await listed.read(1))["stage"] == "reserve_listed"
    assert (await listed.offer(1, skip_reason=WHY)).status_code == 201
    assert await listed.ranked() == [0]
    async with listed.council.region() as session:
        entry = (await session.scalars(select(ReserveEntry).where(ReserveEntry.ended_at.is_not(None)))).one()
        assert (entry.skip_reason, entry.ended_how) == (WHY, "offered")
        audited = await session.scalars(text("SELECT action FROM ats.audit_entries WHERE action LIKE 'reserve%'"))
        assert audited.all() == ["reserve_rank_skipped"]


async def test_who_is_first_needs_no_reason_and_is_told_of_the_offer_alone(listed: Listed) -> None:
    await listed.reserve(0)
    assert (await listed.offer(0)).status_code == 201
    await listed.pass_delay()
    assert await listed.council.events(ReserveListed) == []
    assert len(await listed.council.events(OfferMade)) == 1


async def test_when_the_one_who_was_chosen_does_not_come_the_first_on_the_list_is_offered_the_post(
    listed: Listed,
) -> None:
    await listed.reserve(1, 2)
    await listed.hire(0)
    await listed.tick()
    assert refusal(await listed.offer(1)) == (409, "illegal_move")
    listed.council.services.clock.advance(timedelta(days=61))
    gone = await listed.act(0, "record-no-show", {"frees_opening": True})
    assert gone.status_code == 200, gone.text
    assert (await listed.offer(1)).status_code == 201
    assert await listed.ranked() == [2]


async def test_when_the_one_who_was_chosen_declines_the_list_is_still_there(listed: Listed) -> None:
    await listed.reserve(1)
    offer = (await listed.offer(0)).json()
    assert (await listed.council.decide(f"/v1/offers/{offer['id']}/decline", listed.person)).status_code == 200
    assert (await listed.offer(1)).status_code == 201


async def test_the_list_ends_at_its_instant_with_one_message_and_then_as_any_rejection(listed: Listed) -> None:
    await listed.reserve(0, 1)
    await listed.pass_delay()
    until = datetime(2027, 5, 16, 22, 59, 59, tzinfo=UTC)
    listed.council.services.clock.advance(until - listed.council.now - timedelta(seconds=1))
    assert await listed.tick() == 0
    listed.council.services.clock.advance(timedelta(hours=3))
    assert await listed.tick() == 2
    assert await listed.tick() == 0
    shown = await listed.read(0)
    assert (shown["stage"], shown["rejection_reason"]) == ("rejected", "reserve_list_ended")
    assert datetime.fromisoformat(shown["stage_entered_at"]) == until
    assert [each["reason"] for each in await listed.council.events(ApplicationClosed)] == ["reserve_list_ended"] * 2
    assert await listed.council.events(ApplicationRejected) == []
    assert await listed.ranked() == []
    back = await listed.act(0, "undo-rejection")
    assert (back.status_code, back.json()["stage"]) == (200, "interview")


@pytest.mark.parametrize(("how", "reason"), [("cancel", "post_withdrawn"), ("mark-unfilled", "no_appointment")])
async def test_a_vacancy_that_ends_unfilled_ends_its_list(listed: Listed, how: str, reason: str) -> None:
    await listed.reserve(0)
    if how == "mark-unfilled":
        await listed.council.move(listed.vacancy, "close")
    ended = await listed.council.move(listed.vacancy, how, {"reason": "Nobody was appointed"})
    assert ended.status_code == 200, ended.text
    for _ in range(2):
        await listed.tick()
    assert (await listed.read(0))["rejection_reason"] == reason
    assert len(await listed.council.events(ApplicationClosed)) == 3


async def test_taken_off_in_time_nobody_hears_of_it_and_listed_again_is_told_once(listed: Listed) -> None:
    before = await listed.read(0)
    await listed.reserve(0)
    off = await listed.act(0, "take-off-reserve-list")
    assert (off.status_code, off.json()["stage"], off.json()["interviewed_at"]) == (200, "interview", None)
    assert off.json()["allowed_actions"] == before["allowed_actions"]
    await listed.pass_delay()
    assert await listed.council.events(ReserveListed) == []
    await listed.reserve(0)
    await listed.pass_delay()
    assert len(await listed.council.events(ReserveListed)) == 1
    assert await listed.council.events(ReserveListingUndone) == []


async def test_taken_off_after_it_was_told_the_candidate_hears_so(listed: Listed) -> None:
    await listed.reserve(0)
    await listed.pass_delay()
    assert (await listed.act(0, "take-off-reserve-list")).status_code == 200
    [undone] = await listed.council.events(ReserveListingUndone)
    assert undone["application_id"] == listed.people[0]["id"]
    again = await listed.act(0, "take-off-reserve-list")
    assert refusal(again) == (409, "stage_not_reachable")


async def test_taken_off_after_the_post_was_filled_they_have_the_answer_of_everybody_else_and_no_other(
    listed: Listed,
) -> None:
    await listed.reserve(1)
    await listed.pass_delay()
    await listed.hire(0)
    await listed.tick()
    assert (await listed.act(1, "take-off-reserve-list")).status_code == 200
    await listed.tick()
    assert (await listed.read(1))["rejection_reason"] == "post_filled"
    assert await listed.council.events(ReserveListingUndone) == []
    assert len(await listed.council.events(ApplicationClosed)) == 2


async def test_ranks_have_no_gap_whoever_comes_or_goes(listed: Listed) -> None:
    await listed.reserve(0, 1)
    await listed.reserve(2, rank=1)
    assert await listed.ranked() == [2, 0, 1]
    url = f"/v1/vacancies/{listed.vacancy['id']}/reserve-list/reorder"
    wanted = [listed.people[number]["id"] for number in (1, 2, 0)]
    assert (await listed.council.decide(url, listed.person, {"application_ids": wanted})).status_code == 200
    assert await listed.ranked() == [1, 2, 0]
    refused = await listed.council.decide(url, listed.person, {"application_ids": wanted[:2]})
    assert refusal(refused) == (422, "reserve_order_incomplete")
    assert (await listed.act(1, "withdraw")).status_code == 200
    assert await listed.ranked() == [2, 0]
    assert len(await listed.council.events(ApplicationWithdrawn)) == 1
    async with listed.council.region() as session:
        ended = (await session.scalars(select(ReserveEntry).where(ReserveEntry.ended_at.is_not(None)))).one()
        assert ended.ended_how == "withdrawn"


async def test_two_who_are_listed_at_once_have_two_ranks(live_council: Ats) -> None:
    listed = await Listed.of(live_council, count=2)
    await asyncio.gather(listed.reserve(0), listed.reserve(1))
    assert sorted(await listed.ranked()) == [0, 1]


async def test_how_long_a_list_holds_is_the_policy_of_the_day(listed: Listed) -> None:
    administrator = await listed.council.staff(Role.COUNCIL_ADMIN)
    body = {"valid_from": listed.council.now.date().isoformat(), "reserve_list_months": 3}
    headers = listed.council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id)
    said = await listed.council.client.put("/v1/employers/SAW/selection-policy", json=body, headers=headers)
    assert said.status_code == 200, said.text
    await listed.reserve(0)
    async with listed.council.region() as session:
        entry = (await session.scalars(select(ReserveEntry))).one()
        assert entry.until.date().isoformat() == "2027-02-16"


async def test_the_list_leaves_the_clock_alone_but_for_the_interview_that_it_shows_was_held(listed: Listed) -> None:
    await listed.reserve(0)
    async with listed.council.region() as session:
        of_them = HiringLogEntry.application_id == listed.people[0]["id"]
        logged = (await session.scalars(select(HiringLogEntry.event).where(of_them).order_by(HiringLogEntry.id))).all()
    assert logged[-1] is HiringEvent.INTERVIEWED
    await listed.act(0, "take-off-reserve-list")
    async with listed.council.region() as session:
        every = select(HiringLogEntry).where(of_them).order_by(HiringLogEntry.id)
        first, correction = (await session.scalars(every)).all()[-2:]
        assert (correction.corrects_id, correction.takes_back) == (first.id, True)


async def test_many_are_listed_in_the_order_in_which_they_are_named(listed: Listed) -> None:
    named = [listed.people[number]["id"] for number in (2, 0, 1)]
    url = f"/v1/vacancies/{listed.vacancy['id']}/bulk-actions"
    asked = await listed.council.decide(url, listed.person, {"action": "reserve", "application_ids": named})
    assert asked.status_code == 202, asked.text
    for _ in named:
        async with listed.council.region() as session:
            assert await do_batch_items(session, listed.council.now) == 1
    assert await listed.ranked() == [2, 0, 1]


async def test_the_candidate_sees_the_list_once_told_and_may_leave_it(listed: Listed) -> None:
    await listed.reserve(0)
    async with listed.council.region() as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=listed.people[0]["id"],
            employer_id=None,
            expires_at=listed.council.now + timedelta(days=1),
        )
        opened = await open_link(session, token, now=listed.council.now)
    link = {"Authorization": f"Bearer {opened.token}"}
    own = (await listed.council.client.get("/v1/my/application", headers=link)).json()
    assert (own["stage"], own["reserve_listed_until"]) == ("interview", None)
    await listed.pass_delay()
    async with listed.council.region() as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=listed.people[0]["id"],
            employer_id=None,
            expires_at=listed.council.now + timedelta(days=1),
        )
        opened = await open_link(session, token, now=listed.council.now)
    link = {"Authorization": f"Bearer {opened.token}"}
    own = (await listed.council.client.get("/v1/my/application", headers=link)).json()
    assert own["stage"] == "reserve_listed"
    assert own["reserve_listed_until"] is not None
    left = await listed.council.client.post(f"/v1/applications/{listed.people[0]['id']}/withdraw", headers=link)
    assert left.status_code == 200, left.text
    assert await listed.ranked() == []


async def test_a_recruiter_keeps_the_list_on_the_pages(listed: Listed) -> None:
    council, page = listed.council, f"/vacancies/{listed.vacancy['id']}/reserve-list"
    await listed.reserve(0)
    await sign_in(council, listed.person.email)
    assert page in (await council.client.get(f"/vacancies/{listed.vacancy['id']}/candidates")).text
    shown = await council.client.get(page)
    token = {"csrf_token": token_of(shown)}
    nobody = await council.client.post(page, data=token | {"application_id": ""})
    assert nobody.status_code == 422
    added = await council.client.post(page, data=token | {"application_id": listed.people[1]["id"]})
    assert added.status_code == 303, added.text
    up = await council.client.post(f"{page}/move-up", data=token | {"application_id": listed.people[1]["id"]})
    assert up.status_code == 303, up.text
    assert await listed.ranked() == [1, 0]
    asked = await council.client.get(f"/applications/{listed.people[1]['id']}/take-off-reserve-list")
    assert "Take off the list" in asked.text
    assert await listed.ranked() == [1, 0]
    off = await council.client.post(f"/applications/{listed.people[1]['id']}/take-off-reserve-list", data=token)
    assert off.status_code == 303
    assert await listed.ranked() == [0]
