"""Getting a document from an address that somebody typed in: it must not lead to what only we can reach.

The name is resolved once, every address that it has is looked at, and the connection goes to one of those: a name that
resolves to another address a moment later gains nothing. Each redirect is looked at in the same way.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from tempfile import TemporaryFile
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx

from services.ats.polled_feeds.reading import FeedNotRead
from shared.settings import Settings

MAX_BYTES = 32 * 1024 * 1024
TOTAL_SECONDS = 60.0
SILENCE_SECONDS = 10.0
MAX_REDIRECTS = 3
HTTPS_PORT = 443
CHUNK = 65_536
LONGEST_HEADER = 300
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WRAPPED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))
"""IPv6 addresses that hold an IPv4 one, which a gateway may lead anywhere."""


class AddressRefused(FeedNotRead):
    code = "address_refused"
    title = "This address is not one that is read from here"


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
class Reach:
    """Where and how much: `is_embedded` lets this machine itself be read, by http too, and no other inner address."""

    is_embedded: bool = False
    own_hosts: frozenset[str] = frozenset()
    max_bytes: int = MAX_BYTES
    seconds: float = TOTAL_SECONDS

    @classmethod
    def of(cls, settings: Settings) -> Reach:
        own = frozenset(urlsplit(each).hostname or "" for each in settings.public_urls.values())
        return cls(settings.is_embedded, frozenset() if settings.is_embedded else own)


@dataclass(frozen=True, slots=True)
class Fetched:
    """`body` is None where nothing changed since the last good read."""

    body: BinaryIO | None
    etag: str | None = None
    last_modified: str | None = None


def check_address(url: str, reach: Reach) -> httpx.URL:
    """What can be said without asking for the name. Raises AddressRefused."""
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused("It is not an address.", field="url") from None
    if address.scheme != "https" and not (reach.is_embedded and address.scheme == "http"):
        raise AddressRefused("It is not https.", field="url")
    if not address.host or address.userinfo:
        raise AddressRefused("It has no host, or names a user.", field="url")
    if not reach.is_embedded and (address.port or HTTPS_PORT) != HTTPS_PORT:
        raise AddressRefused("It names another port than 443.", field="url")
    if address.host.rstrip(".").lower() in reach.own_hosts:
        raise AddressRefused("It is one of ours.", field="url")
    return address


def check_ip(text: str, reach: Reach) -> None:
    """Raises AddressRefused for what is not on the public internet."""
    found = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if reach.is_embedded and found.is_loopback:
        return
    is_wrapped = found.version == 6 and any(found in network for network in WRAPPED)
    if is_wrapped or found.is_multicast or not found.is_global:
        raise AddressRefused("It leads to an inner address.", field="url")


@asynccontextmanager
async def fetched(
    url: str, reach: Reach, *, etag: str | None = None, last_modified: str | None = None, now: datetime
) -> AsyncGenerator[Fetched]:
    """The document at the address, in a file without a name. Raises FeedNotRead."""
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
    address = check_address(url, reach)
    port = address.port or (HTTPS_PORT if address.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(address.host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise AddressRefused("Its host is no name.", field="url") from None
    ips = [str(each[4][0]) for each in found]
    for ip in ips:
        check_ip(ip, reach)
    return client.build_request(
        "GET",
        address.copy_with(host=ips[0]),
        headers=headers | {"Host": address.netloc.decode("ascii")},
        extensions={"sni_hostname": address.host},
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


def wait_asked_for(header: str | None, now: datetime) -> timedelta | None:
    """Retry-After, as seconds or as a date."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), 10**9))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), (until if until.tzinfo else until.replace(tzinfo=UTC)) - now)
