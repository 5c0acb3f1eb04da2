"""How often drafts may be begun and links to them asked for: by one address, and for one person."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.drafts import commands
from shared.asking import Asking, may_ask
from shared.errors import DomainError
from shared.principals import Principal, PrincipalKind

BEGINNING = Asking("draft", for_one_person=5, from_one_address=20)
FOR_OTHERS = Asking("draft-for-others", for_one_person=5, from_one_address=600)
"""A board begins them for all its candidates from one address."""
LINKS = Asking("draft-link", for_one_person=5)


DOCUMENTS = Asking("draft-document", for_one_person=20)
"""Of one draft: each is examined, and anybody may begin a draft."""


class AskedTooOften(DomainError):
    code: ClassVar[str] = "asked_too_often"
    status: ClassVar[int] = 429
    title: ClassVar[str] = "This was asked for too often in the last minute"


async def refuse_too_many(request: Request, email: str, caller: Principal) -> None:
    """Counts this request. Raises AskedTooOften."""
    asking = FOR_OTHERS if caller.kind is PrincipalKind.CLIENT else BEGINNING
    if not await may_ask(request, asking, email):
        raise AskedTooOften(next_step="Wait a minute and send it again", retry_after_seconds=60)


async def ask_for_links(request: Request, session: AsyncSession, email: str, now: datetime) -> None:
    """Mail them, unless it was asked too often. Says nothing of either."""
    if await may_ask(request, LINKS, email):
        await commands.send_links(session, email, now=now)


async def refuse_too_many_documents(request: Request, caller: Principal) -> None:
    """Counts this request of a person by link. Raises AskedTooOften."""
    if caller.kind is PrincipalKind.LINK and not await may_ask(request, DOCUMENTS, str(caller.id)):
        raise AskedTooOften(next_step="Wait a minute and send it again", retry_after_seconds=60)
