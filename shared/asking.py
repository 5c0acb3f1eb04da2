"""Mails that anyone may have sent to an address: nobody is flooded with them, and nobody sends many."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers

from shared.http_guard import caller_address
from shared.sealing import person_key


@dataclass(frozen=True, slots=True)
class Asking:
    """How often a minute one kind of mail may be asked for: for one person, and from one network address."""

    kind: str
    for_one_person: int
    from_one_address: int = 60


async def may_ask(request: Request, asking: Asking, email: str) -> bool:
    """Counts this request. The keys hold no e-mail address; without Redis the answer is no."""
    take = request.state.limiter.take
    origin = caller_address(request.scope, Headers(scope=request.scope), request.state.settings)
    for per_minute, key in (
        (asking.from_one_address, f"from:{origin}"),
        (asking.for_one_person, f"for:{person_key(email)}"),
    ):
        if not (await take(per_minute, asking.kind, key, fail_closed=True)).allowed:
            return False
    return True
