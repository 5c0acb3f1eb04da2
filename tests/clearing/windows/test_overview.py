from __future__ import annotations

from uuid import UUID

import pytest

from services.clearing.windows.overview import read_clearing
from shared.database import transaction
from shared.events.ats import RoleGrant
from shared.principals import Principal
from shared.reference.employers import employer_id
from shared.vocabulary import Role, Scope, Service
from tests.clearing.conftest import Scene
from tests.factories import clearing as make


async def a_vacancy_with_one_interest(scene: Scene) -> UUID:
    """At Birmingham, from somebody of Sandwell."""
    asha = await scene.active()
    vacancy = make.vacancy()
    await scene.hear(vacancy)
    await scene.referred(asha)
    return vacancy.vacancy_id


async def test_r54_who_only_reads_vacancies_learns_numbers_and_no_names(scene: Scene) -> None:
    vacancy_id = await a_vacancy_with_one_interest(scene)
    path = f"/v1/vacancies/{vacancy_id}/clearing"
    found = await scene.get(path, scene.council("BIR", Scope.VACANCIES_READ))
    assert (found["matched"], found["interested"], found["awaiting_outcome"]) == (1, 1, 1)
    assert found["referrals"] == []
    for scope in (Scope.APPLICATIONS_READ, Scope.CLEARING_READ):
        (named,) = (await scene.get(path, scene.council("BIR", scope)))["referrals"]
        assert named["name"] == "Asha Moreton"


@pytest.mark.parametrize("role", [Role.PANEL_MEMBER, Role.APPROVER, Role.COUNCIL_ADMIN])
async def test_r54_a_role_at_one_council_opens_no_names_at_another(scene: Scene, role: Role) -> None:
    """Somebody who does HR at Sandwell and holds a lesser role at Birmingham."""
    vacancy_id = await a_vacancy_with_one_interest(scene)
    grants = (
        RoleGrant(role=role, employer_id=employer_id("BIR")),
        RoleGrant(role=Role.COUNCIL_HR, employer_id=employer_id("SAW")),
    )
    caller = Principal.of_staff(await scene.staff("BIR", role), grants)
    async with transaction(scene.world.sessions[Service.CLEARING], caller.tenancy) as session:
        found = await read_clearing(session, vacancy_id, caller, now=scene.world.clock.now())
    assert (found.interested, found.referrals) == (1, [])
