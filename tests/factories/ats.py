"""Vacancies and applications for tests: pure builders, and the steps that lead them to a state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.states import ApplicationSource
from services.ats.vacancies import clearance
from services.ats.vacancies.approved_content import content_hash, content_of
from services.ats.vacancies.models import Opening, Vacancy
from shared.database import transaction
from shared.events.base import Event
from shared.events.clearing import OpeningRequested, Referred, VacancyReleased, WindowOpened
from shared.reference.employers import employer_id
from shared.registry import StaffMember
from shared.tenancy import REGION
from shared.vocabulary import ContractKind, Management, Role, Scope, Service, VacancyState
from tests.factories.checks import passing
from tests.factories.identity import grant, make_staff

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
SAW = employer_id("SAW")
DUD = employer_id("DUD")
Bearer = Callable[..., dict[str, str]]

E1 = {"kind": "experience", "text": "A year advising people", "families": ["housing_homelessness"], "months": 12}
E2 = {"kind": "skill", "text": "Housing advice", "skill_id": "housing_advice", "level": 2}


def vacancy_body(**changes: Any) -> dict[str, Any]:
    """What a council's system sends."""
    return {
        "employer": "SAW",
        "title": "Housing officer",
        "hours_per_week": "37",
        "contract": "permanent",
        "postcode": "B69 3DE",
        "scp_min": 20,
        "scp_max": 24,
        "essential": [E1, E2],
    } | changes


def make_vacancy(*, openings: int = 1, **changes: Any) -> Vacancy:
    """A draft in memory. Its content hash is that of its content."""
    values: dict[str, Any] = {
        "employer_id": SAW,
        "reference": "SAW-2026-00001",
        "management": Management.HOSTED,
        "title": "Housing officer",
        "family": "housing_homelessness",
        "salary_min_pence": 3_367_300,
        "salary_max_pence": 3_658_100,
        "pay_effective_from": date(2026, 4, 1),
        "hours_per_week": Decimal(37),
        "contract": ContractKind.PERMANENT,
        "outcode": "B69",
        "openings_count": openings,
        "content_hash": "",
        "created_at": NOW,
        "updated_at": NOW,
        "openings": [Opening(employer_id=SAW, opening_no=number) for number in range(1, openings + 1)],
    }
    vacancy = Vacancy(**(values | changes))
    vacancy.content_hash = content_hash(content_of(vacancy))
    return vacancy


def cleared_vacancy(**changes: Any) -> Vacancy:
    """Approved, and released by clearing for its present content."""
    vacancy = make_vacancy(
        **({"state": VacancyState.APPROVED, "released_content_version": 1, "released_at": NOW} | changes)
    )
    vacancy.approved_hash = vacancy.content_hash
    return vacancy


def make_application(vacancy: Vacancy, **changes: Any) -> Application:
    number = uuid4().hex[:8]
    values: dict[str, Any] = {
        "employer_id": vacancy.employer_id,
        "vacancy_id": vacancy.id,
        "reference": f"A-{number}".upper(),
        "source": ApplicationSource.BOARD,
        "person_key": number,
        "submitted_at": NOW,
        "stage_entered_at": NOW,
        "contact": CandidateContact(
            employer_id=vacancy.employer_id, name="Amara Osei", email=f"{number}@people.example"
        ),
    }
    return Application(**(values | changes))


def application_body(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Amara Osei",
        "email": "amara.osei@people.example",
        "answers": [{"criterion_id": "E1", "answer": "Three years in the advice team"}],
        "supporting_statement": "I like to help.",
    } | changes


def released(vacancy: dict[str, Any], *, at: datetime = NOW, **changes: Any) -> VacancyReleased:
    """Clearing's word that a vacancy, as the API shows it, may go on."""
    return VacancyReleased.model_validate(
        {
            "vacancy_id": vacancy["id"],
            "employer_id": vacancy["employer_id"],
            "window_id": uuid4(),
            "content_version": vacancy["content_version"],
            "released_at": at,
            "reason": "nobody_matched",
        }
        | changes
    )


def window_opened(vacancy: dict[str, Any], *, at: datetime = NOW, **changes: Any) -> WindowOpened:
    return WindowOpened.model_validate(
        {
            "vacancy_id": vacancy["id"],
            "employer_id": vacancy["employer_id"],
            "window_id": uuid4(),
            "content_version": vacancy["content_version"],
            "opened_at": at,
            "closes_at": at + timedelta(days=7),
            "matched": 0,
        }
        | changes
    )


def referred(vacancy: dict[str, Any], **changes: Any) -> Referred:
    return Referred.model_validate(
        {
            "referral_id": uuid4(),
            "vacancy_id": vacancy["id"],
            "registration_id": uuid4(),
            "home_employer_id": DUD,
            "gaining_employer_id": vacancy["employer_id"],
            "vacancy_title": vacancy["title"],
            "referred_at": NOW,
        }
        | changes
    )


def opening_requested(vacancy: dict[str, Any], **changes: Any) -> OpeningRequested:
    return OpeningRequested.model_validate(
        {
            "vacancy_id": vacancy["id"],
            "gaining_employer_id": vacancy["employer_id"],
            "request_id": uuid4(),
            "referral_id": uuid4(),
            "reply_by": NOW + timedelta(days=5),
        }
        | changes
    )


