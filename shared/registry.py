"""The registry that every service keeps of its own: employers, staff, and the keys that tokens are checked with.

`ats` is the master of all three; the others hold copies fed by its events. Rows are small frozen values, not ORM
objects: nothing here is changed except by the commands below.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.errors import NotFound
from shared.events.ats import EmployerChanged, RoleGrant, SigningKeyPublished, StaffChanged, StaffContact
from shared.orm import MECHANISM
from shared.principals import employers_of, reaches_region
from shared.rls import EMPLOYERS, REGION
from shared.vocabulary import Role

employers = Table(
    "employers",
    MECHANISM,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", String(10), nullable=False, unique=True),
    Column("title", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("tier", String(40)),
    Column("parent_id", Uuid),
    Column("successor_id", Uuid),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("latitude", Float),
    Column("longitude", Float),
)

staff = Table(
    "staff",
    MECHANISM,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("grants", JSONB, nullable=False),
    # Derived from the grants, for row-level security and lists.
    Column("employer_ids", ARRAY(Uuid), nullable=False),
    Column("is_regional", Boolean, nullable=False),
    Column("name", String(200), nullable=False),
    Column("email", String(320), nullable=False),
    Index("ix_staff_employer_ids", "employer_ids", postgresql_using="gin"),
)

verification_keys = Table(
    "verification_keys",
    MECHANISM,
    Column("kid", String(64), primary_key=True),
    Column("public_key_pem", Text, nullable=False),
    Column("usable_from", DateTime(timezone=True), nullable=False),
    Column("retired_at", DateTime(timezone=True)),
)


class EmployerUnknown(NotFound):
    code = "employer_not_known"
    title = "No employer of the region has this id or code"


class StaffUnknown(NotFound):
    code = "staff_not_known"
    title = "There is no such member of staff here for you"


@dataclass(frozen=True, slots=True)
class Employer:
    """A council or a body that recruits beside them. `valid_to` is the last day of its life."""

    id: UUID
    version: int
    code: str
    title: str
    kind: str
    tier: str | None
    parent_id: UUID | None
    successor_id: UUID | None
    valid_from: date
    valid_to: date | None
    latitude: float | None
    longitude: float | None

    def exists_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works for an employer or for WME. The repr shows no name and no address."""

    id: UUID
    version: int
    is_active: bool
    grants: tuple[RoleGrant, ...]
    name: str = field(repr=False)
    email: str = field(repr=False)

    def may(self, role: Role, employer_id: UUID | None) -> bool:
        """Whether this person holds `role` there. A regional role is held everywhere."""
        return self.is_active and any(
            grant.role is role and (role.is_regional or grant.employer_id == employer_id) for grant in self.grants
        )

    def grants_with(self, roles: Iterable[Role]) -> tuple[RoleGrant, ...]:
        """The grants of any of these roles; none for somebody who is no longer active."""
        wanted = frozenset(roles)
        return tuple(grant for grant in self.grants if self.is_active and grant.role in wanted)


def policies(schema: str) -> Iterator[str]:
    """Row-level security of the registry: everyone reads employers and keys, one's own employers' staff and WME's.

    Only region code writes: commands of identity, seeds and the workers' handlers.
    """
    readers = {
        "employers": "true",
        "verification_keys": "true",
        "staff": f"{REGION} OR employer_ids && {EMPLOYERS} OR (is_regional AND {EMPLOYERS} IS NOT NULL)",
    }
    for name, readable in readers.items():
        table = f"{schema}.{name}"
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY may_read ON {table} FOR SELECT USING ({readable})"
        yield f"CREATE POLICY may_insert ON {table} FOR INSERT WITH CHECK ({REGION})"
        yield f"CREATE POLICY may_update ON {table} FOR UPDATE USING ({REGION}) WITH CHECK ({REGION})"
        yield f"CREATE POLICY may_delete ON {table} FOR DELETE USING ({REGION})"


async def get_employer(session: AsyncSession, employer_id: UUID) -> Employer:
    """Raises EmployerUnknown."""
    return _one_employer(await session.execute(select(employers).where(employers.c.id == employer_id)))


async def get_employer_by_code(session: AsyncSession, code: str) -> Employer:
    """Raises EmployerUnknown."""
    return _one_employer(await session.execute(select(employers).where(employers.c.code == code.strip().upper())))


