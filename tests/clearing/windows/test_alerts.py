"""What the council of a vacancy is told because nothing goes on without it."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.events.base import Contact
from shared.vocabulary import Role
from tests.clearing.conftest import Scene
from tests.clearing.windows.test_reopening import FAILED_AT, failed_trial, reopen
from tests.factories import clearing as make

WANTED = "clearing.outcomes_wanted.v1"
CHOICE = "clearing.reopening_choice_wanted.v1"
# The window closes on Monday 23 November; five working days later is Monday 30 November.
DUE_AT = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)


async def test_r19_outcomes_that_are_overdue_by_five_working_days_are_asked_for_once(scene: Scene) -> None:
    asha = await scene.active()
    manager = await scene.staff("BIR", Role.HIRING_MANAGER, email="manager@bir.example")
    await scene.staff("BIR", Role.COUNCIL_HR, email="hr@bir.example")
    await scene.staff("BIR", Role.RECRUITER, email="recruiter@bir.example")
    vacancy = make.vacancy(hiring_manager_id=manager)
    await scene.hear(vacancy)
    await scene.referred(asha)
    await scene.at(DUE_AT)
    assert await scene.told(WANTED) == []
    await scene.at(datetime(2026, 12, 1, tzinfo=UTC))
    wanted = await scene.told(WANTED)
    assert {(each["vacancy_id"], each["waiting"], each["due_at"]) for each in wanted} == {
        (str(vacancy.vacancy_id), 1, "2026-11-30T23:59:59Z")
    }
    told = {each.email for each in await scene.sealed(WANTED, Contact)}
    assert told == {"manager@bir.example", "hr@bir.example"}
    await scene.at(datetime(2026, 12, 8, tzinfo=UTC))
    assert len(await scene.told(WANTED)) == 2


async def test_r19_a_council_that_has_answered_everybody_is_not_asked(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    body = {"unmet_criteria": ["E1"], "reasons": "Less than a year."}
    await scene.decide("BIR", referral_id, "not-shortlist", body)
    budd = await scene.active()
    await scene.hear(make.vacancy())
    await scene.interested(budd)
    # The second waits for the home council, which is told of it as its own overdue review.
    await scene.at(datetime(2026, 12, 2, tzinfo=UTC))
    assert await scene.told(WANTED) == []


async def test_the_council_hears_once_that_a_reopening_waits_for_its_choice(scene: Scene) -> None:
    await scene.staff("BIR", Role.COUNCIL_HR, email="hr@bir.example")
    manager = await scene.staff("BIR", Role.HIRING_MANAGER, email="manager@bir.example")
    vacancy, _ = await failed_trial(scene, hiring_manager_id=manager)
    told = {each.email for each in await scene.sealed(CHOICE, Contact)}
    assert {"hr@bir.example", "manager@bir.example"} <= told
    wanted = await scene.told(CHOICE)
    assert len(wanted) == len(told)
    assert {(each["vacancy_id"], each["occurred_at"]) for each in wanted} == {(str(vacancy.vacancy_id), FAILED_AT)}
    await scene.hear(vacancy.model_copy(update={"version": 6, "openings_remaining": 1}))
    assert len(await scene.told(CHOICE)) == len(wanted)
    await reopen(scene, vacancy, "release")
    await scene.hear(vacancy.model_copy(update={"version": 7, "openings_remaining": 1}))
    assert len(await scene.told(CHOICE)) == len(wanted)
