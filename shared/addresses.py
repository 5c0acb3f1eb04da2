"""Where each service is reached from outside: what a link in a message begins with.

Commands and due work take a session only, so the addresses are the process's own, given once at start.
"""

from __future__ import annotations

from shared.settings import Settings
from shared.vocabulary import Service


class AddressesNotInstalled(Exception):
    """A process made a link before `install(settings)`."""


_installed: dict[Service, str] = {}


def install(settings: Settings) -> None:
    _installed.update(settings.public_urls)


def public_url(service: Service) -> str:
    """Without a slash at its end."""
    if service not in _installed:
        raise AddressesNotInstalled("call shared.addresses.install(settings) when the process starts")
    return _installed[service].rstrip("/")
