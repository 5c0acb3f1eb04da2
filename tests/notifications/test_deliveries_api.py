"""Was she told? One request, for whoever may ask, and nothing personal for whoever may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.channels.answers import Answer, AnswerClass
from services.notifications.deliveries import commands
from services.notifications.deliveries.handing_over import Report, claim_deliveries, record_answers
from services.notifications.deliveries.reach import reaches_of
from shared import sessions
from shared.csrf import session_cookie
from shared.events.ats import RoleGrant, StaffContact
from shared.principals import Principal
from shared.registry import get_employer_by_code, staff, staff_values
from shared.vocabulary import Role, Scope, Service
from tests.conftest import TODAY
from tests.factories import notifications as make

Bearer = Callable[..., dict[str, str]]
CANARY = "canary.khan@mail.example"


@pytest.fixture
async def sandwell(notifications_session: AsyncSession) -> UUID:
    return (await get_employer_by_code(notifications_session, "SAW")).id


@pytest.fixture
async def dudley(notifications_session: AsyncSession) -> UUID:
    return (await get_employer_by_code(notifications_session, "DUD")).id


async def tell(session: AsyncSession, kind: str, *, minutes: int = 0, **changes: Any) -> commands.Fact:
    changes = {"name": "Canary Khan", "email": CANARY} | changes
    fact = make.fact(kind, **changes)
    await commands.store_deliveries(session, fact, now=TODAY + timedelta(minutes=minutes))
    return fact


async def listed(client: httpx.AsyncClient, headers: dict[str, str], **filters: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/deliveries", params=filters, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_the_newest_comes_first_and_filters_hold_together(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, bearer: Bearer, sandwell: UUID
) -> None:
    first = await tell(notifications_session, "application_received", employer_id=sandwell)
    await tell(notifications_session, "offer_made", employer_id=sandwell, minutes=1)
    headers = bearer(Scope.APPLICATIONS_READ, employers=("SAW",))
    assert [each["kind"] for each in await listed(notifications, headers)] == ["offer_made", "application_received"]
    assert [each["kind"] for each in await listed(notifications, headers, kind="offer_made")] == ["offer_made"]
    assert await listed(notifications, headers, kind="offer_made", state="sent") == []
    about = str(first.event.aggregate_id)
    assert [each["event_id"] for each in await listed(notifications, headers, subject_id=about)] == [
        str(first.event_id)
    ]
    before = (TODAY + timedelta(seconds=30)).isoformat()
    assert [each["kind"] for each in await listed(notifications, headers, created_before=before)] == [
        "application_received"
    ]
    recipient = (await listed(notifications, headers))[0]["recipient_id"]
    assert len(await listed(notifications, headers, recipient_id=recipient)) == 2


async def test_pages_follow_each_other_without_gap_or_repeat(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, bearer: Bearer, sandwell: UUID
) -> None:
    for n in range(5):
        await tell(notifications_session, "referred", gaining_employer_id=sandwell, minutes=n // 2)
    headers = bearer(Scope.CLEARING_READ, employers=("SAW",))
    seen, cursor = [], ""
    for _ in range(3):
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        body = (await notifications.get("/v1/deliveries", params=params, headers=headers)).json()
        seen += [each["id"] for each in body["items"]]
        cursor = body["next_cursor"]
    assert cursor is None
    assert len(seen) == len(set(seen)) == 5


async def test_a_misspelt_filter_is_refused(notifications: httpx.AsyncClient, bearer: Bearer) -> None:
    answer = await notifications.get("/v1/deliveries?recipent_id=x", headers=bearer(Scope.CLEARING_READ))
    assert (answer.status_code, answer.json()["field"]) == (422, "recipent_id")


async def test_one_delivery_tells_its_whole_way(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, bearer: Bearer, sandwell: UUID
) -> None:
    await tell(notifications_session, "offer_made", employer_id=sandwell)
    (claimed,) = await claim_deliveries(notifications_session, 1, now=TODAY)
    await record_answers(
        notifications_session, [Report(claimed.id, 1, Answer(AnswerClass.ACCEPTED, 250), TODAY, TODAY, 0.0)]
    )
    headers = bearer(Scope.APPLICATIONS_READ, employers=("SAW",))
    body = (await notifications.get(f"/v1/deliveries/{claimed.id}", headers=headers)).json()
    assert body["state"] == "sent"
    assert body["recipient"] == {"name": "Canary Khan", "address": CANARY}
    assert [(each["attempt_no"], each["answer"], each["reply_code"]) for each in body["attempts"]] == [
        (1, "accepted", 250)
    ]
    assert "Dear Canary Khan" in body["preview"]["text"]
    assert "offer you the job" in body["preview"]["html"]


async def test_nobody_sees_the_link_of_a_message(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, bearer: Bearer, dudley: UUID
) -> None:
    await tell(notifications_session, "sign_in_link", home_employer_id=dudley, expires_at=TODAY + timedelta(hours=1))
    headers = bearer(Scope.CLEARING_READ)
    (delivery,) = await listed(notifications, headers)
    detail = await notifications.get(f"/v1/deliveries/{delivery['id']}", headers=headers)
    assert "canary-token" not in detail.text
    assert "https://link.example/not-shown" in detail.json()["preview"]["text"]


async def test_another_employers_delivery_is_not_there(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, bearer: Bearer, sandwell: UUID
) -> None:
    await tell(notifications_session, "offer_made", employer_id=sandwell)
    (delivery,) = await listed(notifications, bearer(Scope.APPLICATIONS_READ, employers=("SAW",)))
    stranger = bearer(Scope.APPLICATIONS_READ, Scope.CLEARING_READ, Scope.VACANCIES_READ, employers=("DUD",))
    assert await listed(notifications, stranger) == []
    foreign = await notifications.get(f"/v1/deliveries/{delivery['id']}", headers=stranger)
    missing = await notifications.get(f"/v1/deliveries/{uuid4()}", headers=stranger)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()


async def test_a_suggestion_is_the_home_councils_and_a_referral_both_councils(
    notifications: httpx.AsyncClient,
    notifications_session: AsyncSession,
    bearer: Bearer,
    sandwell: UUID,
    dudley: UUID,
) -> None:
    both: dict[str, Any] = {"home_employer_id": dudley, "gaining_employer_id": sandwell}
    await tell(notifications_session, "match_suggested", **both)
    await tell(notifications_session, "referred", minutes=1, **both)
    gaining = await listed(notifications, bearer(Scope.CLEARING_READ, employers=("SAW",)))
    home = await listed(notifications, bearer(Scope.CLEARING_READ, employers=("DUD",)))
    assert [each["kind"] for each in gaining] == ["referred"]
    assert [each["kind"] for each in home] == ["referred", "match_suggested"]


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        (Scope.APPLICATIONS_READ, {"offer_made"}),
        (Scope.CLEARING_READ, {"referred", "review_wanted"}),
        (Scope.VACANCIES_READ, {"approval_wanted"}),
    ],
)
async def test_a_scope_opens_the_messages_to_its_own_people(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, bearer: Bearer, scope: Scope, kinds: set[str]
) -> None:
    for kind in ("offer_made", "referred", "review_wanted", "approval_wanted"):
        await tell(notifications_session, kind)
    assert {each["kind"] for each in await listed(notifications, bearer(scope))} == kinds


async def test_a_caller_without_any_such_scope_is_refused(notifications: httpx.AsyncClient, bearer: Bearer) -> None:
    assert (await notifications.get("/v1/deliveries", headers=bearer(Scope.REPORTS_READ))).status_code == 403
    assert (await notifications.get("/v1/deliveries")).status_code == 401


async def test_an_address_is_searched_in_a_body_however_it_is_typed(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, bearer: Bearer
) -> None:
    await tell(notifications_session, "offer_made")
    await tell(notifications_session, "offer_made", email="someone.else@mail.example")
    headers = bearer(Scope.APPLICATIONS_READ)
    for typed in (CANARY, f" {CANARY.upper()} "):
        answer = await notifications.post("/v1/deliveries/search", json={"address": typed}, headers=headers)
        assert [each["recipient"]["address"] for each in answer.json()["items"]] == [CANARY]
        assert CANARY not in str(answer.request.url)


# Staff: what each role sees of a candidate's and of a displaced employee's message.


@pytest.fixture
async def as_staff(notifications_session: AsyncSession) -> Callable[..., Any]:
    """Sign a member of staff in and return the session's cookie."""

    async def sign_in(*grants: RoleGrant) -> dict[str, str]:
        staff_id = uuid4()
        contact = StaffContact(name="Helen Price", email=f"{staff_id.hex}@council.example")
        await notifications_session.execute(insert(staff).values(staff_values(staff_id, 1, True, grants, contact)))
        token = await sessions.open_session(notifications_session, staff_id)
        return {"Cookie": f"{session_cookie(Service.NOTIFICATIONS)}={token}"}

    return sign_in


