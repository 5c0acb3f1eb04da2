"""Where this process's service is reached from outside: what a link in a message begins with.

Commands and due work take a session only, so the address is the process's own, given once at start.
"""

from __future__ import annotations

from shared.settings import Settings


class AddressNotInstalled(Exception):
    """A process made a link before `install(settings)`."""


_installed: list[str] = []


def install(settings: Settings) -> None:
    _installed[:] = [settings.public_url]


def public_url() -> str:
    if not _installed:
        raise AddressNotInstalled("call shared.addresses.install(settings) when the process starts")
    return _installed[0]
