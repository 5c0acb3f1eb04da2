"""Candidates of a board open their links at the board, which exchanges them for a session."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.ats.identity.commands import NewClient, create_api_client
from services.ats.identity.schemas import ApiClientCreate
from shared.reference.employers import employer_id
from shared.vocabulary import Scope
from tests.factories.ats import Ats, application_body
from tests.factories.identity import mailed

ADDRESS = "https://www.wmjobs.example/apply"
AMARA = "amara@people.example"
RECEIVED, ASKED = "ats.application_received.v1", "ats.candidate_link_requested.v1"
BOARDS = [
    NewClient("WMJobs", (Scope.JOBS_APPLY,), is_region=True, link_address=ADDRESS),
    NewClient("SAW's site", (Scope.JOBS_APPLY,), (employer_id("SAW"),), link_address=ADDRESS),
]


async def apply_through(council: Ats, vacancy: dict[str, Any], board: NewClient) -> dict[str, Any]:
    async with council.region() as session:
        client, _ = await create_api_client(session, board, now=council.now)
    employers = "region" if board.is_region else ("SAW",)
    headers = council.headers(Scope.JOBS_APPLY, employers=employers, client_id=client.id)
    url = f"/v1/jobs/{vacancy['id']}/applications"
    sent = await council.client.post(url, json=application_body(email=AMARA), headers=headers)
    assert sent.status_code == 201, sent.text
    return sent.json()


async def link_of(council: Ats, event: str) -> str:
    async with council.region() as session:
        (letter,) = await mailed(session, event)
    return letter.link


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
async def test_a_link_leads_to_the_board_that_the_candidate_came_by_and_is_exchanged_there(
    council: Ats, board: NewClient
) -> None:
    sent = await apply_through(council, await council.live(), board)
    link = await link_of(council, RECEIVED)
    assert link.startswith(f"{ADDRESS}/l/")
    opened = await council.client.post("/v1/link-sessions", json={"token": link.rpartition("/")[2]})
    assert (opened.status_code, opened.json()["subject_id"]) == (201, sent["id"])
    bearer = {"Authorization": f"Bearer {opened.json()['access_token']}"}
    own = await council.client.post(f"/v1/applications/{sent['id']}/withdraw", headers=bearer)
    assert (own.status_code, own.json()["stage"]) == (200, "withdrawn")
    again = await council.client.post("/v1/link-sessions", json={"token": link.rpartition("/")[2]})
    assert again.status_code == 410


async def test_so_do_the_links_that_are_sent_later_by_whomever(council: Ats) -> None:
    vacancy = await council.live()
    await apply_through(council, vacancy, BOARDS[0])
    await council.client.post("/v1/sign-in-links", json={"email": AMARA})
    assert (await link_of(council, ASKED)).startswith(f"{ADDRESS}/l/")


async def test_who_came_by_a_system_without_pages_of_its_own_opens_the_link_here(council: Ats) -> None:
    await council.apply(await council.live(), email=AMARA)
    assert ADDRESS not in await link_of(council, RECEIVED)


@pytest.mark.parametrize(
    "address",
    [
        *("http://www.wmjobs.example", "javascript:alert(1)", "https://", "https://a@wmjobs.example", "/apply"),
        *("https://wmjobs.example/?next=", "https://wmjobs.example/#", "https://wmjobs.example/\r\nBcc: x", ""),
    ],
)
def test_an_address_that_could_lead_the_token_astray_is_refused(address: str) -> None:
    given = {"name": "WMJobs", "scopes": ["jobs:apply"], "employer_codes": ["SAW"]}
    assert ApiClientCreate.model_validate(given | {"link_address": f"{ADDRESS}/"}).link_address == ADDRESS
    with pytest.raises(ValidationError):
        ApiClientCreate.model_validate(given | {"link_address": address})
