"""Which addresses are called from here, whatever somebody typed in and whatever a name resolves to a moment later."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from shared.outward import AddressRefused, Reach, check_address, check_ip, pin, wait_asked_for
from tests.certificates import certificate_for

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
OUTSIDE = "93.184.215.14"
OURS = Reach(own_hosts=frozenset({"ats.example"}))

INSIDE = """127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 240.0.0.1
255.255.255.255 198.18.0.1 192.0.2.1 192.88.99.1 ::1 :: fe80::1%eth0 fc00::1 fec0::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
::127.0.0.1 ::a00:1 64:ff9b::7f00:1 64:ff9b:1::a00:1 2002:7f00:1:: 2002:a9fe:a9fe:: ff02::1 2001:0:7f00:1::
2001:db8::1 fd00:ec2::254 100::1"""


@pytest.mark.parametrize("ip", INSIDE.split())
def test_no_inner_address_is_called_in_production(ip: str) -> None:
    with pytest.raises(AddressRefused):
        check_ip(ip, Reach())


@pytest.mark.parametrize("ip", ["169.254.169.254", "10.0.0.1", "192.168.1.1", "fe80::1"])
def test_an_embedded_system_calls_itself_and_nothing_else_inside(ip: str) -> None:
    with pytest.raises(AddressRefused):
        check_ip(ip, Reach(is_embedded=True))
    check_ip("127.0.0.1", Reach(is_embedded=True))
    check_ip("::1", Reach(is_embedded=True))


def test_the_public_internet_is_called() -> None:
    for ip in (OUTSIDE, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
        check_ip(ip, Reach())


@pytest.mark.parametrize(
    "url",
    """http://vendor.example/f https://vendor.example:8443/f https://me:word@vendor.example/f https://ATS.example./f
    https://me@vendor.example/f file:///etc/passwd //vendor.example/f https:// https://[::1 data:text/xml,x
    gopher://vendor.example/ https://vendor.example:22/""".split(),
)
def test_an_address_in_production_is_https_on_its_own_port_and_not_ours(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(url, OURS)
    check_address("https://vendor.example/f?key=1", OURS)


@pytest.mark.parametrize(
    "host",
    """127.0.0.1 127.0.0.1. 127.1 2130706433 0x7f000001 0177.0.0.1 0x7f.1 017700000001 10.0.0.7 169.254.169.254
    2852039166 [::1] [::ffff:169.254.169.254] [64:ff9b::a9fe:a9fe] [2002:a9fe:a9fe::] [fe80::1]""".split(),
)
def test_an_inner_address_is_refused_in_every_spelling_before_anything_is_asked(host: str) -> None:
    with pytest.raises(AddressRefused):
        check_address(f"https://{host}/hook", Reach())


def resolving_to(*answers: Sequence[str]) -> Reach:
    """A resolver of ours: the first answer first, and from then on the last."""
    left = list(answers)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return Reach(resolve=resolve)


@pytest.mark.parametrize(
    "found",
    [
        ("127.0.0.1",),
        ("169.254.169.254",),
        ("::ffff:10.0.0.1",),
        (OUTSIDE, "10.0.0.1"),  # one good address does not excuse a bad one: the next call could take it
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::1"),
    ],
)
async def test_a_name_that_leads_inside_is_refused(found: tuple[str, ...]) -> None:
    for host in ("inner.council.example", "localhost", "localhost."):
        with pytest.raises(AddressRefused, match="inner address"):
            await pin(f"https://{host}/hook", resolving_to(found))


async def test_the_connection_goes_to_what_was_looked_at_under_the_name_that_was_asked_for() -> None:
    """Rebinding: the name is asked for once, so what it says a moment later is never connected to."""
    reach = resolving_to((OUTSIDE,), ("127.0.0.1",))
    pinned = await pin("https://hooks.council.example/in?key=1", reach)
    assert str(pinned.url) == f"https://{OUTSIDE}/in?key=1"
    assert pinned.headers["Host"] == "hooks.council.example"
    assert pinned.extensions["sni_hostname"] == "hooks.council.example"
    with pytest.raises(AddressRefused, match="inner address"):
        await pin("https://hooks.council.example/in?key=1", reach)


@asynccontextmanager
async def tls_server(folder: Path, name: str) -> AsyncGenerator[tuple[int, ssl.SSLContext, list[str]]]:
    """A server with a certificate for `name`. Gives its port, a context that trusts it, and the heads it is sent."""
    heads: list[str] = []
    files = certificate_for(name, folder)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(*files)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=served)
    try:
        yield server.sockets[0].getsockname()[1], ssl.create_default_context(cafile=str(files[0])), heads
    finally:
        server.close()


async def call(url: str, trust: ssl.SSLContext) -> int:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    pinned = await pin(url, Reach(is_embedded=True, resolve=resolve))
    async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
        request = client.build_request(
            "GET", pinned.url, headers=dict(pinned.headers), extensions=dict(pinned.extensions)
        )
        return (await client.send(request)).status_code


async def test_the_certificate_is_the_names_and_not_the_addresss(tmp_path: Path) -> None:
    async with tls_server(tmp_path, "hooks.council.example") as (port, trust, heads):
        assert await call(f"https://hooks.council.example:{port}/in", trust) == 204
        assert f"Host: hooks.council.example:{port}\r\n" in heads[0]
        with pytest.raises(httpx.ConnectError, match="certificate"):
            await call(f"https://another.example:{port}/in", trust)


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    assert wait_asked_for("Mon, 16 Nov 2026 09:02:00 GMT", NOW) == timedelta(minutes=2)
    assert wait_asked_for("Mon, 16 Nov 2020 09:02:00 GMT", NOW) == timedelta(0)
    assert [wait_asked_for(each, NOW) for each in (None, "soon", "-5", "")] == [None] * 4
    assert wait_asked_for("9" * 40, NOW) is not None
