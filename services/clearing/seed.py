"""What `clearing` starts with: the employers. Keys and staff come by events."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from shared.seeding import load_employers, seed
from shared.settings import Settings
from shared.vocabulary import Service


async def load(session: AsyncSession, _settings: Settings) -> None:
    await load_employers(session)


if __name__ == "__main__":
    seed(Service.CLEARING, load)
