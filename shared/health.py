"""`/healthz` (this process is alive), `/readyz` (it can work), `/metrics`."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from shared.auth import allow_anyone
from shared.database import transaction
from shared.database_role import UnsafeDatabaseRole
from shared.event_figures import refresh_gauges
from shared.registry import verification_keys
from shared.tenancy import NOBODY, REGION
from shared.vocabulary import Service

log = structlog.get_logger()


class Readiness(BaseModel):
    """Whether this service can work, and what it waits for."""

    status: str = Field(examples=["ready"])
    service: Service
    checks: dict[str, str] = Field(examples=[{"database": "ready", "signing_key": "ready"}])


def health_router(service: Service) -> APIRouter:
    router = APIRouter(tags=["health"], dependencies=[allow_anyone()])

    @router.get("/healthz", summary="This process is alive")
    async def healthz() -> dict[str, str]:
        return {"status": "alive", "service": service}

    @router.get(
        "/readyz",
        summary="This service can work",
        response_model=Readiness,
        responses={503: {"model": Readiness, "description": "Not ready yet"}},
    )
    async def readyz(request: Request) -> JSONResponse:
        checks: dict[str, Any] = {"database": "ready", "signing_key": "ready"}
        try:
            async with transaction(request.state.sessions, NOBODY) as session:
                await session.execute(text("SELECT 1"))
                if await session.scalar(select(verification_keys.c.kid).limit(1)) is None:
                    checks["signing_key"] = "waiting for the first key from ats"
        except UnsafeDatabaseRole:
            checks["database"] = "refused: the role sees past row-level security"
        except (SQLAlchemyError, OSError) as error:
            checks["database"] = f"away ({type(error).__name__})"
        ready = all(state == "ready" for state in checks.values())
        body = {"status": "ready" if ready else "not_ready", "service": service, "checks": checks}
        return JSONResponse(body, status_code=200 if ready else 503)

    @router.get("/metrics", summary="Prometheus metrics of this process", response_class=Response)
    async def metrics(request: Request) -> Response:
        try:
            async with transaction(request.state.sessions, REGION) as session:
                await refresh_gauges(session)
        except (SQLAlchemyError, OSError) as error:
            log.warning("gauges_not_refreshed", error=type(error).__name__)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
