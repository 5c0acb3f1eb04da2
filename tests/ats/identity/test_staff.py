"""Staff accounts: who may make and change them, what the other services are told, and invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.models import AuditEntry
from services.ats.identity.models import FamiliarSignIn
from shared import sealing
from shared.events.ats import StaffContact
from shared.outbox import events, outbox
from shared.reference.employers import employer_id
from shared.registry import StaffMember, find_staff
from shared.vocabulary import Role, Service
from tests.factories.identity import csrf_of, field, grant, local, mailed, make_staff, sign_in

ADMIN = "admin@saw.example"
WME = "admin@wme.example"
EMAIL = "rory.williams@saw.example"
NEW: dict[str, Any] = {
    "name": "Rory Williams",
    "email": EMAIL,
    "grants": [{"role": "approver", "employer_code": "SAW"}],
}


@pytest.fixture
async def admin(ats: httpx.AsyncClient, ats_session: AsyncSession) -> dict[str, str]:
    """The browser is signed in as Sandwell's administrator; the header that its scripts send."""
    await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "SAW"), email=ADMIN, name="Sandwell's admin")
    await sign_in(ats, ADMIN)
    return {"X-CSRF-Token": await csrf_of(ats)}


@pytest.fixture
async def wme(ats: httpx.AsyncClient, ats_session: AsyncSession) -> dict[str, str]:
    await make_staff(ats_session, grant(Role.WME_ADMIN), email=WME, name="WME's admin")
    await sign_in(ats, WME)
    return {"X-CSRF-Token": await csrf_of(ats)}


@pytest.fixture
async def shared_hr(ats_session: AsyncSession) -> StaffMember:
    """Somebody who works for Sandwell and Wolverhampton."""
    return await make_staff(
        ats_session, grant(Role.COUNCIL_HR, "SAW"), grant(Role.COUNCIL_HR, "WLV"), email="hr@both.example"
    )