@pytest.mark.parametrize(
    ("role", "sees", "names"),
    [
        (Role.RECRUITER, {"offer_made", "approval_wanted"}, {"offer_made", "approval_wanted"}),
        (Role.HIRING_MANAGER, {"offer_made", "approval_wanted"}, set()),
        (Role.PANEL_MEMBER, {"approval_wanted"}, set()),
        (Role.COUNCIL_HR, {"offer_made", "approval_wanted", "referred"}, {"offer_made", "approval_wanted", "referred"}),
        (Role.COUNCIL_ADMIN, {"approval_wanted"}, {"approval_wanted"}),
    ],
)
async def test_a_role_sees_what_it_needs_and_no_more(
    notifications: httpx.AsyncClient,
    notifications_session: AsyncSession,
    as_staff: Callable[..., Any],
    sandwell: UUID,
    role: Role,
    sees: set[str],
    names: set[str],
) -> None:
    for kind in ("offer_made", "approval_wanted", "referred"):
        await tell(notifications_session, kind, employer_id=sandwell, home_employer_id=sandwell)
    cookie = await as_staff(RoleGrant(role=role, employer_id=sandwell))
    found = await listed(notifications, cookie)
    assert {each["kind"] for each in found} == sees
    assert {each["kind"] for each in found if each["recipient"]} == names
    for each in found:
        detail = await notifications.get(f"/v1/deliveries/{each['id']}", headers=cookie)
        assert ("Canary" in detail.text) == (each["kind"] in names)


