"""The processes of an instance, as its supervisor is told about them."""

import sys
from collections.abc import Mapping
from pathlib import Path

from shared.embedded.environment import service_environment
from shared.embedded.postgres import PostgresCluster
from shared.embedded.redis_server import RedisInstance
from shared.embedded.supervisor import Program
from shared.provision import SERVICES

MODULES = {"api": "app", "worker": "worker", "relay": "relay"}
SERVICE_PROCESSES = tuple(f"{service}-{kind}" for service in SERVICES for kind in MODULES)


def postgres_program(cluster: PostgresCluster) -> Program:
    return Program(
        "postgres",
        cluster.command,
        priority=10,
        directory=Path("/"),
        user=cluster.user.name if cluster.user else None,
        # Ends sessions and writes a checkpoint; TERM would wait for every client first.
        stop_signal="INT",
        stop_seconds=30,
        starts_at_once=True,
    )


def redis_program(instance: RedisInstance) -> Program:
    return Program(
        "redis",
        instance.command,
        priority=20,
        directory=Path("/"),
        user=instance.user.name if instance.user else None,
        # It has nothing to save, so a stop is a crash every time, and the system is used to it.
        stop_signal="KILL",
        starts_at_once=True,
    )


def mail_program(mail_folder: Path, port: int) -> Program:
    command = [sys.executable, "-m", "shared.embedded.mail_catcher", str(mail_folder), str(port)]
    return Program("mail", command, priority=30, starts_at_once=True)


def leash_program(owner_pid: int) -> Program:
    return Program("leash", [sys.executable, "-m", "shared.embedded.leash", str(owner_pid)], starts_at_once=True)


def service_programs(environment: Mapping[str, str]) -> list[Program]:
    return [
        Program(
            f"{service}-{kind}",
            [sys.executable, "-m", f"services.{service}.{module}"],
            environment=service_environment(service, environment),
        )
        for service in SERVICES
        for kind, module in MODULES.items()
    ]
