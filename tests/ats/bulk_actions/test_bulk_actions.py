"""One decision about many: each by the rules of the single step, none stopped by another, nothing done twice."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select, text

from services.ats.applications.models import RejectionEntry
from services.ats.bulk_actions import doing
from services.ats.bulk_actions.doing import do_batch_items
from services.ats.bulk_actions.models import BatchItem
from services.ats.bulk_actions.states import ItemState
from services.ats.worker import DUE
from shared.database import transaction
from shared.due_rows import count_held_back
from shared.events.applications import ApplicationShortlisted
from shared.events.interviews import InterviewBookingWanted
from shared.registry import StaffMember
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import Ats
from tests.factories.interviews import Interviews
from tests.factories.panels import Panel

REJECTION = {"reason_code": "right_to_work"}


class Many:
    """Candidates of one vacancy, and somebody who decides about them."""

    def __init__(self, council: Ats, vacancy: dict[str, Any], person: StaffMember, candidates: list[Any]) -> None:
        self.council, self.vacancy, self.person, self.candidates = council, vacancy, person, candidates

    @classmethod
    async def of(cls, council: Ats, count: int = 3) -> Many:
        vacancy = await council.live()
        person = await council.staff(Role.RECRUITER)
        return cls(council, vacancy, person, [await council.apply(vacancy) for _ in range(count)])

    async def ask(self, action: str, **more: Any) -> httpx.Response:
        body = {"action": action, "application_ids": [each["id"] for each in self.candidates]} | more
        return await self.council.decide(f"/v1/vacancies/{self.vacancy['id']}/bulk-actions", self.person, body)

    async def asked(self, action: str, **more: Any) -> dict[str, Any]:
        answer = await self.ask(action, **more)
        assert answer.status_code == 202, answer.text
        return answer.json()

    async def work(self) -> int:
        """As the worker does: a transaction each, until nothing is left to do."""
        done = 0
        while True:
            async with self.council.region() as session:
                if await do_batch_items(session, self.council.now) == 0:
                    return done
            done += 1

    async def read(self, batch: dict[str, Any]) -> dict[str, Any]:
        headers = self.council.headers(Scope.APPLICATIONS_READ)
        answer = await self.council.client.get(f"/v1/bulk-actions/{batch['id']}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def stages(self) -> list[str]:
        headers = self.council.headers(Scope.APPLICATIONS_READ)
        answers = [
            await self.council.client.get(f"/v1/applications/{each['id']}", headers=headers) for each in self.candidates
        ]
        return [each.json()["stage"] for each in answers]


@pytest.fixture
async def many(council: Ats) -> Many:
    return await Many.of(council)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_many_are_rejected_with_one_reason_one_by_one(many: Many) -> None:
    assert do_batch_items in DUE
    batch = await many.asked("reject", rejection=REJECTION)
    assert (batch["total"], batch["waiting"], batch["finished_at"]) == (3, 3, None)
    assert await many.stages() == ["submitted"] * 3, "the worker does it, not the request"
    assert await many.work() == 3
    read = await many.read(batch)
    assert (read["done"], read["refused"], read["waiting"]) == (3, 0, 0)
    assert read["finished_at"] is not None
    assert await many.stages() == ["rejected"] * 3
    async with many.council.region() as session:
        decided = (await session.scalars(select(RejectionEntry.application_id))).all()
    assert len(decided) == 3


async def test_one_that_is_refused_has_its_problem_and_its_neighbours_are_done(many: Many) -> None:
    withdrawn = many.candidates[1]
    withdraw = f"/v1/applications/{withdrawn['id']}/withdraw"
    assert (await many.council.decide(withdraw, many.person)).status_code == 200
    batch = await many.asked("shortlist")
    await many.work()
    read = await many.read(batch)
    assert [each["state"] for each in read["items"]] == ["done", "refused", "done"]
    problem = read["items"][1]["problem"]
    assert (problem["code"], problem["status"], problem["field"]) == ("stage_not_reachable", 409, "stage")
    assert problem["next_step"]
    assert await many.stages() == ["shortlisted", "withdrawn", "shortlisted"]


async def test_the_rules_of_the_single_step_hold_for_many(many: Many) -> None:
    """Here the panel's quorum, which the step itself asks for."""
    panel = await Panel.of(many.council, many.vacancy)
    await panel.score_alike(many.candidates[0], 3, 3)
    batch = await many.asked("shortlist")
    await many.work()
    codes = [each["problem"] and each["problem"]["code"] for each in (await many.read(batch))["items"]]
    assert codes == [None, "quorum_missing", "quorum_missing"]


