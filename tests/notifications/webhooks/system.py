"""A council's system as a client of `/v1/webhooks`, and the steps that its tests are made of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select

from services.notifications.handlers import HANDLERS
from services.notifications.webhooks.dispatcher import WebhookSender
from services.notifications.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from services.notifications.webhooks.posting import Poster, reach_of
from shared.consumer import Handling
from shared.database import transaction
from shared.events.applications import ApplicationReceived
from shared.events.base import ContactWithLink, Event
from shared.reference.employers import employer_id
from shared.tenancy import REGION
from shared.vocabulary import Scope, Service
from tests.conftest import Services
from tests.notifications.webhooks.receiver import Receiver

SAW, DUD = employer_id("SAW"), employer_id("DUD")
SCOPES = (
    Scope.WEBHOOKS_READ,
    Scope.WEBHOOKS_WRITE,
    Scope.VACANCIES_READ,
    Scope.APPLICATIONS_READ,
    Scope.CLEARING_READ,
)
CONTACT = {"name": "Integration team", "email": "integration@council.example"}
CANARY = ContactWithLink(name="Zaphodine Quux", email="zaphodine@mail.example", link="https://ats.example/l/secret")


@dataclass
class System:
    world: Services
    http: httpx.AsyncClient
    receiver: Receiver
    client_id: UUID = field(default_factory=uuid4)
    employers: Sequence[str] | str = ("SAW",)
    scopes: Sequence[Scope] = SCOPES

    @property
    def headers(self) -> dict[str, str]:
        return self.world.signer.bearer(*self.scopes, employers=self.employers, client_id=self.client_id)

    def another(self, **changes: Any) -> System:
        given = {"client_id": uuid4(), "employers": self.employers, "scopes": self.scopes} | changes
        return System(self.world, self.http, self.receiver, **given)

    async def call(self, method: str, path: str = "", *, expect: int = 200, **sent: Any) -> Any:
        headers = self.headers | sent.pop("headers", {})
        answer = await self.http.request(method, f"/v1/webhooks{path}", headers=headers, **sent)
        assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def registers(self, *types: str, expect: int = 201, **changes: Any) -> Any:
        body = {"employer": "SAW", "url": self.receiver.url, "event_types": list(types), "contact": CONTACT}
        body |= changes
        wanted = {name: value for name, value in body.items() if value is not None}
        return await self.call("POST", expect=expect, json=wanted)

    async def listens(self, *types: str, **changes: Any) -> Any:
        """Registered and verified."""
        made = await self.registers(*(types or ("application.received",)), **changes)
        verified = await self.call("POST", f"/{made['id']}/verify")
        assert verified["is_verified"], verified
        return made

    async def hears(self, event: Event, sealed: Any = None, *, event_id: UUID | None = None) -> UUID:
        """What the worker does with an event of the queue."""
        made = event_id or uuid4()
        async with transaction(self.world.sessions[Service.NOTIFICATIONS], REGION) as session:
            handling = Handling(session, self.world.clock.now(), made, self.world.clock.now(), sealed)
            await HANDLERS[type(event)](handling, event)
        return made

    async def somebody_applies(self, *, employer: UUID = SAW, event_id: UUID | None = None) -> UUID:
        return await self.hears(application(employer), CANARY, event_id=event_id)

    async def rows(self, kind: Any, *order: Any) -> list[Any]:
        async with transaction(self.world.sessions[Service.NOTIFICATIONS], REGION) as session:
            return list(await session.scalars(select(kind).order_by(*order)))

    async def deliveries(self) -> list[WebhookDelivery]:
        return await self.rows(WebhookDelivery, WebhookDelivery.created_at, WebhookDelivery.id)

    async def attempts(self) -> list[WebhookAttempt]:
        return await self.rows(WebhookAttempt, WebhookAttempt.ended_at, WebhookAttempt.attempt_no)

    async def endpoint(self) -> WebhookEndpoint:
        (found,) = await self.rows(WebhookEndpoint)
        return found

    def sender(self, **more: Any) -> WebhookSender:
        settings = self.world.settings(Service.NOTIFICATIONS)
        return WebhookSender(
            self.world.sessions[Service.NOTIFICATIONS],
            self.world.clock,
            Poster(reach_of(settings)),
            direct_database_url=settings.direct_database_url,
            **more,
        )

    @asynccontextmanager
    async def sending(self, *, workers: int = 1, **more: Any) -> AsyncGenerator[None]:
        tasks = [asyncio.create_task(self.sender(**more).run()) for _ in range(workers)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def until(self, condition: Callable[[], Awaitable[bool]], *, within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while not await condition():
                await asyncio.sleep(0.02)

    async def until_tried(self, times: int) -> None:
        """So many attempts in all are recorded."""

        async def is_so() -> bool:
            return len(await self.attempts()) >= times

        await self.until(is_so)

    def later(self, by: timedelta) -> None:
        self.world.clock.advance(by)


@asynccontextmanager
async def system_at(world: Services, receiver: Receiver) -> AsyncGenerator[System]:
    async with world.client(Service.NOTIFICATIONS) as http:
        yield System(world, http, receiver)


def application(employer: UUID = SAW) -> ApplicationReceived:
    return ApplicationReceived(
        application_id=uuid4(),
        vacancy_id=uuid4(),
        employer_id=employer,
        reference="SAW-2026-00123",
        vacancy_title="Housing officer",
    )
