"""An employer's own flow: groups in order with their quorum, exempt posts, reminders, deputies, and an end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.ats.approval_flows.models import ApprovalFlow
from services.ats.approval_flows.rules import (
    AlreadyDecided,
    Group,
    NotYourTurn,
    expiry_of,
    is_exempt_post,
    months_after,
    next_reminder,
    route_of,
    seat_for,
)
from services.ats.approvals.due import expire_approvals, remind_approvers
from shared.events.ats import ApprovalRequested
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.factories.ats import NOW, Ats, make_vacancy


async def set_flow(council: Ats, *groups: tuple[int, list[StaffMember]], **changes: Any) -> httpx.Response:
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    body = {
        "groups": [
            {"name": f"Group {number}", "quorum": quorum, "approver_ids": [str(each.id) for each in people]}
            for number, (quorum, people) in enumerate(groups, 1)
        ]
    }
    headers = council.headers(Scope.VACANCIES_WRITE, on_behalf_of=administrator.id)
    return await council.client.put("/v1/employers/SAW/approval-flow", json=body | changes, headers=headers)


async def approvers(council: Ats, count: int) -> list[StaffMember]:
    return [await council.staff(Role.APPROVER) for _ in range(count)]


async def approve(council: Ats, vacancy: dict[str, Any], person: StaffMember) -> httpx.Response:
    return await council.move(vacancy, "approve", {"reason": "Fine"}, on_behalf_of=person.id)


async def listed(council: Ats, vacancy: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/v1/vacancies/{vacancy['id']}/approvals"
    return (await council.client.get(path, headers=council.headers(Scope.VACANCIES_READ))).json()


async def test_groups_decide_in_order_each_with_its_quorum(council: Ats) -> None:
    finance_one, finance_two, head = await approvers(council, 3)
    await set_flow(council, (2, [finance_one, finance_two]), (1, [head]))
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    early = await approve(council, vacancy, head)
    assert (early.status_code, early.json()["code"]) == (403, "not_your_turn")
    assert (await approve(council, vacancy, finance_one)).json()["state"] == "approval_pending"
    assert (await approve(council, vacancy, finance_one)).json()["code"] == "already_decided"
    assert (await approve(council, vacancy, finance_two)).json()["state"] == "approval_pending"
    assert (await approve(council, vacancy, head)).json()["state"] == "in_clearing"
    [shown] = await listed(council, vacancy)
    assert [(each["group_no"], each["decided_by"], each["reason"]) for each in shown["decisions"]] == [
        (1, str(finance_one.id), "Fine"),
        (1, str(finance_two.id), "Fine"),
        (2, str(head.id), "Fine"),
    ]
    assert {each["decided_at"] for each in shown["decisions"]} == {"2026-11-16T09:00:00Z"}


async def test_a_group_is_asked_when_its_turn_comes(council: Ats) -> None:
    finance, head = await approvers(council, 2)
    await set_flow(council, (1, [finance]), (1, [head]))
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    assert [each["approver_id"] for each in await council.events(ApprovalRequested)] == [str(finance.id)]
    await approve(council, vacancy, finance)
    assert [each["approver_id"] for each in await council.events(ApprovalRequested)][1:] == [str(head.id)]


async def test_one_no_ends_the_request_and_its_decision_is_kept(council: Ats) -> None:
    finance, head = await approvers(council, 2)
    await set_flow(council, (1, [finance]), (1, [head]))
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    rejected = await council.move(vacancy, "reject", {"reason": "Not in budget"}, on_behalf_of=finance.id)
    assert rejected.json()["state"] == "draft"
    [shown] = await listed(council, vacancy)
    assert (shown["state"], [each["decision"] for each in shown["decisions"]]) == ("rejected", ["rejected"])


async def test_the_requester_counts_for_no_quorum(council: Ats) -> None:
    one, two = await approvers(council, 2)
    await set_flow(council, (2, [one, two]))
    vacancy = await council.create()
    refused = await council.move(vacancy, "submit", on_behalf_of=one.id)
    assert (refused.status_code, refused.json()["code"]) == (409, "quorum_unreachable")


async def test_a_quorum_of_any_approvers_that_the_employer_has_not_is_refused(council: Ats) -> None:
    one, _ = await approvers(council, 2)
    await council.staff(Role.APPROVER, "WLV")
    await council.staff(Role.RECRUITER)
    await set_flow(council, (20, []))
    vacancy = await council.create()
    refused = await council.move(vacancy, "submit")
    assert (refused.status_code, refused.json()["code"]) == (409, "quorum_unreachable")
    await set_flow(council, (2, []))
    assert (await council.move(vacancy, "submit", on_behalf_of=one.id)).json()["code"] == "quorum_unreachable"
    assert (await council.move(vacancy, "submit")).json()["state"] == "approval_pending"


async def test_an_exempt_post_takes_the_shorter_flow(council: Ats) -> None:
    finance, head, recruiter = await approvers(council, 3)
    await set_flow(
        council,
        (1, [finance]),
        (1, [head]),
        exempt_groups=[{"name": "Recruitment team", "approver_ids": [str(recruiter.id)]}],
        exempt_when={"contracts": ["casual"]},
    )
    casual = await council.create(contract="casual")
    await council.move(casual, "submit")
    assert (await approve(council, casual, finance)).json()["code"] == "not_your_turn"
    assert (await approve(council, casual, recruiter)).json()["state"] == "in_clearing"
    assert (await listed(council, casual))[0]["is_exempt"] is True
    permanent = await council.create()
    await council.move(permanent, "submit")
    assert (await approve(council, permanent, recruiter)).json()["code"] == "not_your_turn"


def test_a_post_is_exempt_where_every_condition_given_is_true() -> None:
    post = make_vacancy()
    assert not is_exempt_post({}, post)
    assert is_exempt_post({"families": ["housing_homelessness"]}, post)
    assert is_exempt_post({"families": ["housing_homelessness"], "salary_up_to_pence": 3_658_100}, post)
    assert not is_exempt_post({"families": ["housing_homelessness"], "salary_up_to_pence": 3_658_099}, post)
    assert not is_exempt_post({"reasons": ["cover"]}, post)
    assert is_exempt_post({"reasons": ["cover"]}, make_vacancy(request_reason="cover"))
    assert is_exempt_post({"contracts": ["permanent"], "families": [], "salary_up_to_pence": None}, post)
    assert not is_exempt_post({"contracts": ["fixed_term"]}, post)


def test_an_exempt_post_goes_the_whole_way_where_no_shorter_one_was_given() -> None:
    post, head = make_vacancy(), Group("Head")
    flow = ApprovalFlow(
        employer_id=post.employer_id,
        version=3,
        groups=[head.stored()],
        exempt_groups=[],
        exempt_when={"families": [post.family]},
        expires_after_months=4,
        reminder_working_days=3,
        made_by=None,
        made_at=NOW,
    )
    route = route_of(flow, post)
    assert (route.groups, route.is_exempt, route.flow_version) == ((head,), False, 3)
    flow.exempt_groups = [Group("Deputy").stored()]
    assert (route_of(flow, post).groups, route_of(flow, post).is_exempt) == ((Group("Deputy"),), True)
    another = route_of(flow, make_vacancy(family="legal"))
    assert (another.groups, another.is_exempt) == ((head,), False)


def test_an_employer_that_has_said_nothing_needs_one_approver_of_any() -> None:
    route = route_of(None, make_vacancy())
    assert [(each.quorum, each.approver_ids) for each in route.groups] == [(1, frozenset())]
    assert (route.is_exempt, route.expires_after_months, route.reminder_working_days) == (False, 4, 3)


def test_reminders_come_in_the_morning_and_end_with_the_fifth() -> None:
    friday = datetime(2026, 6, 12, 15, tzinfo=UTC)
    assert next_reminder(friday, 3, 4) == datetime(2026, 6, 17, 7, tzinfo=UTC)
    assert next_reminder(friday, 3, 5) is None


async def test_a_request_keeps_the_flow_it_was_made_under(council: Ats) -> None:
    finance, head = await approvers(council, 2)
    await set_flow(council, (1, [finance]))
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    answer = await set_flow(council, (1, [head]))
    assert answer.json()["version"] == 2
    assert (await approve(council, vacancy, head)).json()["code"] == "not_your_turn"
    assert (await approve(council, vacancy, finance)).json()["state"] == "in_clearing"


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": []},
        {"groups": [{"name": "Nobody", "quorum": 2, "approver_ids": [str(uuid4())]}]},
        {"exempt_groups": [{"name": "Quick"}]},
        {"exempt_when": {"contracts": ["casual"]}},
    ],
)
async def test_a_flow_that_cannot_work_is_refused(council: Ats, wrong: dict[str, Any]) -> None:
    assert (await set_flow(council, (1, []), **wrong)).status_code == 422


async def test_a_flow_names_approvers_of_the_employer_alone(council: Ats) -> None:
    stranger = await council.staff(Role.APPROVER, code="DUD")
    answer = await set_flow(council, (1, [stranger]))
    assert (answer.json()["code"], answer.json()["field"]) == ("approver_unknown", "groups.0.approver_ids.0")


async def delegate(council: Ats, person: StaffMember, to: StaffMember, **changes: Any) -> httpx.Response:
    body = {"to_staff_id": str(to.id), "starts_on": "2026-11-16", "ends_on": "2026-11-20", "reason": "Annual leave"}
    headers = council.headers(Scope.VACANCIES_WRITE, on_behalf_of=person.id)
    return await council.client.post("/v1/employers/SAW/approval-delegations", json=body | changes, headers=headers)


async def test_a_deputy_fills_the_seat_of_who_delegated_and_is_asked(council: Ats) -> None:
    head, deputy = await approvers(council, 2)
    await set_flow(council, (1, [head]))
    assert (await delegate(council, head, deputy)).status_code == 201
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    assert {each["approver_id"] for each in await council.events(ApprovalRequested)} == {str(head.id), str(deputy.id)}
    assert (await approve(council, vacancy, deputy)).json()["state"] == "in_clearing"
    [decision] = (await listed(council, vacancy))[0]["decisions"]
    assert (decision["decided_by"], decision["seat_of"]) == (str(deputy.id), str(head.id))


async def test_a_delegation_counts_on_its_days_and_until_it_is_ended(council: Ats) -> None:
    head, deputy = await approvers(council, 2)
    await set_flow(council, (1, [head]))
    await delegate(council, head, deputy, starts_on="2026-11-17")
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    assert (await approve(council, vacancy, deputy)).json()["code"] == "not_your_turn"
    made = (await delegate(council, head, deputy)).json()
    path = f"/v1/approval-delegations/{made['id']}/end"
    others = council.headers(Scope.VACANCIES_WRITE, on_behalf_of=deputy.id)
    assert (await council.client.post(path, headers=others)).status_code == 404
    own = council.headers(Scope.VACANCIES_WRITE, on_behalf_of=head.id)
    assert (await council.client.post(path, headers=own)).status_code == 200
    assert (await approve(council, vacancy, deputy)).json()["code"] == "not_your_turn"


async def test_a_delegation_lends_nobody_the_requesters_seat(council: Ats) -> None:
    head, other, deputy = await approvers(council, 3)
    await set_flow(council, (1, [head, other]))
    await delegate(council, head, deputy)
    vacancy = await council.create()
    await council.move(vacancy, "submit", on_behalf_of=head.id)
    assert (await approve(council, vacancy, deputy)).json()["code"] == "not_your_turn"


async def test_approvals_are_delegated_to_another_approver_alone(council: Ats) -> None:
    [head] = await approvers(council, 1)
    recruiter = await council.staff(Role.RECRUITER)
    assert (await delegate(council, head, recruiter)).json()["code"] == "approver_unknown"
    assert (await delegate(council, head, head)).json()["code"] == "approver_unknown"


def test_one_person_fills_one_seat_of_a_group() -> None:
    head, deputy, other = uuid4(), uuid4(), uuid4()
    group = Group("Both", 2, frozenset({head, deputy}))
    filled = seat_for(group, deputy, stands_in_for=[head], requested_by=None, decided=set())
    assert filled == deputy
    assert seat_for(group, other, stands_in_for=[head], requested_by=None, decided=set()) == head
    assert seat_for(group, other, stands_in_for=[head, deputy], requested_by=None, decided={head}) == deputy
    lowest = min(head, deputy)
    assert seat_for(group, other, stands_in_for=[head, deputy], requested_by=None, decided=set()) == lowest
    assert seat_for(Group("Any"), other, stands_in_for=[], requested_by=None, decided={head}) == other
    with pytest.raises(AlreadyDecided):
        seat_for(group, deputy, stands_in_for=[head], requested_by=None, decided={deputy})
    with pytest.raises(AlreadyDecided):
        seat_for(group, other, stands_in_for=[head], requested_by=None, decided={head})
    with pytest.raises(NotYourTurn):
        seat_for(group, other, stands_in_for=[], requested_by=None, decided=set())
    with pytest.raises(NotYourTurn):
        seat_for(group, other, stands_in_for=[head], requested_by=head, decided=set())
    with pytest.raises(NotYourTurn):
        seat_for(group, other, stands_in_for=[uuid4()], requested_by=None, decided=set())


async def test_who_has_not_decided_is_reminded_after_three_working_days(council: Ats) -> None:
    one, two = await approvers(council, 2)
    await set_flow(council, (2, [one, two]))
    vacancy = await council.create()
    await council.move(vacancy, "submit")
    await approve(council, vacancy, one)
    asked = len(await council.events(ApprovalRequested))
    thursday = datetime(2026, 11, 19, 8, tzinfo=UTC)
    async with council.region() as session:
        assert await remind_approvers(session, thursday - timedelta(seconds=1)) == 0
        assert await remind_approvers(session, thursday) == 1
        assert await remind_approvers(session, thursday) == 0
    reminded = (await council.events(ApprovalRequested))[asked:]
    assert [(each["approver_id"], each["reminder_no"]) for each in reminded] == [(str(two.id), 1)]
    [shown] = await listed(council, vacancy)
    assert shown["next_reminder_at"] == "2026-11-24T08:00:00Z"


async def test_overtaken_reminders_come_as_one_and_none_for_a_request_that_was_voided(council: Ats) -> None:
    [one] = await approvers(council, 1)
    waiting, voided = await council.create(), await council.create()
    for vacancy in (waiting, voided):
        await council.move(vacancy, "submit")
    headers = council.headers(Scope.VACANCIES_WRITE)
    await council.client.patch(f"/v1/vacancies/{voided['id']}", json={"openings": 3}, headers=headers)
    asked = len(await council.events(ApprovalRequested))
    async with council.region() as session:
        await remind_approvers(session, council.now + timedelta(days=30))
    reminded = (await council.events(ApprovalRequested))[asked:]
    assert [(each["vacancy_id"], each["approver_id"]) for each in reminded] == [(waiting["id"], str(one.id))]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 16), 4, date(2027, 3, 16)),
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2027, 10, 31), 4, date(2028, 2, 29)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 8, 31), 4, date(2026, 12, 31)),
    ],
)
def test_months_are_the_calendars(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_an_approval_ends_with_the_local_day_across_the_change_of_the_clocks() -> None:
    assert expiry_of(datetime(2026, 11, 30, 9, tzinfo=UTC), 4) == datetime(2027, 3, 30, 22, 59, 59, tzinfo=UTC)


async def test_an_approval_that_was_not_used_in_four_months_is_none(council: Ats) -> None:
    vacancy = await council.in_clearing()
    assert vacancy["approval_expires_at"] == "2027-03-16T23:59:59Z"
    end = datetime(2027, 3, 16, 23, 59, 59, tzinfo=UTC)
    async with council.region() as session:
        assert await expire_approvals(session, end - timedelta(seconds=1)) == 0
        assert await expire_approvals(session, end) == 1
        assert await expire_approvals(session, end) == 0
    shown = await council.read(vacancy)
    assert (shown["state"], shown["is_approved"], shown["approval_expires_at"]) == ("in_clearing", False, None)
    assert [each["state"] for each in await listed(council, vacancy)] == ["expired"]
    released = await council.release(vacancy)
    assert (released["state"], released["published_at"]) == ("draft", None)


async def test_an_approved_vacancy_whose_approval_ends_is_a_draft_again(council: Ats) -> None:
    vacancy = await council.live(auto_publish=False)
    assert vacancy["state"] == "approved"
    council.services.clock.advance(timedelta(days=121))
    late = await council.move(vacancy, "publish")
    assert (late.status_code, late.json()["code"]) == (409, "approval_missing")
    async with council.region() as session:
        await expire_approvals(session, council.now)
    assert (await council.read(vacancy))["state"] == "draft"


async def test_a_live_advert_outlives_its_approval_and_a_new_run_does_not(council: Ats) -> None:
    vacancy = await council.live()
    await council.move(vacancy, "close")
    council.services.clock.advance(timedelta(days=121))
    async with council.region() as session:
        assert await expire_approvals(session, council.now) == 0
    again = (await council.move(vacancy, "readvertise", {"reason": "Nobody was appointed"})).json()
    assert (again["state"], again["is_approved"]) == ("in_clearing", False)


async def test_an_approval_given_too_long_ago_is_not_attested(council: Ats) -> None:
    vacancy = await council.create()
    given_at = (council.now - timedelta(days=130)).isoformat()
    attested = {"approved_at": given_at, "approved_by": "Head of Housing", "reference": "WF-1"}
    answer = await council.move(vacancy, "attest-approval", attested)
    assert (answer.status_code, answer.json()["code"]) == (422, "approval_too_old")
