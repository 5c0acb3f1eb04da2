"""Getting a document from an address that somebody typed in, within limits.

Each address on the way, redirects too, is looked at before it is called (`shared.outward`).
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import BinaryIO

import httpx

from services.ats.polled_feeds.reading import FeedNotRead
from shared.outward import MAX_BYTES, AddressRefused, Reach, pin, wait_asked_for

SILENCE_SECONDS = 10.0
MAX_REDIRECTS = 3
CHUNK = 65_536
LONGEST_HEADER = 300
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOT_READ = (FeedNotRead, AddressRefused)
"""Why a feed was not read."""


class FeedAway(FeedNotRead):
    code = "feed_away"
    title = "The feed's server cannot be reached, or did not answer in time"


class FeedRefused(FeedNotRead):
    """`wait` is what the server asked for by Retry-After."""

    code = "feed_refused"
    title = "The feed's server did not give the feed"
    wait: timedelta | None = None


class FeedTooLarge(FeedNotRead):
    code = "feed_too_large"
    title = f"A feed has at most {MAX_BYTES // 1024 // 1024} MB, unpacked"


class FeedBrokenOff(FeedNotRead):
    code = "feed_broken_off"
    title = "The feed ended before it was whole"


@dataclass(frozen=True, slots=True)
class Fetched:
    """`body` is None where nothing changed since the last good read."""

    body: BinaryIO | None
    etag: str | None = None
    last_modified: str | None = None


@asynccontextmanager
async def fetched(
    url: str, reach: Reach, *, etag: str | None = None, last_modified: str | None = None, now: datetime
) -> AsyncGenerator[Fetched]:
    """The document at the address, in a file without a name. Raises FeedNotRead, AddressRefused."""
    headers = {"Accept-Encoding": "gzip", "User-Agent": "west-midlands-recruitment-feeds/1"}
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": last_modified} if last_modified else {}
    with TemporaryFile() as file:
        try:
            async with asyncio.timeout(reach.seconds):
                found = await _follow(url, reach, headers, file, now)
        except (httpx.RemoteProtocolError, httpx.ReadError, zlib.error):
            raise FeedBrokenOff from None
        except (httpx.HTTPError, TimeoutError, OSError, ssl.SSLError):
            raise FeedAway from None
        file.seek(0)
        yield found


async def _follow(url: str, reach: Reach, headers: dict[str, str], file: BinaryIO, now: datetime) -> Fetched:
    limits = httpx.Timeout(SILENCE_SECONDS)
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=limits) as client:
        for _ in range(MAX_REDIRECTS + 1):
            request = await _request(client, url, reach, headers)
            try:
                answer = await client.send(request, stream=True)
            except httpx.RemoteProtocolError:
                raise FeedRefused("Its answer does not keep to HTTP, or leads on to what is no address.") from None
            try:
                if answer.status_code in REDIRECTS and "location" in answer.headers:
                    url = _led_on(url, answer.headers["location"])
                    continue
                return await _take(answer, reach, file, now)
            finally:
                await answer.aclose()
    raise FeedRefused(f"It leads on more than {MAX_REDIRECTS} times.")


def _led_on(url: str, location: str) -> str:
    try:
        return str(httpx.URL(url).join(location))
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused("It leads on to what is no address.", field="url") from None


async def _request(client: httpx.AsyncClient, url: str, reach: Reach, headers: dict[str, str]) -> httpx.Request:
    pinned = await pin(url, reach)
    return client.build_request(
        "GET", pinned.url, headers=headers | dict(pinned.headers), extensions=dict(pinned.extensions)
    )


async def _take(answer: httpx.Response, reach: Reach, file: BinaryIO, now: datetime) -> Fetched:
    if answer.status_code == httpx.codes.NOT_MODIFIED:
        return Fetched(None)
    if answer.status_code != httpx.codes.OK:
        refusal = FeedRefused(f"It answered {answer.status_code}.", answer=answer.status_code)
        refusal.wait = wait_asked_for(answer.headers.get("retry-after"), now)
        raise refusal
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise FeedRefused("It is packed in a way that was not asked for.")
    unpack = None if encoding == "identity" else zlib.decompressobj(16 + zlib.MAX_WBITS)
    size = 0
    async for chunk in answer.aiter_raw(CHUNK):
        rest = chunk
        while rest:
            # A little at a time: a few bytes can unpack to gigabytes.
            part = rest if unpack is None else unpack.decompress(rest, CHUNK)
            rest = b"" if unpack is None else unpack.unconsumed_tail
            size += len(part)
            if size > reach.max_bytes:
                raise FeedTooLarge
            file.write(part)
    if unpack is not None and not unpack.eof:
        raise FeedBrokenOff
    return Fetched(file, _sent_back(answer.headers.get("etag")), _sent_back(answer.headers.get("last-modified")))


def _sent_back(header: str | None) -> str | None:
    """What can be sent as it came, to ask whether anything has changed."""
    is_plain = header is not None and header.isascii() and header.isprintable() and len(header) <= LONGEST_HEADER
    return header if is_plain else None
