"""A feed's document, cut into rows. It comes from outside: no DTD, no entity, nothing fetched, nothing huge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from lxml import etree

from services.ats.approvals.schemas import Attestation
from services.ats.polled_feeds.mapping import REFERENCE, Mapping, ValueNotMapped, follow, local_name, place_of
from services.ats.polled_feeds.models import FeedFormat
from services.ats.vacancy_uploads.commands import RowTwice
from services.ats.vacancy_uploads.reading import KeyMissing, Row, RowNotRead, read_row
from services.ats.vacancy_uploads.schemas import MAX_ROWS
from shared.errors import DomainError
from shared.problems import as_problem

LONGEST_REFERENCE = 120


class FeedNotRead(DomainError):
    """A read that failed says nothing about what is in the feed and what has left it."""

    code = "feed_not_read"
    status = 422
    title = "The feed is not a whole document of its format"


class DoctypeRefused(FeedNotRead):
    code = "doctype_refused"
    title = "A feed with a DOCTYPE is not read: it can make a small document huge, or read files"


class FeedTooLong(FeedNotRead):
    code = "feed_too_long"
    title = f"A feed has at most {MAX_ROWS} rows"


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One row: its reference where it has one, the row as an upload would have it, the approval that it tells of."""

    reference: str | None
    row: Row
    attested: Any = None


def read_feed(body: BinaryIO, kind: FeedFormat, mapping: Mapping, *, employer: str, channel: str) -> list[FeedRow]:
    """Every row. Raises FeedNotRead."""
    items = _xml_items(body, mapping.items) if kind is FeedFormat.XML else _json_items(body, mapping.items)
    rows: list[FeedRow] = []
    first: dict[str, int] = {}
    for number, item in enumerate(items, start=1):
        if number > MAX_ROWS:
            raise FeedTooLong(next_step="Give one feed for each part of the council.")
        rows.append(_row(number, item, mapping, {"employer": employer, "source_system": channel}, first))
    return rows


def _row(number: int, item: Any, mapping: Mapping, own: dict[str, str], first: dict[str, int]) -> FeedRow:
    reference, wanted = follow(mapping, item)
    if reference is not None and not (len(reference) <= LONGEST_REFERENCE and reference.isprintable()):
        reference = None
    problem: DomainError | None = None
    if reference is None:
        problem = KeyMissing(f"A reference has 1 to {LONGEST_REFERENCE} printable characters.", field=REFERENCE)
    elif first.setdefault(reference, number) != number:
        problem = RowTwice(f"Row {first[reference]} is the first.", field=REFERENCE)
    elif isinstance(wanted, ValueNotMapped):
        problem = wanted
    if problem is not None or isinstance(wanted, ValueNotMapped):
        return FeedRow(reference, Row(number, b"", problem=as_problem(problem or RowNotRead())))
    attested = wanted.pop("attestation", None)
    row = read_row(number, json.dumps(wanted | own | {REFERENCE: reference}).encode(), None)
    return FeedRow(reference, row, attested)


def attestation_of(found: Any) -> Attestation | None:
    """The approval that a row tells of; None where it tells of none. Raises ValidationError."""
    return Attestation.model_validate(found) if found and found.get("approved_at") else None


def _xml_items(body: BinaryIO, path: str) -> Iterator[Any]:
    """Each element at the path, forgotten once it has been read."""
    wanted, at = path.split("/"), [""]
    events = etree.iterparse(
        body,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for event, element in events:
            if event == "start":
                if len(at) == 1 and element.getroottree().docinfo.doctype:
                    raise DoctypeRefused(next_step="Ask the vendor for the feed without its DOCTYPE.")
                at.append(local_name(element))
                continue
            if at[2:] == wanted:
                yield element
                _forget(element)
            at.pop()
    except etree.LxmlError as error:
        raise FeedNotRead(f"It is not well-formed XML: line {getattr(error, 'lineno', None) or 1}.") from None


def _forget(element: Any) -> None:
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _json_items(body: BinaryIO, path: str) -> Iterator[Any]:
    """`.` stands for a document that is itself the list."""
    try:
        document = json.load(body)
    except (ValueError, RecursionError):
        raise FeedNotRead("It is not JSON.") from None
    found = document if path == "." else place_of(document, path)
    if not isinstance(found, list):
        raise FeedNotRead(f"There is no list at {path}.", field="mapping.items")
    yield from found
