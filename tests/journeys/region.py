"""The actors of a whole region, set up as an administrator would: systems and staff for each of the 33 councils."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import httpx

from shared.embedded.stack import Stack
from shared.reference.employers import councils
from shared.vocabulary import Role, Scope, Service
from tests.journeys.actors import PATIENCE, Administrator, Postbox, System

T = TypeVar("T")
AT_ONCE = 8
ANSWER_SECONDS = 30.0
COUNTED = ("recorded", "letters", "acknowledged", "unanswered", "republished", "dead")
ROOT = Path(__file__).parents[2]
ADMINISTRATOR = "administrator@wme.example"

COUNCIL_SYSTEM = (
    Scope.VACANCIES_READ,
    Scope.VACANCIES_WRITE,
    Scope.VACANCIES_ATTEST,
    Scope.MILESTONES_WRITE,
    Scope.APPLICATIONS_READ,
    Scope.APPLICATIONS_WRITE,
    Scope.CLEARING_READ,
    Scope.CLEARING_WRITE,
    Scope.REPORTS_READ,
)
BOARD = (Scope.JOBS_APPLY,)
OBSERVER = (Scope.VACANCIES_READ, Scope.APPLICATIONS_READ, Scope.CLEARING_READ, Scope.REPORTS_READ)


@dataclass
class CouncilActors:
    """One council's system and the people in whose names it records decisions (staff ids)."""

    code: str
    system: System
    manager: str
    approver: str
    hr: str


@dataclass
class Region:
    urls: Mapping[Service, str]
    http: httpx.AsyncClient
    admin: Administrator
    board: System
    observer: System
    postbox: Postbox
    password: str = ""
    by_council: dict[str, CouncilActors] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @classmethod
    async def prepare(cls, stack: Stack) -> Region:
        """Sign in as WME's administrator and give every council its system and its staff."""
        urls = {service: stack.base_url(service.value) for service in Service}
        http = httpx.AsyncClient(timeout=PATIENCE, limits=httpx.Limits(max_connections=AT_ONCE * 2))
        password = make_administrator(stack)
        admin = await Administrator.sign_in(urls[Service.ATS], ADMINISTRATOR, password)
        board = System(urls, *await admin.create_system("Job board", BOARD, is_region=True), http)
        observer = System(urls, *await admin.create_system("WME", OBSERVER, is_region=True), http)
        region = cls(urls, http, admin, board, observer, Postbox(stack.mail_folder), password)
        made = await in_parallel(region.equip, [council.code for council in councils()])
        region.by_council = {each.code: each for each in made}
        return region

    async def equip(self, code: str) -> CouncilActors:
        low = code.lower()
        client = await self.admin.create_system(f"{code} recruitment system", COUNCIL_SYSTEM, [code])
        make = self.admin.create_staff
        return CouncilActors(
            code=code,
            system=System(self.urls, *client, self.http),
            manager=await make(f"Manager {code}", f"manager@{low}.example", code, Role.HIRING_MANAGER, Role.RECRUITER),
            approver=await make(f"Approver {code}", f"approver@{low}.example", code, Role.APPROVER),
            hr=await make(f"HR {code}", f"hr@{low}.example", code, Role.COUNCIL_HR),
        )

    async def advance(self, by: timedelta) -> None:
        moved = await self.admin.move_clock(advance=f"PT{int(by.total_seconds())}S")
        self.now = datetime.fromisoformat(moved["now"])
        self.postbox.collect()

    async def advance_to(self, instant: datetime) -> None:
        moved = await self.admin.move_clock(now=instant.isoformat())
        self.now = datetime.fromisoformat(moved["now"])
        self.postbox.collect()

    async def all_of(self, service: Service, path: str, **query: Any) -> list[dict[str, Any]]:
        """Every item of a list, page by page, as the region's observer."""
        items: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            asked = {**query, "limit": 200} | ({"cursor": cursor} if cursor else {})
            page = await self.observer.get(service, path, **asked)
            items += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return items

    async def event_figures(self) -> dict[str, int]:
        """Sums over the three services, read again until every letter is answered or ANSWER_SECONDS are over."""
        until = time.monotonic() + ANSWER_SECONDS
        while True:
            figures = [await self.observer.get(service, "/v1/event-figures") for service in Service]
            sums = {name: sum(each[name] for each in figures) for name in COUNTED}
            if sums["unanswered"] == 0 or time.monotonic() > until:
                return sums
            await asyncio.sleep(0.2)


def make_administrator(stack: Stack) -> str:
    """Give WME's first administrator an account by the command line, as an operator does; returns the password."""
    password = secrets.token_urlsafe(24)
    command = ["-m", "services.ats.identity.cli", "staff", "--name", "WME administrator", "--email", ADMINISTRATOR]
    subprocess.run(
        [sys.executable, *command, "--role", "wme_admin", "--password-stdin"],
        cwd=ROOT,
        env=stack.environment,
        input=password + "\n",
        text=True,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return password


async def in_parallel(work: Callable[[Any], Awaitable[T]], things: Iterable[Any], *, at_once: int = AT_ONCE) -> list[T]:
    """Do `work` for each of `things`, a few at a time; the first failure ends it all."""
    gate = asyncio.Semaphore(at_once)

    async def one(thing: Any) -> T:
        async with gate:
            return await work(thing)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(thing)) for thing in things]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
