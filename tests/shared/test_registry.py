"""The registry's copies: the newest version wins, whatever the order, and row-level security hides other people."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.consumer import Handling
from shared.database import transaction
from shared.events.ats import (
    EmployerChanged,
    SettlingAsked,
    SigningKeyPublished,
    StaffChanged,
    StaffContact,
    StaffSessionsEnded,
)
from shared.events.base import Event
from shared.events.privacy import DataSubjectCaseOpened
from shared.events.routing import SUBSCRIBERS
from shared.reference.employers import employer_id
from shared.reference.employers import employers as employers_of_the_region
from shared.registry import (
    EmployerUnknown,
    StaffUnknown,
    employers,
    find_staff,
    get_employer_by_code,
    get_staff,
    list_employers,
    staff,
    staff_may,
    staff_with_role,
    verification_keys,
)
from shared.registry_handlers import REGISTRY_HANDLERS
from shared.seeding import load_employers
from shared.sessions import find_session, open_session
from shared.tenancy import NOBODY, REGION, Tenancy
from shared.vocabulary import Role, Service
from tests.factories.identity import NOW, grant

SAW, WLV = employer_id("SAW"), employer_id("WLV")
CONTACT = StaffContact(name="Amy Pond", email="amy.pond@saw.example")


async def hear(session: AsyncSession, event: Event, sealed: StaffContact | None = None) -> None:
    handling = Handling(session, NOW, uuid4(), NOW, sealed)
    await REGISTRY_HANDLERS[type(event)](handling, event)


def staff_changed(staff_id: UUID, version: int = 1, *, is_active: bool = True, roles: Any = None) -> StaffChanged:
    grants = tuple(grant(role, code) for role, code in (roles or [(Role.COUNCIL_HR, "SAW")]))
    return StaffChanged(staff_id=staff_id, version=version, is_active=is_active, grants=grants)


async def test_every_service_starts_with_every_employer(world: Any) -> None:
    for service in Service:
        async with transaction(world.sessions[service], NOBODY) as session:
            assert len(await list_employers(session)) == len(employers_of_the_region()) == 41
            sandwell = await get_employer_by_code(session, "saw")
            assert (sandwell.id, sandwell.kind, sandwell.version) == (SAW, "council", 1)


async def test_seeding_again_changes_nothing_that_an_event_has_changed(clearing_session: AsyncSession) -> None:
    ended = changed("SAW", version=2, valid_to=date(2028, 3, 31))
    await hear(clearing_session, ended)
    await clearing_session.execute(update(employers).where(employers.c.code == "WLV").values(title="Misspelt"))
    await load_employers(clearing_session)
    assert (await get_employer_by_code(clearing_session, "SAW")).valid_to == date(2028, 3, 31)
    assert (await get_employer_by_code(clearing_session, "WLV")).title != "Misspelt"


def changed(code: str, **changes: Any) -> EmployerChanged:
    values: dict[str, Any] = {
        "employer_id": employer_id(code),
        "version": 2,
        "code": code,
        "title": "A council",
        "employer_kind": "council",
        "valid_from": date(1974, 4, 1),
    }
    return EmployerChanged(**(values | changes))


@pytest.mark.parametrize("order", list(permutations([2, 3, 4])))
async def test_the_newest_version_of_an_employer_wins(order: tuple[int, ...], clearing_session: AsyncSession) -> None:
    for version in order:
        await hear(clearing_session, changed("SAW", version=version, title=f"Version {version}"))
    assert (await get_employer_by_code(clearing_session, "SAW")).title == "Version 4"


async def test_an_employer_exists_until_its_last_day(clearing_session: AsyncSession) -> None:
    await hear(clearing_session, changed("SAW", valid_to=date(2028, 3, 31), successor_id=WLV))
    sandwell = await get_employer_by_code(clearing_session, "SAW")
    assert sandwell.exists_on(date(2028, 3, 31))
    assert not sandwell.exists_on(date(2028, 4, 1))
    assert not sandwell.exists_on(date(1974, 3, 31))
    assert sandwell.successor_id == WLV


async def test_an_unknown_employer_is_not_found(clearing_session: AsyncSession) -> None:
    with pytest.raises(EmployerUnknown):
        await get_employer_by_code(clearing_session, "ZZZ")


@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
async def test_the_newest_roles_of_a_person_win(order: tuple[int, ...], clearing_session: AsyncSession) -> None:
    person = uuid4()
    roles = {1: [(Role.COUNCIL_HR, "SAW")], 2: [(Role.APPROVER, "SAW")], 3: [(Role.RECRUITER, "WLV")]}
    for version in order:
        await hear(clearing_session, staff_changed(person, version, roles=roles[version]), CONTACT)
    found = await get_staff(clearing_session, person)
    assert found.grants == (grant(Role.RECRUITER, "WLV"),)
    assert (found.name, found.email) == (CONTACT.name, CONTACT.email)


async def test_a_role_is_held_where_it_was_given_and_a_regional_one_everywhere(clearing_session: AsyncSession) -> None:
    hr, coordinator, gone = uuid4(), uuid4(), uuid4()
    await hear(clearing_session, staff_changed(hr), CONTACT)
    await hear(clearing_session, staff_changed(coordinator, roles=[(Role.WME_COORDINATOR, None)]), CONTACT)
    await hear(clearing_session, staff_changed(gone, is_active=False), CONTACT)
    assert await staff_may(clearing_session, hr, Role.COUNCIL_HR, SAW)
    assert not await staff_may(clearing_session, hr, Role.COUNCIL_HR, WLV)
    assert not await staff_may(clearing_session, hr, Role.APPROVER, SAW)
    assert await staff_may(clearing_session, coordinator, Role.WME_COORDINATOR, WLV)
    assert not await staff_may(clearing_session, gone, Role.COUNCIL_HR, SAW)
    assert not await staff_may(clearing_session, uuid4(), Role.COUNCIL_HR, SAW)
    assert [each.id for each in await staff_with_role(clearing_session, Role.COUNCIL_HR, SAW)] == [hr]


async def test_an_ended_session_is_ended_by_its_event_and_a_later_one_is_not(clearing_session: AsyncSession) -> None:
    person = uuid4()
    await hear(clearing_session, staff_changed(person), CONTACT)
    token = await open_session(clearing_session, person)
    before, after = (datetime.now(UTC) + timedelta(minutes=minutes) for minutes in (-5, 5))
    await hear(clearing_session, StaffSessionsEnded(staff_id=person, ended_at=before))
    assert await find_session(clearing_session, token) is not None
    await hear(clearing_session, StaffSessionsEnded(staff_id=person, ended_at=after))
    assert await find_session(clearing_session, token) is None


async def test_a_key_is_stored_when_it_is_published(clearing_session: AsyncSession) -> None:
    event = SigningKeyPublished(key_id=uuid4(), kid="k9", public_key_pem="PEM", usable_from=NOW)
    await hear(clearing_session, event)
    await hear(clearing_session, event)
    kept = await clearing_session.scalar(
        select(func.count()).select_from(verification_keys).where(verification_keys.c.kid == "k9")
    )
    assert kept == 1


def test_every_registry_event_has_its_handler() -> None:
    to_both = {
        event for event, heard_by in SUBSCRIBERS.items() if set(heard_by) == {Service.CLEARING, Service.NOTIFICATIONS}
    }
    assert set(REGISTRY_HANDLERS) == to_both - {SettlingAsked, DataSubjectCaseOpened}


@pytest.fixture
async def people(world: Any) -> dict[str, UUID]:
    ids = {"sandwell": uuid4(), "wolverhampton": uuid4(), "wme": uuid4()}
    async with transaction(world.sessions[Service.CLEARING], REGION) as session:
        await hear(session, staff_changed(ids["sandwell"]), CONTACT)
        await hear(session, staff_changed(ids["wolverhampton"], roles=[(Role.COUNCIL_HR, "WLV")]), CONTACT)
        await hear(session, staff_changed(ids["wme"], roles=[(Role.WME_COORDINATOR, None)]), CONTACT)
    return ids


@pytest.mark.parametrize(
    ("tenancy", "seen"),
    [
        (REGION, {"sandwell", "wolverhampton", "wme"}),
        (Tenancy.of({SAW}), {"sandwell", "wme"}),
        (Tenancy.of({WLV, SAW}), {"sandwell", "wolverhampton", "wme"}),
        (Tenancy.person(uuid4()), set()),
        (NOBODY, set()),
    ],
)
async def test_an_employer_sees_its_own_staff_and_wmes(
    tenancy: Tenancy, seen: set[str], world: Any, people: dict[str, UUID]
) -> None:
    async with transaction(world.sessions[Service.CLEARING], tenancy) as session:
        assert {name for name, each in people.items() if await find_staff(session, each)} == seen
        if "wolverhampton" not in seen:
            with pytest.raises(StaffUnknown):
                await get_staff(session, people["wolverhampton"])


@pytest.mark.parametrize("tenancy", [Tenancy.of({SAW}), NOBODY])
async def test_only_region_code_writes_the_registry(tenancy: Tenancy, world: Any, people: dict[str, UUID]) -> None:
    async with transaction(world.sessions[Service.CLEARING], tenancy) as session:
        for table in (staff, employers, verification_keys):
            first = next(iter(table.primary_key.columns))
            assert (await session.scalars(delete(table).returning(first))).all() == [], table.name
        raised = await session.scalars(update(staff).values(is_regional=True).returning(staff.c.id))
        assert raised.all() == []
    with pytest.raises(DBAPIError, match="row-level security"):
        async with transaction(world.sessions[Service.CLEARING], tenancy) as session:
            await session.execute(insert(verification_keys).values(kid="mine", public_key_pem="PEM", usable_from=NOW))
