"""DOCX and ODT: zip containers, whose table of contents is judged before anything is unpacked."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from services.ats.files.kinds import ContentRefused, DocumentKind, Fault
from services.ats.files.pictures import without_picture_metadata

MAGIC = b"PK\x03\x04"
MOST_PARTS = 1_000
MOST_UNPACKED_BYTES = 100 * 1024 * 1024
MOST_TIMES_LARGER = 150
# Small parts may shrink further than large ones before it means anything.
FREE_BYTES = 1024 * 1024
END = b"PK\x05\x06"
END_SIZE = 22
LONGEST_COMMENT = 65_535
ODT_TYPE = b"application/vnd.oasis.opendocument.text"
DOCX_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
TYPES, MAIN_PART = "[Content_Types].xml", "word/document.xml"
ARCHIVES = (MAGIC, b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\xd0\xcf\x11\xe0")
PROGRAMS = (b"MZ", b"\x7fELF", b"#!")
PICTURES = (".jpg", ".jpeg", ".png")
# An entity is declared in a document type alone, in whichever of XML's usual encodings.
DOCTYPE = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T|E\x00?N\x00?T\x00?I)", re.IGNORECASE)
MACRO_PARTS = re.compile(r"(vbaproject|vbadata|macros?/|/?basic/|scripts/|/activex/)", re.IGNORECASE)
OBJECT_PARTS = re.compile(r"(/embeddings/|^object[ _]?\d|objectreplacements/|\.bin$)", re.IGNORECASE)
# A link to follow is nothing that the program fetches by itself.
LINK_TYPE = "/hyperlink"
AUTHORS_DOCX = re.compile(rb'(\bw\w*:(?:author|initials|userId)=")[^"]*(")')
AUTHORS_ODT = re.compile(rb"(<(?:dc:creator|meta:creator-initials|meta:initial-creator)>)[^<]*(</)")
PROPERTIES_DOCX = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
PROPERTIES_ODT = {
    "meta.xml": b'<?xml version="1.0" encoding="UTF-8"?><office:document-meta xmlns:office='
    b'"urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.2"/>',
}
MIMETYPE = "mimetype"


def is_container(content: bytes) -> bool:
    return content.startswith(MAGIC)


def ends_as_archive(content: bytes) -> bool:
    """Whether a zip reader, which starts at the end, would take this for an archive of its own."""
    tail = content[-(END_SIZE + LONGEST_COMMENT) :]
    at = tail.rfind(END)
    while at >= 0:
        if len(tail) - at >= END_SIZE:
            (comment,) = struct.unpack_from("<H", tail, at + 20)
            if at + END_SIZE + comment == len(tail):
                return True
        at = tail.rfind(END, 0, at)
    return False


def examine_container(content: bytes) -> DocumentKind:
    """Raises ContentRefused."""
    _refuse_many_parts(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            _judge_table(opened, content)
            # No more of a part is read than the table says, and its checksum finds the lie.
            parts = {each.filename: opened.read(each) for each in opened.infolist() if not each.is_dir()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise ContentRefused(Fault.NOT_READABLE) from None
    _judge_parts(parts)
    return _kind_of(parts)


def _refuse_many_parts(content: bytes) -> None:
    """By the number at the end, before a list of so many is made."""
    at = content.rfind(END)
    if at < 0 or len(content) - at < END_SIZE:
        raise ContentRefused(Fault.NOT_READABLE)
    (count,) = struct.unpack_from("<H", content, at + 10)
    if count > MOST_PARTS:
        raise ContentRefused(Fault.TOO_MANY_PARTS)


def _judge_table(opened: zipfile.ZipFile, content: bytes) -> None:
    entries = opened.infolist()
    if len(entries) > MOST_PARTS:
        raise ContentRefused(Fault.TOO_MANY_PARTS)
    if sum(each.file_size for each in entries) > MOST_UNPACKED_BYTES:
        raise ContentRefused(Fault.TOO_MUCH_UNPACKED)
    if any(_is_too_dense(each) for each in entries):
        raise ContentRefused(Fault.TOO_MUCH_UNPACKED)
    if any(_leads_outside(each) for each in entries) or len({each.filename.lower() for each in entries}) < len(entries):
        raise ContentRefused(Fault.PATH_ESCAPE)
    if any(each.flag_bits & 1 for each in entries):
        raise ContentRefused(Fault.ENCRYPTED)
    if any(each.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for each in entries):
        raise ContentRefused(Fault.NOT_READABLE)
    _refuse_overlaps(entries, len(content))


def _is_too_dense(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > FREE_BYTES and entry.file_size > entry.compress_size * MOST_TIMES_LARGER


def _leads_outside(entry: zipfile.ZipInfo) -> bool:
    # `filename` ends at a NUL; what came is in `orig_filename`.
    name = entry.orig_filename
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return (
        is_link
        or name.startswith(("/", "~"))
        or ":" in name
        or "\\" in name
        or "\x00" in name
        or ".." in name.split("/")
        or len(name.encode()) > 255
    )


def _refuse_overlaps(entries: list[zipfile.ZipInfo], size: int) -> None:
    """Each part stands for itself, the first at the very start: nothing is hidden before or between, or used twice."""
    reached = 0
    for each in sorted(entries, key=lambda entry: entry.header_offset):
        if each.header_offset < reached:
            raise ContentRefused(Fault.TOO_MUCH_UNPACKED)
        if reached == 0 and each.header_offset != 0:
            raise ContentRefused(Fault.MIXED_FORMATS)
        reached = each.header_offset + 30 + len(each.orig_filename.encode()) + each.compress_size
    if reached > size:
        raise ContentRefused(Fault.NOT_READABLE)


def _kind_of(parts: Mapping[str, bytes]) -> DocumentKind:
    if parts.get(MIMETYPE, b"").strip() == ODT_TYPE and "content.xml" in parts:
        return DocumentKind.ODT
    if DOCX_MAIN in parts.get(TYPES, b"") and MAIN_PART in parts:
        return DocumentKind.DOCX
    raise ContentRefused(Fault.KIND_NOT_TAKEN)


def _judge_parts(parts: Mapping[str, bytes]) -> None:
    if b"macroEnabled" in parts.get(TYPES, b""):
        raise ContentRefused(Fault.MACROS)
    for name, part in parts.items():
        if MACRO_PARTS.search(name):
            raise ContentRefused(Fault.MACROS)
        if OBJECT_PARTS.search(name) or part.startswith((*ARCHIVES, *PROGRAMS)):
            raise ContentRefused(Fault.EMBEDDED_FILE)
        if name.endswith((".xml", ".rels", ".rdf")):
            _refuse_declarations(part)
    if MAIN_PART in parts:
        _judge_docx(parts)
    else:
        _judge_odt(parts)


def _refuse_declarations(part: bytes) -> None:
    if DOCTYPE.search(part):
        raise ContentRefused(Fault.DECLARATIONS)


def _judge_docx(parts: Mapping[str, bytes]) -> None:
    for name, part in parts.items():
        if not name.endswith(".rels"):
            continue
        for each in _elements(part):
            is_outside = each.get("TargetMode", "").lower() == "external"
            if is_outside and not each.get("Type", "").endswith(LINK_TYPE):
                raise ContentRefused(Fault.REMOTE_CONTENT)
    _elements(parts[MAIN_PART])


def _judge_odt(parts: Mapping[str, bytes]) -> None:
    manifest = parts.get("META-INF/manifest.xml", b"")
    if b"encryption-data" in manifest:
        raise ContentRefused(Fault.ENCRYPTED)
    for name in ("content.xml", "styles.xml"):
        part = parts.get(name)
        if part is None:
            continue
        for each in _elements(part):
            local = etree.QName(each).localname if isinstance(each.tag, str) else ""
            address = next((value for key, value in each.attrib.items() if str(key).endswith("}href")), "")
            if local in {"script", "event-listener"}:
                raise ContentRefused(Fault.ACTIVE_CONTENT)
            if local in {"object", "object-ole", "plugin", "applet"}:
                raise ContentRefused(Fault.EMBEDDED_FILE)
            if local != "a" and re.match(r"(?i)([a-z][a-z0-9+.-]*:|//|\.\./)", str(address)):
                raise ContentRefused(Fault.REMOTE_CONTENT)


def _elements(part: bytes) -> Iterator[etree._Element]:
    """Every element of a part that declares nothing. Raises ContentRefused where it is not XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return iter(list(etree.fromstring(part, parser).iter()))
    except (etree.XMLSyntaxError, ValueError):
        raise ContentRefused(Fault.NOT_READABLE) from None


