"""Somebody who has applied under two addresses, and who looks into it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats

HOME, WORK = "amara.osei@people.example", "ao@work.example"
PHONE = "0121 496 0000"
PERSON = {"name": "Amara Osei", "phone": PHONE}


@dataclass
class Desk:
    """A recruiter with a vacancy whose candidates are shown from the start."""

    council: Ats
    recruiter: StaffMember
    vacancy: dict[str, Any]
    made: list[dict[str, Any]] = field(default_factory=list)

    async def apply(self, vacancy: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        return await self.council.apply(vacancy or self.vacancy, **(PERSON | changes))

    async def get(self, path: str, person: StaffMember | None = None, employer: str = "SAW") -> httpx.Response:
        headers = self.council.headers(
            Scope.APPLICATIONS_READ, employers=(employer,), on_behalf_of=(person or self.recruiter).id
        )
        return await self.council.client.get(path, headers=headers)

    async def suggested(self, person: StaffMember | None = None, employer: str = "SAW") -> list[set[str]]:
        answer = await self.get("/v1/duplicate-people", person, employer)
        assert answer.status_code == 200, answer.text
        return [{each["first"]["application_id"], each["second"]["application_id"]} for each in answer.json()["items"]]

    async def say(
        self, *two: dict[str, Any], verdict: str = "one_person", person: StaffMember | None = None
    ) -> httpx.Response:
        body = {"application_ids": [each["id"] for each in two], "verdict": verdict, "reason": "same_details"}
        return await self.council.decide("/v1/person-links", person or self.recruiter, body)

    async def merged(self, *two: dict[str, Any]) -> dict[str, Any]:
        answer = await self.say(*two)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def take_back(self, link: dict[str, Any]) -> httpx.Response:
        return await self.council.decide(f"/v1/person-links/{link['id']}/undo", self.recruiter, {"reason": "mistake"})


@pytest.fixture
async def desk(council: Ats) -> Desk:
    return Desk(council, await council.staff(Role.RECRUITER), await council.live(is_anonymised=False))
