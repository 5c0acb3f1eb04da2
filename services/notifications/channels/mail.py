"""One e-mail as the bytes that go over the wire. Line breaks in a header and addresses that are none are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from uuid import UUID

_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Seven-bit content passes every server, with or without 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit")
MAX_ADDRESS = 254


class AddressUnusable(Exception):
    """Not an address that mail can go to. The text never quotes it."""


class HeaderRefused(Exception):
    """A header would hold a line break or a control character. The text never quotes it."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What is said to one address. The repr shows the id only."""

    id: UUID
    to_name: str = field(repr=False)
    to_address: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom our mail comes from: `Council jobs <no-reply@jobs.example>`."""

    name: str
    address: str

    @classmethod
    def parse(cls, value: str) -> Sender:
        """Raises AddressUnusable for what is no mailbox."""
        name, address = parseaddr(value)
        return cls(name, usable_address(address))

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def usable_address(address: str) -> str:
    """The address with its domain in ASCII. Raises AddressUnusable, also for a local part that is not ASCII: too few
    servers carry one.
    """
    stripped = address.strip()
    local, _, domain = stripped.rpartition("@")
    if not _ADDRESS.fullmatch(stripped) or stripped.startswith(("-", ".")) or ".." in stripped or local.endswith("."):
        raise AddressUnusable("not a mail address")
    try:
        ascii_domain = domain.encode("idna").decode()
    except UnicodeError:
        raise AddressUnusable("the domain is not a name") from None
    usable = f"{local}@{ascii_domain}"
    if not usable.isascii() or len(usable) > MAX_ADDRESS:
        raise AddressUnusable("longer than mail allows, or not ASCII")
    return usable


def message_id(mail_id: UUID, sender: Sender) -> str:
    """The same for every attempt, so that a reader's mailbox can tell that two copies are one message."""
    return f"<{mail_id}@{sender.domain}>"


def compose(mail: Mail, sender: Sender) -> EmailMessage:
    """Text and HTML of one message with its headers. Raises AddressUnusable or HeaderRefused."""
    address = usable_address(mail.to_address)
    if _CONTROL.search(mail.subject) or _CONTROL.search(mail.to_name):
        raise HeaderRefused("a header holds a line break or a control character")
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = Address(sender.name, addr_spec=sender.address)
        message["To"] = Address(mail.to_name, addr_spec=address)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.sent_at)
        message["Message-ID"] = message_id(mail.id, sender)
        # RFC 3834: no holiday notes, please.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
    except (MessageError, ValueError, IndexError):
        raise HeaderRefused("a header cannot be written") from None
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message
