"""Drafts for tests: as a board begins them, and as their person comes back by the link of a mail."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select

from services.ats.drafts.models import ApplicationDraft
from shared.events.applications import DraftContact
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats
from tests.factories.identity import local, mailed

AMARA = "amara.osei@people.example"
LINK_WANTED = "ats.draft_link_wanted.v1"
BOARD = UUID("00000000-0000-4000-8000-00000000b0a2")
READY: dict[str, Any] = {"name": "Amara Osei", "supporting_statement": "I like to help."}


def board(council: Ats, client_id: UUID = BOARD, employers: Any = "region") -> dict[str, str]:
    return council.headers(Scope.JOBS_APPLY, employers=employers, client_id=client_id)


async def begin(council: Ats, vacancy: dict[str, Any], **body: Any) -> dict[str, Any]:
    sent = {"email": f"{uuid4().hex[:8]}@people.example", "application": READY} | body
    answer = await council.client.post(f"/v1/jobs/{vacancy['id']}/drafts", json=sent, headers=board(council))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def links(council: Ats) -> list[DraftContact]:
    async with council.region() as session:
        return await mailed(session, LINK_WANTED, DraftContact)


async def bearer_of(council: Ats, link: str) -> dict[str, str]:
    """Another device: the link's token is exchanged for a short session."""
    opened = await council.client.post("/v1/link-sessions", json={"token": local(link).rpartition("/")[2]})
    assert opened.status_code == 201, opened.text
    return {"Authorization": f"Bearer {opened.json()['access_token']}"}


async def save(
    council: Ats, draft: dict[str, Any], application: dict[str, Any], headers: dict[str, str]
) -> httpx.Response:
    tag = {"If-Match": f'"v{draft["version"]}"'}
    return await council.client.patch(
        f"/v1/drafts/{draft['id']}", json={"application": application}, headers=headers | tag
    )


async def submit(council: Ats, draft: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    return await council.client.post(f"/v1/drafts/{draft['id']}/submit", headers=headers or board(council))


async def drafts(council: Ats) -> list[ApplicationDraft]:
    async with council.region() as session:
        return list(await session.scalars(select(ApplicationDraft).order_by(ApplicationDraft.begun_at)))


async def set_policy(council: Ats, **terms: Any) -> None:
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    body = {"valid_from": council.now.date().isoformat()} | terms
    headers = council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id)
    answer = await council.client.put("/v1/employers/SAW/selection-policy", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
