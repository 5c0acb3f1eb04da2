"""Reads the stored mails. They may hold anything: a bad header or charset must not keep the others from being seen."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path

from shared.errors import NotFound

# Names sort by arrival: nanoseconds of the system clock, then a random part.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.eml")
_ARRIVED = re.compile(r"(\d{19,20})-")
_LINK = re.compile(r"https?://[^\s<>\"']+")
SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Return-Path", "Delivered-To")


class MailNotFound(NotFound):
    code = "mail_not_found"
    title = "There is no such mail"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One mail in plain words. `received_at` is system time."""

    name: str
    received_at: datetime | None
    to: str
    subject: str
    date: str
    text: str
    html: str | None
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[str, ...]

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_LINK.findall(self.text)))

    def matches(self, recipient: str, words: Sequence[str]) -> bool:
        if recipient and recipient not in self.to.lower():
            return False
        everything = f"{self.to} {self.subject} {self.text}".lower()
        return all(word in everything for word in words)


@dataclass(frozen=True, slots=True)
class Found:
    """`count` is how many fit, `mails` those shown."""

    count: int
    mails: tuple[StoredMail, ...]


class Mailbox:
    """The folder of the catcher. Files are complete when they appear and never change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Newest first."""
        try:
            found = [path.name for path in self._folder.iterdir()]
        except FileNotFoundError:
            return []
        return sorted((name for name in found if _NAME.fullmatch(name)), reverse=True)

    def search(
        self, *, recipient: str = "", words: str = "", after: str = "", offset: int = 0, limit: int = 50
    ) -> Found:
        """Mails to an address that holds `recipient` with all `words`, newest first; `after` is a name seen before."""
        names = [name for name in self.names() if name > after]
        wanted, address = words.lower().split(), recipient.strip().lower()
        if not wanted and not address:
            shown = names[offset : offset + limit]
            return Found(len(names), tuple(self._read_all(shown)))
        fitting = [mail for mail in self._read_all(names) if mail.matches(address, wanted)]
        return Found(len(fitting), tuple(fitting[offset : offset + limit]))

    def read(self, name: str) -> StoredMail:
        """Raises MailNotFound, also for a name that would lead out of the folder."""
        path = self._folder / name
        if not _NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
            raise MailNotFound
        return _read(path)

    def _read_all(self, names: Sequence[str]) -> Iterator[StoredMail]:
        for name in names:
            try:
                yield self.read(name)
            except (MailNotFound, FileNotFoundError):
                continue


@lru_cache(maxsize=20_000)
def _read(path: Path) -> StoredMail:
    message = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=default)
    headers = {name.lower(): value for name, value in _headers(message)}
    arrived = _ARRIVED.match(path.name)
    return StoredMail(
        name=path.name,
        received_at=datetime.fromtimestamp(int(arrived[1]) / 1e9, UTC) if arrived else None,
        to=headers.get("delivered-to") or headers.get("to", ""),
        subject=headers.get("subject", ""),
        date=headers.get("date", ""),
        text=_part(message, "plain") or "",
        html=_part(message, "html"),
        headers=tuple((name, headers[name.lower()]) for name in SHOWN_HEADERS if name.lower() in headers),
        attachments=tuple(_attachments(message)),
    )


def _headers(message: EmailMessage) -> Iterator[tuple[str, str]]:
    for name, raw in message.raw_items():
        try:
            value = str(message.policy.header_fetch_parse(name, raw))
        except Exception:  # noqa: BLE001 - the parser fails on hostile headers in many ways; the raw one is shown
            value = str(raw)
        yield name, value.encode("utf-8", "replace").decode()


def _part(message: EmailMessage, subtype: str) -> str | None:
    part = message.get_body(preferencelist=(subtype,))
    if part is None:
        return None
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return None
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return raw.decode("latin-1")


def _attachments(message: EmailMessage) -> Iterator[str]:
    for part in message.walk():
        name = part.get_filename()
        if name:
            yield str(name)
