"""One e-mail as the bytes that go over the wire. Line breaks in a header and addresses that are none are refused."""

from __future__ import annotations

import re
from binascii import b2a_qp
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr, parseaddr
from uuid import UUID

_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_POLICY = compat32.clone(linesep="\r\n")
MAX_ADDRESS = 254
# A header line may hold 998 characters at most.
MAX_NAME = 200


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


def compose(mail: Mail, sender: Sender) -> bytes:
    """Text and HTML of one message with its headers. Raises AddressUnusable or HeaderRefused.

    Written with the older half of the `email` package: its newer half parses each header that it writes, which costs
    three times as much as all the rest. So what must not be in a header is refused here, before anything is written.
    """
    address = usable_address(mail.to_address)
    if _CONTROL.search(mail.subject) or _CONTROL.search(mail.to_name):
        raise HeaderRefused("a header holds a line break or a control character")
    message = MIMEMultipart("alternative", policy=_POLICY)
    message["From"] = _mailbox(sender.name, sender.address)
    message["To"] = _mailbox(mail.to_name[:MAX_NAME], address)
    message["Subject"] = _words(mail.subject, "Subject")
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = message_id(mail.id, sender)
    # RFC 3834: no holiday notes, please.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.attach(_part("plain", mail.text))
    message.attach(_part("html", mail.html))
    return message.as_bytes()


def _mailbox(name: str, address: str) -> str:
    return formataddr((name, address)) if name.isascii() else f"{_words(name, 'To')} <{address}>"


def _words(text: str, header: str) -> str:
    """Text as a header carries it: encoded where it is not ASCII, folded where it is long."""
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name=header).encode()


def _part(subtype: str, text: str) -> MIMENonMultipart:
    """Quoted-printable passes every server: seven bits and short lines."""
    part = MIMENonMultipart("text", subtype, charset="utf-8", policy=_POLICY)
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.encode(), istext=True).decode())
    return part
