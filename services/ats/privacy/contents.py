"""What the documents of a person hold: added to their export when it is fetched, deleted once an erasure stands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Annotated
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile

import structlog
from fastapi import BackgroundTasks, Depends
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.documents.rules import DocumentMalicious, DocumentNotScanned, refuse_quarantined
from services.ats.documents.uploads import DeskDep
from services.ats.files.desk import DocumentDesk
from services.ats.files.models import Document
from services.ats.files.storage import ContentMissing, ContentStore, StoreAway

log = structlog.get_logger()
FOLDER = "documents"
GONE = "It is not there any more"


@dataclass(frozen=True, slots=True)
class ErasedContents:
    """Names in the store of what an erasure leaves to nobody."""

    keys: list[str] = field(default_factory=list)

    async def note(self, session: AsyncSession, condition: ColumnElement[bool]) -> None:
        """Those of the documents that are about to be erased."""
        for row in await session.execute(select(Document.storage_key, Document.copy_key).where(condition)):
            self.keys.extend(key for key in row if key is not None)


async def erased_contents(desk: DeskDep, later: BackgroundTasks) -> ErasedContents:
    """They are deleted after the answer, and so never where the erasure itself was not committed."""
    erased = ErasedContents()
    if desk.store is not None:
        later.add_task(delete_contents, desk.store, erased.keys)
    return erased


Erased = Annotated[ErasedContents, Depends(erased_contents)]


async def delete_contents(store: ContentStore, keys: Sequence[str]) -> None:
    """What cannot be deleted now, the sweep of the store deletes."""
    for key in keys:
        try:
            await store.delete(key)
        except StoreAway:
            log.warning("erased_content_not_deleted")
            return


async def with_documents(session: AsyncSession, desk: DocumentDesk, body: bytes) -> bytes:
    """An export with the documents that it lists. Nothing leaves quarantine by it: what is left out is said.

    Raises StoreAway, and then the export is still there to be fetched.
    """
    with ZipFile(BytesIO(body)) as archive:
        listed = json.loads(archive.read("data.json")).get("ats", {}).get("documents", [])
    if not listed:
        return body
    query = select(Document).where(Document.id.in_([UUID(each["id"]) for each in listed]))
    made = BytesIO()
    made.write(body)
    missing = []
    # Not packed: most are by what they are, and packing them again would hold up other requests.
    with ZipFile(made, "a", ZIP_STORED) as archive:
        for number, each in enumerate(await session.scalars(query.order_by(Document.stored_at, Document.id)), start=1):
            content, why = await _content(desk, each)
            if content is None:
                missing.append(f"{each.file_name}: {why}.\n")
            else:
                archive.writestr(f"{FOLDER}/{number:02}-{each.file_name}", content)
        if missing:
            archive.writestr(f"{FOLDER}/left-out.txt", "".join(missing))
    return made.getvalue()


async def _content(desk: DocumentDesk, document: Document) -> tuple[bytes | None, str]:
    """Or why there is none. Raises StoreAway."""
    try:
        refuse_quarantined(document, lets_unscanned_out=desk.lets_unscanned_out)
    except (DocumentNotScanned, DocumentMalicious) as refused:
        return None, refused.title
    if desk.store is None:
        return None, GONE
    try:
        return await desk.store.get(document.storage_key), ""
    except ContentMissing:
        return None, GONE
