"""Until the shortlist nobody who decides meets anything that says who a candidate is, whatever they read.

Canaries stand in every text that is kept of who somebody is, a later column too. Then every route that reads, of the
three services, is read as each of those who decide: before the reveal none of the canaries is anywhere, after it they
are, or the walk would prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import String, select, text

from services.ats.applications.models import CandidateContact
from services.notifications.deliveries.commands import Fact, store_deliveries
from services.notifications.deliveries.models import Delivery
from services.notifications.messages.catalogue import BY_EVENT
from shared import sessions
from shared.csrf import csrf_token, session_cookie
from shared.database import transaction
from shared.events.base import Contact
from shared.events.routing import BY_NAME
from shared.registry import StaffMember
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.architecture.walk import Walked, walk
from tests.ats.documents.conftest import by_link
from tests.factories import documents as files
from tests.factories.ats import Ats
from tests.factories.identity import tell_registry
from tests.factories.interviews import Interviews
from tests.factories.panels import Panel

GIVEN = {"name": "Zyxwara Quillfeather", "email": "zyxwara.quillfeather@people.example", "phone": "0121 496 0777"}
DECIDING = (Role.PANEL_MEMBER, Role.HIRING_MANAGER, Role.RECRUITER)
# The developers' mailbox of embedded mode shows whole mails, of .example addresses, to whoever runs the system.
EMBEDDED_ONLY = ("/dev/",)


@dataclass
class Scene:
    """One candidate of one vacancy with a panel, and those who decide about them."""

    live: Any
    council: Ats
    panel: Panel
    candidate: dict[str, Any]
    people: Mapping[Role, StaffMember]
    canaries: tuple[str, ...]
    document_id: UUID

    async def tell(self) -> None:
        """Hand notifications what ats has told so far, as its worker would; what it has is not stored twice."""
        contact = {"name": GIVEN["name"], "email": GIVEN["email"]}
        async with self.council.region() as session:
            found = (await session.execute(text("SELECT id, name, payload, occurred_at FROM ats.events"))).all()
        async with transaction(self.live.sessions[Service.NOTIFICATIONS], REGION) as session:
            for row in found:
                event = BY_NAME[row.name]
                if event in BY_EVENT and event.aggregate == "application":
                    kind = event.sealed_for[Service.NOTIFICATIONS]
                    sealed = kind.model_validate(contact | {"link": "https://jobs.example/l/x", "video_url": ""})
                    assert isinstance(sealed, Contact)
                    fact = Fact(row.id, event.model_validate(row.payload), row.occurred_at, sealed)
                    await store_deliveries(session, fact, now=self.council.now)

    async def callers(self, service: Service) -> dict[str, dict[str, str]]:
        found = {"client": self.council.headers(Scope.APPLICATIONS_READ, Scope.VACANCIES_READ)}
        async with transaction(self.live.sessions[service], REGION) as session:
            for role, person in self.people.items():
                token = await sessions.open_session(session, person.id)
                cookie = f"{session_cookie(service)}={token}"
                found[role.value] = {"Cookie": cookie, "X-CSRF-Token": csrf_token(token)}
        return found

    async def met(self, service: Service) -> tuple[dict[str, set[str]], int]:
        """The canaries that each caller meets, with where, and how many answers there were to read."""
        routes = [
            each
            for each in walk(self.live.app(service), service)
            if each.method == "GET" and not each.path.startswith(EMBEDDED_ONLY)
        ]
        found: dict[str, set[str]] = {}
        answers = 0
        async with self.live.client(service) as client:
            for who, headers in (await self.callers(service)).items():
                for route in routes:
                    for address in await self.addresses(route):
                        answer = await client.get(address, headers=headers)
                        assert answer.status_code < 500, address
                        answers += answer.status_code == 200
                        met = {canary for canary in self.canaries if canary in answer.text + str(answer.headers)}
                        found.setdefault(who, set()).update(f"{canary} at {route.path}" for canary in met)
        return {who: met for who, met in found.items() if met}, answers

    async def addresses(self, route: Walked) -> list[str]:
        values = {
            "vacancy_id": self.panel.vacancy["id"],
            "job_id": self.panel.vacancy["id"],
            "application_id": self.candidate["id"],
            "document_id": self.document_id,
            "code": "SAW",
            "employer": "SAW",
        }
        if "delivery_id" not in route.parameters:
            return [route.url(values)]
        async with transaction(self.live.sessions[Service.NOTIFICATIONS], REGION) as session:
            return [route.url({"delivery_id": each}) for each in await session.scalars(select(Delivery.id))]


def later_fields() -> dict[str, str]:
    """A canary for every text of a candidate's contact that an application does not bring."""
    columns = CandidateContact.__table__.columns
    return {
        each.name: f"canary-{each.name}" for each in columns if isinstance(each.type, String) and each.name not in GIVEN
    }


