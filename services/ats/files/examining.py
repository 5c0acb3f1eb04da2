"""What a file is by its content, whether it may be taken, and a copy that says nothing of who made it.

It parses what strangers made, so it runs in a process of its own (`child`), with little memory and little time.
"""

from __future__ import annotations

from services.ats.files.containers import (
    ends_as_archive,
    examine_container,
    is_container,
    without_container_metadata,
)
from services.ats.files.kinds import ContentRefused, DocumentKind, Fault
from services.ats.files.pdfs import examine_pdf, is_pdf, without_pdf_metadata
from services.ats.files.pictures import examine_picture, is_picture, without_picture_metadata
from services.ats.files.texts import examine_rtf, is_rtf, read_text, without_rtf_metadata

# Compound files: old Office documents, and new ones behind a password.
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PASSWORD_PARTS = ("EncryptedPackage".encode("utf-16-le"), "EncryptionInfo".encode("utf-16-le"))


def examine(content: bytes) -> DocumentKind:
    """Raises ContentRefused."""
    if not content:
        raise ContentRefused(Fault.EMPTY)
    if is_container(content):
        return examine_container(content)
    if content.startswith(COMPOUND):
        is_locked = any(each in content for each in PASSWORD_PARTS)
        raise ContentRefused(Fault.ENCRYPTED if is_locked else Fault.KIND_NOT_TAKEN)
    if ends_as_archive(content):
        raise ContentRefused(Fault.MIXED_FORMATS)
    if is_pdf(content):
        examine_pdf(content)
        return DocumentKind.PDF
    if is_picture(content):
        return examine_picture(content)
    if is_rtf(content):
        examine_rtf(content)
        return DocumentKind.RTF
    read_text(content)
    return DocumentKind.TXT


def without_metadata(content: bytes, kind: DocumentKind) -> bytes:
    """Not taken out: what the pages themselves say, and what a picture inside a PDF carries beside its pixels."""
    match kind:
        case DocumentKind.PDF:
            return without_pdf_metadata(content)
        case DocumentKind.DOCX | DocumentKind.ODT:
            return without_container_metadata(content, kind)
        case DocumentKind.JPG | DocumentKind.PNG:
            return without_picture_metadata(content)
        case DocumentKind.RTF:
            return without_rtf_metadata(content)
        case DocumentKind.TXT:
            return read_text(content).encode()
