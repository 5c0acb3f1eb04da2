"""A candidate with files, and who looks at them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.ats.documents.quarantine import scan_next
from services.ats.files.desk import DocumentDesk
from services.ats.files.scanning import Scanner
from shared.database import transaction
from shared.embedded.folders import throwaway_folder
from shared.links import issue_link, open_link
from shared.tenancy import REGION
from shared.vocabulary import Scope, Service
from tests.ats.documents.clamd import clamd
from tests.conftest import BUILDERS, Services
from tests.factories import documents as make
from tests.factories.ats import Ats


@pytest.fixture(scope="module")
def scanner_url() -> Iterator[str]:
    with throwaway_folder() as folder, clamd(folder) as url:
        yield url


@dataclass
class Files:
    """What a candidate does with documents, over HTTP."""

    council: Ats
    desk: DocumentDesk
    candidate: dict[str, Any]
    own: dict[str, str]
    vacancy: dict[str, Any]

    async def send(
        self, content: bytes, name: str = "", headers: dict[str, str] | None = None, **query: Any
    ) -> httpx.Response:
        files = {"file": (name or "document", content, "application/octet-stream")}
        return await self.council.client.post("/v1/documents", params=query, files=files, headers=headers or self.own)

    async def sent(self, content: bytes | None = None, name: str = "CV.pdf") -> dict[str, Any]:
        answer = await self.send(make.pdf() if content is None else content, name)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def listed(self) -> list[dict[str, Any]]:
        answer = await self.council.client.get("/v1/documents", headers=self.own)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def scan(self, scanner: Scanner | None = None) -> bool:
        desk = self.desk if scanner is None else replace(self.desk, scanner=scanner)
        return await scan_next(self.council.services.sessions[Service.ATS], desk, now=self.council.now)

    async def download(self, document: dict[str, Any]) -> httpx.Response:
        return await self.council.client.get(f"/v1/my/documents/{document['id']}/content", headers=self.own)

    def staff(self) -> dict[str, str]:
        return self.council.headers(Scope.APPLICATIONS_READ)

    async def stored(self, key: str) -> bytes:
        assert self.desk.store is not None
        return await self.desk.store.get(key)


async def by_link(council: Ats, candidate: dict[str, Any]) -> dict[str, str]:
    """The headers of a candidate who opened their link."""
    async with transaction(council.services.sessions[Service.ATS], REGION) as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=UUID(candidate["id"]),
            employer_id=None,
            expires_at=council.now.replace(year=2030),
        )
        opened = await open_link(session, token, now=council.now)
    return {"Authorization": f"Bearer {opened.token}"}


async def files_of(council: Ats, desk: DocumentDesk, vacancy: dict[str, Any] | None = None, **candidate: Any) -> Files:
    vacancy = vacancy or await council.live()
    applied = await council.apply(vacancy, **candidate)
    return Files(council, desk, applied, await by_link(council, applied), vacancy)


@pytest.fixture
async def files(world: Services, council: Ats) -> Files:
    """In development: without a scanner."""
    return await files_of(council, world.app(Service.ATS).state.documents)


@pytest.fixture
async def scanned(world: Services, scanner_url: str) -> AsyncIterator[Files]:
    """In an installation with a scanner."""
    app = BUILDERS[Service.ATS](world.settings(Service.ATS).model_copy(update={"clamav_url": scanner_url}))
    async with world.client(Service.ATS, app) as client:
        yield await files_of(Ats(world, client), app.state.documents)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """For sockets, whose addresses are short."""
    with throwaway_folder() as folder:
        yield folder
