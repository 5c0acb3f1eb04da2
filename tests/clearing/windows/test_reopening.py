"""A post that was filled by a redeployee whose trial failed: the council chooses what comes next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.events.ats import VacancyChanged
from tests.clearing.conftest import Scene
from tests.factories import clearing as make

FAILED_AT = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)  # a Wednesday


async def failed_trial(scene: Scene, **changes: Any) -> tuple[VacancyChanged, UUID]:
    """A vacancy of Birmingham whose only opening came back, and the person who tried it and is active again."""
    asha = await scene.active(employment_ends_on="2027-03-31")
    vacancy = make.vacancy(**changes)
    await scene.hear(vacancy)
    await scene.accepted(asha)
    await scene.hear(vacancy.model_copy(update={"version": 4, "openings_remaining": 0}))
    await scene.at(FAILED_AT)
    (trial,) = await scene.get("/v1/me/trials", await scene.person(asha))
    await scene.post(f"/v1/me/trials/{trial['id']}/end", await scene.person(asha), {"reason": "It is not for me."})
    await scene.tick()
    await scene.hear(vacancy.model_copy(update={"version": 5, "openings_remaining": 1}))
    return vacancy, asha


async def reopen(scene: Scene, vacancy: VacancyChanged, into: str, *, expect: int = 200) -> Any:
    path = f"/v1/vacancies/{vacancy.vacancy_id}/reopen"
    answer = await scene.post(path, await scene.hr("BIR"), {"into": into}, expect=expect)
    await scene.tick()
    return answer


async def test_after_a_failed_trial_the_council_may_open_a_fresh_regional_window_once(scene: Scene) -> None:
    vacancy, asha = await failed_trial(scene)
    budd = await scene.active(employment_ends_on="2027-03-31")
    found = await scene.get(f"/v1/vacancies/{vacancy.vacancy_id}/clearing", await scene.hr("BIR"))
    assert (found["window"]["state"], found["allowed_actions"]) == ("filled", ["reopen"])
    await reopen(scene, vacancy, "regional_window")
    window = await scene.window(vacancy.vacancy_id)
    assert (window["state"], window["closes_at"]) == ("regional_window", "2027-02-17T23:59:59Z")
    assert (await scene.my_match(budd))["vacancy"]["id"] == str(vacancy.vacancy_id)
    # Whoever tried the post is not asked again.
    mine = (await scene.get("/v1/me/matches", await scene.person(asha)))["items"]
    assert [each["state"] for each in mine] == ["void"]
    refusal = await reopen(scene, vacancy, "regional_window", expect=409)
    assert refusal["code"] == "nothing_to_reopen"
    await scene.at(datetime(2027, 2, 18, 7, 0, tzinfo=UTC))
    (released,) = await scene.told("clearing.vacancy_released.v1")
    assert (released["reason"], released["window_id"]) == ("no_eligible_interest", window["id"])


async def test_after_a_failed_trial_the_council_may_let_the_vacancy_go_to_its_advert(scene: Scene) -> None:
    vacancy, _ = await failed_trial(scene)
    await reopen(scene, vacancy, "release")
    (released,) = await scene.told("clearing.vacancy_released.v1")
    assert released["released_at"] == "2027-02-10T09:00:00Z"
    assert (await scene.window(vacancy.vacancy_id))["state"] == "released"


async def test_only_the_vacancys_own_council_chooses_and_only_where_an_opening_came_back(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    assert (await reopen(scene, vacancy, "release", expect=409))["code"] == "nothing_to_reopen"
    await scene.post(
        f"/v1/vacancies/{vacancy.vacancy_id}/reopen", await scene.hr("DUD"), {"into": "release"}, expect=404
    )
