"""The event log and the dead letters over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import update

from shared import csrf
from shared.acknowledging import apply_answers
from shared.database import transaction
from shared.envelope import Answer
from shared.outbox import outbox, record
from shared.reference.employers import employer_id
from shared.sessions import open_session
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.factories.events import FOR_BOTH, NOON, opening_reserved, staff_changed
from tests.factories.identity import grant, make_staff

Bearer = Callable[..., dict[str, str]]


async def tell(live, *events: Any, **sealed: Any) -> list[str]:
    async with transaction(live.sessions[Service.ATS], REGION) as session:
        return [str(await record(session, event, now=NOON, **sealed)) for event in events]


async def beginning(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    """The cursor after what the seeds said."""
    cursor, has_more = "", True
    while has_more:
        found = await client.get(f"/v1/events?limit=200{cursor}", headers=headers)
        cursor, has_more = f"&cursor={found.json()['next_cursor']}", found.json()["has_more"]
    return cursor


async def administrator(live, client: httpx.AsyncClient) -> dict[str, str]:
    async with transaction(live.sessions[Service.ATS], REGION) as session:
        person = await make_staff(session, grant(Role.WME_ADMIN, None), email="admin@wme.example")
        token = await open_session(session, person.id)
    client.cookies.set(csrf.session_cookie(Service.ATS), token)
    return {"X-CSRF-Token": csrf.csrf_token(token), "Sec-Fetch-Site": "same-origin"}


async def test_a_council_system_reads_on_from_where_it_was(live) -> None:
    headers = live.signer.bearer(Scope.VACANCIES_READ, employers=("SAN",))
    async with live.client(Service.ATS) as client:
        cursor = await beginning(client, headers)
        ours, _, ours_too = await tell(
            live,
            opening_reserved(employer_id=employer_id("SAN")),
            opening_reserved(employer_id=employer_id("DUD")),
            opening_reserved(employer_id=employer_id("SAN")),
        )
        first = await client.get(f"/v1/events?limit=1{cursor}", headers=headers)
        assert [each["id"] for each in first.json()["items"]] == [ours]
        assert first.json()["has_more"] is True
        assert 'rel="next"' in first.headers["Link"]
        second = await client.get(f"/v1/events?cursor={first.json()['next_cursor']}", headers=headers)
        assert [each["id"] for each in second.json()["items"]] == [ours_too]
        third = await client.get(f"/v1/events?cursor={second.json()['next_cursor']}", headers=headers)
        assert (third.json()["items"], third.json()["has_more"]) == ([], False)
        assert "Link" not in third.headers
        [later] = await tell(live, opening_reserved(employer_id=employer_id("SAN")))
        fourth = await client.get(f"/v1/events?cursor={third.json()['next_cursor']}", headers=headers)
        assert [each["id"] for each in fourth.json()["items"]] == [later]


async def test_nothing_sealed_is_in_the_log(live) -> None:
    await tell(live, staff_changed(), sealed=FOR_BOTH)
    headers = live.signer.bearer(Scope.VACANCIES_READ)
    async with live.client(Service.ATS) as client:
        found = await client.get("/v1/events?limit=200&name=ats.staff_changed.v1", headers=headers)
    assert found.json()["items"][-1]["payload"]["version"] == 1
    assert "Canary" not in found.text


@pytest.mark.parametrize("cursor", ["x", "AAAA", "e30", ""])
async def test_a_cursor_of_ones_own_making_is_refused(ats: httpx.AsyncClient, bearer: Bearer, cursor: str) -> None:
    answer = await ats.get(f"/v1/events?cursor={cursor}", headers=bearer(Scope.VACANCIES_READ))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_cursor")


async def test_a_dead_letter_is_shown_without_words_and_sent_again_once(live) -> None:
    [event_id] = await tell(live, opening_reserved())
    async with transaction(live.sessions[Service.ATS], REGION) as session:
        await apply_answers(
            session, Service.CLEARING, [Answer(event_id=UUID(event_id), redrives=0, dead_reason="RuntimeError")]
        )
    async with live.client(Service.ATS) as client:
        headers = await administrator(live, client)
        [letter] = (await client.get("/v1/dead-letters")).json()["items"]
        assert (letter["event_id"], letter["subscriber"], letter["reason"]) == (event_id, "clearing", "RuntimeError")
        path = f"/v1/dead-letters/{event_id}/clearing/redrive"
        answer = await client.post(path, headers=headers)
        assert (answer.status_code, answer.json()["redrives"]) == (202, 1)
        assert (await client.get("/v1/dead-letters")).json()["items"] == []
        answer = await client.post(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "letter_not_dead")
        answer = await client.post(f"/v1/dead-letters/{uuid4()}/clearing/redrive", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "dead_letter_not_found")


async def test_dead_letters_come_page_by_page(live) -> None:
    event_ids = [UUID(each) for each in await tell(live, *(opening_reserved() for _ in range(5)))]
    async with transaction(live.sessions[Service.ATS], REGION) as session:
        # All at one instant, so that the order rests on the ids as well.
        await session.execute(
            update(outbox).where(outbox.c.event_id.in_(event_ids)).values(dead_at=NOON, dead_reason="RuntimeError")
        )
    async with live.client(Service.ATS) as client:
        await administrator(live, client)
        found, cursor = [], ""
        for _ in range(3):
            page = (await client.get(f"/v1/dead-letters?limit=2{cursor}")).json()
            found += [UUID(each["event_id"]) for each in page["items"]]
            cursor = f"&cursor={page['next_cursor']}"
    assert found == sorted(event_ids)
    assert page["next_cursor"] is None


async def test_a_client_may_not_redrive(ats: httpx.AsyncClient, bearer: Bearer) -> None:
    answer = await ats.post(f"/v1/dead-letters/{uuid4()}/clearing/redrive", headers=bearer(*Scope))
    assert answer.status_code == 403