def without_container_metadata(content: bytes, kind: DocumentKind) -> bytes:
    """A copy whose properties, authors of changes and comments, and pictures say nothing of who made it."""
    replaced = PROPERTIES_ODT if kind is DocumentKind.ODT else PROPERTIES_DOCX
    authors = AUTHORS_ODT if kind is DocumentKind.ODT else AUTHORS_DOCX
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for entry in old.infolist():
            if entry.is_dir() or entry.filename.startswith(("Thumbnails/", "docProps/thumbnail")):
                continue
            part = replaced.get(entry.filename) or _without_authors(old.read(entry), entry.filename, authors)
            kept = zipfile.ZipInfo(entry.filename)
            kept.compress_type = zipfile.ZIP_STORED if entry.filename == MIMETYPE else zipfile.ZIP_DEFLATED
            new.writestr(kept, part)
    return made.getvalue()


def _without_authors(part: bytes, name: str, authors: re.Pattern[bytes]) -> bytes:
    clean: Callable[[bytes], bytes] | None = None
    if name.lower().endswith(PICTURES):
        clean = without_picture_metadata
    elif name.endswith(".xml"):
        return authors.sub(rb"\1\2", part)
    try:
        return part if clean is None else clean(part)
    except ContentRefused:
        # A picture that cannot be read shows nothing and is left out of the copy.
        return b""
