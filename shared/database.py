"""Engine, session and the one commit place of the whole product."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from shared.failpoints import failpoint
from shared.tenancy import Tenancy

Sessions = async_sessionmaker[AsyncSession]

ENTER_TENANCY = text(
    "SELECT set_config('app.employer_ids', :employer_ids, true),"
    " set_config('app.subject_id', :subject_id, true), set_config('app.scope', :scope, true)"
)

CURRENT_TENANCY = text(
    "SELECT current_setting('app.employer_ids', true) AS employer_ids,"
    " current_setting('app.subject_id', true) AS subject_id, current_setting('app.scope', true) AS scope"
)


def create_engine(url: str, *, schema: str, pool_size: int = 10, prepare_threshold: int | None = 5) -> AsyncEngine:
    """Open a pool on `url` for the service whose tables live in `schema`.

    The mechanism tables (outbox, inbox, …) are declared once without a schema and translated here.
    `prepare_threshold=None` is what PgBouncer in transaction mode needs.
    """
    return create_async_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_pre_ping=False,
        hide_parameters=True,  # an error's text is logged, and parameters hold personal data
        pool_recycle=1800,
        pool_reset_on_return=None,  # `transaction` has ended it already; a second ROLLBACK costs a fifth of a read
        execution_options={"schema_translate_map": {None: schema}},
        connect_args={"prepare_threshold": prepare_threshold, "connect_timeout": 5},
    )


def sessions_of(engine: AsyncEngine) -> Sessions:
    return async_sessionmaker(engine, expire_on_commit=False)


@asynccontextmanager
async def transaction(sessions: Sessions, tenancy: Tenancy) -> AsyncGenerator[AsyncSession]:
    """One transaction for `tenancy`: committed when the block ends, rolled back when it raises.

    The settings are transaction-local, so a pooled connection carries nobody's tenancy to the next request.
    """
    async with sessions() as session, session.begin():
        await enter(session, tenancy)
        yield session
    failpoint("transaction.committed")


@asynccontextmanager
async def reaching(session: AsyncSession, tenancy: Tenancy) -> AsyncGenerator[None]:
    """Inside the block the transaction acts for `tenancy`, afterwards for whom it did before."""
    before = (await session.execute(CURRENT_TENANCY)).mappings().one()
    await enter(session, tenancy)
    yield
    await session.execute(ENTER_TENANCY, dict(before))


async def enter(session: AsyncSession, tenancy: Tenancy) -> None:
    """Say whom this transaction acts for from now on."""
    await session.execute(
        ENTER_TENANCY,
        {
            "employer_ids": ",".join(sorted(str(each) for each in tenancy.employer_ids)),
            "subject_id": str(tenancy.subject_id or ""),
            "scope": "region" if tenancy.is_region else "",
        },
    )
