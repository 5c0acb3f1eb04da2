"""What somebody typed into a form of ours is shown again whatever went wrong: it is read before anything can fail."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from shared.intake import FORM_TYPES, NOT_TEXT, media_type_of

UNSEEN = frozenset({"csrf_token", "website"})


class TypedRoute(APIRoute):
    """For pages with much to type, and none with a secret: `typed_of` gives the form's fields to a page of refusal."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        original = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if request.method == "POST" and media_type_of(request.headers.get("content-type")) in FORM_TYPES:
                sent = (await request.form()).multi_items()
                request.state.typed = [
                    # What cannot be kept (PostgreSQL knows no NUL) is left out, so that sending it again can succeed.
                    (name, NOT_TEXT.sub("", value))
                    for name, value in sent
                    if isinstance(value, str) and name not in UNSEEN
                ]
            return await original(request)

        return handler


def typed_of(request: Request) -> Sequence[tuple[str, str]]:
    """The fields of the form as they came; none where the route does not keep them."""
    return getattr(request.state, "typed", ())
