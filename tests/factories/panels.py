"""A panel over HTTP: named, declared and scoring."""

from __future__ import annotations

from typing import Any

import httpx

from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats

CRITERIA = ("E1", "E2")


class Panel:
    """Two or more people who score for a vacancy; the first leads."""

    def __init__(self, council: Ats, vacancy: dict[str, Any], people: list[StaffMember]) -> None:
        self.council, self.vacancy, self.people = council, vacancy, people

    @classmethod
    async def of(cls, council: Ats, vacancy: dict[str, Any], count: int = 2) -> Panel:
        people = [await council.staff(Role.PANEL_MEMBER, name=f"Member {number}") for number in range(count)]
        panel = cls(council, vacancy, people)
        answer = await panel.name(*people)
        assert answer.status_code == 200, answer.text
        for each in people:
            assert (await panel.declare(each)).status_code == 201
        return panel

    @property
    def path(self) -> str:
        return f"/v1/panels/{self.vacancy['id']}"

    async def name(self, *people: StaffMember) -> httpx.Response:
        manager = await self.council.staff(Role.RECRUITER)
        body = {"lead_id": str(people[0].id), "member_ids": [str(each.id) for each in people[1:]]}
        return await self.call("PUT", self.path, manager, body)

    async def call(self, method: str, path: str, person: StaffMember, body: Any = None) -> httpx.Response:
        scopes = (Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE)
        headers = self.council.headers(*scopes, on_behalf_of=person.id)
        return await self.council.client.request(method, path, json=body, headers=headers)

    async def declare(self, person: StaffMember, **conflict: Any) -> httpx.Response:
        return await self.call("POST", f"{self.path}/declarations", person, {"has_conflict": False} | conflict)

    async def save(self, person: StaffMember, candidate: dict[str, Any], *scores: int) -> httpx.Response:
        given = [{"criterion_id": name, "score": score} for name, score in zip(CRITERIA, scores, strict=False)]
        path = f"{self.path}/applications/{candidate['id']}/scores"
        return await self.call("PUT", path, person, {"scores": given})

    async def submit(self, person: StaffMember, candidate: dict[str, Any], *scores: int) -> httpx.Response:
        saved = await self.save(person, candidate, *scores)
        if saved.status_code != 200:
            return saved
        return await self.call("POST", f"{self.path}/applications/{candidate['id']}/submit-scores", person)

    async def score_alike(self, candidate: dict[str, Any], *scores: int) -> None:
        """Every member gives the same, so that nothing is to be moderated."""
        for each in self.people:
            answer = await self.submit(each, candidate, *scores)
            assert answer.status_code == 200, answer.text

    async def moderate(self, person: StaffMember, candidate: dict[str, Any]) -> httpx.Response:
        path = f"{self.path}/applications/{candidate['id']}/moderate"
        return await self.call("POST", path, person, {"note": "We read the answer to E1 again together."})

    async def seen(self, person: StaffMember, candidate: dict[str, Any]) -> dict[str, Any]:
        read = await self.call("GET", self.path, person)
        assert read.status_code == 200, read.text
        return next(each for each in read.json()["applications"] if each["id"] == candidate["id"])
