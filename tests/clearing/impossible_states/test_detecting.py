"""Each state that the rules of clearing never lead to is found when somebody makes it behind them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from services.clearing.impossible_states.due import detect_impossible_states
from services.clearing.impossible_states.models import FINDS
from services.clearing.impossible_states.watched import WATCHED
from shared.database import transaction
from shared.tenancy import REGION
from shared.vocabulary import Role, Service
from tests.clearing.conftest import Scene
from tests.factories import clearing as make

PLANTED = {
    "vacancy_without_a_window": (
        "DELETE FROM clearing.windows WHERE NOT EXISTS (SELECT FROM clearing.matches WHERE window_id = windows.id)",
    ),
    "on_trial_without_a_trial": ("UPDATE clearing.registrations SET state = 'on_trial'",),
    "placed_without_a_placement": ("UPDATE clearing.registrations SET state = 'placed'",),
    "saving_without_a_placement": (
        (
            "INSERT INTO clearing.savings (registration_id, home_employer_id, placement_id, counted_at, net_pence,"
            " parts, service_years_carried) SELECT registration_id, home_employer_id, id, clock_timestamp(), 1, '{}', 1"
            " FROM clearing.placements"
        ),
    ),
    "accepted_offer_without_a_placement": ("UPDATE clearing.placements SET request_id = gen_random_uuid()",),
}


def test_every_rule_is_planted() -> None:
    assert [rule.code for rule in WATCHED] == list(PLANTED)


async def look(scene: Scene) -> set[str]:
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        assert await detect_impossible_states(session, scene.world.clock.now()) == 0
        return set(await session.scalars(select(FINDS.c.rule).where(FINDS.c.gone_at.is_(None))))


@pytest.mark.parametrize("code", PLANTED)
async def test_a_planted_state_is_found_and_what_the_rules_lead_to_is_not(scene: Scene, code: str) -> None:
    await scene.staff("SAW", Role.COUNCIL_ADMIN)
    # The second vacancy fits nobody: its window has no match.
    await scene.hear(make.vacancy(reference="BIR-2026-00002", outcode="CV37", family="finance", soc2020="2421"))
    asha = await scene.active()
    await scene.hear(make.vacancy())
    await scene.accepted(asha)
    assert await look(scene) == set()
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        for statement in PLANTED[code]:
            await session.execute(text(statement))
    scene.world.clock.advance(timedelta(days=1))
    assert code in await look(scene)
    if code != "vacancy_without_a_window":
        told = await scene.told("clearing.impossible_states_found.v1")
        assert told[0]["found"] >= 1
