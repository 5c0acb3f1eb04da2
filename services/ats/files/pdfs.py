"""PDF: read without repair, refused where it acts by itself, is locked or carries other files."""

from __future__ import annotations

import io
import re
from typing import Any

import pikepdf

from services.ats.files.kinds import ContentRefused, Fault

MAGIC = b"%PDF-"
END = b"%%EOF"
MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|script|svg|body|iframe)\b", re.IGNORECASE)
HEAD_BYTES = 2048
ACTING = frozenset(
    {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/RichMediaExecute"}
)
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/XFA", "/RichMediaContent"})
FILE_KEYS = frozenset({"/EmbeddedFiles", "/EF"})
ABOUT_ITSELF = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
MOST_OBJECTS = 200_000
DEEPEST = 60


def is_pdf(content: bytes) -> bool:
    return content.startswith(MAGIC)


def examine_pdf(content: bytes) -> None:
    """Raises ContentRefused."""
    if MARKUP.search(content[:HEAD_BYTES]):
        raise ContentRefused(Fault.MIXED_FORMATS)
    if END not in content[-HEAD_BYTES:]:
        raise ContentRefused(Fault.NOT_READABLE)
    if content[content.rfind(END) + len(END) :].strip(b"\r\n\t \x00"):
        raise ContentRefused(Fault.MIXED_FORMATS)
    with _opened(content) as pdf:
        if pdf.is_encrypted:
            raise ContentRefused(Fault.ENCRYPTED)
        _judge_objects(pdf)
        if len(pdf.pages) == 0:
            raise ContentRefused(Fault.NOT_READABLE)


def without_pdf_metadata(content: bytes) -> bytes:
    """A copy without the document's information, XMP and what programs noted of their users."""
    with _opened(content) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for each in pdf.objects:
            if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
                for key in ABOUT_ITSELF:
                    if key in each:
                        del each[key]
                if "/Subtype" in each and "/Rect" in each and "/T" in each and each["/Subtype"] != "/Widget":
                    del each["/T"]  # who wrote a note; of a form's field it is the field's name
        made = io.BytesIO()
        pdf.save(made, deterministic_id=True, fix_metadata_version=False)
    return made.getvalue()


def _opened(content: bytes) -> pikepdf.Pdf:
    try:
        return pikepdf.open(io.BytesIO(content), attempt_recovery=True, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise ContentRefused(Fault.ENCRYPTED) from None
    except (pikepdf.PdfError, ValueError, RuntimeError):
        raise ContentRefused(Fault.NOT_READABLE) from None


def _judge_objects(pdf: pikepdf.Pdf) -> None:
    try:
        objects = pdf.objects
        if len(objects) > MOST_OBJECTS:
            raise ContentRefused(Fault.NOT_READABLE)
        for each in objects:
            _judge(each, 0)
        _judge(pdf.trailer, 0)
    except (pikepdf.PdfError, ValueError, RuntimeError, RecursionError):
        raise ContentRefused(Fault.NOT_READABLE) from None


def _judge(found: Any, depth: int) -> None:
    """What is named here or stands directly inside; what is referred to is another object, looked at by itself."""
    if depth > DEEPEST:
        raise ContentRefused(Fault.NOT_READABLE)
    if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
        keys = set(found.keys())
        if keys & ACTIVE_KEYS or str(found.get("/S")) in ACTING:
            raise ContentRefused(Fault.ACTIVE_CONTENT)
        if keys & FILE_KEYS:
            raise ContentRefused(Fault.EMBEDDED_FILE)
        for key in keys:
            _judge_inside(found[key], depth)
    elif isinstance(found, pikepdf.Array):
        for each in found:
            _judge_inside(each, depth)


def _judge_inside(each: Any, depth: int) -> None:
    if isinstance(each, pikepdf.Object) and not each.is_indirect:
        _judge(each, depth + 1)
