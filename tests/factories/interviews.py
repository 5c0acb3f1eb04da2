"""A vacancy's interviews over HTTP: rounds, times, and candidates who come by their links."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx

from shared.links import issue_link, open_link
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats


class Interviews:
    """A vacancy with one round, set up by a recruiter who also decides."""

    def __init__(self, council: Ats, vacancy: dict[str, Any], recruiter: StaffMember, round_id: str) -> None:
        self.council, self.vacancy, self.recruiter, self.round_id = council, vacancy, recruiter, round_id

    @classmethod
    async def of(cls, council: Ats, vacancy: dict[str, Any] | None = None, **terms: Any) -> Interviews:
        vacancy = vacancy or await council.live(openings=3)
        recruiter = await council.staff(Role.RECRUITER, name="Rae Recruiter")
        made = cls(council, vacancy, recruiter, "")
        made.round_id = (await made.add_round(**terms)).json()["id"]
        return made

    async def call(self, method: str, path: str, body: Any = None, person: StaffMember | None = None) -> httpx.Response:
        scopes = (Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)
        headers = self.council.headers(*scopes, on_behalf_of=(person or self.recruiter).id)
        return await self.council.client.request(method, path, json=body, headers=headers)

    async def add_round(self, **terms: Any) -> httpx.Response:
        path = f"/v1/vacancies/{self.vacancy['id']}/interview-rounds"
        answer = await self.call("POST", path, {"title": "Panel interview"} | terms)
        assert answer.status_code == 201, answer.text
        return answer

    def terms(self, **changes: Any) -> dict[str, Any]:
        starts_at: datetime = self.council.now + timedelta(days=7)
        return {"starts_at": starts_at.isoformat(), "minutes": 45, "place": "Council House"} | changes

    async def add_slots(self, **changes: Any) -> httpx.Response:
        return await self.call("POST", f"/v1/interview-rounds/{self.round_id}/slots", self.terms(**changes))

    async def slots(self, **changes: Any) -> list[dict[str, Any]]:
        answer = await self.add_slots(**changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def shortlisted(self, count: int = 1) -> list[dict[str, Any]]:
        """Candidates on a shortlist that is final."""
        candidates = [await self.council.apply(self.vacancy) for _ in range(count)]
        for each in candidates:
            answer = await self.call("POST", f"/v1/applications/{each['id']}/shortlist")
            assert answer.status_code == 200, answer.text
        await self.call("POST", f"/v1/vacancies/{self.vacancy['id']}/confirm-shortlist")
        return candidates

    async def invited(self, count: int = 1) -> list[dict[str, Any]]:
        candidates = await self.shortlisted(count)
        for each in candidates:
            answer = await self.invite(each)
            assert answer.status_code == 200, answer.text
        return candidates

    async def invite(self, candidate: dict[str, Any], round_id: str | None = None) -> httpx.Response:
        body = {"round_id": round_id or self.round_id}
        return await self.call("POST", f"/v1/applications/{candidate['id']}/invite-to-book", body)

    async def link(self, candidate: dict[str, Any]) -> dict[str, str]:
        """The headers of a front end that has spent this candidate's link."""
        async with self.council.region() as session:
            later = self.council.now + timedelta(days=30)
            link = await issue_link(
                session, purpose="candidate", subject_id=candidate["id"], employer_id=None, expires_at=later
            )
            opened = await open_link(session, link, now=self.council.now)
        return {"Authorization": f"Bearer {opened.token}"}

    async def book(self, candidate: dict[str, Any], slot: dict[str, Any], **more: Any) -> httpx.Response:
        """By the candidate's link."""
        path = f"/v1/applications/{candidate['id']}/book-interview"
        body = {"slot_id": slot["id"]} | more
        return await self.council.client.post(path, json=body, headers=await self.link(candidate))

    async def booked(self, candidate: dict[str, Any], slot: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = await self.book(candidate, slot, **more)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def by_link(self, candidate: dict[str, Any], path: str, body: Any = None) -> httpx.Response:
        return await self.council.client.post(path, json=body, headers=await self.link(candidate))

    async def stage(self, candidate: dict[str, Any]) -> str:
        read = await self.call("GET", f"/v1/applications/{candidate['id']}")
        return read.json()["stage"]

    async def shown(self) -> dict[str, Any]:
        return (await self.call("GET", f"/v1/vacancies/{self.vacancy['id']}/interviews")).json()
