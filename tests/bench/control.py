"""The control of the read bench: the same statements and the same answer with psycopg and Starlette alone."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ENTER = (
    "SELECT set_config('app.employer_ids', %s, true), set_config('app.subject_id', '', true),"
    " set_config('app.scope', '', true)"
)

OPENINGS = "SELECT * FROM ats.vacancy_openings WHERE vacancy_id = %s ORDER BY opening_no"
CONNECTIONS = 10
Idle = asyncio.LifoQueue[AsyncConnection]


@asynccontextmanager
async def lifespan(_app: Starlette) -> AsyncGenerator[dict[str, Idle]]:
    idle: Idle = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(await AsyncConnection.connect(os.environ["ATS_DATABASE_URL"]))
    yield {"idle": idle}
    while not idle.empty():
        await idle.get_nowait().close()


async def one_vacancy(request: Request) -> Response:
    connection = await request.state.idle.get()
    async with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(ENTER, (os.environ["BENCH_EMPLOYER"],))
        await cursor.execute("SELECT * FROM ats.vacancies WHERE id = %s", (request.path_params["id"],))
        row = await cursor.fetchone()
        await cursor.execute(OPENINGS, (request.path_params["id"],))
        openings = await cursor.fetchall()
    request.state.idle.put_nowait(connection)
    if row is None:
        return Response(status_code=404)
    body = json.dumps(row | {"opening_list": openings}, default=str)
    return Response(body, media_type="application/json")


app = Starlette(routes=[Route("/vacancies/{id}", one_vacancy)], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["BENCH_PORT"]), access_log=False, log_level="warning")
