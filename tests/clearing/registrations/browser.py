"""The browsers of staff and of whoever opens a page without having signed in."""

from __future__ import annotations

import httpx

from shared import csrf
from shared.database import transaction
from shared.sessions import open_session
from shared.tenancy import REGION
from shared.vocabulary import Role, Service
from tests.clearing.conftest import Scene


async def sign_in(scene: Scene, code: str, role: Role) -> str:
    """A member of staff's browser; its token for forms."""
    staff_id = await scene.staff(code, role)
    async with transaction(scene.world.sessions[Service.CLEARING], REGION) as session:
        token = await open_session(session, staff_id)
    scene.http.cookies.set(csrf.session_cookie(Service.CLEARING), token)
    return csrf.csrf_token(token)


async def page(scene: Scene, path: str) -> httpx.Response:
    answer = await scene.http.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer
