"""The last wall between 33 councils, read from the database's own catalogue and tried on a row of every table.

A new table fails here until it is closed to other employers or named below with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from shared.reference.employers import employer_id
from shared.vocabulary import Service
from tests.architecture.rows import EMPLOYER_COLUMNS, EMPLOYER_LISTS, administrator, metadata_of, put_row, row_of

OWNER, OTHER = employer_id("SAW"), employer_id("WLV")
COMMANDS = {"SELECT", "INSERT", "UPDATE", "DELETE"}

# Tables without row-level security, and why: they hold no tenant's rows, or only what everyone may read.
OPEN: Mapping[str, str] = {
    "outbox": "letters on their way, read by the relay alone; what is personal in them is sealed",
    "inbox": "which events were taken, by id",
    "idempotency_keys": "found only by a hash of caller, route and key",
    "due_failures": "which due work was put off, by id and kind of error",
    "detector_runs": "on which days impossible states were looked for, and how many there were",
    "case_answers": "how much was answered to a data subject's case: counts alone",
    "audit_waiting": "which entries of the audit wait to be sealed, by id",
    "ticks": "when work that was due was last done",
    "settling_answers": "embedded mode: how much was left to do after the clock moved",
    "alembic_version": "the state of the history",
    "ats.published_jobs": "published facts only, for the public search",
    "ats.ended_jobs": "that an advert was public and is over",
}
# Tables whose rows are everyone's to read and the region's to write.
EVERYONES = {"employers", "verification_keys", "clearing.clearing_policies"}
# Tables whose rows nobody changes: no policy, so nobody may.
APPEND_ONLY = {"events"}
# insufficient_privilege, and what the append-only trigger raises
NOT_ALLOWED = {"42501", "23001"}
SERVICES = pytest.mark.parametrize("service", list(Service))


@pytest.fixture
def database(parts: Any) -> Iterator[Connection]:
    engine = administrator(parts.postgres.database_url(parts.template))
    with engine.connect() as connection, connection.begin() as outer:
        yield connection
        outer.rollback()
    engine.dispose()


def is_among(table: Table, names: Any) -> bool:
    return table.name in names or table.fullname in names


def act_as(connection: Connection, service: Service, *, employer: UUID | None = None, scope: str = "") -> None:
    connection.execute(text(f"SET LOCAL ROLE {service}_app"))
    settings = {"app.employer_ids": str(employer or ""), "app.subject_id": str(uuid4()), "app.scope": scope}
    for name, value in settings.items():
        connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})


@SERVICES
def test_every_table_is_closed_or_named_as_open(service: Service, database: Connection) -> None:
    query = text(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AS is_closed FROM pg_class"
        " WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind IN ('r', 'p')"
    )
    found = {row.relname: row.is_closed for row in database.execute(query, {"schema": service})}
    named = {name for name in found if name in OPEN or f"{service}.{name}" in OPEN}
    assert {name for name, is_closed in found.items() if not is_closed} <= named


@SERVICES
def test_no_table_that_names_an_employer_is_open(service: Service) -> None:
    tables = metadata_of(service).tables.values()
    of_a_tenant = [
        table for table in tables if any(column in table.columns for column in EMPLOYER_COLUMNS + EMPLOYER_LISTS)
    ]
    assert of_a_tenant, "there are tenants' tables in every service"
    assert [table.fullname for table in of_a_tenant if is_among(table, OPEN)] in ([], ["ats.published_jobs"])


@SERVICES
def test_every_closed_table_has_its_policies_with_a_check_on_what_is_written(
    service: Service, database: Connection
) -> None:
    query = text(
        "SELECT tablename, cmd, qual, with_check, roles, permissive FROM pg_policies WHERE schemaname = :schema"
    )
    policies: dict[str, dict[str, Any]] = {}
    for row in database.execute(query, {"schema": service}):
        policies.setdefault(row.tablename, {})[row.cmd] = row
    for table in metadata_of(service).tables.values():
        if is_among(table, OPEN):
            continue
        own = policies[table.name]
        missing = COMMANDS - set(own) - ({"UPDATE", "DELETE"} if is_among(table, APPEND_ONLY) else set())
        assert not missing, f"{table.fullname} has no policy for {missing}"
        for command in {"INSERT", "UPDATE"} & set(own):
            check = own[command].with_check
            assert check is not None, f"{table.fullname}: {command} checks nothing"
            assert check != "true" or is_among(table, APPEND_ONLY), f"{table.fullname}: {command} lets anything in"


@SERVICES
def test_the_role_of_the_service_is_neither_owner_nor_above_the_rules(service: Service, database: Connection) -> None:
    role = database.execute(text("SELECT * FROM pg_roles WHERE rolname = :name"), {"name": f"{service}_app"}).one()
    above = ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolreplication")
    assert [name for name in above if getattr(role, name)] == []
    query = text(
        "SELECT relname FROM pg_class WHERE relnamespace = CAST(:schema AS regnamespace)"
        " AND pg_has_role(:role, relowner, 'MEMBER')"
    )
    assert database.scalars(query, {"schema": service, "role": role.rolname}).all() == []
    may_create = text("SELECT has_schema_privilege(:role, :schema, 'CREATE')")
    assert database.scalar(may_create, {"role": role.rolname, "schema": service}) is False
    for other in set(Service) - {service}:
        may_use = text("SELECT has_schema_privilege(:role, :schema, 'USAGE')")
        assert database.scalar(may_use, {"role": role.rolname, "schema": other}) is False


def count(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    keys = [column for column in table.primary_key.columns if column.name in values]
    query = select(func.count()).select_from(table)
    for column in keys:
        query = query.where(column == values[column.name])
    return connection.scalar(query) or 0


def touched(connection: Connection, statement: Any) -> int:
    """How many rows a statement changed; none when the database refused it as not allowed."""
    try:
        with connection.begin_nested():
            return connection.execute(statement).rowcount
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in NOT_ALLOWED:
            raise
        return 0


@SERVICES
def test_a_row_of_one_employer_is_there_for_it_and_the_region_and_for_nobody_else(
    service: Service, database: Connection
) -> None:
    tried = []
    for table in metadata_of(service).sorted_tables:
        if is_among(table, OPEN):
            continue
        with database.begin_nested() as savepoint:
            values = put_row(database, table, OWNER)
            is_a_tenants = any(name in values for name in EMPLOYER_COLUMNS + EMPLOYER_LISTS)
            seen = {}
            for reader, employer, scope in (
                ("nobody", None, ""),
                ("other", OTHER, ""),
                ("own", OWNER, ""),
                ("region", None, "region"),
            ):
                act_as(database, service, employer=employer, scope=scope)
                seen[reader] = count(database, table, values)
                database.execute(text("RESET ROLE"))
            everyone = is_among(table, EVERYONES)
            tried.append(table.fullname)
            assert seen["region"] >= 1, f"{table.fullname}: the region sees nothing"
            assert bool(seen["nobody"]) == everyone, f"{table.fullname}: {seen}"
            assert bool(seen["other"]) == everyone, f"{table.fullname}: {seen}"
            if is_a_tenants and not is_among(table, EVERYONES):
                assert seen["own"] >= 1, f"{table.fullname}: {seen}"
            savepoint.rollback()
    assert len(tried) > 5


@SERVICES
def test_another_employer_can_neither_change_nor_take_nor_remove_nor_plant_a_row(
    service: Service, database: Connection
) -> None:
    for table in metadata_of(service).sorted_tables:
        if is_among(table, OPEN) or is_among(table, APPEND_ONLY):
            continue
        with database.begin_nested() as savepoint:
            values = put_row(database, table, OWNER)
            act_as(database, service, employer=OTHER)
            column = next(each for each in table.columns if each.computed is None and each.identity is None)
            for statement in (table.update().values({column: column}), table.delete()):
                assert touched(database, statement) == 0, f"{table.fullname}: {statement}"
            planted = row_of(table, OWNER) | {
                each.name: uuid4() for each in table.primary_key.columns if isinstance(values.get(each.name), UUID)
            }
            assert touched(database, insert(table).values(planted)) == 0, table.fullname
            savepoint.rollback()


@SERVICES
def test_an_employer_cannot_hand_its_row_to_another(service: Service, database: Connection) -> None:
    for table in metadata_of(service).sorted_tables:
        own = [column for column in table.columns if column.name in EMPLOYER_COLUMNS]
        if not own or is_among(table, OPEN) or is_among(table, APPEND_ONLY):
            continue
        with database.begin_nested() as savepoint:
            put_row(database, table, OWNER)
            act_as(database, service, employer=OWNER)
            assert touched(database, table.update().values(dict.fromkeys(own, OTHER))) == 0, table.fullname
            savepoint.rollback()
