from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.clearing.audit.models import TRAIL, PersonalDataRead, Transition
from shared.audit_trail import seal_waiting
from shared.audit_verifying import verify_trail
from shared.database import transaction
from shared.reference.employers import employer_id
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


async def test_each_reading_of_who_somebody_is_is_kept_and_their_own_is_not(scene: Scene) -> None:
    asha = await scene.active()
    await scene.hear(make.vacancy())
    referral_id = await scene.referred(asha)
    home, person = await scene.hr("SAW"), await scene.person(asha)
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        before = set(await session.scalars(select(PersonalDataRead.id)))
    await scene.get(f"/v1/registrations/{asha}", home)
    await scene.get("/v1/registrations", home)
    await scene.get(f"/v1/registrations/{asha}", person)
    await scene.get(f"/v1/referrals/{referral_id}", home)
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        kept = await session.scalars(select(PersonalDataRead).order_by(PersonalDataRead.id))
        read = [(each.subject.value, each.subject_id) for each in kept if each.id not in before]
    assert read == [("registration", asha), ("registration", asha), ("referral", referral_id)]


async def test_steps_and_readings_are_sealed_into_the_chain_of_the_home_council(scene: Scene) -> None:
    asha = await scene.active()
    await scene.get(f"/v1/registrations/{asha}", await scene.hr("SAW"))
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        await seal_waiting(session, TRAIL, seconds=0)
        (seal,) = (await session.execute(select(TRAIL.seals))).all()
        assert set(seal.sources) == {"transitions", "personal_data_reads"}
        assert seal.employer_id == employer_id("SAW")
        assert await verify_trail(session, TRAIL) == []
