"""A body as it streams in, cut into rows: none is lost, and none takes its neighbours with it."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from enum import Enum, auto

from services.ats.vacancy_uploads.schemas import MAX_ROW_BYTES
from shared.errors import Invalid

TOO_LONG = b""
BOM = b"\xef\xbb\xbf"
# A quote opens only where a cell begins, and two of them inside are one; elsewhere it is text.
_QUOTED = rb'"(?:[^"]++|"")*+'
_CELL = rb'(?:%b"|[^",\r][^,\r]*+)?+' % _QUOTED
_LINE = re.compile(rb"(?:%b,)*+(?:%b|(?P<left_open>%b))" % (_CELL, _CELL, _QUOTED))


class RowNotRead(Invalid):
    code = "row_not_read"
    title = "The row is not a JSON object, or has more cells than the header"


class Ending(Enum):
    """How a line of CSV ends: with its row, within a quoted cell, or as no CSV at all."""

    ROW = auto()
    QUOTE = auto()
    BROKEN = auto()


async def lines_of(stream: AsyncIterator[bytes], *, is_csv: bool) -> AsyncIterator[bytes]:
    """Each row that is not empty; in CSV, with the lines that its quotes span. TOO_LONG stands for one too long.

    Where a quote is never closed, its first line is a row alone, and the lines after it are read as if it were not.
    """
    spanning = SpanningLines()
    async for line in _physical_lines(stream):
        for row in _not_empty(spanning.rows_with(line) if is_csv else (line,)):
            yield row
    for row in _not_empty(spanning.rows_left()):
        yield row


def _not_empty(rows: Iterable[bytes | None]) -> Iterator[bytes]:
    for row in rows:
        if row is None:
            yield TOO_LONG
        elif row.strip():
            yield row


async def _physical_lines(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes | None]:
    """Whatever stands between line ends; nothing for a line that is too long."""
    kept, is_too_long = bytearray(), False
    async for chunk in stream:
        *ended, rest = chunk.split(b"\n")
        for part in ended:
            kept += part
            yield None if is_too_long or len(kept) > MAX_ROW_BYTES else bytes(kept)
            kept, is_too_long = bytearray(), False
        kept += rest
        if len(kept) > MAX_ROW_BYTES:
            kept, is_too_long = bytearray(), True
    if kept or is_too_long:
        yield None if is_too_long else bytes(kept)


class SpanningLines:
    """Lines of CSV, put together where a quoted cell spans them. Each is scanned at most twice, whatever they hold:
    once as the first of a row and once as one that a quote was left open before.
    """

    def __init__(self) -> None:
        self._lines: deque[bytes | None] = deque()
        self._is_open = False  # the first line leaves a quote open
        self._held = 0  # so many lines after the first are known to leave open what was open before them
        self._held_bytes = 0
        self._is_next_broken = False  # and the one after these does not close it either, as CSV must
        self._is_begun = False

    def rows_with(self, line: bytes | None) -> Iterator[bytes | None]:
        """The rows that are complete now that `line` has come."""
        if not self._is_begun and line is not None:
            line = line.removeprefix(BOM)
        self._is_begun = True
        self._lines.append(line)
        yield from self._rows(is_last=False)

    def rows_left(self) -> Iterator[bytes | None]:
        """The rows of a body that has ended."""
        yield from self._rows(is_last=True)

    def _rows(self, *, is_last: bool) -> Iterator[bytes | None]:
        while self._lines:
            first = self._lines[0]
            if first is None or not (self._is_open or ending_of(first) is Ending.QUOTE):
                yield self._take_alone()
                continue
            self._is_open = True
            ending = self._look_on(len(first))
            if ending is Ending.ROW:
                yield b"\n".join(each for each in self._lines if each is not None)
                self._lines.clear()
                self._is_open, self._held, self._held_bytes = False, 0, 0
            elif ending is Ending.BROKEN or is_last:
                yield self._take_alone()
            else:
                return

    def _look_on(self, size: int) -> Ending:
        """What becomes of the quote that a first line of `size` bytes leaves open."""
        while self._held + 1 < len(self._lines):
            line = self._lines[-1]
            if line is None or self._is_next_broken or size + self._held_bytes + len(line) >= MAX_ROW_BYTES:
                return Ending.BROKEN
            ending = ending_of(line, is_quote_open=True)
            if ending is Ending.ROW:
                return ending
            if ending is Ending.BROKEN:
                self._is_next_broken = True
            else:
                self._held += 1
                self._held_bytes += len(line) + 1
        return Ending.QUOTE

    def _take_alone(self) -> bytes | None:
        first = self._lines.popleft()
        self._is_open = False
        if self._held:
            self._held -= 1
            self._held_bytes -= len(self._lines[0] or b"") + 1
        else:
            self._is_next_broken = False
        return first


def ending_of(line: bytes, *, is_quote_open: bool = False) -> Ending:
    if b'"' not in line:
        return Ending.QUOTE if is_quote_open else Ending.ROW
    found = _LINE.fullmatch((b'"' if is_quote_open else b"") + line.rstrip(b"\r"))
    if found is None:
        return Ending.BROKEN
    return Ending.ROW if found["left_open"] is None else Ending.QUOTE


def cells_of(raw: bytes) -> list[str]:
    """The cells of one row of CSV. Raises RowNotRead, also for what holds another row."""
    try:
        rows = csv.reader(io.StringIO(raw.decode(), newline=""), strict=True)
        cells = next(rows)
        if any(rows):
            raise RowNotRead("The row holds a line end that no quotes enclose.")
    except UnicodeDecodeError:
        raise RowNotRead("The row is not CSV in UTF-8.") from None
    except (csv.Error, StopIteration):
        raise RowNotRead("The row is not CSV: a quote that opens a cell is closed at its end.") from None
    return cells
