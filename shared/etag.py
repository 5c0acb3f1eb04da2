"""Entity tags: a row's version on changes, a hash of the body on public reads."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, ClassVar

from fastapi import Depends, Header

from shared.errors import DomainError, StaleVersion

_TAG = re.compile(r'^(?:W/)?"v(\d+)"$')


class MalformedIfMatch(DomainError):
    code: ClassVar[str] = "malformed_if_match"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "If-Match is not an entity tag that we gave out"


def etag_of(version: int) -> str:
    return f'"v{version}"'


def etag_of_body(body: bytes) -> str:
    return f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'


async def expected_version(
    if_match: Annotated[str | None, Header(description="The ETag last read")] = None,
) -> int | None:
    if if_match is None or if_match == "*":
        return None
    found = _TAG.match(if_match.strip())
    if found is None:
        raise MalformedIfMatch(next_step="Send the ETag of your last read, unchanged")
    return int(found[1])


IfMatch = Annotated[int | None, Depends(expected_version)]


def refuse_stale(expected: int | None, actual: int) -> None:
    """Raise StaleVersion (412) when the caller saw another version than the one about to be changed."""
    if expected is not None and expected != actual:
        raise StaleVersion(next_step="Read it again, look at what changed, and send your change with the new ETag")
