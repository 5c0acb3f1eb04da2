"""Who claims a guaranteed interview and meets every essential criterion is not sifted out, but for a recorded cap."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from services.ats.applications.models import InterviewClaim
from services.ats.selection_policy.schemes import Scheme
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats
from tests.factories.panels import Panel

STRONGER = {"reason_code": "stronger_candidates"}
NOT_MET = {"reason_code": "essential_not_met", "unmet_criteria": ["E1"]}


@pytest.fixture
async def offering(council: Ats) -> Ats:
    """A council that offers every scheme."""
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    body = {"valid_from": council.now.date().isoformat(), "guaranteed_interviews": [each.value for each in Scheme]}
    headers = council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id)
    answer = await council.client.put("/v1/employers/SAW/selection-policy", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return council


async def reject(council: Ats, candidate: dict[str, Any], body: dict[str, Any]) -> Any:
    person = await council.staff(Role.RECRUITER)
    return await council.decide(f"/v1/applications/{candidate['id']}/reject", person, body)


async def claimant(council: Ats, vacancy: dict[str, Any], scheme: Scheme = Scheme.DISABILITY_CONFIDENT) -> Any:
    return await council.apply(vacancy, guaranteed_interview=scheme.value)


async def cap(council: Ats, vacancy: dict[str, Any], most: int) -> Any:
    person = await council.staff(Role.HIRING_MANAGER)
    body = {"most": most, "reason": "Three qualify and the panel has one day."}
    return await council.decide(f"/v1/vacancies/{vacancy['id']}/interview-caps", person, body)


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_a_scheme_is_claimed_where_the_council_offers_it_and_kept_apart(offering: Ats, scheme: Scheme) -> None:
    vacancy = await offering.live()
    candidate = await claimant(offering, vacancy, scheme)
    async with offering.region() as session:
        assert await session.scalar(select(InterviewClaim.scheme)) is scheme
    headers = offering.headers(Scope.APPLICATIONS_READ)
    read = await offering.client.get(f"/v1/applications/{candidate['id']}", headers=headers)
    assert read.json()["claims_interview"] is True
    assert scheme.value not in read.text


async def test_a_scheme_that_the_council_does_not_offer_is_refused_with_those_that_it_does(council: Ats) -> None:
    vacancy = await council.live()
    body = {"name": "A B", "email": "a@people.example", "guaranteed_interview": "care_leaver"}
    url = f"/v1/jobs/{vacancy['id']}/applications"
    refused = await council.client.post(url, json=body, headers=council.headers(Scope.JOBS_APPLY))
    assert (refused.status_code, refused.json()["code"]) == (422, "scheme_not_offered")
    assert refused.json()["field"] == "guaranteed_interview"


@pytest.mark.parametrize("body", [STRONGER, NOT_MET, {"reason_code": "interview_not_passed"}])
async def test_who_meets_all_essentials_is_not_rejected_at_sift(offering: Ats, body: dict[str, Any]) -> None:
    """A mean of 2 meets a criterion; the claimant is scored like everyone."""
    vacancy = await offering.live()
    candidate = await claimant(offering, vacancy)
    panel = await Panel.of(offering, vacancy)
    await panel.score_alike(candidate, 2, 2)
    assert (await panel.seen(panel.people[0], candidate))["essential_met"] == {"E1": True, "E2": True}
    refused = await reject(offering, candidate, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "interview_guaranteed")
    assert "record a cap" in refused.json()["next_step"]


async def test_who_misses_one_essential_is_rejected_like_everyone(offering: Ats) -> None:
    vacancy = await offering.live()
    candidate = await claimant(offering, vacancy)
    panel = await Panel.of(offering, vacancy)
    await panel.score_alike(candidate, 1, 4)
    assert (await panel.seen(panel.people[0], candidate))["essential_met"] == {"E1": False, "E2": True}
    assert (await reject(offering, candidate, NOT_MET)).status_code == 200


async def test_who_claims_nothing_is_rejected_though_they_meet_all(offering: Ats) -> None:
    vacancy = await offering.live()
    candidate = await offering.apply(vacancy)
    panel = await Panel.of(offering, vacancy)
    await panel.score_alike(candidate, 4, 4)
    assert (await reject(offering, candidate, STRONGER)).status_code == 200


async def test_no_right_to_work_ends_a_guarantee(offering: Ats) -> None:
    vacancy = await offering.live()
    candidate = await claimant(offering, vacancy)
    await Panel.of(offering, vacancy)
    assert (await reject(offering, candidate, {"reason_code": "right_to_work"})).status_code == 200


async def test_without_a_panel_the_decider_names_what_is_not_met(offering: Ats) -> None:
    vacancy = await offering.live()
    candidate = await claimant(offering, vacancy)
    refused = await reject(offering, candidate, STRONGER)
    assert (refused.status_code, refused.json()["code"]) == (409, "interview_guaranteed")
    assert (await reject(offering, candidate, NOT_MET)).status_code == 200


async def test_with_a_cap_the_best_of_the_qualifying_are_interviewed_and_ties_are_too(offering: Ats) -> None:
    vacancy = await offering.live()
    best, tied, level, last = [await claimant(offering, vacancy) for _ in range(4)]
    panel = await Panel.of(offering, vacancy)
    for candidate, scores in ((best, (4, 4)), (tied, (3, 3)), (level, (3, 3)), (last, (2, 2))):
        await panel.score_alike(candidate, *scores)
    made = await cap(offering, vacancy, 2)
    assert (made.status_code, made.json()["method"], made.json()["most"]) == (201, "best_of_the_qualifying", 2)
    for candidate in (best, tied, level):
        assert (await reject(offering, candidate, STRONGER)).json()["code"] == "interview_guaranteed"
    assert (await reject(offering, last, STRONGER)).status_code == 200
    headers = offering.headers(Scope.APPLICATIONS_READ)
    caps = (await offering.client.get(f"/v1/vacancies/{vacancy['id']}/interview-caps", headers=headers)).json()
    assert [(each["most"], each["reason"]) for each in caps] == [(2, "Three qualify and the panel has one day.")]
    assert caps[0]["decided_by"]


async def test_a_cap_waits_until_every_claimant_is_scored(offering: Ats) -> None:
    vacancy = await offering.live()
    scored, unscored = [await claimant(offering, vacancy) for _ in range(2)]
    panel = await Panel.of(offering, vacancy)
    await panel.score_alike(scored, 2, 2)
    await cap(offering, vacancy, 1)
    refused = await reject(offering, scored, STRONGER)
    assert refused.json()["code"] == "quorum_missing"
    assert unscored["reference"] in refused.json()["detail"]


async def test_a_cap_needs_a_panel(offering: Ats) -> None:
    refused = await cap(offering, await offering.live(), 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "cap_needs_panel")
