"""The composed system holds its promises: every process, no default secret, and nothing runs as root or in the open."""

import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared import settings
from shared.embedded.programs import MODULES, SERVICE_PROCESSES
from shared.embedded.secrets_file import DEMO_PASSWORD, generate_secrets
from shared.provision import SERVICES
from shared.vocabulary import Service

TOP = Path(__file__).parents[2]
TEXT = (TOP / "docker-compose.yml").read_text()
COMPOSED: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
EXAMPLE = (TOP / "deploy" / "example.env").read_text()
DOCKERFILE = (TOP / "Dockerfile").read_text()
SECRETS = generate_secrets().keys() - {DEMO_PASSWORD}
# ${NAME:?message} stops with the message where NAME is unset or empty; ${NAME:-value} has a default.
REFERENCE = re.compile(r"\$\{([A-Z_]+)(:[?-])?([^}]*)\}")


def environment_of(name: str) -> dict[str, str]:
    return COMPOSED[name]["environment"]


def references_in(name: str) -> set[str]:
    return {found[0] for found in REFERENCE.findall(yaml.dump(COMPOSED[name]))}


def test_three_apis_three_workers_and_three_relays_stand_beside_their_servers() -> None:
    assert COMPOSED.keys() == {*SERVICE_PROCESSES, "postgres", "redis", "mail", "provision"}


@pytest.mark.parametrize("name", SERVICE_PROCESSES)
def test_each_process_runs_its_own_module(name: str) -> None:
    service, _, kind = name.partition("-")
    assert COMPOSED[name]["command"] == ["python", "-m", f"services.{service}.{MODULES[kind]}"]
    assert find_spec(f"services.{service}.{MODULES[kind]}")


def test_no_secret_has_a_default_and_none_is_written_down() -> None:
    used = {name: operator for name, operator, _ in REFERENCE.findall(TEXT)}
    assert {name for name in used if name in SECRETS} == SECRETS
    assert {name for name in SECRETS if used[name] != ":?"} == set()
    for name, operator, _ in REFERENCE.findall(TEXT):
        assert operator == (":?" if name in SECRETS else ":-"), name
    written = re.findall(r"://[^:@/\s]*:([^@\s]+)@", REFERENCE.sub("REFERENCE", TEXT))
    assert set(written) == {"REFERENCE"}


def test_whatever_is_named_like_a_secret_holds_a_reference_and_nothing_else() -> None:
    given = {
        (name, variable): value
        for name, described in COMPOSED.items()
        for variable, value in described.get("environment", {}).items()
        if re.search(r"PASSWORD|AUTH|SECRET|KEYS", variable)
    }
    assert given
    assert {place for place, value in given.items() if not REFERENCE.fullmatch(value)} == set()


def test_the_example_names_every_variable_and_gives_no_secret_a_value() -> None:
    lines = dict(line.removeprefix("#").split("=", 1) for line in EXAMPLE.splitlines() if re.match(r"#?[A-Z_]+=", line))
    assert lines.keys() == {name for name, _, _ in REFERENCE.findall(TEXT)}
    assert {name: value for name, value in lines.items() if name in SECRETS and value} == {}
    defaults = {name: default for name, operator, default in REFERENCE.findall(TEXT) if operator == ":-"}
    assert {name: lines[name] for name in defaults} == defaults


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_its_own_database_and_no_other_password(service: str) -> None:
    for kind in MODULES:
        environment = environment_of(f"{service}-{kind}")
        databases = {name for name in environment if name.endswith("DATABASE_URL")}
        assert databases == {f"{service.upper()}_DATABASE_URL", f"{service.upper()}_DIRECT_DATABASE_URL"}
        assert environment["WME_MODE"] == "production"
        passwords = {name for name in references_in(f"{service}-{kind}") if name.endswith("_PASSWORD")}
        assert passwords == {f"{service.upper()}_APP_PASSWORD", "REDIS_PASSWORD"}
        for secret in ("SIGNING_KEY_SECRET", "EQUALITY_SECRET"):
            assert (secret in environment) == (service == "ats")


