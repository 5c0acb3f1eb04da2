"""Files as people send them, made in memory, and what is wrong with some."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from typing import Any

import pikepdf
from PIL import Image
from PIL.PngImagePlugin import PngInfo

# Nobody else's words: what must be gone from a copy is looked for by them.
AUTHOR = "Zyxwara Quillfeather"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
BODY = (
    f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body><w:p><w:ins w:id="1" w:author="{AUTHOR}">'
    "<w:r><w:t>Three years of advice</w:t></w:r></w:ins></w:p></w:body></w:document>"
)
PEOPLE = (
    '<?xml version="1.0"?><w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
    f'<w15:person w15:author="{AUTHOR}"><w15:presenceInfo w15:providerId="AD" w15:userId="S::{AUTHOR}"/>'
    "</w15:person></w15:people>"
)
CORE = (
    '<?xml version="1.0"?><cp:coreProperties xmlns:cp='
    '"http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{AUTHOR}</dc:creator></cp:coreProperties>'
)
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODT_TEXT = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    f"<office:body><office:text><dc:creator>{AUTHOR}</dc:creator>{{}}</office:text></office:body>"
    "</office:document-content>"
)
ODT_META = (
    '<?xml version="1.0"?><office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><dc:creator>{AUTHOR}</dc:creator></office:meta>'
    "</office:document-meta>"
)


def packed(*parts: tuple[str | zipfile.ZipInfo, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return made.getvalue()


def docx(*more: tuple[str | zipfile.ZipInfo, str | bytes], types: str = TYPES) -> bytes:
    return packed(
        ("[Content_Types].xml", types),
        ("word/document.xml", BODY),
        ("word/people.xml", PEOPLE),
        ("docProps/core.xml", CORE),
        *more,
    )


def relationship(kind: str, target: str) -> tuple[str, str]:
    inner = f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}" TargetMode="External"/>'
    return "word/_rels/document.xml.rels", f'<Relationships xmlns="{RELS}">{inner}</Relationships>'


def odt(inside: str = "", *more: tuple[str, str | bytes]) -> bytes:
    first = zipfile.ZipInfo("mimetype")
    return packed(
        (first, "application/vnd.oasis.opendocument.text"),
        ("content.xml", ODT_TEXT.format(inside)),
        ("meta.xml", ODT_META),
        *more,
    )


def pdf(**catalogue: Any) -> bytes:
    """One page, with who wrote it in its information and its XMP."""
    made = io.BytesIO()
    with pikepdf.new() as document:
        page = document.add_blank_page(page_size=(200, 200))
        note = {"Type": "/Annot", "Subtype": "/Text", "Rect": [0, 0, 9, 9], "Contents": "Well done", "T": AUTHOR}
        named = {f"/{name}": pikepdf.Name(each) if str(each).startswith("/") else each for name, each in note.items()}
        page.Annots = pikepdf.Array([document.make_indirect(pikepdf.Dictionary(named))])
        document.docinfo["/Author"] = AUTHOR
        with document.open_metadata() as metadata:
            metadata["dc:creator"] = [AUTHOR]
        for name, value in catalogue.items():
            document.Root[f"/{name}"] = document.make_indirect(value)
        document.save(made)
    return made.getvalue()


def locked_pdf() -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(made, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    return made.getvalue()


def pdf_with_attachment() -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.attachments["inner.txt"] = b"inside"
        document.save(made)
    return made.getvalue()


def jpg() -> bytes:
    """Turned on its side by its EXIF, which says where it was taken and by whom too."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x013B] = AUTHOR
    exif.get_ifd(0x8825)[1] = "N"
    made = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(made, "JPEG", exif=exif)
    return made.getvalue()


def png() -> bytes:
    text = PngInfo()
    text.add_text("Author", AUTHOR)
    made = io.BytesIO()
    Image.new("P", (30, 10)).save(made, "PNG", pnginfo=text)
    return made.getvalue()


def png_of(width: int, height: int) -> bytes:
    """The header of a picture so large, and nothing to fill it."""
    found = b"\x89PNG\r\n\x1a\n"
    for kind, data in (
        (b"IHDR", struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", b""),
        (b"IEND", b""),
    ):
        found += struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
    return found


def rtf(inside: str = "") -> bytes:
    return (r"{\rtf1\ansi{\info{\author " + AUTHOR + r"}{\title CV}}{\b Three years} of advice" + inside + "}").encode()


SAMPLES = {
    "pdf": pdf,
    "docx": docx,
    "odt": odt,
    "rtf": rtf,
    "txt": lambda: b"Three years of advice \xe2\x80\x93 and more",
    "jpg": jpg,
    "png": png,
}


def bomb(size: int = 20 * 1024 * 1024, block: bytes = bytes(1024 * 1024)) -> bytes:
    """A document with one part of the same over and over."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", BODY)
        with archive.open("word/media/zeros.xml", "w", force_zip64=False) as part:
            for _ in range(size // len(block)):
                part.write(block)
    return made.getvalue()


def large_bomb() -> bytes:
    """One that no part of gives away: it packs no better than much that is honest."""
    block = bytes(99 * 1024) + random.Random(1).randbytes(1024)
    return bomb(size=110 * 1024 * 1024, block=block)


def lying_bomb(size: int = 120 * 1024 * 1024) -> bytes:
    """The same, whose table of contents says that the part is small."""
    made = bytearray(bomb(size))
    told = size.to_bytes(4, "little")
    while (at := made.find(told)) >= 0:
        made[at : at + 4] = (1000).to_bytes(4, "little")
    return bytes(made)
