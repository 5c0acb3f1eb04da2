"""Refusals of the domain: each has a stable code, a status and words on the way out."""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """A rule said no. `shared.problems` turns it into an RFC 9457 problem document.

    `detail` is shown to the caller: it never holds personal data. `field` is a JSON-pointer-like path such as
    `openings` or `essential.0.weeks_to_train`. `next_step` says the way out. `extra` adds members to the document.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "The request was refused"

    def __init__(
        self, detail: str = "", *, field: str | None = None, next_step: str | None = None, **extra: Any
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.field = field
        self.next_step = next_step
        self.extra = extra


class NotFound(DomainError):
    """The thing does not exist, or belongs to another employer: the two read the same."""

    code = "not_found"
    status = 404
    title = "There is nothing here for you"


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    title = "You may not do this"


class Unauthenticated(DomainError):
    code = "unauthenticated"
    status = 401
    title = "Sign in or send a valid token"


class Invalid(DomainError):
    code = "invalid"
    status = 422
    title = "Something in the request is not valid"


class StaleVersion(DomainError):
    code = "stale_version"
    status = 412
    title = "Someone changed this after you read it"


class TransientFailure(Exception):
    """A part outside was briefly away: the same work may succeed when tried again."""
