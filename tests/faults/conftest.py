from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from shared.embedded.folders import throwaway_folder
from shared.embedded.postgres import PostgresServer
from shared.embedded.redis_server import RedisServer
from shared.embedded.secrets_file import generate_secrets
from tests.faults.rig import Rig
from tests.mechanism import mechanism_on

# `make faults` sets this: the long form, with the times of production and the waits that take minutes.
IS_FULL = os.environ.get("FAULTS") == "full"
FIRST_RESEND_SECONDS = 2.0 if IS_FULL else 0.3


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """Servers of its own: they are restarted, and what they were told to keep they have to keep."""
    secrets = generate_secrets()
    with (
        throwaway_folder() as folder,
        PostgresServer(folder) as postgres,
        RedisServer(folder) as redis,
        mechanism_on(postgres, redis, secrets, folder) as mechanism,
    ):
        made = Rig(mechanism, postgres, redis, folder)
        if not IS_FULL:
            made.environment["RESEND_SECONDS"] = "0.3-3"
        try:
            yield made
        finally:
            made.close()
