from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.clearing.windows.callers import BoardReader
from services.clearing.windows.overview import read_board
from shared.app import SessionDep
from shared.auth import allow_anyone
from shared.pages import render

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[allow_anyone()])
async def start_page(request: Request) -> Response:
    return render(request, "windows/start.html")


@router.get("/overview")
async def overview_page(request: Request, session: SessionDep, caller: BoardReader) -> Response:
    """How clearing stands, for a council or, to WME's coordinators, for the region."""
    return render(request, "windows/overview.html", board=await read_board(session), is_region=caller.is_region)