async def test_many_are_shortlisted_invited_and_recorded(council: Ats) -> None:
    interviews = await Interviews.of(council)
    candidates = [await council.apply(interviews.vacancy) for _ in range(3)]
    many = Many(council, interviews.vacancy, interviews.recruiter, candidates)
    await many.asked("shortlist")
    await many.work()
    assert await council.events(ApplicationShortlisted) == [], "told when the shortlist is final, as by the single step"
    await interviews.call("POST", f"/v1/vacancies/{many.vacancy['id']}/confirm-shortlist")
    await many.asked("invite_to_book", round_id=interviews.round_id)
    await many.work()
    assert len(await council.events(InterviewBookingWanted)) == 3
    [slot] = await interviews.slots(capacity=3)
    for each in candidates:
        await interviews.booked(each, slot)
    batch = await many.asked("record_interview")
    await many.work()
    assert (await many.read(batch))["done"] == 3


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("reject", {}),
        ("shortlist", {"rejection": REJECTION}),
        ("invite_to_book", {}),
        ("reject", {"rejection": {"reason_code": "essential_not_met"}}),
        ("shortlist", {"application_ids": []}),
        ("hire", {}),
    ],
)
async def test_what_does_not_fit_together_is_refused_before_anything_is_stored(
    many: Many, action: str, more: dict[str, Any]
) -> None:
    assert refusal(await many.ask(action, **more)) == (422, "invalid")


async def test_another_vacancys_candidate_is_not_among_them(many: Many) -> None:
    stranger = await many.council.apply(await many.council.live(title="Planning officer"))
    ids = [many.candidates[0]["id"], stranger["id"]]
    refused = await many.ask("shortlist", application_ids=ids)
    assert refusal(refused) == (404, "application_not_found")
    assert refused.json()["field"] == "application_ids.1"


async def test_asked_again_under_its_id_nothing_is_done_twice_and_something_else_is_refused(many: Many) -> None:
    batch_id = str(uuid4())
    first = await many.asked("reject", id=batch_id, rejection=REJECTION)
    await many.work()
    again = await many.asked("reject", id=batch_id, rejection=REJECTION)
    assert (again["id"], again["done"], again["waiting"]) == (first["id"], 3, 0)
    assert await many.work() == 0
    assert refusal(await many.ask("shortlist", id=batch_id)) == (409, "batch_id_taken")


async def test_two_who_ask_under_one_id_at_once_make_one_batch(live_council: Ats) -> None:
    many = await Many.of(live_council)
    batch_id = str(uuid4())
    answers = await asyncio.gather(*(many.ask("reject", id=batch_id, rejection=REJECTION) for _ in range(4)))
    assert {each.status_code for each in answers} == {202}
    async with live_council.region() as session:
        assert len((await session.scalars(select(BatchItem.id))).all()) == 3


