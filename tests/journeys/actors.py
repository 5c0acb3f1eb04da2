"""Who does what in a journey: administrators in a browser, council systems, a board, and people by link.

They use the HTTP APIs only, as anyone outside would.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from shared.vocabulary import Scope, Service

CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')
LINK = re.compile(r"https?://\S+/l/([A-Za-z0-9_-]+)")
TOKEN_LIFE_SECONDS = 480
PATIENCE = httpx.Timeout(60)


class Refused(AssertionError):
    """An actor was told no where the journey needs a yes."""


class Overtaken(Refused):
    """409: somebody else's step came first. An actor reads again tomorrow, as people do."""


async def answer_of(response: httpx.Response) -> dict[str, Any]:
    if response.is_error:
        kind = Overtaken if response.status_code == httpx.codes.CONFLICT else Refused
        raise kind(f"{response.request.method} {response.request.url.path}: {response.status_code} {response.text}")
    return response.json() if response.content else {}


@dataclass
class Administrator:
    """WME's administrator, signed in by password in a browser at ats."""

    http: httpx.AsyncClient
    csrf: str = ""

    @classmethod
    async def sign_in(cls, url: str, email: str, password: str) -> Administrator:
        http = httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(180), headers={"Sec-Fetch-Site": "same-origin"})
        form = {"email": email, "password": password, "csrf_token": csrf_of(await http.get("/sign-in"))}
        answered = await http.post("/sign-in", data=form)
        if answered.status_code not in {302, 303}:
            raise Refused(f"the administrator could not sign in: {answered.status_code}")
        page = await http.get("/api-clients", headers={"Accept": "text/html"})
        return cls(http, csrf_of(page))

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await answer_of(await self.http.post(path, json=body, headers={"X-CSRF-Token": self.csrf}))

    async def create_system(
        self, name: str, scopes: Iterable[Scope], employers: Iterable[str] = (), *, is_region: bool = False
    ) -> tuple[str, str]:
        """Give a system access; returns its client id and its secret, which is shown this once."""
        body = {"name": name, "scopes": list(scopes), "employer_codes": list(employers), "is_region": is_region}
        made = await self.post("/v1/api-clients", body)
        return made["id"], made["client_secret"]

    async def create_staff(self, name: str, email: str, employer: str, *roles: str) -> str:
        grants = [{"role": role, "employer_code": employer} for role in roles]
        return (await self.post("/v1/staff", {"name": name, "email": email, "grants": grants}))["id"]

    async def move_clock(self, **move: str) -> dict[str, Any]:
        """Move the business clock and wait until everything that fell due is done."""
        moved = await self.post("/dev/clock", move)
        if not moved["is_settled"]:
            raise Refused(f"the region did not come to rest: {moved['backlog']}")
        return moved


def csrf_of(page: httpx.Response) -> str:
    found = CSRF_FIELD.search(page.text)
    if found is None:
        raise Refused(f"no form on {page.request.url.path} ({page.status_code})")
    return found[1] or found[2]


@dataclass
class System:
    """A council's recruitment system or a job board: client credentials, and one token per service."""

    urls: Mapping[Service, str]
    client_id: str
    secret: str
    http: httpx.AsyncClient
    _tokens: dict[Service, tuple[str, float]] = field(default_factory=dict)

    async def token(self, service: Service) -> str:
        held = self._tokens.get(service)
        if held and held[1] > time.monotonic():
            return held[0]
        answered = await answer_of(
            await self.http.post(
                f"{self.urls[Service.ATS]}/oauth/token",
                data={"grant_type": "client_credentials", "resource": service.value},
                auth=(self.client_id, self.secret),
            )
        )
        self._tokens[service] = (answered["access_token"], time.monotonic() + TOKEN_LIFE_SECONDS)
        return answered["access_token"]

    async def get(self, service: Service, path: str, *, reader: str | None = None, **query: Any) -> Any:
        """`reader` is the member of staff who opens it, where that has to be known."""
        headers = {"Authorization": f"Bearer {await self.token(service)}"}
        if reader is not None:
            headers["On-Behalf-Of"] = reader
        return await answer_of(await self.http.get(self.urls[service] + path, params=query, headers=headers))

    async def post(
        self, service: Service, path: str, body: Mapping[str, Any] | None = None, *, decider: str | None = None
    ) -> dict[str, Any]:
        """Send a change with an Idempotency-Key; `decider` is the member of staff whose decision it records."""
        headers = {"Authorization": f"Bearer {await self.token(service)}", "Idempotency-Key": uuid4().hex}
        if decider is not None:
            headers["On-Behalf-Of"] = decider
        return await answer_of(await self.http.post(self.urls[service] + path, json=body, headers=headers))


@dataclass
class LinkHolder:
    """A candidate or a displaced employee who came by the link in a mail."""

    url: str
    http: httpx.AsyncClient
    bearer: str

    @classmethod
    async def open(cls, url: str, http: httpx.AsyncClient, token: str) -> LinkHolder:
        opened = await answer_of(await http.post(f"{url}/v1/link-sessions", json={"token": token}))
        return cls(url, http, opened["access_token"])

    async def get(self, path: str) -> dict[str, Any]:
        return await answer_of(await self.http.get(self.url + path, headers=self._headers()))

    async def get_list(self, path: str) -> list[dict[str, Any]]:
        """A short list of one's own, which has no pages."""
        response = await self.http.get(self.url + path, headers=self._headers())
        if response.is_error:
            raise Refused(f"GET {path}: {response.status_code} {response.text}")
        return response.json()

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return await answer_of(await self.http.post(self.url + path, json=body, headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}", "Idempotency-Key": uuid4().hex}


@dataclass(frozen=True, slots=True)
class Mail:
    """One message that really arrived. `arrived_at` is the system time of its file in seconds."""

    to: str
    subject: str
    text: str
    arrived_at: float

    @property
    def link_token(self) -> str | None:
        found = LINK.search(self.text)
        return found[1] if found else None


class Postbox:
    """Everything the mail catcher took in, read once each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self.by_address: dict[str, list[Mail]] = {}
        self.count = 0

    def collect(self) -> list[Mail]:
        """Read what has come since the last time."""
        fresh = []
        for path in sorted(self._folder.glob("*.eml")):
            if path.name in self._seen:
                continue
            self._seen.add(path.name)
            mail = _read(path)
            self.by_address.setdefault(mail.to, []).append(mail)
            fresh.append(mail)
        self.count += len(fresh)
        return fresh

    def latest(self, address: str, words: str) -> Mail | None:
        """The newest message to `address` whose subject or text holds `words`."""
        found = [m for m in self.by_address.get(address.lower(), ()) if words in m.subject or words in m.text]
        return found[-1] if found else None

    async def wait_for(self, words: str, *, to: str, within_seconds: float) -> Mail | None:
        """The first new message to an address that ends in `to` and speaks of `words`."""
        until = time.monotonic() + within_seconds
        while time.monotonic() < until:
            for mail in self.collect():
                if mail.to.endswith(to) and (words in mail.subject or words in mail.text):
                    return mail
            await asyncio.sleep(0.005)
        return None


def _read(path: Path) -> Mail:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return Mail(parseaddr(str(message["To"]))[1].lower(), str(message["Subject"]), text, path.stat().st_mtime)