class Noting(Mapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


# Made for one machine and its demonstration; inside, the ports are the image's own.
NOT_FOR_PRODUCTION = {"WME_VAR", "DEMO_PASSWORD", *(f"{service.upper()}_PORT" for service in SERVICES)}


@pytest.mark.parametrize("service", Service)
def test_whatever_a_process_can_be_told_can_be_told_to_the_composed_system(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {name: _as_composed(value) for name, value in environment_of(f"{service}-api").items()}
    told = Noting(given | {"BIND_HOST": "0.0.0.0"})  # noqa: S104 - as the image has it
    with monkeypatch.context() as patched:
        patched.setattr("os.environ", told)
        read = settings.Settings.from_environment(service)
    assert told.asked - set(told) <= NOT_FOR_PRODUCTION
    assert given.keys() <= told.asked
    # Left alone, it is as if nothing had been said.
    assert (read.mail_from, read.behind_proxies) == (settings.DEFAULT_MAIL_FROM, 0)
    defaults = settings.Settings.model_fields
    for name in ("prepare_statements", "pool_size", "rate_limit_per_minute", "queue_keep_seconds", "resend_seconds"):
        assert getattr(read, name) == defaults[name].default, name


def _as_composed(value: str) -> str:
    """With every default, and with a fresh secret where there is none."""
    secrets = generate_secrets()
    return REFERENCE.sub(lambda found: secrets[found[1]] if found[2] == ":?" else found[3], value)


def test_only_provisioning_knows_the_administrator_and_the_owners() -> None:
    private = {"POSTGRES_PASSWORD", *(f"{service.upper()}_OWNER_PASSWORD" for service in SERVICES)}
    knowing = {name for name in COMPOSED if references_in(name) & private}
    assert knowing == {"postgres", "provision"}
    # Provisioning leaves a service alone that names a database of its own.
    script = (TOP / "deploy" / "provision").read_text()
    unset = " ".join(f"-u {service.upper()}_DATABASE_URL" for service in SERVICES)
    assert f"env {unset} python -m shared.provision" in script


@pytest.mark.parametrize("name", ["postgres", "redis", "mail", "ats-api", "notifications-api", "clearing-api"])
def test_what_others_wait_for_has_a_health_check(name: str) -> None:
    assert COMPOSED[name]["healthcheck"]["test"]
    assert COMPOSED[name]["healthcheck"]["retries"] > 1


@pytest.mark.parametrize("name", SERVICE_PROCESSES)
def test_every_process_waits_for_provisioning_and_its_servers(name: str) -> None:
    conditions = {needed: waited["condition"] for needed, waited in COMPOSED[name]["depends_on"].items()}
    assert conditions == {
        "provision": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


def test_an_api_is_asked_on_the_port_that_it_listens_on() -> None:
    for service, port in {"ats": "8001", "notifications": "8002", "clearing": "8003"}.items():
        api = COMPOSED[f"{service}-api"]
        assert api["healthcheck"]["test"] == ["CMD", "python", "deploy/ready.py", port]
        assert api["ports"] == [f"127.0.0.1:${{{service.upper()}_PORT:-{port}}}:{port}"]
        assert f"{service.upper()}_PORT" not in api["environment"]


def test_nothing_but_the_apis_and_the_mail_page_is_reachable_and_only_from_this_machine() -> None:
    published = {name: ports for name, described in COMPOSED.items() if (ports := described.get("ports"))}
    assert published.keys() == {"ats-api", "notifications-api", "clearing-api", "mail"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


@pytest.mark.parametrize("name", COMPOSED)
def test_nothing_can_gain_rights_and_only_the_database_writes_to_its_disk(name: str) -> None:
    assert COMPOSED[name]["cap_drop"] == ["ALL"]
    assert COMPOSED[name]["security_opt"] == ["no-new-privileges:true"]
    assert COMPOSED[name].get("read_only", False) is (name != "postgres")
    assert ("cap_add" in COMPOSED[name]) == (name == "postgres")
    if name in {*SERVICE_PROCESSES, "provision"}:
        assert COMPOSED[name]["image"] == "wme-recruitment"


def test_redis_needs_its_password_and_refuses_rather_than_forgets() -> None:
    assert COMPOSED["redis"]["user"] == "redis"
    command = COMPOSED["redis"]["command"]
    assert '--requirepass "$$REDISCLI_AUTH"' in command
    assert "--maxmemory-policy noeviction" in command


def test_the_image_is_built_from_hashes_and_runs_as_nobody_in_particular() -> None:
    instructions = [line for line in DOCKERFILE.splitlines() if line and not line.startswith(("#", " "))]
    users = [line.split()[1] for line in instructions if line.startswith("USER ")]
    assert users
    assert not users[-1].startswith(("0", "root"))
    assert instructions.index(f"USER {users[-1]}") < instructions.index(
        next(line for line in instructions if line.startswith("CMD"))
    )
    installs = re.findall(r"pip install[^\n&]*", DOCKERFILE)
    assert installs
    assert all("--require-hashes" in line for line in installs)


def test_what_the_image_copies_is_sent_to_its_build_and_secrets_are_not() -> None:
    copied = {line.split()[1].removeprefix("./") for line in DOCKERFILE.splitlines() if line.startswith("COPY")}
    ignore = (TOP / ".dockerignore").read_text().split()
    assert ignore[0] == "*"
    assert {line.removeprefix("!") for line in ignore if line.startswith("!")} == copied
    assert all((TOP / path).exists() for path in copied)


def test_provisioning_brings_every_service_to_its_newest_tables_and_data() -> None:
    script = (TOP / "deploy" / "provision").read_text()
    assert "python -m shared.provision" in script
    assert f"for service in {' '.join(SERVICES)}" in script
    assert 'alembic -c migrations/alembic.ini -n "$service" upgrade head' in script
    assert "set -eu" in script
