"""A receiver, and an endpoint at it that is on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Services
from tests.notifications.webhooks.receiver import Receiver, receiver
from tests.notifications.webhooks.system import System, system_at


@pytest.fixture
async def council() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


@pytest.fixture
async def system(world: Services, council: Receiver) -> AsyncIterator[System]:
    """A system of Sandwell's, on the shared database: what is written is rolled back."""
    async with system_at(world, council) as made:
        yield made


@pytest.fixture
async def live_system(live: Services, council: Receiver) -> AsyncIterator[System]:
    """The same on a database of its own, where a sender can run beside it."""
    async with system_at(live, council) as made:
        yield made