async def test_a_new_account_is_told_to_both_services_with_a_sealed_contact(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    answer = await ats.post("/v1/staff", json=NEW, headers=admin)
    assert answer.status_code == 201
    staff_id = UUID(answer.json()["id"])
    event = (
        await ats_session.execute(select(events).where(events.c.aggregate_id == staff_id, events.c.kind == "state"))
    ).one()
    assert event.name == "ats.staff_changed.v1"
    assert event.payload["grants"] == [{"role": "approver", "employer_id": str(employer_id("SAW"))}]
    assert "rory" not in str(event.payload).lower()
    letters = (await ats_session.execute(select(outbox).where(outbox.c.event_id == event.id))).all()
    assert {letter.subscriber for letter in letters} == {"clearing", "notifications"}
    for letter in letters:
        opened = sealing.keyring().open(
            letter.sealed, StaffContact, subscriber=Service(letter.subscriber), event_id=event.id
        )
        assert opened.email == NEW["email"]


async def test_an_invitation_lets_its_owner_choose_a_password_once(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    await ats.post("/v1/staff", json=NEW, headers=admin)
    (contact,) = await mailed(ats_session, "ats.staff_invited.v1")
    path = local(contact.link)
    async with world.client(Service.ATS) as rory:
        assert (await rory.get(path)).status_code == 200
        opened = await rory.post(path)
        assert (opened.status_code, opened.headers["location"]) == (303, "/invitation")
        form = {"password": "too short", "csrf_token": field(await rory.get("/invitation"), "csrf_token")}
        assert (await rory.post("/invitation", data=form)).status_code == 422
        chosen = await rory.post("/invitation", data=form | {"password": "three different words"})
        assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in")
        assert (await rory.get("/invitation")).status_code == 401
        assert (await rory.post(path)).status_code == 410
        assert await ats_session.scalar(select(func.count()).select_from(FamiliarSignIn)) == 2, "theirs and the admin's"
        assert (await sign_in(rory, EMAIL, "three different words")).status_code == 303


async def test_an_invitation_is_good_for_a_week(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    await ats.post("/v1/staff", json=NEW, headers=admin)
    (contact,) = await mailed(ats_session, "ats.staff_invited.v1")
    async with world.client(Service.ATS) as rory:
        world.clock.advance(timedelta(days=7, seconds=-1))
        assert (await rory.get(local(contact.link))).status_code == 200
        world.clock.advance(timedelta(seconds=1))
        assert (await rory.post(local(contact.link))).status_code == 410


async def test_a_link_to_a_new_password_is_good_for_an_hour(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email=EMAIL)
    await ats.post("/forgotten-password", data={"email": EMAIL})
    (contact,) = await mailed(ats_session, "ats.password_reset_requested.v1")
    world.clock.advance(timedelta(hours=1, seconds=-1))
    assert (await ats.get(local(contact.link))).status_code == 200
    world.clock.advance(timedelta(seconds=1))
    assert (await ats.post(local(contact.link))).status_code == 410


async def test_a_second_invitation_ends_the_first(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    made = (await ats.post("/v1/staff", json=NEW, headers=admin)).json()
    assert (await ats.post(f"/v1/staff/{made['id']}/invite", headers=admin)).status_code == 202
    first, second = await mailed(ats_session, "ats.staff_invited.v1")
    assert (await ats.get(local(first.link))).status_code == 410
    assert (await ats.get(local(second.link))).status_code == 200


async def test_an_administrator_never_sees_the_link_by_which_somebody_signs_in(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    """Whoever held it could choose an approver's password and approve as them."""
    approver = await make_staff(ats_session, grant(Role.APPROVER, "SAW"), email="approver@saw.example")
    answers = [
        await ats.post("/v1/staff", json=NEW, headers=admin),
        await ats.post(f"/v1/staff/{approver.id}/invite", headers=admin),
    ]
    contacts = await mailed(ats_session, "ats.staff_invited.v1")
    assert [contact.email for contact in contacts] == [EMAIL, "approver@saw.example"]
    for answer, contact in zip(answers, contacts, strict=True):
        told = f"{answer.text} {dict(answer.headers)}"
        assert "/l/" not in told
        assert contact.link.rpartition("/")[2] not in told
    payloads = (
        await ats_session.scalars(select(events.c.payload).where(events.c.name == "ats.staff_invited.v1"))
    ).all()
    assert "/l/" not in str(payloads)


async def audit_of(session: AsyncSession, subject_id: UUID) -> list[tuple[str, UUID | None, UUID | None, str | None]]:
    query = select(AuditEntry).where(AuditEntry.subject_id == subject_id).order_by(AuditEntry.id)
    return [(each.action, each.actor_id, each.employer_id, each.reason) for each in await session.scalars(query)]


async def test_every_change_of_an_account_is_audited_with_who_made_it(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    admin_id = UUID((await ats.get("/v1/whoami")).json()["id"])
    saw = employer_id("SAW")
    staff_id = UUID((await ats.post("/v1/staff", json=NEW, headers=admin)).json()["id"])
    recruiter = {"grants": [{"role": "recruiter", "employer_code": "SAW"}]}
    assert (await ats.put(f"/v1/staff/{staff_id}/grants", json=recruiter, headers=admin)).status_code == 200
    assert (await ats.post(f"/v1/staff/{staff_id}/invite", headers=admin)).status_code == 202
    assert (await ats.post(f"/v1/staff/{staff_id}/deactivate", headers=admin)).status_code == 200
    assert await audit_of(ats_session, staff_id) == [
        ("staff_created", admin_id, saw, None),
        ("roles_changed", admin_id, saw, "gave approver"),
        ("staff_invited", admin_id, saw, None),
        ("roles_changed", admin_id, saw, "gave recruiter; took approver"),
        ("staff_invited", admin_id, saw, None),
        ("staff_deactivated", admin_id, saw, None),
    ]


async def test_what_is_wmes_own_is_audited_under_no_employer(
    ats: httpx.AsyncClient, ats_session: AsyncSession, wme: dict[str, str], shared_hr: StaffMember
) -> None:
    made = await ats.post("/v1/staff", json=NEW | {"grants": [{"role": "wme_analyst"}]}, headers=wme)
    assert {entry[2] for entry in await audit_of(ats_session, UUID(made.json()["id"]))} == {None}
    assert {entry[2] for entry in await audit_of(ats_session, shared_hr.id)} == {
        employer_id("SAW"),
        employer_id("WLV"),
    }


async def test_whoever_forgot_their_password_gets_a_link_and_chooses_another(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    person = await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email=EMAIL)
    assert "/forgotten-password" in (await ats.get("/sign-in")).text
    assert (await ats.get("/forgotten-password")).status_code == 200
    answer = await ats.post("/forgotten-password", data={"email": " Rory.Williams@SAW.example "})
    assert answer.status_code == 200
    (contact,) = await mailed(ats_session, "ats.password_reset_requested.v1")
    assert contact.email == EMAIL
    async with world.client(Service.ATS) as rory:
        await sign_in(rory, EMAIL)
        assert (await rory.get("/v1/whoami")).json()["id"] == str(person.id)
        opened = await ats.post(local(contact.link))
        assert opened.headers["location"] == "/invitation"
        form = {
            "password": "three different words",
            "csrf_token": field(await ats.get("/invitation"), "csrf_token"),
        }
        assert (await ats.post("/invitation", data=form)).status_code == 303
        assert (await rory.get("/v1/whoami")).status_code == 401, "the old password's sessions are over"
    assert (await sign_in(ats, EMAIL)).status_code == 422
    assert (await sign_in(ats, EMAIL, "three different words")).status_code == 303
    audited = {(entry[0], entry[1]) for entry in await audit_of(ats_session, person.id)}
    assert {("password_reset_asked", None), ("password_chosen", person.id)} <= audited


async def test_asking_for_a_new_password_tells_nobody_who_has_an_account(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession, wme: dict[str, str]
) -> None:
    await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email=EMAIL)
    gone = await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email="gone@saw.example")
    await ats.post(f"/v1/staff/{gone.id}/deactivate", headers=wme)
    async with world.client(Service.ATS) as stranger:
        answers = [
            await stranger.post("/forgotten-password", data={"email": email})
            for email in (EMAIL, "gone@saw.example", "nobody@saw.example")
        ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert [contact.email for contact in await mailed(ats_session, "ats.password_reset_requested.v1")] == [EMAIL]


async def test_nobody_is_flooded_with_links_for_a_new_password(
    ats: httpx.AsyncClient, ats_session: AsyncSession
) -> None:
    await make_staff(ats_session, grant(Role.RECRUITER, "SAW"), email=EMAIL)
    answers = {(await ats.post("/forgotten-password", data={"email": EMAIL})).text for _ in range(9)}
    assert len(answers) == 1
    assert len(await mailed(ats_session, "ats.password_reset_requested.v1")) <= 4


async def test_a_form_of_another_site_asks_for_no_password(ats: httpx.AsyncClient) -> None:
    asked = await ats.post("/forgotten-password", data={"email": EMAIL}, headers={"Sec-Fetch-Site": "cross-site"})
    assert asked.status_code == 403
    assert (await ats.post("/forgotten-password", data={"email": "rory"})).status_code == 422


@pytest.mark.parametrize(
    ("grants", "status", "code"),
    [
        ([{"role": "approver", "employer_code": "WLV"}], 403, "grant_not_yours"),
        ([{"role": "wme_admin"}], 403, "grant_not_yours"),
        ([{"role": "wme_admin", "employer_code": "SAW"}], 422, "grant_malformed"),
        ([{"role": "approver"}], 422, "grant_malformed"),
        ([{"role": "emperor", "employer_code": "SAW"}], 422, "invalid"),
        ([], 422, "invalid"),
    ],
)
async def test_a_council_gives_no_more_than_its_own(
    grants: list[dict[str, str]], status: int, code: str, ats: httpx.AsyncClient, admin: dict[str, str]
) -> None:
    answer = await ats.post("/v1/staff", json=NEW | {"grants": grants}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_employer_that_does_not_exist_cannot_be_granted(ats: httpx.AsyncClient, wme: dict[str, str]) -> None:
    nowhere = [{"role": "approver", "employer_code": "ZZZ"}]
    answer = await ats.post("/v1/staff", json=NEW | {"grants": nowhere}, headers=wme)
    assert (answer.status_code, answer.json()["code"]) == (404, "employer_not_known")


async def test_an_address_has_one_account(ats: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await ats.post("/v1/staff", json=NEW, headers=admin)
    again = await ats.post("/v1/staff", json=NEW | {"email": "Rory.Williams@SAW.example"}, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


async def test_a_council_lists_its_own_staff_and_nobody_elses(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str], shared_hr: StaffMember
) -> None:
    stranger = await make_staff(ats_session, grant(Role.RECRUITER, "WLV"), email="recruiter@wlv.example")
    listed = {each["id"] for each in (await ats.get("/v1/staff")).json()["items"]}
    assert str(shared_hr.id) in listed
    assert str(stranger.id) not in listed
    for method, path in (
        ("GET", f"/v1/staff/{stranger.id}"),
        ("POST", f"/v1/staff/{stranger.id}/invite"),
        ("POST", f"/v1/staff/{stranger.id}/deactivate"),
        ("PUT", f"/v1/staff/{stranger.id}/grants"),
    ):
        body = {"grants": []} if method == "PUT" else None
        of_others = await ats.request(method, path, headers=admin, json=body)
        of_nobody = await ats.request(method, path.replace(str(stranger.id), str(uuid4())), headers=admin, json=body)
        assert of_others.status_code == 404, path
        assert of_others.json() == of_nobody.json()


async def test_wme_lists_everybody(
    ats: httpx.AsyncClient, ats_session: AsyncSession, wme: dict[str, str], shared_hr: StaffMember
) -> None:
    stranger = await make_staff(ats_session, grant(Role.RECRUITER, "WLV"), email="recruiter@wlv.example")
    listed = {each["id"] for each in (await ats.get("/v1/staff")).json()["items"]}
    assert {str(stranger.id), str(shared_hr.id)} <= listed


async def test_a_council_changes_roles_at_its_own_employer_only(
    ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str], shared_hr: StaffMember
) -> None:
    recruiter = {"grants": [{"role": "recruiter", "employer_code": "SAW"}]}
    answer = await ats.put(f"/v1/staff/{shared_hr.id}/grants", json=recruiter, headers=admin | {"If-Match": '"v1"'})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    changed = await find_staff(ats_session, shared_hr.id)
    assert changed is not None
    assert set(changed.grants) == {grant(Role.COUNCIL_HR, "WLV"), grant(Role.RECRUITER, "SAW")}
    stale = await ats.put(f"/v1/staff/{shared_hr.id}/grants", json=recruiter, headers=admin | {"If-Match": '"v1"'})
    assert stale.status_code == 412


@pytest.mark.parametrize(
    "grants",
    [
        [{"role": "council_admin", "employer_code": "SAW"}, {"role": "approver", "employer_code": "SAW"}],
        [{"role": "recruiter", "employer_code": "SAW"}],
        [],
    ],
)
async def test_nobody_changes_their_own_roles(
    grants: list[dict[str, str]], ats: httpx.AsyncClient, ats_session: AsyncSession, admin: dict[str, str]
) -> None:
    own = UUID((await ats.get("/v1/whoami")).json()["id"])
    answer = await ats.put(f"/v1/staff/{own}/grants", json={"grants": grants}, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_roles")
    assert "another administrator" in answer.json()["next_step"]
    person = await find_staff(ats_session, own)
    assert person is not None
    assert (person.version, person.grants) == (1, (grant(Role.COUNCIL_ADMIN, "SAW"),))


async def test_wmes_administrators_change_each_others_roles_and_not_their_own(
    ats: httpx.AsyncClient, ats_session: AsyncSession, wme: dict[str, str]
) -> None:
    own = (await ats.get("/v1/whoami")).json()["id"]
    other = await make_staff(ats_session, grant(Role.WME_ADMIN), email="second@wme.example")
    given = {"grants": [{"role": "wme_admin"}, {"role": "wme_analyst"}]}
    answer = await ats.put(f"/v1/staff/{own}/grants", json=given, headers=wme)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_roles")
    assert (await ats.put(f"/v1/staff/{other.id}/grants", json=given, headers=wme)).status_code == 200


async def test_a_council_cannot_take_over_the_account_of_somebody_who_serves_others_too(
    ats: httpx.AsyncClient, admin: dict[str, str], shared_hr: StaffMember
) -> None:
    for path in ("invite", "deactivate"):
        answer = await ats.post(f"/v1/staff/{shared_hr.id}/{path}", headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (409, "serves_others_too")


async def test_a_lost_role_is_lost_in_the_open_session(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession, wme: dict[str, str]
) -> None:
    person = await make_staff(ats_session, grant(Role.COUNCIL_ADMIN, "WLV"), email="admin@wlv.example")
    async with world.client(Service.ATS) as browser:
        await sign_in(browser, "admin@wlv.example")
        assert (await browser.get("/v1/staff")).status_code == 200
        await ats.put(f"/v1/staff/{person.id}/grants", json={"grants": []}, headers=wme)
        assert (await browser.get("/v1/staff")).status_code == 403


async def test_a_closed_account_is_signed_out_everywhere(
    world: Any, ats: httpx.AsyncClient, ats_session: AsyncSession, wme: dict[str, str]
) -> None:
    person = await make_staff(ats_session, grant(Role.RECRUITER, "WLV"), email="recruiter@wlv.example")
    async with world.client(Service.ATS) as browser:
        await sign_in(browser, "recruiter@wlv.example")
        await ats.post(f"/v1/staff/{person.id}/deactivate", headers=wme)
        assert (await browser.get("/v1/whoami")).status_code == 401
    told = (
        await ats_session.scalars(
            select(events.c.name).where(events.c.aggregate_id == person.id).order_by(events.c.seq)
        )
    ).all()
    assert told == ["ats.staff_changed.v1", "ats.staff_changed.v1", "ats.staff_sessions_ended.v1"]


async def test_no_client_manages_people(ats: httpx.AsyncClient, bearer: Any) -> None:
    answer = await ats.get("/v1/staff", headers=bearer(employers="region"))
    assert answer.status_code == 403
