"""A document on its way out: always a download of a fixed type."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Response

from services.ats.documents.commands import Fetched
from services.ats.files.kinds import MEDIA_TYPES
from shared.auth import Principal, allow_link

Candidate = Annotated[Principal, Depends(allow_link("candidate"))]
# Never shown by a browser in the place of a page of ours, whatever it takes the content for.
NEVER_INLINE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


def hand_out(fetched: Fetched) -> Response:
    """As a download of a fixed type."""
    plain = fetched.name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(fetched.name, safe='')}"
    headers = NEVER_INLINE | {"Content-Disposition": disposition}
    return Response(fetched.content, media_type=MEDIA_TYPES[fetched.kind], headers=headers)
