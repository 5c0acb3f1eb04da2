"""The kinds of document that are taken, and why one is not."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DocumentKind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    ODT = "odt"
    RTF = "rtf"
    TXT = "txt"
    JPG = "jpg"
    PNG = "png"


MEDIA_TYPES: Mapping[DocumentKind, str] = MappingProxyType(
    {
        DocumentKind.PDF: "application/pdf",
        DocumentKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        DocumentKind.ODT: "application/vnd.oasis.opendocument.text",
        DocumentKind.RTF: "application/rtf",
        DocumentKind.TXT: "text/plain; charset=utf-8",
        DocumentKind.JPG: "image/jpeg",
        DocumentKind.PNG: "image/png",
    }
)
ENDINGS: Mapping[str, DocumentKind] = MappingProxyType(
    {kind.value: kind for kind in DocumentKind} | {"jpeg": DocumentKind.JPG, "text": DocumentKind.TXT}
)
"""What a name ends in, where it says one of the kinds."""


MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
"""Of one document."""


class Fault(StrEnum):
    """What is wrong with a file's content."""

    EMPTY = "empty"
    KIND_NOT_TAKEN = "kind_not_taken"
    NOT_READABLE = "not_readable"
    MIXED_FORMATS = "mixed_formats"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    ACTIVE_CONTENT = "active_content"
    EMBEDDED_FILE = "embedded_file"
    REMOTE_CONTENT = "remote_content"
    DECLARATIONS = "declarations"
    PATH_ESCAPE = "path_escape"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_MUCH_UNPACKED = "too_much_unpacked"
    TOO_MANY_PIXELS = "too_many_pixels"


WORDS: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.EMPTY: "The file is empty",
        Fault.KIND_NOT_TAKEN: "It is none of PDF, DOCX, ODT, RTF, TXT, JPG and PNG",
        Fault.NOT_READABLE: "It is broken off, damaged or too complicated to be read",
        Fault.MIXED_FORMATS: "It holds a second format beside the one that it begins with",
        Fault.ENCRYPTED: "It is protected by a password",
        Fault.MACROS: "It holds macros",
        Fault.ACTIVE_CONTENT: "It holds a script, or an action that starts by itself",
        Fault.EMBEDDED_FILE: "It holds another file",
        Fault.REMOTE_CONTENT: "It fetches a part of itself from elsewhere",
        Fault.DECLARATIONS: "Its parts declare entities of their own",
        Fault.PATH_ESCAPE: "A part of it has a name that leads outside",
        Fault.TOO_MANY_PARTS: "It has too many parts",
        Fault.TOO_MUCH_UNPACKED: "It unpacks to far more than it is",
        Fault.TOO_MANY_PIXELS: "The picture has too many pixels",
    }
)
WAYS_OUT: Mapping[Fault, str] = MappingProxyType(
    {
        Fault.ENCRYPTED: "Save it without a password and send it again.",
        Fault.KIND_NOT_TAKEN: "Save it as PDF and send it again. An old .doc is saved anew as DOCX or PDF.",
        Fault.TOO_MANY_PIXELS: "Make the picture smaller and send it again.",
    }
)
"""Where it is not: print or export it to a plain PDF."""
PLAIN_PDF = "Print or export it to a plain PDF and send that."


class ContentRefused(Exception):
    """Raised while a file is examined; its words hold nothing of the file."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault
