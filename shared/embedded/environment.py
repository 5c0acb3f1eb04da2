"""The environment of an instance: what the set-up needs, and the smaller part that each service gets to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.embedded.ports import LOOPBACK, free_port, preferred_port, promised_port
from shared.embedded.problems import PortTaken
from shared.provision import SERVICES, database_urls, password_variables

API_PORTS = {"ats": 8001, "notifications": 8002, "clearing": 8003}
POSTGRES_PORT, REDIS_PORT, SMTP_PORT = 54_318, 63_918, 10_258
# Marks every process of an instance with its data folder, so that what a killed supervisor leaves behind is found.
MARK = "WME_INSTANCE"

COMMON_SECRETS = ("EVENT_KEYS", "SEAL_KEYS", "PERSON_KEY_SECRET", "CURSOR_SECRET", "DEMO_PASSWORD")
# What only the service that signs tokens and keeps equality monitoring is given.
SECRETS_OF_ATS = ("SIGNING_KEY_SECRET", "EQUALITY_SECRET")
# Where a front end's own development server usually listens.
LOCAL_FRONT_ENDS = "http://localhost:3000,http://localhost:5173"
ADMINISTRATION = ("DATABASE_URL", "POSTGRES_PASSWORD", "REDIS_PASSWORD")


@dataclass(frozen=True)
class Ports:
    apis: Mapping[str, int]
    postgres: int = field(default_factory=free_port)
    redis: int = field(default_factory=free_port)
    smtp: int = field(default_factory=free_port)

    @classmethod
    def promised(cls) -> "Ports":
        """As `make run` uses them. Raises PortTaken for an API's, also where two are alike; the others may move."""
        apis = {
            service: promised_port(f"{service.upper()}_PORT", default, service)
            for service, default in API_PORTS.items()
        }
        _refuse_shared_ports(apis)
        return cls(
            apis=apis,
            postgres=preferred_port("POSTGRES_PORT", POSTGRES_PORT, "PostgreSQL"),
            redis=preferred_port("REDIS_PORT", REDIS_PORT, "Redis"),
            smtp=preferred_port("SMTP_PORT", SMTP_PORT, "the mail catcher"),
        )

    @classmethod
    def free(cls) -> "Ports":
        return cls(apis={service: free_port() for service in API_PORTS})

    def base_url(self, service: str) -> str:
        return f"http://{LOOPBACK}:{self.apis[service]}"


@dataclass(frozen=True)
class Addresses:
    """Where the parts are: ours, or those that the caller's environment names instead."""

    admin_url: str | None
    redis_url: str
    smtp_url: str


def instance_environment(
    folder: Path, secrets: Mapping[str, str], ports: Ports, addresses: Addresses, outer: Mapping[str, str]
) -> dict[str, str]:
    """Everything that provisioning, migrations, seeding, the services and tools read. `outer` wins over what was made.

    Holds the owner's and the administrator's addresses: give a service `service_environment` of it instead.
    """
    known = dict(secrets) | {name: outer[name] for name in secrets if outer.get(name)}
    environment = without_ours(outer) | known
    environment |= {"WME_MODE": "embedded", "WME_VAR": str(folder)}
    environment.setdefault("CORS_ORIGINS", LOCAL_FRONT_ENDS)
    environment |= {"REDIS_URL": addresses.redis_url, "SMTP_URL": addresses.smtp_url}
    if addresses.admin_url:
        environment["DATABASE_URL"] = addresses.admin_url
        environment |= database_urls(addresses.admin_url, known | _overridden_databases(outer))
    environment |= _overridden_databases(outer)
    for service in SERVICES:
        environment[f"{service.upper()}_PORT"] = str(ports.apis[service])
        environment[f"{service.upper()}_PUBLIC_URL"] = ports.base_url(service)
    return environment


def service_environment(service: str, environment: Mapping[str, str]) -> dict[str, str]:
    """What a service may know: its own database as its app role, and nobody else's password."""
    own = f"{service.upper()}_"
    names = [*COMMON_SECRETS, "WME_MODE", "WME_VAR", "REDIS_URL", "SMTP_URL", "CORS_ORIGINS"]
    names += [f"{each.upper()}_PUBLIC_URL" for each in SERVICES]
    names += [f"{own}PORT", f"{own}DATABASE_URL", f"{own}DIRECT_DATABASE_URL"]
    if service == "ats":
        names += SECRETS_OF_ATS
    return {name: environment[name] for name in names if name in environment}


def _refuse_shared_ports(apis: Mapping[str, int]) -> None:
    """None of them is in use yet, so each alone looks free."""
    holders: dict[int, str] = {}
    for service, port in apis.items():
        if port in holders:
            raise PortTaken(
                f"Port {port} is asked for by {holders[port]} and by {service}: choose another with "
                f"{service.upper()}_PORT=."
            )
        holders[port] = service


def supervisor_environment(folder: Path, outer: Mapping[str, str]) -> dict[str, str]:
    """What every process inherits: the caller's environment without any secret or address of ours."""
    return without_ours(outer) | {MARK: mark(folder), "PYTHONUNBUFFERED": "1"}


def mark(folder: Path) -> str:
    return str(folder.resolve())


def without_ours(outer: Mapping[str, str]) -> dict[str, str]:
    """An environment without the secrets and addresses by which an instance is told what to use."""
    ours = {*COMMON_SECRETS, *SECRETS_OF_ATS, *ADMINISTRATION, "REDIS_URL", "SMTP_URL", "WME_MODE", "WME_VAR", MARK}
    for service in SERVICES:
        ours |= {*password_variables(service), *_database_variables(service)}
    return {name: value for name, value in outer.items() if name not in ours}


def _overridden_databases(outer: Mapping[str, str]) -> dict[str, str]:
    names = [name for service in SERVICES for name in _database_variables(service)]
    return {name: outer[name] for name in names if outer.get(name)}


def _database_variables(service: str) -> tuple[str, ...]:
    return tuple(f"{service.upper()}_{kind}" for kind in ("DATABASE_URL", "DIRECT_DATABASE_URL", "OWNER_DATABASE_URL"))
