"""Where contents lie: a folder, S3 or Azure, by one address. Their names are random and say nothing.

Nothing is encrypted here: that is the store's own business (the disk's, or the bucket's).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from shared.errors import DomainError

PRIVATE = 0o700


class StoreAway(DomainError):
    code = "documents_away"
    status = 503
    title = "Documents cannot be read or kept at the moment"


class ContentMissing(Exception):
    """Nothing lies under this name."""


class ContentStore:
    """Raises StoreAway when the store does not answer."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def at(cls, url: str) -> ContentStore:
        """`file:///folder`, `s3://bucket/prefix` or `az://container/prefix`, with the usual variables of each."""
        parts = urlsplit(url)
        if parts.scheme != "file":
            return cls(from_url(url))
        folder = Path(parts.path)
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        return cls(LocalStore(folder))

    async def put(self, content: bytes) -> str:
        """The name that it was given."""
        key = uuid4().hex
        try:
            await self._store.put_async(key, content)
        except (BaseError, OSError):
            raise StoreAway from None
        return key

    async def get(self, key: str) -> bytes:
        """Raises ContentMissing."""
        try:
            found = await self._store.get_async(key)
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            raise ContentMissing from None
        except (BaseError, OSError):
            raise StoreAway from None

    async def delete(self, key: str) -> None:
        """Also where it is gone already."""
        try:
            await self._store.delete_async(key)
        except FileNotFoundError:
            return
        except (BaseError, OSError):
            raise StoreAway from None

    async def older_than(self, instant: datetime) -> AsyncIterator[list[str]]:
        """The names of contents put before `instant` (the store's clock), a batch at a time."""
        try:
            async for batch in self._store.list():
                yield [str(each["path"]) for each in batch if each["last_modified"] < instant]
        except (BaseError, OSError):
            raise StoreAway from None

    @asynccontextmanager
    async def undone_on_error(self) -> AsyncGenerator[ContentStore]:
        """A way in: where the block raises, what was put by it is deleted again (after a crash it is swept)."""
        noting = _NotingStore(self._store)
        try:
            yield noting
        except BaseException:
            with suppress(StoreAway):
                for key in noting.keys:
                    await self.delete(key)
            raise


class _NotingStore(ContentStore):
    """Keeps the names of what was put."""

    def __init__(self, store: ObjectStore) -> None:
        super().__init__(store)
        self.keys: list[str] = []

    async def put(self, content: bytes) -> str:
        key = await super().put(content)
        self.keys.append(key)
        return key
