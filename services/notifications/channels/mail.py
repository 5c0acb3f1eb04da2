"""One e-mail as the bytes that go over the wire. Line breaks in a header and addresses that are none are refused."""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from uuid import UUID

from shared.calendar_files import FILE_NAME, MEDIA_TYPE, CalendarEntry, calendar_file, method_of

_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,255}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
MAX_ADDRESS = 254
# A header line may hold 998 characters at most.
MAX_NAME = 200
# Beside the longest header's name this stays below the 78 that a line should not pass.
SHORT_LINE = 66


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
    unsubscribe_url: str | None = field(default=None, repr=False)
    # Goes with it as a file, for the reader's calendar.
    calendar: CalendarEntry | None = field(default=None, repr=False)


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
    """Text and HTML of one message with its headers and its file. Raises AddressUnusable or HeaderRefused.

    Written line by line: the `email` package parses and folds each header that it writes, which costs several times as
    much as all else that is done for a message. So what must not be in a header is refused before anything is written.
    """
    address = usable_address(mail.to_address)
    if any(_CONTROL.search(each) for each in (mail.subject, mail.to_name, mail.unsubscribe_url or "")):
        raise HeaderRefused("a header holds a line break or a control character")
    # No quoted-printable text and no base64 holds "=_", so no part can hold a boundary.
    boundary = f"=_{mail.id.hex}"
    headers = {
        "From": _mailbox(sender.name, sender.address),
        "To": _mailbox(mail.to_name[:MAX_NAME], address),
        "Subject": _words(mail.subject, "Subject"),
        "Date": format_datetime(mail.sent_at),
        "Message-ID": message_id(mail.id, sender),
        # RFC 3834: no holiday notes, please.
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "MIME-Version": "1.0",
    }
    if mail.unsubscribe_url:
        # RFC 8058: one click in the reader's own mail program is enough.
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = _several("alternative", boundary, (_part("plain", mail.text), _part("html", mail.html)))
    if mail.calendar is not None:
        body = _several("mixed", f"=_file{mail.id.hex}", (body, _calendar_part(mail.calendar, sender.address, address)))
    return f"{head}{body}".encode("ascii")


def _mailbox(name: str, address: str) -> str:
    return formataddr((name, address)) if _is_plain(name) else f"{_words(name, 'To')} <{address}>"


def _words(text: str, header: str) -> str:
    """Text as a header carries it: encoded where it is not ASCII, folded where it is long."""
    if _is_plain(text) and len(text) < SHORT_LINE:
        return text
    charset = "us-ascii" if _is_plain(text) else "utf-8"
    return Header(text, charset, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    """ASCII, and nothing that a reader would decode."""
    return text.isascii() and "=?" not in text


def _several(subtype: str, boundary: str, parts: Sequence[str]) -> str:
    """Parts between boundaries, from their header on."""
    within = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n{within}--{boundary}--\r\n'


def _calendar_part(entry: CalendarEntry, organiser: str, attendee: str) -> str:
    """A file that mail programs offer to put into the calendar, or to take out of it (RFC 6047)."""
    encoded = encodebytes(calendar_file(entry, organiser=organiser, attendee=attendee)).decode().replace("\n", "\r\n")
    method = method_of(entry, is_sent=True)
    return (
        f'Content-Type: {MEDIA_TYPE}; charset="utf-8"; method={method};\r\n name="{FILE_NAME}"\r\n'
        f'Content-Disposition: attachment; filename="{FILE_NAME}"\r\n'
        f"Content-Transfer-Encoding: base64\r\n\r\n{encoded}"
    )


def _part(subtype: str, text: str) -> str:
    """Quoted-printable passes every server: seven bits and short lines."""
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
    encoded = b2a_qp(lines.encode(), istext=True).decode()
    return (
        f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}'
    )
