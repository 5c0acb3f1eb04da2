"""What every API of ours is made of: lifespan, session per request, headers, health, problems."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypedDict

import structlog
import uvicorn
from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from shared import addresses, idempotency, manual_page, sealing
from shared.auth import Principal, current_principal
from shared.clock import Clock, ShiftedClock, SystemClock
from shared.cross_origin import CrossOrigin
from shared.database import Sessions, create_engine, sessions_of, transaction
from shared.database_role import refuse_unsafe_connections, refuse_unsafe_role
from shared.health import health_router
from shared.http_guard import HttpGuard
from shared.intake import check_intake
from shared.logging import configure_logging
from shared.pages import Pages, render
from shared.problems import register_problem_handlers
from shared.ratelimit import RateLimiter
from shared.settings import Settings
from shared.tenancy import REGION
from shared.tokens import VerificationKeys, Verifier
from shared.transience import is_transient
from shared.typed import typed_of
from shared.vocabulary import Service

log = structlog.get_logger()


class AppState(TypedDict):
    """What the lifespan yields: read as `request.state.sessions` and so on."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    limiter: RateLimiter


@dataclass(frozen=True, kw_only=True)
class ServiceApp:
    """What one service adds to the common frame."""

    service: Service
    title: str
    description: str
    routers: Sequence[APIRouter]
    pages: Pages | None = None
    # Bytes that a body may have, by path, where it is more than words.
    body_limits: Mapping[str, int] = field(default_factory=dict)
    on_start: Sequence[Callable[[FastAPI, Settings], None]] = ()


async def request_session(
    request: Request, principal: Annotated[Principal, Depends(current_principal)]
) -> AsyncGenerator[AsyncSession]:
    """One transaction for the caller's tenancy, committed before the reply leaves."""
    async with transaction(request.state.sessions, principal.tenancy) as session:
        await idempotency.begin(session, request, principal.idempotency_scope)
        yield session


async def region_session(
    request: Request, principal: Annotated[Principal, Depends(current_principal)]
) -> AsyncGenerator[AsyncSession]:
    """For code that acts before anyone is known (sign-in, tokens, links): it sees every row, so it shows none.

    The caller is looked up first all the same: one request never holds two connections at once.
    """
    async with transaction(request.state.sessions, REGION) as session:
        await idempotency.begin(session, request, principal.idempotency_scope)
        yield session


async def business_now(request: Request) -> datetime:
    return request.state.clock.now()


SessionDep = Annotated[AsyncSession, Depends(request_session, scope="function")]
RegionSessionDep = Annotated[AsyncSession, Depends(region_session, scope="function")]
Now = Annotated[datetime, Depends(business_now)]


def clock_for(settings: Settings) -> Clock:
    return ShiftedClock(settings.clock_file) if settings.is_embedded else SystemClock()


def _lifespan_of(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[AppState]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[AppState]:
        # FastAPI builds the routes of included routers when they are first asked for: not by the first caller.
        for _ in iter_route_contexts(app.routes):
            pass
        engine = create_engine(
            settings.database_url,
            schema=settings.service,
            pool_size=settings.pool_size,
            prepare_threshold=5 if settings.prepare_statements else None,
        )
        await _look_at_role(engine)
        limiter = RateLimiter(settings.redis_url)
        yield AppState(settings=settings, sessions=sessions_of(engine), clock=clock_for(settings), limiter=limiter)
        await limiter.close()
        await engine.dispose()

    return lifespan


async def _look_at_role(engine: AsyncEngine) -> None:
    """Raise UnsafeDatabaseRole. A database that is away is waited for at each request, not here: /readyz says so."""
    try:
        await refuse_unsafe_role(engine)
    except DBAPIError as error:
        if not is_transient(error):
            raise
        log.warning("database_away", error=type(error).__name__)
        refuse_unsafe_connections(engine)


def create_app(described: ServiceApp, settings: Settings) -> FastAPI:
    """Build the API of one service."""
    sealing.install(settings)
    addresses.install(settings)

    app = FastAPI(
        title=described.title,
        description=described.description,
        version="1",
        lifespan=_lifespan_of(settings),
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(check_intake)],
    )
    app.state.verifier = Verifier(VerificationKeys(), settings.public_urls[Service.ATS], described.service)
    register_problem_handlers(app)
    app.include_router(health_router(described.service))
    for router in described.routers:
        app.include_router(router)
    if described.pages is not None:
        described.pages.install(app)
        if settings.is_embedded:
            app.include_router(manual_page.router)
        app.state.draw_problem = _problem_page
    for start in described.on_start:
        start(app, settings)
    app.add_middleware(HttpGuard, settings=settings, body_limits=described.body_limits)
    if settings.cors_origins:
        app.add_middleware(CrossOrigin, described=app, settings=settings)
    return app


def _problem_page(request: Request, status: int, title: str, detail: str, next_step: str | None) -> HTMLResponse:
    paragraphs = [each for each in (detail, next_step) if each]
    return render(
        request, "problem.html", status_code=status, title=title, paragraphs=paragraphs, typed=typed_of(request)
    )


def _operation_id(route: APIRoute) -> str:
    return route.name


def serve(build: Callable[[], Any], settings: Settings) -> None:
    """Run one API process until it is told to stop."""
    configure_logging(settings.service)
    uvicorn.run(
        build(),
        host=settings.bind_host,
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
    )
