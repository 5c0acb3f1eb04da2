from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.rig import Rig
from tests.mechanism import mechanism_on

# `make faults` sets this: the long form, with the times of production and the waits that take minutes.
IS_FULL = os.environ.get("FAULTS") == "full"


@pytest.fixture(scope="session")
def rig(parts) -> Iterator[Rig]:
    with mechanism_on(parts.postgres, parts.redis, parts.secrets, parts.folder) as mechanism:
        made = Rig(mechanism, parts.postgres, parts.redis, parts.folder)
        if not IS_FULL:
            made.environment["RESEND_SECONDS"] = "0.3-3"
        try:
            yield made
        finally:
            made.close()
