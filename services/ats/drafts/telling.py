"""What goes out about a draft: a link to it, its address and its advert sealed for the message alone."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.drafts.models import ApplicationDraft
from services.ats.drafts.rules import LINK_OUTLIVES_CLOSING
from services.ats.jobs.models import PublishedJob
from shared import outbox
from shared.addresses import public_url
from shared.events.applications import DraftContact, DraftLinkWanted
from shared.links import issue_link, link_url, revoke_links
from shared.vocabulary import Service

LINK_PURPOSE = "draft"
"""Of a link that was mailed: who opens it has shown that the address is theirs."""
BEGUN_HERE = "draft-begun"
"""Of the session of a browser in which a draft was begun, before anybody has read the mail."""


async def send_link(
    session: AsyncSession,
    draft: ApplicationDraft,
    job: PublishedJob,
    wanted_for: Literal["begun", "asked", "reminder"],
    *,
    now: datetime,
) -> None:
    """Mail its person a new link. Those of before are void."""
    await revoke_links(session, draft.id, now=now, purpose=LINK_PURPOSE)
    expires_at = max(job.closes_at, now) + LINK_OUTLIVES_CLOSING
    token = await issue_link(
        session,
        purpose=LINK_PURPOSE,
        subject_id=draft.id,
        employer_id=draft.advertiser_id,
        expires_at=expires_at,
        path=f"/jobs/{draft.vacancy_id}/apply/check",
    )
    event = DraftLinkWanted(draft_id=draft.id, wanted_for=wanted_for, closes_at=job.closes_at, expires_at=expires_at)
    sealed = DraftContact(
        name="",
        email=draft.email,
        link=link_url(draft.link_address or public_url(Service.ATS), token),
        vacancy_title=job.title,
        employer=job.employer_name,
    )
    await outbox.record(session, event, now=now, sealed={Service.NOTIFICATIONS: sealed})
