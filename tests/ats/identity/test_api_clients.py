"""API clients by API and by page: a secret shown once, no reach beyond its maker's."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.models import AuditEntry
from services.ats.identity.models import ApiClient
from shared.reference.employers import employer_id
from shared.sessions import token_hash
from shared.vocabulary import Role, Scope
from tests.factories.identity import csrf_of, field, grant, make_client, make_staff, sign_in

NEW = {"name": "iTrent", "scopes": ["vacancies:read", "vacancies:write"], "employer_codes": ["SAW"]}


@pytest.fixture
async def admin(ats: httpx.AsyncClient, ats_session: AsyncSession) -> dict[str, str]:
    await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "SAW"), email="admin@saw.example")
    await sign_in(ats, "admin@saw.example")
    return {"X-CSRF-Token": await csrf_of(ats)}


async def token_of(ats: httpx.AsyncClient, client_id: str, secret: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    return await ats.post("/oauth/token", data=form)


async def test_a_secret_is_shown_once_and_works(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    made = (await ats.post("/v1/api-clients", json=NEW, headers=admin)).json()
    assert made["client_secret"].startswith("wmes_")
    assert made["link_address"] is None
    assert (await token_of(ats, made["id"], made["client_secret"])).status_code == 200
    listed = await ats.get("/v1/api-clients")
    assert [each["name"] for each in listed.json()["items"]] == ["iTrent"]
    assert "secret" not in listed.text
    kept = await ats_session.get_one(ApiClient, made["id"])
    assert kept.secret_hash == token_hash(made["client_secret"])
    assert kept.last_used_at is not None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"employer_codes": ["SAW", "WLV"]}, 403),
        ({"employer_codes": [], "is_region": True}, 403),
        ({"employer_codes": []}, 422),
        ({"scopes": []}, 422),
        ({"scopes": ["moon:walk"]}, 422),
        ({"client_secret": "mine"}, 422),
    ],
)
async def test_a_council_gives_no_system_more_than_its_own(
    change: dict[str, object], status: int, ats: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    assert (await ats.post("/v1/api-clients", json=NEW | change, headers=admin)).status_code == status


async def test_a_new_secret_ends_the_old_one(ats: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = (await ats.post("/v1/api-clients", json=NEW, headers=admin)).json()
    renewed = (await ats.post(f"/v1/api-clients/{made['id']}/rotate-secret", headers=admin)).json()
    assert (await token_of(ats, made["id"], made["client_secret"])).status_code == 401
    assert (await token_of(ats, made["id"], renewed["client_secret"])).status_code == 200


async def test_a_vendor_of_two_councils_loses_the_one_that_ends_its_access(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    vendor, secret = await make_client(ats_session, Scope.VACANCIES_READ, employers=("SAW", "WLV"))
    await ats_session.flush()
    refused = await ats.post(f"/v1/api-clients/{vendor.id}/rotate-secret", headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (409, "serves_others_too")
    revoked = await ats.post(f"/v1/api-clients/{vendor.id}/revoke", headers=admin)
    assert revoked.json()["is_active"] is True
    assert (await token_of(ats, str(vendor.id), secret)).status_code == 200
    assert (await ats.get("/v1/api-clients")).json()["items"] == []


async def test_a_client_without_any_employer_left_is_closed(ats: httpx.AsyncClient, admin: dict[str, str]) -> None:
    made = (await ats.post("/v1/api-clients", json=NEW, headers=admin)).json()
    revoked = await ats.post(f"/v1/api-clients/{made['id']}/revoke", headers=admin)
    assert revoked.json()["is_active"] is False
    assert (await token_of(ats, made["id"], made["client_secret"])).status_code == 401


async def test_another_councils_client_is_not_found(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    theirs, _ = await make_client(ats_session, Scope.VACANCIES_READ, employers=("WLV",))
    await ats_session.flush()
    for path in ("rotate-secret", "revoke"):
        assert (await ats.post(f"/v1/api-clients/{theirs.id}/{path}", headers=admin)).status_code == 404


async def test_the_page_makes_a_client_that_works(ats: httpx.AsyncClient, admin: dict[str, str]) -> None:
    form = await ats.get("/api-clients/new")
    assert "Sandwell" in form.text
    assert "Wolverhampton" not in form.text
    empty = {"csrf_token": field(form, "csrf_token")}
    mistaken = await ats.post("/api-clients/new", data=empty)
    assert mistaken.status_code == 422
    assert "Enter the system&#39;s name" in mistaken.text
    typed = empty | {"name": "<b>iTrent</b>", "scopes": ["vacancies:read"], "employers": ["SAW", "WLV", "region"]}
    made = await ats.post("/api-clients/new", data=typed)
    assert made.status_code == 200
    assert "wmes_" in made.text
    assert "<b>iTrent" not in made.text
    listed = (await ats.get("/v1/api-clients")).json()["items"]
    assert [(each["is_region"], len(each["employer_ids"])) for each in listed] == [(False, 1)]
    page = await ats.get("/api-clients")
    assert "wmes_" not in page.text
    asked = await ats.get(f"/api-clients/{listed[0]['id']}/revoke")
    assert "end the access of &lt;b&gt;iTrent" in asked.text
    revoked = await ats.post(f"/api-clients/{listed[0]['id']}/revoke", data=empty)
    assert revoked.status_code == 303
    assert "Ended" not in (await ats.get("/api-clients")).text, "it serves nobody whom this council could see"


async def test_only_administrators_see_the_page(ats: httpx.AsyncClient, ats_session: AsyncSession) -> None:
    await make_staff(ats_session, grant(Role.RECRUITER, "SAW"))
    await sign_in(ats, "amy.pond@saw.example")
    assert (await ats.get("/api-clients", headers={"Accept": "text/html"})).status_code == 403


async def test_every_change_of_a_system_is_audited_with_who_made_it(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    admin_id = UUID((await ats.get("/v1/whoami")).json()["id"])
    made = (await ats.post("/v1/api-clients", json=NEW, headers=admin)).json()
    for verb in ("rotate-secret", "revoke"):
        assert (await ats.post(f"/v1/api-clients/{made['id']}/{verb}", headers=admin)).status_code == 200
    query = select(AuditEntry).where(AuditEntry.subject_id == UUID(made["id"])).order_by(AuditEntry.id)
    entries = (await ats_session.scalars(query)).all()
    assert [each.action for each in entries] == ["api_client_created", "client_secret_rotated", "api_client_revoked"]
    assert {(each.actor_id, each.employer_id) for each in entries} == {(admin_id, employer_id("SAW"))}
    assert entries[0].reason == "vacancies:read vacancies:write"


async def test_a_board_is_made_with_the_address_of_its_own_pages(ats: httpx.AsyncClient, admin: dict[str, str]) -> None:
    board = NEW | {"link_address": "https://jobs.saw.example/apply/"}
    made = (await ats.post("/v1/api-clients", json=board, headers=admin)).json()
    assert made["link_address"] == "https://jobs.saw.example/apply"
    refused = await ats.post("/v1/api-clients", json=NEW | {"link_address": "http://jobs.saw.example"}, headers=admin)
    assert (refused.status_code, refused.json()["field"]) == (422, "link_address")
