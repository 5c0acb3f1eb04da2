"""A vendor's server that gives its feed and nothing else: what it answers next is what the test says."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from xml.sax.saxutils import escape


@dataclass
class Answer:
    """`declared`: the length that is said, where it is not the true one. `drip`: seconds between bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    drip: float = 0.0
    etag: str | None = None


@dataclass
class FeedServer:
    url: str = ""
    answer: Answer = field(default_factory=Answer)
    asked: list[dict[str, str]] = field(default_factory=list)
    while_asked: Callable[[], None] = lambda: None
    stopping: Event = field(default_factory=Event)

    def shows(self, *references: str, **changes: Any) -> None:
        self.answer = Answer(feed(*(job(each) for each in references)), **changes)


def job(reference: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": reference,
        "title": "Housing officer",
        "hours": "37",
        "type": "FT",
        "postcode": "B69 3DE",
        "salary": "£25,583 - £30,296 a year",
        "expires": "18/12/2026",
        "url": f"https://jobs.vendor.example/{reference}",
    } | changes


def feed(*jobs: dict[str, Any]) -> bytes:
    rows = "".join(
        f'<job id="{escape(each["id"])}">'
        + "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in each.items() if name != "id")
        + "</job>"
        for each in jobs
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><source>{rows}</source>'.encode()


FIELDS: dict[str, Any] = {
    "external_reference": {"path": "@id"},
    "title": {"path": "title"},
    "hours_per_week": {"path": "hours", "otherwise": "37"},
    "contract": {"path": "type", "values": {"FT": "permanent", "Cas": "casual"}},
    "postcode": {"path": "postcode"},
    "salary_min_pence": {"path": "salary", "read_as": "lowest_pounds"},
    "salary_max_pence": {"path": "salary", "read_as": "highest_pounds"},
    "closes_at": {"path": "expires", "date_format": "%d/%m/%Y"},
    "management": {"constant": "external"},
    "apply.method": {"constant": "url"},
    "apply.url": {"path": "url"},
}
ATTESTATION = {
    "attestation.approved_at": {"path": "approved_at"},
    "attestation.approved_by": {"path": "approved_by"},
    "attestation.reference": {"path": "wf"},
}


def settings(url: str, *, format: str = "xml", **fields: Any) -> dict[str, Any]:  # noqa: A002 - the field's name
    return {"url": url, "format": format, "mapping": {"items": "job", "fields": FIELDS | fields}}


def bomb(size: int) -> bytes:
    """So many bytes, packed a thousand times smaller."""
    return gzip.compress(b" " * size)


@contextmanager
def serving() -> Iterator[FeedServer]:
    played = FeedServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            played.asked.append({name.lower(): value for name, value in self.headers.items()})
            played.while_asked()
            answer = played.answer
            if answer.etag is not None and self.headers.get("If-None-Match") == answer.etag:
                answer = Answer(status=304)
            self.send_response(answer.status)
            for name, value in (answer.headers | ({"ETag": answer.etag} if answer.etag else {})).items():
                self.send_header(name, value)
            if answer.status != 304:
                self.send_header("Content-Length", str(answer.declared or len(answer.body)))
            self.end_headers()
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            try:
                if not answer.drip:
                    self.wfile.write(answer.body)
                    return
                for byte in answer.body:
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                    if played.stopping.wait(answer.drip):
                        return
            except OSError:
                pass  # the reader has had enough

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its own name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    played.url = f"http://127.0.0.1:{server.server_address[1]}/feed.xml"
    try:
        yield played
    finally:
        played.stopping.set()
        server.shutdown()
        server.server_close()
