"""A mail server that answers as a test tells it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.notifications.mail_server import MailServer, mail_server


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running