async def test_each_is_done_in_a_transaction_of_its_own_so_a_crash_loses_only_the_one_under_way(
    live_council: Ats, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = await Many.of(live_council)
    batch = await many.asked("reject", rejection=REJECTION)
    sessions = live_council.services.sessions[Service.ATS]

    class Killed(BaseException):
        """As an interruption is: nothing catches it."""

    async with transaction(sessions, REGION) as session:
        assert await do_batch_items(session, live_council.now) == 1
    real = doing.reject_application

    async def dies(*args: Any, **kwargs: Any) -> None:
        await real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(doing, "reject_application", dies)
    with pytest.raises(Killed):
        async with transaction(sessions, REGION) as session:
            await do_batch_items(session, live_council.now)
    assert [each["state"] for each in (await many.read(batch))["items"]] == ["done", "waiting", "waiting"]
    assert (await many.stages())[1] == "submitted"
    monkeypatch.undo()
    assert await many.work() == 2
    assert await many.stages() == ["rejected"] * 3
    async with live_council.region() as session:
        assert len((await session.scalars(select(RejectionEntry.id))).all()) == 3


async def test_one_that_fails_for_a_reason_of_ours_is_put_off_and_the_others_go_on(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = await many.asked("reject", rejection=REJECTION)
    real, broken = doing.reject_application, many.candidates[0]["id"]

    async def fails_once(session: Any, application_id: Any, *args: Any, **kwargs: Any) -> Any:
        if str(application_id) == broken:
            raise RuntimeError("something of ours")
        return await real(session, application_id, *args, **kwargs)

    monkeypatch.setattr(doing, "reject_application", fails_once)
    await many.work()
    read = await many.read(batch)
    assert [each["state"] for each in read["items"]] == ["waiting", "done", "done"]
    assert read["finished_at"] is None
    async with many.council.region() as session:
        assert await count_held_back(session) == 1
        await session.execute(text("UPDATE ats.due_failures SET next_at = clock_timestamp() - interval '1 second'"))
    monkeypatch.undo()
    assert await many.work() == 1
    assert (await many.read(batch))["finished_at"] is not None


async def test_who_may_not_decide_any_more_decides_nothing_that_still_waits(many: Many) -> None:
    batch = await many.asked("reject", rejection=REJECTION)
    async with many.council.region() as session:
        statement = text("UPDATE ats.staff SET is_active = false WHERE id = :id")
        await session.execute(statement, {"id": many.person.id})
    await many.work()
    read = await many.read(batch)
    assert {each["problem"]["code"] for each in read["items"]} == {"person_may_not_decide"}
    assert await many.stages() == ["submitted"] * 3


async def post(council: Ats, page: str, **fields: Any) -> httpx.Response:
    shown = await council.client.get(page)
    batch_id = shown.text.split('name="batch_id" value="')[1].split('"')[0]
    return await council.client.post(page, data={"csrf_token": token_of(shown), "batch_id": batch_id} | fields)


async def test_boxes_are_ticked_on_the_page_and_its_progress_is_seen_without_script(many: Many) -> None:
    council = many.council
    await sign_in(council, many.person.email)
    page = f"/vacancies/{many.vacancy['id']}/candidates"
    assert page in (await council.client.get(f"/vacancies/{many.vacancy['id']}")).text
    nobody = await post(council, page, action="shortlist")
    assert (nobody.status_code, "Choose at least one candidate" in nobody.text) == (422, True)
    ids = [each["id"] for each in many.candidates[:2]]
    unreasoned = await post(council, page, action="reject", applications=ids)
    assert (unreasoned.status_code, "Choose a reason" in unreasoned.text) == (422, True)
    assert unreasoned.text.count(" checked") == 2, "what was ticked stays ticked"
    asked = await post(council, page, action="reject", applications=ids, reason_code="right_to_work")
    assert asked.status_code == 303
    batch = asked.headers["location"]
    assert "See how far it is now" in (await council.client.get(batch)).text
    await many.work()
    done = (await council.client.get(batch)).text
    assert "2 of 2" in done
    assert "See how far it is now" not in done
    assert await many.stages() == ["rejected", "rejected", "submitted"]


async def test_a_form_sent_twice_is_done_once(many: Many) -> None:
    council = many.council
    await sign_in(council, many.person.email)
    page = f"/vacancies/{many.vacancy['id']}/candidates"
    shown = await council.client.get(page)
    batch_id = shown.text.split('name="batch_id" value="')[1].split('"')[0]
    data = {"csrf_token": token_of(shown), "batch_id": batch_id, "action": "shortlist"}
    data |= {"applications": many.candidates[0]["id"]}
    answers = [await council.client.post(page, data=data) for _ in range(2)]
    assert [each.headers["location"] for each in answers] == [f"/bulk-actions/{batch_id}"] * 2
    assert await many.work() == 1
    async with council.region() as session:
        assert (await session.scalars(select(BatchItem.state))).all() == [ItemState.DONE]
