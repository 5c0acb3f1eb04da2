"""Opening a signed link: a page with one button for people, and an exchange for front ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from shared import csrf, links
from shared.app import Now, RegionSessionDep
from shared.auth import allow_anyone
from shared.links import LinkNotUsable, OpenedLink
from shared.pages import Link, render
from shared.problems import problems

Token = Annotated[str, Path(min_length=20, max_length=100)]


class LinkSessionCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=20, max_length=100, description="The last part of the link's address")


class LinkSessionRead(BaseModel):
    """A short session in exchange for a link, which is spent by it."""

    access_token: str = Field(examples=["wls_Zm9v…"])
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 # RFC 6750's word
    expires_in: int = Field(examples=[7200], description="Seconds")
    purpose: str = Field(examples=["candidate"])
    subject_id: UUID
    path: str = Field(examples=["/my-application"], description="The page that the link leads to")


def link_router(destinations: Mapping[str, str], ask_again: Sequence[Link]) -> APIRouter:
    """The routes of one service's links. `destinations` gives each purpose the local path of its page.

    A path may hold `{subject_id}`. A link that was issued with a path of its own leads there instead. `ask_again`
    are the pages where people get another link when theirs is spent.
    """
    router = APIRouter(tags=["links"], dependencies=[allow_anyone()])
    router.add_api_route("/link-session/end", end_link_session, methods=["POST"], include_in_schema=False)

    def gone(request: Request) -> Response:
        return render(request, "link_gone.html", status_code=410, ask_again=ask_again)

    @router.get("/l/{token}", include_in_schema=False)
    async def link_page(token: Token, request: Request, session: RegionSessionDep, now: Now) -> Response:
        return render(request, "link.html") if await links.is_usable(session, token, now=now) else gone(request)

    @router.post("/l/{token}", include_in_schema=False)
    async def follow_link(token: Token, request: Request, session: RegionSessionDep, now: Now) -> Response:
        csrf.refuse_other_origin(request)
        try:
            opened = await links.open_link(session, token, now=now)
        except LinkNotUsable:
            return gone(request)
        settings = request.state.settings
        response = RedirectResponse(_destination(opened, destinations), status_code=303)
        csrf.set_cookie(response, settings, csrf.link_cookie(settings.service), opened.token)
        return response

    @router.post(
        "/v1/link-sessions",
        summary="Exchange a signed link for a short session",
        status_code=201,
        response_model=LinkSessionRead,
        responses=problems(410),
    )
    async def create_link_session(body: LinkSessionCreate, session: RegionSessionDep, now: Now) -> LinkSessionRead:
        opened = await links.open_link(session, body.token, now=now)
        return _read(opened, destinations)

    return router


async def end_link_session(request: Request, session: RegionSessionDep) -> Response:
    settings = request.state.settings
    name = csrf.link_cookie(settings.service)
    cookie = request.cookies.get(name)
    if cookie:
        await csrf.check(request, cookie)
        await links.end_link_session(session, cookie)
    response = render(request, "link_ended.html")
    csrf.drop_cookie(response, settings, name)
    return response


def _read(opened: OpenedLink, destinations: Mapping[str, str]) -> LinkSessionRead:
    return LinkSessionRead(
        access_token=opened.token,
        expires_in=int(links.SESSION_LIFE.total_seconds()),
        purpose=opened.purpose,
        subject_id=opened.subject_id,
        path=_destination(opened, destinations),
    )


def _destination(opened: OpenedLink, destinations: Mapping[str, str]) -> str:
    path = opened.path or destinations[opened.purpose].format(subject_id=opened.subject_id)
    return csrf.local_path(path)
