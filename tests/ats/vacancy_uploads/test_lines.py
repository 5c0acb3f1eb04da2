"""Rows of CSV as they stream in: none is lost, and a broken one takes no other with it."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ats.vacancy_uploads import lines
from services.ats.vacancy_uploads.lines import TOO_LONG, RowNotRead, cells_of, lines_of
from services.ats.vacancy_uploads.schemas import MAX_ROW_BYTES
from tests.ats.monthly_returns.rows import row as returned
from tests.ats.monthly_returns.rows import send as send_return
from tests.ats.monthly_returns.rows import sheet
from tests.ats.vacancy_uploads.test_uploads import CSV, HEADER, post, statuses
from tests.factories.ats import Ats

NASTY = Path(__file__).parents[4] / "shared" / "data" / "nasty"
in_the_corpus = pytest.mark.skipif(not NASTY.exists(), reason="the corpus of nasty inputs is not beside this checkout")

UNREAD = ("row_not_read", None)
CORPUS: Mapping[str, list[tuple[str, str | None]]] = {
    "header_only.csv": [],
    "vac_duplicate_headers.csv": [("invalid", "A")],
    "vac_duplicate_refs.csv": [("invalid", "V12"), ("invalid", "V12"), ("invalid", "v12")],
    "vac_excel_mangled.csv": [("invalid", "1.23E+05"), ("invalid", "00123")],
    "vac_formula_cells.csv": [("invalid", "=1+1")],
    "vac_invalid_utf8.csv": [UNREAD],
    "vac_nul_bytes.csv": [("invalid", None)],
    "vac_quoted_newlines.csv": [("invalid", "V13")],
    "vac_ragged.csv": [("invalid", "V7"), ("invalid", "V8"), ("invalid", None)],
    "vac_semicolon.csv": [("invalid", "V11;Admin;Example Council;HR1 1AA;25.583")],
    "vac_unclosed_quote.csv": [UNREAD, ("invalid", "V10")],
    "vac_utf16le.csv": [UNREAD, ("invalid", None)],
    "vac_utf8_bom_crlf.csv": [("invalid", "V1")],
    "vac_windows1252.csv": [UNREAD],
}
"""What becomes of each row of a file, under a header that we know: its code, and how the report names it."""
WHOLE: Mapping[str, tuple[int, str | None]] = {
    **dict.fromkeys(CORPUS, (422, "column_unknown")),
    "empty.csv": (200, None),
    "vac_missing_header.csv": (422, "column_unknown"),
    "vac_utf16le.csv": (422, "row_not_read"),
}


async def _in_pieces(content: bytes, sizes: Iterable[int]) -> AsyncIterator[bytes]:
    start = 0
    for size in sizes:
        yield content[start : start + size]
        start += size
    yield content[start:]


def rows_of(content: bytes, sizes: Iterable[int] = ()) -> list[bytes]:
    async def read() -> list[bytes]:
        return [each async for each in lines_of(_in_pieces(content, sizes), is_csv=True)]

    return asyncio.run(read())


def written_lines(content: bytes) -> list[bytes]:
    return [each for each in content.split(b"\n") if each.strip()]


cell_texts = st.text(st.sampled_from('",;\r\n 6ab£') | st.characters(codec="utf-8"), max_size=8)
chunk_sizes = st.lists(st.integers(1, 9), max_size=30)


@given(st.lists(st.lists(cell_texts, min_size=2, max_size=4), max_size=6), chunk_sizes, st.booleans())
def test_rows_that_a_csv_writer_wrote_come_back_in_any_pieces(
    rows: list[list[str]], sizes: list[int], is_all_quoted: bool
) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL if is_all_quoted else csv.QUOTE_MINIMAL).writerows(rows)
    # A mark that says which encoding it is belongs to no cell.
    content = b"\xef\xbb\xbf" + written.getvalue().encode()
    assert [cells_of(each) for each in rows_of(content, sizes)] == rows


@given(st.text(st.sampled_from('",\r\nab '), max_size=60), chunk_sizes)
def test_every_line_of_any_text_is_in_one_row_that_is_read_or_refused(text: str, sizes: list[int]) -> None:
    found = rows_of(text.encode(), sizes)
    assert [line for each in found for line in written_lines(each)] == written_lines(text.encode())
    for each in found:
        if b"\n" in each:
            assert list(csv.reader(io.StringIO(each.decode(), newline=""), strict=True)) == [cells_of(each)]


def test_a_quote_that_is_never_closed_costs_its_own_line_alone() -> None:
    for content in (
        b'V9,"Admin,B1\nV10,Ok\n\nV11,"Two\nlines"\nV12,Ok',
        b'V9,"Admin,B1\nV10,"Ok"\nV11,"Two\nlines"\n',
        b'V9,"Admin,B1\r\nV10,""\r\nV11,x\r\n',
        b'V9,"Admin" B1\nV10,Ok\n',
        b'V9,"Ad\rmin\nV10,Ok\n',
    ):
        first, *others = rows_of(content)
        assert first.startswith(b"V9")
        assert b"V10" not in first
        with pytest.raises(RowNotRead):
            cells_of(first)
        assert [cells_of(each)[0] for each in others] == [f"V{10 + place}" for place in range(len(others))]
        assert others


def test_a_quote_that_is_not_where_a_cell_begins_is_text() -> None:
    assert [cells_of(each) for each in rows_of(b'1,6" pipes\n2,a ""b""\n3,"6"" pipes"\n')] == [
        ["1", '6" pipes'],
        ["2", 'a ""b""'],
        ["3", '6" pipes'],
    ]


def test_a_row_that_holds_another_is_refused_and_not_cut_short() -> None:
    for raw in (b"V1,a\rV2,b", b"V1,a\nV2,b"):
        with pytest.raises(RowNotRead):
            cells_of(raw)
    assert cells_of(b"V1,a\r\r") == ["V1", "a"], "as Windows writes the end of a line twice"


def test_a_line_that_is_too_long_ends_a_quote_before_it() -> None:
    long = b"x" * MAX_ROW_BYTES
    assert rows_of(b'V1,"a\n' + long + b"y\nV2,b\n", [5000] * 60) == [b'V1,"a', TOO_LONG, b"V2,b"]
    half = b'"' + b"x" * (MAX_ROW_BYTES // 2)
    assert rows_of(half + b"\n" + half[1:] + b'"\nV2,b\n') == [half, half[1:] + b'"', b"V2,b"]
    assert rows_of(half + b"\n" + half[4:] + b'"\nV2,b\n') == [half + b"\n" + half[4:] + b'"', b"V2,b"]


@pytest.mark.parametrize(
    "content",
    [
        b'"' + b"\n" * 250_000,
        b'x","y\n' * 40_000,
        b'"""\n' * 40_000,
        b'"\n' * 60_000,
        b'x","y\n' * 5_000 + b'""' * 100_000 + b'"x\n' + b"a,b\n" * 1000,
        b'x","y\n' * 5_000 + b'""' * 128_000 + b"\n",
    ],
)
def test_every_byte_is_scanned_at_most_twice_whatever_the_quotes(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload is read between the requests of everybody else: work that grows with its square holds them all up."""
    scanned = 0
    really = lines.ending_of

    def counted(line: bytes, **is_quote_open: Any) -> Any:
        nonlocal scanned
        scanned += len(line)
        return really(line, **is_quote_open)

    monkeypatch.setattr(lines, "ending_of", counted)
    found = rows_of(content, [16] * 1000)
    assert found
    assert 0 < scanned <= 2 * len(content)


async def test_rows_beside_a_quote_are_all_done(council: Ats) -> None:
    titles = ('Fitter of 6" pipes', "Housing officer", '"Housing" officer', '"Housing officer', "Housing officer")
    body = [HEADER, *(f"SAW,talentlink,REQ-{no},{title},37,permanent,B69 3DE,20,24" for no, title in enumerate(titles))]
    report = (await post(council, "\n".join(body).encode(), CSV)).json()
    assert statuses(report) == ["created", "created", "refused", "refused", "created"]
    assert (await council.read(report["results"][0]))["title"] == titles[0]


async def test_rows_of_a_return_beside_a_quote_are_all_taken(council: Ats) -> None:
    whole = sheet(*(returned(external_reference=f"REQ-{no}") for no in range(5))).replace(b"REQ-0", b'6" REQ-0')
    report = await send_return(council, whole.replace(b"REQ-2", b'"REQ-2'))
    assert statuses(report) == ["recorded", "recorded", "refused", "recorded", "recorded"]
    assert report["results"][0]["external_reference"] == '6" REQ-0'
    assert "quote" in report["results"][2]["findings"][0]["detail"]


@in_the_corpus
@pytest.mark.parametrize("name", WHOLE)
async def test_the_corpus_as_it_stands_is_refused_with_a_reason(council: Ats, name: str) -> None:
    answer = await post(council, (NASTY / name).read_bytes(), CSV, dry_run=True)
    assert (answer.status_code, answer.json().get("code")) == WHOLE[name]
    status = 422 if name != "empty.csv" else answer.status_code
    refused = await send_return(council, (NASTY / name).read_bytes(), status=422, dry_run=True)
    assert (status, refused["code"] in {"column_unknown", "personal_column", "row_not_read", "file_empty"}) == (
        answer.status_code,
        True,
    )


@in_the_corpus
def test_every_csv_of_the_corpus_is_named_here() -> None:
    assert {each.name for each in NASTY.glob("*.csv")} == {*WHOLE}


@in_the_corpus
@pytest.mark.parametrize("name", CORPUS)
async def test_each_row_of_the_corpus_is_told_of_and_harms_no_other(council: Ats, name: str) -> None:
    rows = (NASTY / name).read_bytes().partition(b"\n")[2]
    header = (
        "external_reference,title,employer,postcode,salary_min_pence,closes_at,source_system,hours_per_week,contract"
        ",scp_min,scp_max"
    )
    good = "G{},Housing officer,SAW,B69 3DE,,,talentlink,37,permanent,20,24\n"
    body = f"{header}\n{good.format(1)}".encode() + rows + f"\n{good.format(2)}".encode()
    report = (await post(council, body, CSV, dry_run=True)).json()
    first, *found, last = report["results"]
    assert [(each["status"], each["external_reference"]) for each in (first, last)] == [
        ("created", "G1"),
        ("created", "G2"),
    ]
    assert [(each["problem"]["code"], each["external_reference"]) for each in found] == CORPUS[name]


@in_the_corpus
@pytest.mark.parametrize("name", CORPUS)
async def test_each_row_of_the_corpus_is_told_of_in_a_return_too(council: Ats, name: str) -> None:
    rows = (NASTY / name).read_bytes().partition(b"\n")[2]
    header = ("external_reference", "route", "employer", "openings", "opening_no", "approved_on", "source_system")
    cells = dict.fromkeys(("approved_on",), "") | {"outcome": "open", "source": "system", "route": "external"}
    columns = (*header, "source", "outcome", "advertised_on")
    one, two = (
        sheet({name: returned(**cells, external_reference=reference).get(name, "") for name in columns}, header=columns)
        for reference in ("G1", "G2")
    )
    report = await send_return(council, one + rows + b"\n" + two.partition(b"\n")[2], dry_run=True)
    first, *found, last = report["results"]
    assert (first["external_reference"], last["external_reference"]) == ("G1", "G2")
    assert statuses(report) == ["recorded", *(["refused"] * len(CORPUS[name])), "recorded"]
    unread = [[each["rule"] for each in row["findings"]] == ["row_not_read"] for row in found]
    assert unread == [code == "row_not_read" for code, _ in CORPUS[name]]
