"""Calling an address that somebody typed in: it must not lead to what only we can reach.

The name is resolved once for each call, every address that it has is looked at, and the connection goes to one of
those: a name that resolves to another address a moment later gains nothing. Certificate and `Host` stay the name's.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from shared.errors import Invalid
from shared.settings import Settings

HTTPS_PORT = 443
HTTP_PORT = 80
MAX_BYTES = 32 * 1024 * 1024
TOTAL_SECONDS = 60.0
# IPv6 addresses that hold an IPv4 one, which a gateway may lead anywhere; and the way to 6to4's gateways.
LED_ELSEWHERE = tuple(
    ipaddress.ip_network(each) for each in ("64:ff9b::/96", "2002::/16", "2001::/32", "fec0::/10", "192.88.99.0/24")
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, as text. Raises OSError where there are none."""


class AddressRefused(Invalid):
    code = "address_refused"
    title = "This address is not one that is called from here"


async def ask_resolver(host: str, port: int) -> Sequence[str]:
    """As this machine resolves names."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


@dataclass(frozen=True, slots=True)
class Reach:
    """Where and how much: `is_embedded` lets this machine itself be called, by http too, and no other inner address.

    At most `max_bytes` of an answer are taken, unpacked, within `seconds` of the first step.
    """

    is_embedded: bool = False
    own_hosts: frozenset[str] = frozenset()
    max_bytes: int = MAX_BYTES
    seconds: float = TOTAL_SECONDS
    resolve: Resolve = ask_resolver

    @classmethod
    def of(cls, settings: Settings, *, max_bytes: int = MAX_BYTES, seconds: float = TOTAL_SECONDS) -> Reach:
        own = frozenset(urlsplit(each).hostname or "" for each in settings.public_urls.values())
        return cls(settings.is_embedded, frozenset() if settings.is_embedded else own, max_bytes, seconds)


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a request needs, to go to the address that was looked at under the name that was asked for."""

    url: httpx.URL
    headers: Mapping[str, str]
    extensions: Mapping[str, Any]


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
    host = address.host.rstrip(".").lower()
    if host in reach.own_hosts:
        raise AddressRefused("It is one of ours.", field="url")
    if (written := _ip_as_written(host)) is not None:
        check_ip(written, reach)
    return address


def check_ip(text: str, reach: Reach) -> None:
    """Raises AddressRefused for what is not on the public internet."""
    found = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found
    if reach.is_embedded and found.is_loopback:
        return
    is_elsewhere = any(found in network for network in LED_ELSEWHERE if network.version == found.version)
    if is_elsewhere or found.is_multicast or found.is_reserved or not found.is_global:
        raise AddressRefused("It leads to an inner address.", field="url")


async def pin(url: str, reach: Reach) -> Pinned:
    """Look at the address and at all that its name resolves to now. Raises AddressRefused, OSError."""
    address = check_address(url, reach)
    port = address.port or (HTTPS_PORT if address.scheme == "https" else HTTP_PORT)
    try:
        ips = await reach.resolve(address.host, port)
    except UnicodeError:
        raise AddressRefused("Its host is no name.", field="url") from None
    for ip in ips:
        check_ip(ip, reach)
    return Pinned(
        address.copy_with(host=ips[0]),
        {"Host": address.netloc.decode("ascii")},
        {"sni_hostname": address.host},
    )


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


def _ip_as_written(host: str) -> str | None:
    """An address in any of the ways that resolvers take one: dotted, as one number, octal, hexadecimal."""
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
