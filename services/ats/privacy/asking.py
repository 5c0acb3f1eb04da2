"""Who it is that asks, whether a page or a front end brings it, and what they are given."""

from __future__ import annotations

from datetime import datetime

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.audit.actor import Actor
from services.ats.privacy import commands
from services.ats.privacy.commands import Asker, NothingHeld
from services.ats.privacy.models import DataSubjectCase
from services.ats.privacy.schemas import CaseCreate, Wanted
from services.ats.privacy.states import Confirmation
from shared.errors import Invalid
from shared.principals import Principal
from shared.registry import list_employers


async def asker_of(session: AsyncSession, wanted: CaseCreate, caller: Principal) -> Asker:
    """Raises Invalid for an employer that is not the officer's to speak for."""
    reach = None if caller.is_region else caller.employer_ids
    own = {each.code: each.id for each in await list_employers(session, reach)}
    if wanted.employer is None and caller.is_region:
        return Asker(wanted.email, wanted.name, None, wanted.confirmed_by)
    code = wanted.employer or (next(iter(own)) if len(own) == 1 else "")
    if code not in own:
        raise Invalid("This employer is not yours to speak for.", field="employer", next_step="Name one of yours")
    return Asker(wanted.email, wanted.name, own[code], wanted.confirmed_by)


async def open_own(session: AsyncSession, wanted: Wanted, caller: Principal, now: datetime) -> DataSubjectCase:
    """By the link in a mail to this very address, so it covers all that is held under it. Raises NothingHeld."""
    assert caller.subject_id is not None
    application = await get_application(session, caller.subject_id)
    contact = application.contact
    if contact is None:
        raise NothingHeld
    asker = Asker(contact.email, contact.name, None, Confirmation.OWN_LINK)
    return await commands.open_case(session, wanted, asker, actor=Actor.of(caller), now=now)


def as_zip(body: bytes) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/zip", headers=headers)
