"""Carries letters between the three services of a test, as relay and workers do, each once or as often as is asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from services.ats.handlers import HANDLERS as ATS
from services.clearing.handlers import HANDLERS as CLEARING
from services.notifications.handlers import HANDLERS as NOTIFICATIONS
from shared import outbox
from shared.consumer import Handling
from shared.database import transaction
from shared.events.routing import BY_NAME
from shared.sealing import keyring
from shared.tenancy import REGION
from shared.vocabulary import Service
from tests.conftest import Services

HANDLERS = {Service.ATS: ATS, Service.CLEARING: CLEARING, Service.NOTIFICATIONS: NOTIFICATIONS}


class Post:
    """`away`: services that do not hear for now."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.away: set[Service] = set()
        self._delivered: set[tuple[UUID, str]] = set()

    async def deliver(self, *names: str) -> None:
        """Every letter (of these events) that has not arrived, until nobody writes another."""
        while letters := [each for each in await self._letters(names) if self._key(each) not in self._delivered]:
            for letter in letters:
                self._delivered.add(self._key(letter))
                await self.hand_over(letter)

    async def again(self, name: str) -> None:
        """Every letter of this event once more, as a sender that saw no answer would."""
        for letter in await self._letters((name,)):
            await self.hand_over(letter)

    async def hand_over(self, letter: dict[str, Any]) -> None:
        kind = BY_NAME[letter["name"]]
        subscriber = Service(letter["subscriber"])
        shape = kind.sealed_for.get(subscriber)
        opened = shape and keyring().open(letter["sealed"], shape, subscriber=subscriber, event_id=letter["id"])
        handling_now = self.services.clock.now()
        async with transaction(self.services.sessions[subscriber], REGION) as session:
            handling = Handling(session, handling_now, uuid4(), letter["occurred_at"], opened)
            await HANDLERS[subscriber][kind](handling, kind.model_validate(letter["payload"]))

    async def sealed(self, name: str, subscriber: Service = Service.NOTIFICATIONS) -> list[Any]:
        """What the subscriber opens of the letters of this event."""
        shape = BY_NAME[name].sealed_for[subscriber]
        return [
            keyring().open(each["sealed"], shape, subscriber=subscriber, event_id=each["id"])
            for each in await self._letters((name,))
            if each["subscriber"] == subscriber
        ]

    def _key(self, letter: dict[str, Any]) -> tuple[UUID, str]:
        return letter["id"], letter["subscriber"]

    async def _letters(self, names: tuple[str, ...]) -> list[dict[str, Any]]:
        events, letters = outbox.events, outbox.outbox
        query = select(events, letters.c.subscriber, letters.c.sealed).join(letters, letters.c.event_id == events.c.id)
        found = []
        for producer in Service:
            async with transaction(self.services.sessions[producer], REGION) as session:
                rows = await session.execute(query.order_by(events.c.seq))
                found += [{**row._mapping, "producer": producer} for row in rows]
        wanted = [each for each in found if not names or each["name"] in names]
        return [each for each in wanted if Service(each["subscriber"]) not in self.away]