async def send_file(council: Ats, candidate: dict[str, Any]) -> UUID:
    """Named after the candidate, who stands in its properties too: they are in the file as plain letters."""
    assert GIVEN["name"] == files.AUTHOR
    sent = {"file": (f"{GIVEN['name']}.rtf", files.rtf(f" {GIVEN['phone']}"))}
    answer = await council.client.post("/v1/documents", files=sent, headers=await by_link(council, candidate))
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


@pytest.fixture
async def scene(live: Any, live_council: Ats) -> Scene:
    return await set_scene(live, live_council)


async def set_scene(live: Any, council: Ats, **vacancy: Any) -> Scene:
    made = await council.live(**vacancy)
    candidate = await council.apply(made, **GIVEN)
    # What they have begun is nobody's to read but theirs, before the reveal and after it.
    headers = council.headers(Scope.JOBS_APPLY, employers="region")
    draft = {"email": GIVEN["email"], "application": {"name": GIVEN["name"], "phone": GIVEN["phone"]}}
    begun = await council.client.post(f"/v1/jobs/{made['id']}/drafts", json=draft, headers=headers)
    assert begun.status_code == 201, begun.text
    panel = await Panel.of(council, made)
    people = {role: await council.staff(role) for role in DECIDING} | {Role.PANEL_MEMBER: panel.people[0]}
    later = later_fields()
    async with council.region() as session:
        for name, value in later.items():
            statement = text(f"UPDATE ats.candidate_contacts SET {name} = :value")  # noqa: S608 - a column of ours
            await session.execute(statement, {"value": value})
    await tell_registry(live)
    document_id = await send_file(council, candidate)
    canaries = ("Zyxwara", "Quillfeather", "zyxwara.quillfeather", GIVEN["phone"], *later.values())
    scene = Scene(live, council, panel, candidate, people, canaries, document_id)
    await scene.tell()
    return scene


@pytest.fixture
async def live_council(live: Any) -> Any:
    async with live.client(Service.ATS) as client:
        yield Ats(live, client)


async def test_before_the_reveal_nobody_who_decides_meets_who_a_candidate_is_and_after_it_they_do(
    scene: Scene,
) -> None:
    for service in Service:
        met, answers = await scene.met(service)
        assert met == {}, service
        assert answers > 5, service
    await scene.panel.score_alike(scene.candidate, 3, 3)
    manager = scene.people[Role.HIRING_MANAGER]
    shortlist = await scene.council.decide(f"/v1/applications/{scene.candidate['id']}/shortlist", manager)
    assert shortlist.status_code == 200, shortlist.text
    confirm = f"/v1/vacancies/{scene.panel.vacancy['id']}/confirm-shortlist"
    assert (await scene.council.decide(confirm, manager)).status_code == 200
    await scene.tell()
    met, _ = await scene.met(Service.ATS)
    for who in ("client", Role.HIRING_MANAGER.value, Role.RECRUITER.value):
        assert {each.split(" at ")[0] for each in met[who]} >= {"Zyxwara", "zyxwara.quillfeather", GIVEN["phone"]}, who
    by_name = {each for each in met.get(Role.PANEL_MEMBER.value, set()) if not each.startswith(GIVEN["phone"])}
    assert by_name == set(), "a panel goes on without names"
    of_file = {each for each in met[Role.RECRUITER.value] if "/documents" in each}
    assert {each.split(" at ")[0] for each in of_file} == {GIVEN["phone"]}, "what its pages say, not who made it"
    met, _ = await scene.met(Service.NOTIFICATIONS)
    assert any("/v1/deliveries at" not in each and "Zyxwara" in each for each in met[Role.RECRUITER.value])


