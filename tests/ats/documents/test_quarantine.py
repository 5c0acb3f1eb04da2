"""Documents stay in quarantine until a scanner has said that they are clean."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from services.ats.documents.quarantine import NOBODYS_AFTER, pause_after, sweep
from services.ats.files.models import Document
from services.ats.files.scanning import Scanner, ScannerAway
from services.ats.files.storage import ContentMissing
from shared.events.applications import DocumentRefused
from shared.vocabulary import Scope, Service
from tests.ats.documents.clamd import (
    EICAR,
    HARMFUL,
    STREAM_LIMIT,
    Conversation,
    answering,
    dies_in_the_middle,
    says,
    says_nothing,
)
from tests.ats.documents.conftest import Files
from tests.factories import documents as make
from tests.factories.identity import mailed

BAD_SCANNERS: dict[str, Conversation] = {
    "slow": says_nothing,
    "dying in the middle": dies_in_the_middle,
    "talking nonsense": says(b"what?\0"),
    "never ending its answer": says(b"stream: OK" * 1000),
    "answering of something else": says(b"stream: OK and more\0"),
    "at its limit": says(b"INSTREAM size limit exceeded. ERROR\0"),
    "hanging up": says(b""),
}


async def row(files: Files, document: dict[str, Any]) -> Document:
    async with files.council.region() as session:
        found = await session.get(Document, UUID(document["id"]))
    assert found is not None
    return found


async def make_due(files: Files) -> None:
    async with files.council.region() as session:
        await session.execute(update(Document).values(next_scan_at=func.clock_timestamp()))


async def test_a_real_scanner_lets_a_clean_document_out_and_nothing_leaves_before(scanned: Files) -> None:
    document = await scanned.sent()
    assert document["state"] == "pending"
    early = await scanned.download(document)
    assert (early.status_code, early.json()["code"]) == (409, "document_not_scanned")
    assert await scanned.scan()
    assert [each["state"] for each in await scanned.listed()] == ["clean"]
    assert (await scanned.download(document)).status_code == 200
    assert not await scanned.scan()


@pytest.mark.parametrize("content", [b"Words. " + HARMFUL, EICAR], ids=["our own signature", "EICAR"])
async def test_what_a_real_scanner_finds_is_purged_and_its_sender_told(scanned: Files, content: bytes) -> None:
    document = await scanned.sent(content, "notes.txt")
    key = (await row(scanned, document)).storage_key
    assert await scanned.scan()
    assert [each["state"] for each in await scanned.listed()] == ["malicious"]
    gone = await scanned.download(document)
    assert (gone.status_code, gone.json()["code"]) == (410, "document_malicious")
    with pytest.raises(ContentMissing):
        await scanned.stored(key)
    told = await scanned.council.events(DocumentRefused)
    assert [(each["document_id"], each["is_candidate_hidden"]) for each in told] == [(document["id"], True)]
    assert "notes" not in str(told)
    async with scanned.council.region() as session:
        (letter,) = await mailed(session, DocumentRefused.name)
    assert "/l/" in letter.link
    found = await row(scanned, document)
    assert (found.finding or "").startswith("Ours.")
    assert not await scanned.scan()


async def test_a_real_scanner_finds_what_is_inside_a_container(scanned: Files) -> None:
    await scanned.sent(make.docx(("word/footer1.xml", b"<x>" + HARMFUL + b"</x>")), "CV.docx")
    assert await scanned.scan()
    assert [each["state"] for each in await scanned.listed()] == ["malicious"]


async def test_a_document_over_the_scanners_own_limit_is_never_taken_for_clean(scanned: Files) -> None:
    document = await scanned.sent(b"x" * (STREAM_LIMIT + 1), "long.txt")
    assert await scanned.scan()
    assert [each["state"] for each in await scanned.listed()] == ["unavailable"]
    assert (await scanned.download(document)).status_code == 409


@pytest.mark.parametrize("how", list(BAD_SCANNERS))
async def test_with_a_bad_scanner_a_document_stays_in_quarantine_and_is_tried_again(
    scanned: Files, short_folder: Path, how: str
) -> None:
    document = await scanned.sent()
    async with answering(short_folder / "bad.sock", BAD_SCANNERS[how]) as url:
        assert await scanned.scan(Scanner(url, seconds=0.5))
    found = await row(scanned, document)
    assert (found.state, found.attempts) == ("unavailable", 1)
    assert found.next_scan_at is not None
    assert (await scanned.download(document)).status_code == 409
    assert not await scanned.scan(), "not before its pause is over"
    await make_due(scanned)
    assert await scanned.scan()
    assert [each["state"] for each in await scanned.listed()] == ["clean"]


async def test_a_scanner_that_hangs_up_early_is_heard_all_the_same(short_folder: Path) -> None:
    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"stream: Ours.Early FOUND\0")
        await writer.drain()
        await reader.read(1000)

    async with answering(short_folder / "early.sock", early) as url:
        assert await Scanner(url).scan(b"x") == "Ours.Early"


async def test_a_scanner_that_is_away_gives_no_verdict(short_folder: Path) -> None:
    for url in (f"unix://{short_folder}/nobody.sock", "tcp://127.0.0.1:9"):
        with pytest.raises(ScannerAway):
            await Scanner(url, seconds=1).scan(b"x")


@pytest.mark.parametrize("url", ["http://127.0.0.1", "tcp://", "unix://", "clamd"])
def test_an_address_that_is_no_scanners_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="CLAMAV_URL"):
        Scanner(url)


def test_pauses_grow_up_to_a_quarter_of_an_hour() -> None:
    assert [pause_after(each).total_seconds() for each in (1, 2, 3, 9, 500)] == [5, 10, 20, 900, 900]


async def test_without_a_scanner_documents_come_out_in_development_alone(files: Files) -> None:
    document = await files.sent()
    assert await files.scan()
    assert [each["state"] for each in await files.listed()] == ["unavailable"]
    assert (await files.download(document)).status_code == 200
    object.__setattr__(files.desk, "is_development", False)
    try:
        assert (await files.download(document)).status_code == 409
    finally:
        object.__setattr__(files.desk, "is_development", True)


async def test_a_worker_that_dies_while_it_scans_leaves_the_document_due_again(scanned: Files) -> None:
    document = await scanned.sent()
    async with scanned.council.region() as session:
        taken = Document.id == UUID(document["id"])
        await session.execute(
            update(Document).where(taken).values(next_scan_at=func.clock_timestamp() + timedelta(minutes=3))
        )
    assert not await scanned.scan()
    await make_due(scanned)
    assert await scanned.scan()


async def test_contents_that_no_document_names_are_swept_and_the_others_stay(files: Files) -> None:
    kept, removed = await files.sent(), await files.sent(make.png(), "a.png")
    keys = [(await row(files, each)).storage_key for each in (kept, removed)]
    gone = await files.council.client.delete(f"/v1/documents/{removed['id']}", headers=files.own)
    assert gone.status_code == 204
    sessions, store = files.council.services.sessions[Service.ATS], files.desk.store
    assert store is not None
    assert await sweep(sessions, store, older_than=NOBODYS_AFTER) == 0
    await files.stored(keys[1])
    assert await sweep(sessions, store, older_than=timedelta(seconds=-60)) >= 1
    with pytest.raises(ContentMissing):
        await files.stored(keys[1])
    assert await files.stored(keys[0])


async def test_what_was_sent_ahead_is_forgotten_after_two_days_without_an_application(files: Files) -> None:
    board = files.council.headers(Scope.JOBS_APPLY, employers="region")
    ahead = (await files.send(make.pdf(), headers=board, job_id=files.vacancy["id"])).json()
    sessions, store = files.council.services.sessions[Service.ATS], files.desk.store
    assert store is not None
    for age, left in ((47, 1), (49, 0)):
        async with files.council.region() as session:
            then = func.clock_timestamp() - timedelta(hours=age)
            await session.execute(update(Document).where(Document.id == UUID(ahead["id"])).values(stored_at=then))
        await sweep(sessions, store, older_than=NOBODYS_AFTER)
        async with files.council.region() as session:
            assert await session.scalar(select(func.count()).select_from(Document)) == left
