"""An API in our frame whose routes break in ways that no real route should: for the frame's own tests.

`python -m tests.shared.breaking_api` serves it as a process, as `make run` serves the real ones.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.ats.app import describe
from shared.app import ServiceApp, SessionDep, create_app, serve
from shared.auth import allow_anyone
from shared.idempotency import IdempotentRoute
from shared.settings import Settings
from shared.vocabulary import Service

# What a person wrote: it may be in the answer to its own sender, and nowhere else.
CANARY = "Amy Pond, amy.pond@people.example, QQ123456C"
router = APIRouter(prefix="/v1/breaking", dependencies=[allow_anyone()], route_class=IdempotentRoute)
pages = APIRouter(prefix="/breaking", dependencies=[allow_anyone()], include_in_schema=False)


class Words(BaseModel):
    words: str = ""
    more: dict[str, Any] = {}


@router.get("/mistake", summary="Breaks")
@pages.get("/mistake")
async def mistake() -> Response:
    raise RuntimeError(CANARY)


@router.get("/half", summary="Breaks in the middle of its answer")
async def half() -> Response:
    async def parts() -> AsyncGenerator[bytes]:
        yield b"half"
        raise RuntimeError(CANARY)

    return StreamingResponse(parts())


@router.get("/row", summary="Quotes a row in an error of the database")
async def row(session: SessionDep) -> Response:
    await session.execute(text("SELECT CAST(:words AS integer) / 0"), {"words": 1})
    return Response()


@router.get("/too-large-a-number", summary="Stores what the database cannot hold")
@pages.get("/too-large-a-number")
async def too_large_a_number(session: SessionDep, number: int) -> Response:
    await session.execute(text("SELECT CAST(:number AS integer)"), {"number": number})
    return Response()


@router.get("/no-room", summary="Finds the disk full")
@pages.get("/no-room")
async def no_room(session: SessionDep) -> Response:
    await session.execute(text("DO $$ BEGIN RAISE 'full' USING ERRCODE = '53100'; END $$"))
    return Response()


@router.get("/busy", summary="Finds the database away")
@pages.get("/busy")
async def busy() -> Response:
    raise OperationalError("SELECT", {}, Exception(CANARY))


@router.post("/words", summary="Takes words")
async def say(words: Words, _session: SessionDep) -> Words:
    return words


@router.post("/file", summary="Takes a file")
async def send_file(file: UploadFile) -> dict[str, int | None]:
    return {"size": file.size}


@router.get("/words", summary="Gives words", name="give_words")
async def give(request: Request) -> dict[str, str]:
    return dict(request.query_params)


def build(settings: Settings) -> FastAPI:
    described = ServiceApp(
        service=Service.ATS, title="Breaking", description="", routers=(router, pages), pages=describe(settings).pages
    )
    return create_app(described, settings)


if __name__ == "__main__":
    ours = Settings.from_environment(Service.ATS)
    serve(lambda: build(ours), ours)