async def list_employers(session: AsyncSession, employer_ids: Iterable[UUID] | None = None) -> Sequence[Employer]:
    """All of them, or those named, by code. The registry is small: one page."""
    query = select(employers).order_by(employers.c.code)
    if employer_ids is not None:
        query = query.where(employers.c.id.in_(list(employer_ids)))
    return [Employer(**row) for row in (await session.execute(query)).mappings()]


async def find_staff(session: AsyncSession, staff_id: UUID) -> StaffMember | None:
    return as_staff_member((await session.execute(select(staff).where(staff.c.id == staff_id))).one_or_none())


async def get_staff(session: AsyncSession, staff_id: UUID) -> StaffMember:
    """Raises StaffUnknown, for somebody else's staff too."""
    found = await find_staff(session, staff_id)
    if found is None:
        raise StaffUnknown
    return found


async def staff_may(session: AsyncSession, staff_id: UUID, role: Role, employer_id: UUID | None) -> bool:
    """Whether an active member of staff holds `role` at that employer, or a regional role anywhere."""
    found = await find_staff(session, staff_id)
    return found is not None and found.may(role, employer_id)


async def staff_with_role(session: AsyncSession, role: Role, employer_id: UUID) -> Sequence[StaffMember]:
    """Active staff who hold `role` at that employer, by id: whom to tell. The session must be able to see them."""
    query: Select[Any] = select(staff).where(staff.c.is_active).order_by(staff.c.id)
    if not role.is_regional:
        query = query.where(staff.c.employer_ids.contains([employer_id]))
    found = [as_staff_member(row) for row in await session.execute(query)]
    return [person for person in found if person is not None and person.may(role, employer_id)]


async def administrators_of(session: AsyncSession, employer_id: UUID | None) -> Sequence[StaffMember]:
    """Who administers that employer; WME's administrators where it has none of its own, or for no employer."""
    own = [] if employer_id is None else await staff_with_role(session, Role.COUNCIL_ADMIN, employer_id)
    return own or await staff_with_role(session, Role.WME_ADMIN, employer_id or UUID(int=0))


async def apply_employer_changed(session: AsyncSession, event: EmployerChanged) -> None:
    """Keep the newest version of an employer."""
    values = event.model_dump(exclude={"employer_id", "employer_kind"})
    await _keep_newest(session, employers, {"id": event.employer_id, "kind": event.employer_kind} | values)


async def apply_staff_changed(session: AsyncSession, event: StaffChanged, contact: StaffContact) -> None:
    """Keep the newest version of a member of staff. Sessions read the grants from here, so a lost role is lost now."""
    await _keep_newest(
        session, staff, staff_values(event.staff_id, event.version, event.is_active, event.grants, contact)
    )


async def apply_signing_key_published(session: AsyncSession, event: SigningKeyPublished) -> None:
    """Store a public key, or its retirement."""
    values = event.model_dump(include={"kid", "public_key_pem", "usable_from", "retired_at"})
    statement = insert(verification_keys).values(values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["kid"],
            # An announcement that overtook a retirement does not bring the key back.
            set_={"retired_at": func.coalesce(statement.excluded.retired_at, verification_keys.c.retired_at)},
        )
    )


def staff_values(
    staff_id: UUID, version: int, is_active: bool, grants: Iterable[RoleGrant], contact: StaffContact
) -> dict[str, Any]:
    """A row of `staff`, with what is derived from the grants."""
    held = tuple(grants)
    return {
        "id": staff_id,
        "version": version,
        "is_active": is_active,
        "grants": [grant.model_dump(mode="json") for grant in held],
        "employer_ids": sorted(employers_of(held)),
        "is_regional": reaches_region(held),
        "name": contact.name,
        "email": contact.email,
    }


def as_staff_member(row: Any) -> StaffMember | None:
    """The person in a row that has the columns of `staff`; None for no row."""
    if row is None:
        return None
    grants = tuple(RoleGrant.model_validate(grant) for grant in row.grants)
    return StaffMember(row.id, row.version, row.is_active, grants, row.name, row.email)


def _one_employer(found: Any) -> Employer:
    row = found.mappings().one_or_none()
    if row is None:
        raise EmployerUnknown
    return Employer(**row)


async def _keep_newest(session: AsyncSession, table: Table, values: dict[str, Any]) -> None:
    await session.execute(_newest_of(table, tuple(values)), values)


@cache
def _newest_of(table: Table, names: tuple[str, ...]) -> Insert:
    """Put together once for each table: the region's facts come in bursts."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={name: statement.excluded[name] for name in names if name != "id"},
        where=table.c.version < statement.excluded.version,
    )
