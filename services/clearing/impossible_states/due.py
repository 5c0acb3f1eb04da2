from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.impossible_states.watched import DETECTOR
from shared import outbox
from shared.addresses import public_url
from shared.events.base import ContactWithLink
from shared.events.record import ClearingStatesFound
from shared.impossible_routes import PAGE
from shared.impossible_states import detect_daily
from shared.registry import administrators_of
from shared.vocabulary import Service


async def detect_impossible_states(session: AsyncSession, now: datetime) -> int:
    """Due work, once a day."""

    async def tell(session: AsyncSession, employer_id: UUID | None, found: int) -> None:
        link = f"{public_url(Service.CLEARING)}{PAGE}"
        for person in await administrators_of(session, employer_id):
            event = ClearingStatesFound(finding_id=uuid4(), employer_id=employer_id, found=found)
            contact = ContactWithLink(name=person.name, email=person.email, link=link)
            await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: contact})

    return await detect_daily(session, DETECTOR, tell, now=now)
