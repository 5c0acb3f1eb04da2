"""Makes, for each service, an owner for its schema and a role that may use it, and nothing more.

`DATABASE_URL` names an administrator (a superuser, or one who may create roles where the extensions exist already) and
is used here only. Passwords come from the environment, so that doing it again changes nothing.
"""

import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import LiteralString
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from shared.vocabulary import Service

SERVICES = tuple(service.value for service in Service)
OLDEST_SERVER = 180_000
EXTENSIONS = ("pg_trgm", "cube", "earthdistance", "btree_gist", "citext")
# Any number, the same for everyone who provisions this database.
ADVISORY_LOCK = 0x574D45
# Roles belong to the whole cluster but an advisory lock to one database: two databases may race for the same role.
ATTEMPTS = 5
RACES = (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation, psycopg.errors.InternalError_)
APP_ROLE_LIMITS: dict[LiteralString, LiteralString] = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
}
# The app role reads and writes what the owner makes, now and later, and can neither own nor TRUNCATE it.
SCHEMA_STATEMENTS: tuple[LiteralString, ...] = (
    "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {owner}",
    "GRANT USAGE ON SCHEMA {schema} TO {app}",
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema}"
        " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}"
    ),
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} GRANT EXECUTE ON FUNCTIONS TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
)


class ProvisioningRefused(Exception):
    """Its text says what is missing; nothing was changed."""


def password_variables(service: str) -> tuple[str, str]:
    """The names of the owner's and the app role's password."""
    return f"{service.upper()}_OWNER_PASSWORD", f"{service.upper()}_APP_PASSWORD"


def services_to_provision(environment: Mapping[str, str]) -> tuple[str, ...]:
    """A service that was given a database of its own brings its own roles."""
    return tuple(service for service in SERVICES if not environment.get(f"{service.upper()}_DATABASE_URL"))


def database_urls(admin_url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Owner and app role addresses by variable name, at the server and database of `admin_url`."""
    urls: dict[str, str] = {}
    for service in services_to_provision(environment):
        owner, app = password_variables(service)
        urls[f"{service.upper()}_OWNER_DATABASE_URL"] = _as_role(admin_url, f"{service}_owner", environment[owner])
        urls[f"{service.upper()}_DATABASE_URL"] = _as_role(admin_url, f"{service}_app", environment[app])
    return urls


def provision(admin_url: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Provisions the database of `admin_url` for the services that have none of their own, and returns their names.

    Safe to repeat, and from several places at once. Raises ProvisioningRefused where a password is missing, or where a
    role exists that row-level security would not bind.
    """
    services = services_to_provision(environment)
    missing = [name for service in services for name in password_variables(service) if not environment.get(name)]
    if missing:
        raise ProvisioningRefused(f"Not set: {', '.join(missing)}.")
    if services:
        _provision_through_races(admin_url, services, environment)
    return services


def refuse_roles_of_others(admin_url: str, environment: Mapping[str, str]) -> None:
    """Raises ProvisioningRefused where roles of ours exist that the given passwords do not open.

    Provisioning sets passwords, and would so take the database from the installation that works with it.
    """
    urls = database_urls(admin_url, environment)
    with psycopg.connect(admin_url) as administrator:
        found = administrator.execute("SELECT rolname FROM pg_roles WHERE rolcanlogin").fetchall()
    existing = {role for (role,) in found}
    for url in urls.values():
        role = urlsplit(url).username or ""
        if role in existing and not _opens(url):
            raise ProvisioningRefused(
                f"The role {role} is there with another password, so another installation uses this server: name "
                f"another in DATABASE_URL, or give the passwords of its roles ({role.upper()}_PASSWORD and so on)."
            )


def _opens(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def _provision_through_races(admin_url: str, services: Iterable[str], environment: Mapping[str, str]) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with psycopg.connect(admin_url) as connection:
                _provision_once(connection, services, environment)
        except RACES:
            if attempt == ATTEMPTS:
                raise
            time.sleep(0.1 * attempt)
        else:
            return


def _provision_once(connection: psycopg.Connection, services: Iterable[str], environment: Mapping[str, str]) -> None:
    if connection.info.server_version < OLDEST_SERVER:
        found = connection.info.parameter_status("server_version")
        raise ProvisioningRefused(f"PostgreSQL {OLDEST_SERVER // 10_000} or newer is needed; DATABASE_URL is {found}.")
    connection.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
    # An administrator who is not a superuser may act for the roles made here; a superuser may anyway.
    connection.execute("SET LOCAL createrole_self_grant = 'set, inherit'")
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    for extension in EXTENSIONS:
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(sql.Identifier(extension)))
    for service in services:
        owner, app = f"{service}_owner", f"{service}_app"
        owner_password, app_password = (environment[name] for name in password_variables(service))
        _make_role(connection, owner, owner_password)
        _make_role(connection, app, app_password)
        for setting, limit in APP_ROLE_LIMITS.items():
            connection.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(app), sql.SQL(setting), sql.Literal(limit))
            )
        _make_schema(connection, service, owner, app)


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    """The password is hashed here, so that no server log can show it."""
    attributes = connection.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    if attributes is None:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN NOCREATEDB NOINHERIT").format(sql.Identifier(role)))
    elif attributes[0]:
        raise ProvisioningRefused(f"The role {role} exists with rights that row-level security does not bind.")
    scram = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(scram)))


def _make_schema(connection: psycopg.Connection, schema: str, owner: str, app: str) -> None:
    names = {"schema": sql.Identifier(schema), "owner": sql.Identifier(owner), "app": sql.Identifier(app)}
    for statement in SCHEMA_STATEMENTS:
        connection.execute(sql.SQL(statement).format(**names))


def _as_role(url: str, role: str, password: str) -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{role}:{quote(password, safe='')}@{place}"))


def main() -> int:
    admin_url = os.environ.get("DATABASE_URL")
    if not admin_url:
        sys.stderr.write("DATABASE_URL is not set: it names the administrator who may create roles.\n")
        return 2
    try:
        services = provision(admin_url, os.environ)
    except (ProvisioningRefused, psycopg.Error) as error:
        sys.stderr.write(f"Provisioning failed: {str(error).strip().splitlines()[0]}\n")
        return 1
    sys.stdout.write(f"Provisioned: {', '.join(services) or 'nothing, each service has its own database'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
