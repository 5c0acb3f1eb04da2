"""From a fact in another service's transaction to a mail: the real outbox, relay, queue, worker and mail server."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from services.notifications.deliveries.states import DeliveryState
from shared import outbox
from shared.database import transaction
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.conftest import ROOT, Services
from tests.factories import notifications as make
from tests.notifications.mail_server import MailServer
from tests.notifications.test_dispatcher import deliveries, until


@asynccontextmanager
async def processes(live: Services, smtp: MailServer, *modules: str) -> AsyncGenerator[None]:
    env = {
        **os.environ,
        **live.parts.environment(live.database),
        "SMTP_URL": smtp.url,
        "PYTHONPATH": str(ROOT),
    }
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            env=env,
            cwd=ROOT,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        for module in modules
    ]
    try:
        yield
    finally:
        for each in running:
            each.terminate()
        await asyncio.wait_for(asyncio.gather(*(each.wait() for each in running)), 30)


async def test_facts_of_clearing_become_one_mail_each(live: Services, smtp: MailServer) -> None:
    now = datetime.now(UTC)
    async with processes(live, smtp, "services.clearing.relay", "services.notifications.worker"):
        async with transaction(live.sessions[Service.CLEARING], REGION) as session:
            for n in range(20):
                event, contact = make.event_and_contact(
                    "match_suggested", email=f"person{n}@mail.example", closes_at=now + timedelta(days=5)
                )
                await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: contact})
        # What Redis held is gone; the outbox sends it again.
        await asyncio.to_thread(live.parts.redis.empty)

        async def all_sent() -> bool:
            return [each.state for each in await deliveries(live)] == [DeliveryState.SENT] * 20

        await until(all_sent, within=60.0)
    assert sorted(each.to for each in smtp.received) == sorted(f"person{n}@mail.example" for n in range(20))
    assert all(make.LINK in text for text in smtp.texts_to("person0@mail.example"))