async def test_what_somebody_needs_at_an_interview_is_met_by_who_organises_it_alone(scene: Scene) -> None:
    """Neither the panel, nor a hiring manager, nor a system, in any service; nor a recruiter who sits on the panel."""
    council = scene.council
    await scene.panel.score_alike(scene.candidate, 3, 3)
    organiser = scene.people[Role.RECRUITER]
    rounds = await Interviews.of(council, scene.panel.vacancy)
    await council.decide(f"/v1/applications/{scene.candidate['id']}/shortlist", organiser)
    await council.decide(f"/v1/vacancies/{scene.panel.vacancy['id']}/confirm-shortlist", organiser)
    assert (await rounds.invite(scene.candidate)).status_code == 200
    [slot] = await rounds.slots(panel=[str(scene.panel.people[0].id)])
    await rounds.booked(scene.candidate, slot, adjustments="canary-adjustment")
    await scene.tell()
    watching = replace(scene, canaries=("canary-adjustment",))
    for service in Service:
        met, answers = await watching.met(service)
        assert answers > 5
        assert set(met) <= {Role.RECRUITER.value}, service
        assert bool(met) == (service is Service.ATS)


async def test_a_rejected_candidate_stays_unknown_for_good(scene: Scene) -> None:
    rejection = {"reason_code": "right_to_work"}
    url = f"/v1/applications/{scene.candidate['id']}/reject"
    assert (await scene.council.decide(url, scene.people[Role.RECRUITER], rejection)).status_code == 200
    await scene.tell()
    for service in (Service.ATS, Service.NOTIFICATIONS):
        assert (await scene.met(service))[0] == {}


async def test_whose_message_it_was_is_not_found_by_the_address_nor_by_the_recipient(scene: Scene) -> None:
    headers = (await scene.callers(Service.NOTIFICATIONS))[Role.RECRUITER.value]
    async with scene.live.client(Service.NOTIFICATIONS) as client:
        searched = await client.post("/v1/deliveries/search", json={"address": GIVEN["email"]}, headers=headers)
        assert (searched.status_code, searched.json()["items"]) == (200, [])
        listed = await _listed(client, headers, subject_id=scene.candidate["id"])
        async with transaction(scene.live.sessions[Service.NOTIFICATIONS], REGION) as session:
            of_application = Delivery.subject_id == UUID(scene.candidate["id"])
            (recipient,) = set(await session.scalars(select(Delivery.recipient_id).where(of_application)))
        assert listed
        assert {each["recipient_id"] for each in listed}.isdisjoint({str(recipient)})
        assert await _listed(client, headers, recipient_id=str(recipient)) == []


async def test_without_anonymity_a_candidate_is_known_from_the_start(live: Any, live_council: Ats) -> None:
    scene = await set_scene(live, live_council, is_anonymised=False)
    met, _ = await scene.met(Service.ATS)
    assert any(each.startswith("Zyxwara") for each in met[Role.RECRUITER.value])
    assert any(each.startswith("Zyxwara") and each.endswith("/content") for each in met[Role.RECRUITER.value])
    met, _ = await scene.met(Service.NOTIFICATIONS)
    assert any(each.startswith("Zyxwara") for each in met[Role.RECRUITER.value])


async def test_anonymity_is_chosen_before_the_advert_and_stays(live_council: Ats) -> None:
    vacancy = await live_council.live()
    assert vacancy["is_anonymised"] is True
    headers = live_council.headers(Scope.VACANCIES_WRITE)
    path = f"/v1/vacancies/{vacancy['id']}"
    refused = await live_council.client.patch(path, json={"is_anonymised": False}, headers=headers)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        409,
        "field_locked",
        "is_anonymised",
    )
    draft = await live_council.create(title="Planning officer")
    changed = await live_council.client.patch(
        f"/v1/vacancies/{draft['id']}", json={"is_anonymised": False}, headers=headers
    )
    assert changed.json()["is_anonymised"] is False


async def test_an_answer_kept_for_a_repeated_request_shows_nobody(live_council: Ats) -> None:
    vacancy = await live_council.live()
    person = await live_council.staff(Role.RECRUITER)
    candidate = await live_council.apply(vacancy, **GIVEN)
    headers = live_council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=person.id) | {"Idempotency-Key": str(uuid4())}
    url = f"/v1/applications/{candidate['id']}/reject"
    answers = [
        await live_council.client.post(url, json={"reason_code": "right_to_work"}, headers=headers) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [200, 200]
    assert all("Zyxwara" not in each.text for each in answers)


async def _listed(client: httpx.AsyncClient, headers: dict[str, str], **wanted: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/deliveries", params=wanted, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]
