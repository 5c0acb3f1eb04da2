"""Saving a search for whoever asks: the same for a front end and for our own page."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.job_alerts import commands
from services.ats.job_alerts.schemas import JobAlertCreate
from shared.asking import Asking, may_ask

ASKING = Asking("job-alert", for_one_person=5)


async def ask_for_alert(request: Request, session: AsyncSession, wanted: JobAlertCreate, now: datetime) -> None:
    """Save it, unless no person asks, or one asks too often. Says nothing of either.

    Raises PlaceUnknown, EmployerNotListed.
    """
    await commands.refuse_impossible(session, wanted.search)
    if not wanted.website and await may_ask(request, ASKING, wanted.email):
        await commands.save_search(session, wanted, now=now)


async def ask_for_links(request: Request, session: AsyncSession, email: str, now: datetime) -> None:
    """Mail a link to each alert of this address, unless it was asked too often."""
    if await may_ask(request, ASKING, email):
        await commands.send_links_again(session, email, now=now)
