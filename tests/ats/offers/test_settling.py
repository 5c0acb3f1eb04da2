"""Who accepts an offer has their other live applications with the employer settled as its policy says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.ats.offers.settling import settle_other_applications
from services.ats.worker import DUE
from shared.events.applications import OtherApplicationSettled
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats

PERSON = "amara.osei@people.example"


async def say(council: Ats, how: str) -> None:
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    answer = await council.client.put(
        "/v1/employers/SAW/selection-policy",
        json={"valid_from": council.now.date().isoformat(), "other_applications": how},
        headers=council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id),
    )
    assert (answer.status_code, answer.json()["other_applications"]) == (200, how), answer.text


async def stage(council: Ats, application: dict[str, Any]) -> str:
    headers = council.headers(Scope.APPLICATIONS_READ, employers="region")
    return (await council.client.get(f"/v1/applications/{application['id']}", headers=headers)).json()["stage"]


async def settle(council: Ats) -> None:
    async with council.region() as session:
        await settle_other_applications(session, council.now)


class Scene:
    """One person with an offer of one vacancy, and applications for others."""

    def __init__(self, council: Ats, person: Any, mine: dict[str, Any], offer: dict[str, Any]) -> None:
        self.council, self.person, self.mine, self.offer = council, person, mine, offer
        self.others: dict[str, dict[str, Any]] = {}

    async def accept(self) -> None:
        answer = await self.council.decide(f"/v1/offers/{self.offer['id']}/accept", self.person)
        assert answer.status_code == 200, answer.text

    async def stages(self) -> dict[str, str]:
        return {name: await stage(self.council, each) for name, each in self.others.items()}


async def offered(council: Ats) -> Scene:
    """Submitted, at interview and offered at the same council; submitted at another; and somebody else's."""
    person = await council.staff(Role.RECRUITER)
    made = []
    for title in ("Housing officer", "Senior housing officer", "Housing manager"):
        vacancy = await council.live(title=title)
        own = await council.apply(vacancy, email=PERSON)
        await council.decide(f"/v1/applications/{own['id']}/shortlist", person)
        await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person)
        invitation = {"starts_at": (council.now + timedelta(days=7)).isoformat(), "place": "Council House"}
        await council.decide(f"/v1/applications/{own['id']}/invite-to-interview", person, invitation)
        made.append(own)
    offers = [
        (await council.decide(f"/v1/applications/{each['id']}/offers", person, council.terms())).json()
        for each in made[:2]
    ]
    scene = Scene(council, person, made[0], offers[0])
    plain = await council.live(title="Caseworker")
    scene.others = {
        "submitted": await council.apply(plain, email=PERSON),
        "interview": made[2],
        "offered": made[1],
        "elsewhere": await council.apply(await council.live(employer="DUD"), email=PERSON),
        "somebody else's": await council.apply(plain),
    }
    return scene


UNTOUCHED = {
    "submitted": "submitted",
    "interview": "interview",
    "offered": "offered",
    "elsewhere": "submitted",
    "somebody else's": "submitted",
}


async def test_without_a_policy_other_applications_are_left(council: Ats) -> None:
    assert settle_other_applications in DUE
    it = await offered(council)
    await it.accept()
    await settle(council)
    assert await it.stages() == UNTOUCHED
    assert await council.events(OtherApplicationSettled) == []


async def test_a_policy_to_withdraw_ends_those_that_wait_and_asks_about_an_offer_in_hand(council: Ats) -> None:
    await say(council, "withdraw")
    it = await offered(council)
    await settle(council)
    assert await it.stages() == UNTOUCHED
    await it.accept()
    for _ in range(2):
        await settle(council)
    assert await it.stages() == UNTOUCHED | {"submitted": "withdrawn", "interview": "withdrawn"}
    told = {each["application_id"]: each["how"] for each in await council.events(OtherApplicationSettled)}
    assert told == {
        it.others["submitted"]["id"]: "withdrawn",
        it.others["interview"]["id"]: "withdrawn",
        it.others["offered"]["id"]: "asked",
    }
    assert len(await council.events(OtherApplicationSettled)) == 3


async def test_a_policy_to_ask_asks_about_each_and_withdraws_none(council: Ats) -> None:
    await say(council, "ask")
    it = await offered(council)
    await it.accept()
    await settle(council)
    assert await it.stages() == UNTOUCHED
    told = [each["how"] for each in await council.events(OtherApplicationSettled)]
    assert told == ["asked"] * 3


async def test_the_policy_of_the_day_of_the_acceptance_counts(council: Ats) -> None:
    it = await offered(council)
    await it.accept()
    await say(council, "withdraw")
    await settle(council)
    assert await it.stages() == UNTOUCHED


async def test_an_acceptance_that_is_void_before_settles_nothing(council: Ats) -> None:
    await say(council, "withdraw")
    it = await offered(council)
    await it.accept()
    await council.decide(f"/v1/offers/{it.offer['id']}/withdraw", it.person, {"reason": "The funding was withdrawn"})
    await settle(council)
    assert await it.stages() == UNTOUCHED
