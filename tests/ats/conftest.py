"""A council that works with `ats` over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from shared.vocabulary import Service
from tests.conftest import Services
from tests.factories.ats import Ats


@pytest.fixture
def council(world: Services, ats: httpx.AsyncClient) -> Ats:
    """On connections that are rolled back: one request at a time."""
    return Ats(world, ats)


@pytest.fixture
async def live_council(live: Services) -> AsyncIterator[Ats]:
    """On a database of its own, where requests race."""
    async with live.client(Service.ATS) as client:
        yield Ats(live, client)
