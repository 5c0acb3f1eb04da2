from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.clearing.audit.models import Transition
from shared.database import transaction
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.clearing.conftest import Scene
from tests.factories import clearing as make


async def test_r56_every_step_is_kept_with_who_took_it(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        found = await session.scalars(
            select(Transition).where(Transition.subject_id == referral_id).order_by(Transition.recorded_at)
        )
        steps = [(each.from_state, each.to_state, each.actor_kind.value) for each in found]
    assert steps == [
        (None, "interested", "person"),
        ("interested", "hr_review", "system"),
        ("hr_review", "referred", "staff"),
    ]


@pytest.mark.parametrize(
    "statement", ["UPDATE clearing.transitions SET to_state = 'x'", "DELETE FROM clearing.transitions"]
)
async def test_r56_nobody_rewrites_what_was_kept(scene: Scene, statement: str) -> None:
    await scene.register()
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"):
        async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
            await session.execute(text(statement))
