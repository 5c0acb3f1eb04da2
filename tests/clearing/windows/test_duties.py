"""R12: a person with statutory protection has to be offered suitable work by their council and its successor."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from services.clearing.audit.actors import SYSTEM, NotYourDecision
from services.clearing.matching.duties import end_duty
from services.clearing.matching.models import DutyOutcome
from services.clearing.matching.queries import Region
from shared.database import transaction
from shared.reference.employers import employer_id
from shared.registry import Employer
from shared.tenancy import REGION
from shared.vocabulary import Service, VacancyState
from tests.clearing.conftest import Scene
from tests.factories import clearing as make

MONTH_LATER = datetime(2026, 12, 16, 9, 0, tzinfo=UTC)
PROTECTED = {"tier": 1, "verification": {"protected_until": "2027-06-30"}}


async def ended(scene: Scene, code: str = "BIR") -> None:
    (duty,) = (await scene.get("/v1/duties", await scene.hr(code)))["items"]
    body = {"outcome": "offered", "reason": "Offered in writing."}
    await scene.post(f"/v1/duties/{duty['id']}/outcome", await scene.hr(code), body)
    await scene.tick()


async def released(scene: Scene) -> list[dict[str, Any]]:
    return await scene.told("clearing.vacancy_released.v1")


async def test_r12_a_protected_persons_suitable_post_opens_a_duty_and_blocks_release(scene: Scene) -> None:
    await scene.active(employer="BIR", **PROTECTED)
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    (opened,) = await scene.told("clearing.duty_opened.v1")
    assert opened["vacancy_id"] == str(vacancy.vacancy_id)
    await scene.at(MONTH_LATER)
    assert await released(scene) == []
    await ended(scene)
    (told,) = await released(scene)
    assert (told["released_at"], told["reason"]) == ("2026-12-16T09:00:00Z", "all_outcomes_given")


async def test_r12_another_council_owes_no_duty(scene: Scene) -> None:
    await scene.active(employer="SAW", **PROTECTED)
    await scene.hear(make.vacancy())
    assert await scene.told("clearing.duty_opened.v1") == []


async def test_r12_protection_that_has_run_out_opens_no_duty(scene: Scene) -> None:
    await scene.active(employer="BIR", tier=1, verification={"protected_until": "2026-11-17"})
    await scene.at(datetime(2026, 11, 18, 9, 0, tzinfo=UTC))
    await scene.hear(make.vacancy(entered_clearing_at=datetime(2026, 11, 18, 9, 0, tzinfo=UTC)))
    assert len(await scene.told("clearing.match_suggested.v1")) == 1
    assert await scene.told("clearing.duty_opened.v1") == []


async def test_r12_a_duty_after_release_revokes_the_clearance_until_hr_has_ended_it(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.at(datetime(2026, 11, 17, 8, 0, tzinfo=UTC))
    await scene.hear(vacancy.model_copy(update={"version": 4, "state": VacancyState.LIVE}))
    assert len(await released(scene)) == 1
    asha = await scene.active(employer="BIR", **PROTECTED)
    assert len(await scene.told("clearing.duty_opened.v1")) == 1
    assert (await scene.my_match(asha))["closes_at"] == "2026-11-24T23:59:59Z"
    await scene.at(datetime(2026, 11, 19, 9, 0, tzinfo=UTC))
    assert len(await released(scene)) == 1
    await ended(scene)
    assert [each["released_at"] for each in await released(scene)] == [
        "2026-11-17T07:00:00Z",
        "2026-11-19T09:00:00Z",
    ]
    await scene.at(MONTH_LATER)
    assert len(await released(scene)) == 2


async def test_r12_an_unprotected_person_gets_no_exclusive_access_after_release(scene: Scene) -> None:
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.at(datetime(2026, 11, 17, 8, 0, tzinfo=UTC))
    await scene.hear(vacancy.model_copy(update={"version": 4, "state": VacancyState.LIVE}))
    asha = await scene.active(employer="BIR")
    assert (await scene.get("/v1/me/matches", await scene.person(asha)))["items"] == []


async def test_r12_a_restarted_window_finds_the_duty_that_is_there(scene: Scene) -> None:
    await scene.active(employer="BIR", **PROTECTED)
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.hear(vacancy.model_copy(update={"version": 4, "content_version": 2}))
    assert len(await scene.told("clearing.duty_opened.v1")) == 1


async def test_a_duty_is_ended_once_and_only_by_the_home_councils_hr(scene: Scene) -> None:
    await scene.active(employer="BIR", **PROTECTED)
    await scene.hear(make.vacancy())
    (duty,) = (await scene.get("/v1/duties", await scene.hr("BIR")))["items"]
    body = {"outcome": "not_suitable", "reason": "Nights are not suitable."}
    path = f"/v1/duties/{UUID(duty['id'])}/outcome"
    await scene.post(path, await scene.hr("SAW"), body, expect=404)
    await scene.post(path, scene.council("BIR"), body, expect=403)
    await scene.post(path, await scene.hr("BIR"), body, expect=200)
    again = await scene.post(path, await scene.hr("BIR"), body, expect=409)
    assert again["code"] == "duty_already_ended"


async def test_r12_a_duty_is_ended_by_nobody_who_does_not_decide_for_the_home_council(scene: Scene) -> None:
    await scene.active(employer="BIR", **PROTECTED)
    await scene.hear(make.vacancy())
    (duty,) = (await scene.get("/v1/duties", await scene.hr("BIR")))["items"]
    duty_id, now = UUID(duty["id"]), scene.world.clock.now()
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        with pytest.raises(NotYourDecision):
            await end_duty(session, duty_id, DutyOutcome.OFFERED, "In writing.", by=SYSTEM, now=now)


async def test_r11_a_protection_that_has_run_out_opens_no_duty_and_ranks_by_the_reason(scene: Scene) -> None:
    asha = await scene.active(employer="BIR", tier=1, verification={"protected_until": "2026-11-20"})
    await scene.at(datetime(2026, 11, 21, 9, 0, tzinfo=UTC))
    await scene.hear(make.vacancy(entered_clearing_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC)))
    assert await scene.told("clearing.duty_opened.v1") == []
    match = await scene.get(f"/v1/matches/{(await scene.my_match(asha))['id']}", await scene.hr("BIR"))
    assert (match["tier"], match["explanation"]["flags"]) == (3, [])


async def test_r11_a_duty_that_ran_out_before_the_interest_gives_no_offer_without_an_interview(scene: Scene) -> None:
    asha = await scene.active(employer="BIR", tier=1, verification={"protected_until": "2026-11-17"})
    rival = await scene.active(employer="BIR")
    await scene.hear(make.vacancy())
    await scene.at(datetime(2026, 11, 18, 9, 0, tzinfo=UTC))
    referral_id = await scene.referred(asha, home="BIR")
    await scene.referred(rival, home="BIR")
    refusal = await scene.decide("BIR", referral_id, "request-offer", make.terms(), expect=409)
    assert refusal["code"] == "interview_first"


def test_r12_councils_that_become_one_and_the_body_they_become_are_one_group() -> None:
    def body(code: str, successor: str | None = None) -> Employer:
        follows = None if successor is None else employer_id(successor)
        day = date(2026, 4, 1)
        return Employer(employer_id(code), 1, code, code, "council", None, None, follows, day, None, None, None)

    region = Region([body("BIR"), body("SAW", "DUD"), body("WLV", "SAW"), body("DUD")])
    groups = {code: region.group_of(employer_id(code)) for code in ("BIR", "SAW", "WLV", "DUD")}
    merged = str(employer_id("DUD"))
    assert groups == {"BIR": None, "SAW": merged, "WLV": merged, "DUD": merged}
