"""TXT and RTF."""

from __future__ import annotations

import re

from services.ats.files.kinds import ContentRefused, Fault

RTF_MAGIC = b"{\\rtf"
# Objects of other programs, fields that fetch or start something, and templates from elsewhere.
RTF_OBJECTS = re.compile(rb"\\(?:objdata|objocx|objemb|objlink|objautlink|objupdate|objclass|object)\b")
RTF_FETCHES = re.compile(rb"\\\*\\template\b|\b(?:INCLUDEPICTURE|INCLUDETEXT|DDEAUTO|DDE|IMPORT)\b", re.IGNORECASE)
# Groups that say who wrote it.
RTF_ABOUT = (b"{\\info", b"{\\*\\userprops", b"{\\*\\revtbl", b"{\\*\\company", b"{\\*\\atnauthor", b"{\\*\\atnid")
MARKUP = re.compile(r"\A\s*<\s*[!?/A-Za-z]")
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
BOMS = ("utf-8-sig", "utf-16")


def is_rtf(content: bytes) -> bool:
    return content.startswith(RTF_MAGIC)


def examine_rtf(content: bytes) -> None:
    """Raises ContentRefused."""
    if not content.rstrip(b"\r\n\t \x00").endswith(b"}"):
        raise ContentRefused(Fault.MIXED_FORMATS if b"}" in content else Fault.NOT_READABLE)
    if RTF_OBJECTS.search(content):
        raise ContentRefused(Fault.EMBEDDED_FILE)
    if RTF_FETCHES.search(content):
        raise ContentRefused(Fault.REMOTE_CONTENT)


def without_rtf_metadata(content: bytes) -> bytes:
    for start in RTF_ABOUT:
        while (at := content.find(start)) >= 0:
            content = content[:at] + content[_end_of_group(content, at) :]
    return content


def _end_of_group(content: bytes, at: int) -> int:
    depth = 0
    place = at
    while place < len(content):
        letter = content[place : place + 1]
        if letter == b"\\":
            place += 2
            continue
        depth += (letter == b"{") - (letter == b"}")
        place += 1
        if depth == 0:
            break
    return place


def read_text(content: bytes) -> str:
    """Plain text in UTF-8, in UTF-16 with its mark, or as Windows wrote it. Raises ContentRefused."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = _decoded(content, "utf-16")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = _decoded(content, "cp1252")
    if text is None or NOT_TEXT.search(text) or MARKUP.search(text):
        raise ContentRefused(Fault.KIND_NOT_TAKEN)
    if not text.strip():
        raise ContentRefused(Fault.EMPTY)
    return text


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None