class Ats:
    """One council's doings over HTTP, and what the others' workers do to it. `world` or `live` of the fixtures."""

    def __init__(self, services: Any, client: httpx.AsyncClient) -> None:
        self.services = services
        self.client = client

    @asynccontextmanager
    async def region(self) -> AsyncIterator[AsyncSession]:
        async with transaction(self.services.sessions[Service.ATS], REGION) as session:
            yield session

    @property
    def now(self) -> datetime:
        return self.services.clock.now()

    def headers(self, *scopes: Scope, employers: Any = ("SAW",), **rest: Any) -> dict[str, str]:
        return self.services.signer.bearer(*scopes, employers=employers, **rest)

    async def staff(
        self, role: Role, code: str = "SAW", name: str = "Amy Pond", also: Role | None = None
    ) -> StaffMember:
        grants = [grant(each, code) for each in (role, also) if each is not None]
        async with self.region() as session:
            return await make_staff(session, *grants, email=f"{uuid4().hex[:8]}@{code.lower()}.example", name=name)

    async def create(self, **changes: Any) -> dict[str, Any]:
        body = vacancy_body(**changes)
        answer = await self.client.post(
            "/v1/vacancies", json=body, headers=self.headers(Scope.VACANCIES_WRITE, employers=(body["employer"],))
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def read(self, vacancy: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.get(
            f"/v1/vacancies/{vacancy['id']}", headers=self.headers(Scope.VACANCIES_READ, employers="region")
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def move(self, vacancy: dict[str, Any], verb: str, body: Any = None, **headers: Any) -> httpx.Response:
        scopes = (Scope.VACANCIES_WRITE, Scope.VACANCIES_ATTEST, Scope.APPLICATIONS_WRITE, Scope.MILESTONES_WRITE)
        return await self.client.post(
            f"/v1/vacancies/{vacancy['id']}/{verb}",
            json=body,
            headers=self.headers(*scopes, employers="region", **headers),
        )

    async def in_clearing(self, **changes: Any) -> dict[str, Any]:
        """A vacancy whose approval the council's own system attests."""
        vacancy = await self.create(**changes)
        attested = {"approved_at": self.now.isoformat(), "approved_by": "Head of Housing", "reference": "WF-1"}
        answer = await self.move(vacancy, "attest-approval", attested)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def release(self, vacancy: dict[str, Any], **changes: Any) -> dict[str, Any]:
        async with self.region() as session:
            event = released(vacancy, **({"at": self.now} | changes))
            await clearance.note_release(session, event, now=self.now)
        return await self.read(vacancy)

    async def live(self, **changes: Any) -> dict[str, Any]:
        return await self.release(await self.in_clearing(**changes))

    async def apply(self, vacancy: dict[str, Any], **changes: Any) -> dict[str, Any]:
        body = application_body(**({"email": f"{uuid4().hex[:8]}@people.example"} | changes))
        answer = await self.client.post(
            f"/v1/jobs/{vacancy['id']}/applications",
            json=body,
            headers=self.headers(Scope.JOBS_APPLY, employers="region"),
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def decide(self, path: str, person: StaffMember, body: Any = None) -> httpx.Response:
        """A decision that a council's system passes on for a member of staff."""
        headers = self.headers(Scope.APPLICATIONS_WRITE, Scope.VACANCIES_WRITE, on_behalf_of=person.id)
        return await self.client.post(path, json=body, headers=headers)

    async def at_interview(self, vacancy: dict[str, Any], person: StaffMember, count: int = 1) -> list[dict[str, Any]]:
        """So many candidates who are invited to interview."""
        candidates = [await self.apply(vacancy) for _ in range(count)]
        for each in candidates:
            answer = await self.decide(f"/v1/applications/{each['id']}/shortlist", person)
            assert answer.status_code == 200, answer.text
        assert (await self.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person)).status_code == 200
        invitation = {"starts_at": (self.now + timedelta(days=7)).isoformat(), "place": "Council House"}
        for each in candidates:
            answer = await self.decide(f"/v1/applications/{each['id']}/invite-to-interview", person, invitation)
            assert answer.status_code == 200, answer.text
        return candidates

    async def checks(self, application_id: str) -> dict[str, Any]:
        """The checks of a candidate, as staff read them."""
        answer = await self.client.get(
            f"/v1/applications/{application_id}/checks",
            headers=self.headers(Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE),
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def pass_checks(self, application_id: str, person: StaffMember, *, but: Collection[str] = ()) -> None:
        """Every check that an accepted offer asks for, but those named."""
        for check in (await self.checks(application_id))["checks"]:
            if check["kind"] not in but:
                answer = await self.decide(f"/v1/checks/{check['id']}/pass", person, passing(check, self.now.date()))
                assert answer.status_code == 200, answer.text

    def terms(self) -> dict[str, Any]:
        return {
            "salary_pence": 3_367_300,
            "starts_on": (self.now + timedelta(days=60)).date().isoformat(),
            "reply_by": (self.now + timedelta(days=7)).isoformat(),
        }

    async def events(self, kind: type[Event]) -> list[dict[str, Any]]:
        """The payloads told so far of one kind, oldest first."""
        from_log = "SELECT payload FROM ats.events WHERE name = :name ORDER BY seq"
        async with self.region() as session:
            connection = await session.connection()
            rows = await connection.exec_driver_sql(from_log.replace(":name", "%s"), (kind.name,))
            return [row[0] for row in rows]


def ids(rows: list[dict[str, Any]]) -> set[UUID]:
    return {UUID(row["id"]) for row in rows}
