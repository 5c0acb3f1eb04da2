"""What every service starts with, loaded again and again without harm: the employers of the region."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared import addresses, sealing
from shared.database import create_engine, sessions_of, transaction
from shared.reference.employers import Employer, employer_id
from shared.reference.employers import employers as employers_of_the_region
from shared.registry import employers
from shared.settings import Settings
from shared.tenancy import REGION
from shared.vocabulary import Service


@asynccontextmanager
async def region_transaction(settings: Settings) -> AsyncGenerator[AsyncSession]:
    """One transaction for the whole region, for a program that does one thing and ends."""
    sealing.install(settings)
    addresses.install(settings)
    engine = create_engine(settings.database_url, schema=settings.service, pool_size=1)
    try:
        async with transaction(sessions_of(engine), REGION) as session:
            yield session
    finally:
        await engine.dispose()


async def load_employers(session: AsyncSession) -> None:
    """Put the registry in, or correct what no event has changed yet: those at their first version."""
    statement = insert(employers).values([_row(each) for each in employers_of_the_region()])
    changes = {each.name: statement.excluded[each.name] for each in employers.columns if each.name != "id"}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_=changes, where=employers.c.version <= statement.excluded.version
        )
    )


def seed(service: Service, load: Callable[[AsyncSession, Settings], Awaitable[None]]) -> None:
    """Run one service's seed with the settings of its environment."""

    async def run() -> None:
        settings = Settings.from_environment(service)
        async with region_transaction(settings) as session:
            await load(session, settings)

    asyncio.run(run())


def _row(body: Employer) -> dict[str, object]:
    return {
        "id": body.id,
        "version": 1,
        "code": body.code,
        "title": body.name,
        "kind": body.kind.value,
        "tier": body.tier,
        "parent_id": employer_id(body.parent) if body.parent else None,
        "successor_id": employer_id(body.successor) if body.successor else None,
        "valid_from": body.valid_from,
        "valid_to": body.valid_to,
        "latitude": body.lat,
        "longitude": body.lon,
    }
