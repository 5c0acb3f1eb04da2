"""What every message says that only brings somebody a link: it works once, until a certain time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from services.notifications.messages.kinds import NameOf, Variables, WebAddress
from shared.events.base import ContactWithLink


class OneTimeLinkVariables(Variables):
    link: WebAddress
    expires_at: datetime


class Expiring(Protocol):
    """The event behind such a message."""

    @property
    def expires_at(self) -> datetime: ...


def compose_link(event: Expiring, contact: ContactWithLink, _name_of: NameOf) -> OneTimeLinkVariables:
    return OneTimeLinkVariables(name=contact.name, link=contact.link, expires_at=event.expires_at)
