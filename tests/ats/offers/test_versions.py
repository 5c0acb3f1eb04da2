"""A changed offer replaces the former; pay outside the grade waits for an approver."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from services.notifications.messages.offer_made import compose
from shared.events.applications import OfferApprovalDecided, OfferApprovalWanted, OfferMade
from shared.events.base import ContactWithLink
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope
from tests.ats.desk.test_pages import sign_in, token_of
from tests.ats.offers.test_offers import _by_link, _opening_states
from tests.factories.ats import Ats

ABOVE = {"salary_pence": 4_000_000, "outside_grade_reason": "Two years at a higher point"}


class Scene:
    """A candidate at interview, who makes the offer, and an approver."""

    def __init__(
        self, council: Ats, vacancy: dict[str, Any], candidate: dict[str, Any], people: list[StaffMember]
    ) -> None:
        self.council, self.vacancy, self.candidate = council, vacancy, candidate
        self.maker, self.approver = people
        self.path = f"/v1/applications/{candidate['id']}/offers"

    async def offer(self, **changes: Any) -> httpx.Response:
        return await self.council.decide(self.path, self.maker, self.council.terms() | changes)

    async def offers(self) -> list[dict[str, Any]]:
        headers = self.council.headers(Scope.APPLICATIONS_READ)
        return (await self.council.client.get(self.path, headers=headers)).json()

    async def own(self) -> dict[str, Any]:
        link = await _by_link(self.council, self.candidate)
        return (await self.council.client.get("/v1/my/application", headers=link)).json()


async def scene(council: Ats, **vacancy: Any) -> Scene:
    made = await council.live(**vacancy)
    people = [await council.staff(Role.RECRUITER), await council.staff(Role.APPROVER)]
    [candidate] = await council.at_interview(made, people[0])
    return Scene(council, made, candidate, people)


async def test_a_changed_offer_replaces_the_former_which_is_kept(council: Ats) -> None:
    it = await scene(council)
    first = (await it.offer()).json()
    second = (await it.offer(salary_pence=3_500_000)).json()
    assert [(each["sequence_no"], each["state"]) for each in await it.offers()] == [(1, "superseded"), (2, "made")]
    assert (second["salary_pence"], second["opening_no"]) == (3_500_000, first["opening_no"])
    assert await _opening_states(council, it.vacancy) == ["reserved"]
    assert (await it.own())["offer"]["id"] == second["id"]
    gone = await council.decide(f"/v1/offers/{first['id']}/accept", it.maker)
    assert (gone.status_code, gone.json()["code"]) == (409, "offer_not_open")
    told = await council.events(OfferMade)
    assert [each["replaces_offer_id"] for each in told] == [None, first["id"]]
    contact = ContactWithLink(name="Amara Osei", email="amara@people.example", link="https://jobs.example/l/x")
    says = [compose(OfferMade.model_validate(each), contact, str).is_changed for each in told]
    assert says == [False, True]
    assert (await council.decide(f"/v1/offers/{second['id']}/accept", it.maker)).json()["state"] == "accepted"


async def test_an_offer_outside_the_grade_goes_out_once_an_approver_lets_it(council: Ats) -> None:
    it = await scene(council)
    unexplained = await it.offer(salary_pence=4_000_000)
    assert (unexplained.status_code, unexplained.json()["code"]) == (422, "pay_outside_grade")
    pending = (await it.offer(**ABOVE)).json()
    assert (pending["state"], pending["opening_no"]) == ("approval_pending", None)
    assert await _opening_states(council, it.vacancy) == ["open"]
    own = await it.own()
    assert (own["stage"], own["offer"]) == ("interview", None)
    assert await council.events(OfferMade) == []
    assert [each["approver_id"] for each in await council.events(OfferApprovalWanted)] == [str(it.approver.id)]
    refused = await council.decide(f"/v1/offers/{pending['id']}/accept", it.maker)
    assert refused.status_code == 409
    out = await council.decide(f"/v1/offers/{pending['id']}/approve", it.approver)
    assert (out.status_code, out.json()["state"], out.json()["decided_by"]) == (200, "made", str(it.approver.id))
    assert await _opening_states(council, it.vacancy) == ["reserved"]
    assert (await it.own())["offer"]["id"] == pending["id"]
    assert [each["decision"] for each in await council.events(OfferApprovalDecided)] == ["approved"]
    twice = await council.decide(f"/v1/offers/{pending['id']}/approve", it.approver)
    assert twice.json()["code"] == "offer_not_pending"


async def test_the_maker_never_approves_even_with_the_role(council: Ats) -> None:
    it = await scene(council)
    both = await council.staff(Role.RECRUITER, also=Role.APPROVER)
    made = (await council.decide(it.path, both, council.terms() | ABOVE)).json()
    refused = await council.decide(f"/v1/offers/{made['id']}/approve", both)
    assert (refused.status_code, refused.json()["code"]) == (403, "maker_may_not_approve")
    recruiter = await council.decide(f"/v1/offers/{made['id']}/approve", it.maker)
    assert recruiter.status_code == 403
    assert str(both.id) not in [each["approver_id"] for each in await council.events(OfferApprovalWanted)]


async def test_a_refused_offer_is_never_told_and_another_may_be_made(council: Ats) -> None:
    it = await scene(council)
    pending = (await it.offer(**ABOVE)).json()
    no = await council.decide(f"/v1/offers/{pending['id']}/refuse", it.approver, {"reason": "Beyond the budget"})
    assert (no.json()["state"], no.json()["refusal_reason"]) == ("refused", "Beyond the budget")
    assert (await it.own())["offer"] is None
    assert [each["decision"] for each in await council.events(OfferApprovalDecided)] == ["refused"]
    assert (await it.offer()).json()["state"] == "made"


async def test_a_better_offer_that_waits_leaves_the_one_that_is_out_to_be_answered(council: Ats) -> None:
    it = await scene(council)
    first = (await it.offer()).json()
    for _ in range(2):
        pending = (await it.offer(**ABOVE)).json()
    states = [each["state"] for each in await it.offers()]
    assert states == ["made", "superseded", "approval_pending"]
    assert (await it.own())["offer"]["id"] == first["id"]
    assert (await council.decide(f"/v1/offers/{first['id']}/accept", it.maker)).status_code == 200
    late = await council.decide(f"/v1/offers/{pending['id']}/approve", it.approver)
    assert (late.status_code, late.json()["code"]) == (409, "stage_not_reachable")


async def test_an_offer_needs_a_free_opening_when_it_is_proposed_and_when_it_goes_out(council: Ats) -> None:
    vacancy = await council.live()
    maker, approver = await council.staff(Role.RECRUITER), await council.staff(Role.APPROVER)
    first, second = await council.at_interview(vacancy, maker, count=2)
    path = "/v1/applications/{}/offers"
    pending = (await council.decide(path.format(first["id"]), maker, council.terms() | ABOVE)).json()
    assert (await council.decide(path.format(second["id"]), maker, council.terms())).status_code == 201
    refused = await council.decide(f"/v1/offers/{pending['id']}/approve", approver)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_opening_left")
    proposed = await council.decide(path.format(first["id"]), maker, council.terms() | ABOVE)
    assert proposed.json()["code"] == "no_opening_left"


async def test_an_offer_approved_three_times_at_once_goes_out_once(live_council: Ats) -> None:
    it = await scene(live_council)
    pending = (await it.offer(**ABOVE)).json()
    path = f"/v1/offers/{pending['id']}/approve"
    answers = await asyncio.gather(*(live_council.decide(path, it.approver) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 409, 409]
    assert len(await live_council.events(OfferMade)) == 1


async def test_an_approver_decides_on_a_page_and_a_slip_is_said(council: Ats) -> None:
    it = await scene(council)
    pending = (await it.offer(**ABOVE)).json()
    await sign_in(council, it.approver.email)
    path = f"/offers/{pending['id']}"
    assert path in (await council.client.get(f"/vacancies/{it.vacancy['id']}")).text
    page = await council.client.get(path)
    assert "Two years at a higher point" in page.text
    form = {"csrf_token": token_of(page)}
    slip = await council.client.post(f"{path}/refuse", data=form)
    assert (slip.status_code, "Say why" in slip.text) == (422, True)
    assert (await council.client.post(f"{path}/approve", data=form)).status_code == 303
    assert [each["state"] for each in await it.offers()] == ["made"]
