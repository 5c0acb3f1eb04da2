"""Cookies of ours, and the proof that a form or script that uses one is ours too.

The token is an HMAC under the session's own secret, so it is made anew from the cookie and stored nowhere. A page of
another origin can make a browser send the cookie, but can neither read it nor work out the token. Beside it, a
browser that says that the request comes from elsewhere is believed.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from fastapi import Request, Response

from shared.errors import Forbidden
from shared.settings import Settings
from shared.vocabulary import Service

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "x-csrf-token"
FIELD = "csrf_token"
OWN_FETCH_SITES = frozenset({"same-origin", "none"})


class ForgedRequest(Forbidden):
    code = "csrf_token_missing"
    title = "This request does not prove that it comes from our own page"


def session_cookie(service: Service) -> str:
    """Each service has its own: cookies ignore ports."""
    return f"wme_{service}_session"


def link_cookie(service: Service) -> str:
    return f"wme_{service}_link"


def form_cookie(service: Service) -> str:
    """Before anyone is signed in: binds the sign-in form, or the way over ats and back, to this browser."""
    return f"wme_{service}_form"


def set_cookie(response: Response, settings: Settings, name: str, value: str, *, cross_site: bool = False) -> None:
    """A cookie that scripts cannot read and that ends with the browser. HTTPS only, except on one's own machine.

    `cross_site` is for the way back from ats, a POST from another site; only a throwaway nonce travels so.
    """
    secure = not settings.is_embedded
    same_site = "none" if cross_site and secure else "lax"
    response.set_cookie(name, value, httponly=True, samesite=same_site, secure=secure, path="/")


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    response.delete_cookie(name, httponly=True, samesite="lax", secure=not settings.is_embedded, path="/")


def csrf_token(cookie: str) -> str:
    """The token for forms and scripts of whoever holds this cookie."""
    return hmac.new(cookie.encode(), b"csrf", sha256).hexdigest()


async def check(request: Request, cookie: str) -> None:
    """Raise ForgedRequest unless an unsafe request proves that a page of ours made it."""
    if request.method in SAFE_METHODS:
        return
    refuse_other_origin(request)
    sent = request.headers.get(HEADER) or await _form_field(request)
    if not hmac.compare_digest(sent.encode(), csrf_token(cookie).encode()):
        raise ForgedRequest(next_step=f"Send the page's token as {FIELD} or in the {HEADER} header")


def refuse_other_origin(request: Request) -> None:
    """Raise ForgedRequest when the browser itself says that another origin made this request.

    Our pages send no referrer, so their forms come with `Origin: null`: that says nothing and the token decides.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in OWN_FETCH_SITES:
        raise ForgedRequest
    origin = request.headers.get("origin")
    if origin is not None and origin != "null" and urlsplit(origin).netloc != _own_host(request):
        raise ForgedRequest


def local_path(offered: str | None, default: str = "/") -> str:
    r"""A place on this service to go to, or `default`: never another site, whatever the browser was told.

    Browsers read `\\` as `/` and drop control characters, so a path with either is refused.
    """
    if not offered or len(offered) > 500 or not offered.startswith("/") or offered.startswith("//"):
        return default
    if "\\" in offered or any(ord(each) < 0x21 or ord(each) == 0x7F for each in offered):
        return default
    parts = urlsplit(offered)
    return default if parts.scheme or parts.netloc else offered


async def _form_field(request: Request) -> str:
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return ""
    found = (await request.form()).get(FIELD)
    return found if isinstance(found, str) else ""


def _own_host(request: Request) -> str:
    settings: Settings = request.state.settings
    host = request.headers.get("host", "")
    return host if settings.is_embedded else urlsplit(settings.public_url).netloc
