"""Who leaves the register is told so; of who has died, the councils' systems hear and nobody is written to."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from services.notifications.messages.catalogue import kinds_for
from services.notifications.messages.kinds import Audience
from shared import outbox
from shared.database import transaction
from shared.events.routing import BY_NAME
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.clearing.conftest import Scene
from tests.factories import clearing as make

FIRST_DAY = datetime(2027, 2, 1, 9, 0, tzinfo=UTC)


async def mails_to_people(scene: Scene) -> list[str]:
    """The kinds of message that notifications makes for displaced employees, of all that was recorded for it."""
    query = (
        select(outbox.events.c.name, outbox.events.c.payload)
        .join(outbox.outbox, outbox.outbox.c.event_id == outbox.events.c.id)
        .where(outbox.outbox.c.subscriber == Service.NOTIFICATIONS)
        .order_by(outbox.events.c.seq)
    )
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        rows = (await session.execute(query)).all()
    kinds = [kind for row in rows for kind in kinds_for(BY_NAME[row.name].model_validate(row.payload))]
    return [kind.key for kind in kinds if kind.audience is Audience.DISPLACED_EMPLOYEE]


async def close(scene: Scene, registration_id: UUID, reason: str) -> list[str]:
    """Close it as home HR, let due work follow, and say what is mailed to people from then on."""
    before = len(await mails_to_people(scene))
    await scene.post(f"/v1/registrations/{registration_id}/close", await scene.hr("SAW"), {"reason": reason})
    await scene.tick()
    return (await mails_to_people(scene))[before:]


@pytest.mark.parametrize(("reason", "told"), [("resigned", ["referral_outcome"]), ("died", [])])
async def test_r45_who_waits_for_an_outcome_is_told_of_its_end_and_who_has_died_is_not(
    scene: Scene, reason: str, told: list[str]
) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    await scene.offered(asha)
    assert await close(scene, asha, reason) == told
    # ats hears in either case, and frees the opening.
    assert [each["outcome"] for each in await scene.told("clearing.referral_outcome_recorded.v1")][-1] == "withdrawn"
    assert len(await scene.told("clearing.opening_returned.v1")) == 1


@pytest.mark.parametrize(("reason", "told"), [("resigned", ["trial_ended"]), ("died", [])])
async def test_r45_who_leaves_during_a_trial_is_told_of_its_end_and_who_has_died_is_not(
    scene: Scene, reason: str, told: list[str]
) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    await scene.accepted(asha)
    await scene.at(FIRST_DAY)
    assert await close(scene, asha, reason) == told
    assert len(await scene.told("clearing.trial_ended.v1")) == 1


async def test_r45_nobody_is_written_to_who_has_died_before_their_first_day(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    await scene.accepted(asha)
    assert await close(scene, asha, "died") == []
    assert len(await scene.told("clearing.opening_returned.v1")) == 1
