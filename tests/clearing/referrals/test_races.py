"""Two requests at the same instant, on real transactions."""

from __future__ import annotations

import asyncio
from uuid import UUID

from shared.vocabulary import Service
from tests.clearing.conftest import Scene
from tests.conftest import Services
from tests.factories import clearing as make


async def both(scene: Scene, first: tuple[str, dict[str, str]], second: tuple[str, dict[str, str]]) -> list[int]:
    answers = await asyncio.gather(
        scene.http.post(first[0], headers=first[1]), scene.http.post(second[0], headers=second[1])
    )
    return sorted(answer.status_code for answer in answers)


async def test_r33_of_two_offers_accepted_at_once_one_stands(live: Services) -> None:
    async with live.client(Service.CLEARING) as http:
        scene = Scene(live, http)
        asha = await scene.active()
        offers: list[UUID] = []
        for _ in range(2):
            await scene.hear(make.vacancy())
            offers.append(await scene.offered(asha))
        person = await scene.person(asha)
        codes = await both(scene, *((f"/v1/me/offers/{offer}/accept", person) for offer in offers))
        assert codes == [200, 409]
        states = sorted(each["state"] for each in await scene.get("/v1/me/offers", person))
        assert states == ["accepted", "withdrawn"]
        assert len(await scene.told("clearing.redeployment_accepted.v1")) == 1


async def test_being_interested_twice_at_once_makes_one_referral(live: Services) -> None:
    async with live.client(Service.CLEARING) as http:
        scene = Scene(live, http)
        asha = await scene.active()
        await scene.hear(make.vacancy())
        path = f"/v1/me/matches/{(await scene.my_match(asha))['id']}/interest"
        person = await scene.person(asha)
        assert await both(scene, (path, person), (path, person)) == [201, 409]


async def test_r6_two_registrations_of_one_employment_at_once_make_one(live: Services) -> None:
    async with live.client(Service.CLEARING) as http:
        scene = Scene(live, http)
        hr = await scene.hr("SAW")
        body = make.registration(employee_number="104233")
        answers = await asyncio.gather(*(http.post("/v1/registrations", headers=hr, json=body) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_person_verified_while_a_window_opens_is_not_missed(live: Services) -> None:
    async with live.client(Service.CLEARING) as http:
        scene = Scene(live, http)
        made = [await scene.submitted() for _ in range(3)]
        hr = await scene.hr("SAW")

        async def verify(registration_id: str) -> None:
            await scene.post(f"/v1/registrations/{registration_id}/verify", hr, {"tier": 3})
            await scene.tick()

        await asyncio.gather(scene.hear(make.vacancy()), *(verify(each["id"]) for each in made))
        await scene.tick()
        assert len(await scene.told("clearing.match_suggested.v1")) == 3
