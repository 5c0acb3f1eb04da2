"""What a file is by its content, what is refused, and what a copy no longer says."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from services.ats.files.containers import MOST_PARTS
from services.ats.files.examiner import Examiner
from services.ats.files.examining import examine, without_metadata
from services.ats.files.kinds import ContentRefused, DocumentKind, Fault
from tests.factories import documents as make

NASTY = Path(__file__).parents[4] / "shared" / "data" / "nasty"
in_the_corpus = pytest.mark.skipif(not NASTY.exists(), reason="the corpus of nasty inputs is not beside this checkout")


def fault_of(content: bytes) -> Fault:
    with pytest.raises(ContentRefused) as refused:
        examine(content)
    return refused.value.fault


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_each_kind_is_known_by_its_content(kind: DocumentKind) -> None:
    assert examine(make.SAMPLES[kind]()) is kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_text_in_each_encoding_that_people_have(encoding: str) -> None:
    content = "Café £5".encode(encoding)
    assert examine(content) is DocumentKind.TXT
    assert without_metadata(content, DocumentKind.TXT).decode() == "Café £5"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("not_a_pdf.pdf", Fault.KIND_NOT_TAKEN),
        ("html_in_disguise.pdf", Fault.KIND_NOT_TAKEN),
        ("truncated.pdf", Fault.NOT_READABLE),
        ("javascript_openaction.pdf", Fault.ACTIVE_CONTENT),
        ("svg_script.svg", Fault.KIND_NOT_TAKEN),
        ("polyglot_gif_js.gif", Fault.KIND_NOT_TAKEN),
        ("huge_dimensions.png", Fault.TOO_MANY_PIXELS),
        ("zip_slip.zip", Fault.PATH_ESCAPE),
        ("docm_named.docx", Fault.MACROS),
        ("docx_external_template.docx", Fault.REMOTE_CONTENT),
        ("xxe.xml", Fault.KIND_NOT_TAKEN),
        ("entity_expansion.xml", Fault.KIND_NOT_TAKEN),
        ("empty.csv", Fault.EMPTY),
        ("vac_nul_bytes.csv", Fault.KIND_NOT_TAKEN),
    ],
)
@in_the_corpus
def test_the_corpus_is_refused_for_what_is_wrong_with_it(name: str, fault: Fault) -> None:
    assert fault_of((NASTY / name).read_bytes()) is fault


REFUSED: dict[str, tuple[Callable[[], bytes], Fault]] = {
    "nothing at all": (lambda: b"", Fault.EMPTY),
    "white space": (lambda: b" \n\t", Fault.EMPTY),
    "a zip bomb": (make.bomb, Fault.TOO_MUCH_UNPACKED),
    "very much that packs well": (make.large_bomb, Fault.TOO_MUCH_UNPACKED),
    "a page": (lambda: b"<!doctype html><script>alert(1)</script>", Fault.KIND_NOT_TAKEN),
    "a drawing with a script": (lambda: b"\xef\xbb\xbf <svg><script>alert(1)</script></svg>", Fault.KIND_NOT_TAKEN),
    "a picture of too many pixels": (lambda: make.png_of(8000, 8000), Fault.TOO_MANY_PIXELS),
    "a picture of far too many": (lambda: make.png_of(60_000, 60_000), Fault.TOO_MANY_PIXELS),
    "a zip bomb that lies of its size": (make.lying_bomb, Fault.NOT_READABLE),
    "a nested archive": (lambda: make.docx(("word/media/a.xml", make.packed(("x", "y")))), Fault.EMBEDDED_FILE),
    "a program": (lambda: make.docx(("word/media/a.png", b"MZ\x90\x00")), Fault.EMBEDDED_FILE),
    "a path that climbs": (lambda: make.docx(("../../etc/x.xml", "x")), Fault.PATH_ESCAPE),
    "an absolute path": (lambda: make.docx(("/etc/x.xml", "x")), Fault.PATH_ESCAPE),
    "a path of Windows": (lambda: make.docx(("word\\..\\..\\x.xml", "x")), Fault.PATH_ESCAPE),
    "a symbolic link": (lambda: make.docx((_link(), "/etc/passwd")), Fault.PATH_ESCAPE),
    "too many parts": (lambda: make.docx(*((f"word/{n}.xml", "") for n in range(MOST_PARTS))), Fault.TOO_MANY_PARTS),
    "a locked container": (lambda: _locked(make.docx()), Fault.ENCRYPTED),
    "a locked document of Word": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        Fault.ENCRYPTED,
    ),
    "an old .doc": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Fault.KIND_NOT_TAKEN),
    "macros in a part": (lambda: make.docx(("word/vbaProject.bin", b"x")), Fault.MACROS),
    "macros in the types": (
        lambda: make.docx(types=make.TYPES.replace("document.main", "document.macroEnabled.main")),
        Fault.MACROS,
    ),
    "ActiveX": (lambda: make.docx(("word/activeX/activeX1.xml", "<x/>")), Fault.MACROS),
    "an embedded object": (lambda: make.docx(("word/embeddings/oleObject1.bin", b"x")), Fault.EMBEDDED_FILE),
    "a remote template": (
        lambda: make.docx(make.relationship("attachedTemplate", "http://x.example/t")),
        Fault.REMOTE_CONTENT,
    ),
    "a remote picture": (lambda: make.docx(make.relationship("image", "http://x.example/t.png")), Fault.REMOTE_CONTENT),
    "entities in a part": (
        lambda: make.docx(("word/styles.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')),
        Fault.DECLARATIONS,
    ),
    "entities in UTF-16": (
        lambda: make.docx(("word/styles.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16"))),
        Fault.DECLARATIONS,
    ),
    "macros of LibreOffice": (lambda: make.odt("", ("Basic/Standard/Module1.xml", "<x/>")), Fault.MACROS),
    "a script in ODT": (
        lambda: make.odt('<text:script xlink:href="x" xmlns:s="s"/>'.replace("text:script", "office:script")),
        Fault.ACTIVE_CONTENT,
    ),
    "a remote picture in ODT": (
        lambda: make.odt('<draw:image xlink:href="http://x.example/a"/>'),
        Fault.REMOTE_CONTENT,
    ),
    "an object in ODT": (lambda: make.odt('<draw:object xlink:href="./Object 1"/>'), Fault.EMBEDDED_FILE),
    "a locked ODT": (
        lambda: make.odt("", ("META-INF/manifest.xml", "<manifest:encryption-data xmlns:manifest='m'/>")),
        Fault.ENCRYPTED,
    ),
    "another zip": (lambda: make.packed(("a.txt", "b")), Fault.KIND_NOT_TAKEN),
    "a locked PDF": (make.locked_pdf, Fault.ENCRYPTED),
    "a PDF that starts a program": (
        lambda: make.pdf(OpenAction=pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")),
        Fault.ACTIVE_CONTENT,
    ),
    "a PDF with a script of its pages": (
        lambda: make.pdf(AA=pikepdf.Dictionary(WC=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))),
        Fault.ACTIVE_CONTENT,
    ),
    "a PDF with a dynamic form": (
        lambda: make.pdf(AcroForm=pikepdf.Dictionary(Fields=pikepdf.Array(), XFA="<xdp/>")),
        Fault.ACTIVE_CONTENT,
    ),
    "a PDF with a file inside": (make.pdf_with_attachment, Fault.EMBEDDED_FILE),
    "a PDF that is a zip too": (lambda: make.pdf() + make.packed(("a", "b")), Fault.MIXED_FORMATS),
    "a PDF that is a page too": (
        lambda: make.pdf().replace(b"%PDF-1.", b"%PDF-1.4\n%<html><script>x</script>\n%1.", 1),
        Fault.MIXED_FORMATS,
    ),
    "a PDF with words after its end": (lambda: make.pdf() + b"<script>alert(1)</script>", Fault.MIXED_FORMATS),
    "a picture that is a zip too": (lambda: make.jpg() + make.packed(("a", "b")), Fault.MIXED_FORMATS),
    "half a picture": (lambda: make.jpg()[:200], Fault.NOT_READABLE),
    "half a container": (lambda: make.docx()[:-40], Fault.NOT_READABLE),
    "a container behind other bytes": (lambda: _prefixed(make.docx()), Fault.MIXED_FORMATS),
    "an object in RTF": (lambda: make.rtf(r"{\object\objemb{\*\objdata 0105}}"), Fault.EMBEDDED_FILE),
    "a field of RTF that fetches": (
        lambda: make.rtf(r'{\field{\*\fldinst INCLUDEPICTURE "http://x.example/a"}}'),
        Fault.REMOTE_CONTENT,
    ),
    "RTF with more behind": (lambda: make.rtf() + b"<script>", Fault.MIXED_FORMATS),
    "control characters": (lambda: b"MZ\x00\x01 words", Fault.KIND_NOT_TAKEN),
}


@pytest.mark.parametrize("what", list(REFUSED))
def test_it_is_refused(what: str) -> None:
    content, fault = REFUSED[what]
    assert fault_of(content()) is fault


def test_a_link_to_follow_is_no_remote_content() -> None:
    assert examine(make.docx(make.relationship("hyperlink", "http://x.example/"))) is DocumentKind.DOCX
    assert examine(make.odt('<text:a xlink:href="http://x.example/">my work</text:a>')) is DocumentKind.ODT


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_a_copy_says_nothing_of_who_made_it_and_is_still_of_its_kind(kind: DocumentKind) -> None:
    content = make.SAMPLES[kind]()
    copy = without_metadata(content, kind)
    assert examine(copy) is kind
    assert all(make.AUTHOR.encode(each) not in unpacked(copy) for each in ("ascii", "utf-16-be", "utf-16-le"))
    if kind is not DocumentKind.TXT:
        assert any(make.AUTHOR.encode(each) in unpacked(content) for each in ("ascii", "utf-16-be"))


def test_a_copy_of_a_picture_has_no_place_and_stands_upright() -> None:
    with Image.open(io.BytesIO(without_metadata(make.jpg(), DocumentKind.JPG))) as copy:
        assert (dict(copy.getexif()), copy.size) == ({}, (20, 40))


def test_a_copy_of_a_document_keeps_its_words_and_strips_its_pictures() -> None:
    copy = without_metadata(make.docx(("word/media/image1.jpg", make.jpg())), DocumentKind.DOCX)
    with zipfile.ZipFile(io.BytesIO(copy)) as opened:
        assert b"Three years of advice" in opened.read("word/document.xml")
        assert make.AUTHOR.encode() not in opened.read("word/media/image1.jpg")


async def test_a_parser_that_takes_too_long_is_ended_and_the_file_refused() -> None:
    with pytest.raises(ContentRefused) as refused:
        await Examiner(seconds=0.01).examine(make.pdf())
    assert refused.value.fault is Fault.NOT_READABLE


async def test_a_parser_that_wants_too_much_memory_dies_alone_and_the_file_is_refused() -> None:
    """Its limit is on the process: the same picture is read where there is none."""
    made = io.BytesIO()
    Image.new("RGBA", (7070, 7070)).save(made, "PNG", compress_level=9)
    assert examine(made.getvalue()) is DocumentKind.PNG
    with pytest.raises(ContentRefused) as refused:
        await Examiner(memory_bytes=256 * 1024 * 1024).examine(made.getvalue())
    assert refused.value.fault is Fault.NOT_READABLE
    assert (await Examiner().examine(made.getvalue())).kind is DocumentKind.PNG


async def test_a_stream_of_a_pdf_that_unpacks_to_very_much_is_not_unpacked() -> None:
    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.Root["/Big"] = document.make_stream(bytes(200 * 1024 * 1024))
        document.save(made, compress_streams=True)
    assert len(made.getvalue()) < 1024 * 1024
    assert (await Examiner().examine(made.getvalue())).kind is DocumentKind.PDF


def unpacked(content: bytes) -> bytes:
    """The content with every part and stream of it as it is read."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            return b"".join(opened.read(each) for each in opened.namelist())
    if content.startswith(b"%PDF"):
        made = io.BytesIO()
        with pikepdf.open(io.BytesIO(content)) as document:
            document.save(
                made,
                stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
                compress_streams=False,
            )
        return made.getvalue()
    return content


def _link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("word/media/link.xml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def _locked(content: bytes) -> bytes:
    """With the flag of every entry of the table set."""
    made = bytearray(content)
    at = made.find(b"PK\x01\x02")
    while at >= 0:
        made[at + 8] |= 1
        at = made.find(b"PK\x01\x02", at + 4)
    return bytes(made)


def _prefixed(content: bytes) -> bytes:
    """A zip reader takes it, and whoever reads from the start sees another archive's first part."""
    return make.packed(("decoy", "x" * 30))[:60] + content