async def test_a_wme_administrator_sees_that_messages_go_and_not_to_whom(
    notifications: httpx.AsyncClient, notifications_session: AsyncSession, as_staff: Callable[..., Any], sandwell: UUID
) -> None:
    await tell(notifications_session, "offer_made", employer_id=sandwell)
    await tell(notifications_session, "referred", home_employer_id=sandwell)
    cookie = await as_staff(RoleGrant(role=Role.WME_ADMIN))
    found = await listed(notifications, cookie)
    assert {each["kind"] for each in found} == {"offer_made", "referred"}
    assert [each["recipient"] for each in found] == [None, None]


async def test_a_role_at_one_council_opens_nothing_at_another(
    notifications: httpx.AsyncClient,
    notifications_session: AsyncSession,
    as_staff: Callable[..., Any],
    sandwell: UUID,
    dudley: UUID,
) -> None:
    await tell(notifications_session, "offer_made", employer_id=sandwell)
    await tell(notifications_session, "offer_made", employer_id=dudley, minutes=1)
    await tell(notifications_session, "registration_received", home_employer_id=dudley, minutes=2)
    cookie = await as_staff(
        RoleGrant(role=Role.COUNCIL_HR, employer_id=sandwell), RoleGrant(role=Role.HIRING_MANAGER, employer_id=dudley)
    )
    found = await listed(notifications, cookie)
    assert [(each["kind"], each["recipient"] is not None) for each in found] == [
        ("offer_made", False),
        ("offer_made", True),
    ]


async def test_who_may_not_see_addresses_may_not_ask_for_one(
    notifications: httpx.AsyncClient,
    notifications_session: AsyncSession,
    as_staff: Callable[..., Any],
    sandwell: UUID,
) -> None:
    await tell(notifications_session, "offer_made", employer_id=sandwell)
    cookie = await as_staff(RoleGrant(role=Role.HIRING_MANAGER, employer_id=sandwell))
    page = await notifications.get("/deliveries", headers=cookie)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    headers = cookie | {"X-CSRF-Token": token[1]}
    answer = await notifications.post("/v1/deliveries/search", json={"address": CANARY}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "addresses_not_for_you")
    assert "Find a person" not in page.text
    assert "Canary" not in page.text


async def test_the_page_finds_a_persons_messages_and_shows_one(
    notifications: httpx.AsyncClient,
    notifications_session: AsyncSession,
    as_staff: Callable[..., Any],
    sandwell: UUID,
) -> None:
    await tell(notifications_session, "offer_made", employer_id=sandwell)
    await tell(notifications_session, "offer_made", employer_id=sandwell, email="other@mail.example", name="Other")
    cookie = await as_staff(RoleGrant(role=Role.RECRUITER, employer_id=sandwell))
    page = await notifications.get("/deliveries", headers=cookie)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    form = {"address": CANARY, "csrf_token": token[1]}
    found = await notifications.post("/deliveries", data=form, headers=cookie)
    assert found.status_code == 200
    assert "Canary Khan" in found.text
    assert "Other" not in found.text
    link = re.search(r'href="(/deliveries/[0-9a-f-]{36})"', found.text)
    assert link is not None
    one = await notifications.get(link[1], headers=cookie)
    assert "would like to offer you the job" in one.text
    assert "It has not been tried yet." in one.text
    wrong = await notifications.post("/deliveries", data=form | {"address": "nobody"}, headers=cookie)
    assert wrong.status_code == 422
    assert "Enter an email address" in wrong.text


async def test_the_kinds_of_message_are_reference_data(notifications: httpx.AsyncClient, bearer: Bearer) -> None:
    headers = bearer(Scope.REPORTS_READ)
    kinds = (await notifications.get("/v1/messages/kinds", headers=headers)).json()["items"]
    assert {"match_suggested", "offer_made"} <= {each["key"] for each in kinds}
    detail = (await notifications.get("/v1/messages/kinds/match_suggested", headers=headers)).json()
    assert detail["event_name"] == "clearing.match_suggested.v1"
    assert detail["channels"] == ["email"]
    assert "A job that may suit you" in detail["samples"][0]["subject"]
    unknown = await notifications.get("/v1/messages/kinds/love_letter", headers=headers)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "message_kind_unknown")


def test_a_principal_without_grants_reaches_nothing() -> None:
    assert reaches_of(Principal.of_staff(uuid4(), ())) == ()
