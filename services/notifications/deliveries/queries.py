"""Questions about deliveries."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.notifications.deliveries.models import IS_SENDING, IS_WAITING, Delivery


async def count_due(session: AsyncSession, now: datetime) -> int:
    """How many messages are on their way or should be."""
    due = or_(IS_SENDING, and_(IS_WAITING, Delivery.due_at <= now))
    return await session.scalar(select(func.count()).select_from(Delivery).where(due)) or 0
