"""Who it is that asks, whether a page or a front end brings it, and what they are given."""

from __future__ import annotations

from datetime import datetime

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.queries import get_application
from services.ats.audit.actor import Actor
from services.ats.privacy import commands
from services.ats.privacy.commands import Asker, NothingHeld
from services.ats.privacy.contents import ErasedContents
from services.ats.privacy.models import DataSubjectCase
from services.ats.privacy.schemas import CaseCreate, Wanted
from services.ats.privacy.states import Confirmation
from shared.errors import Invalid
from shared.principals import Principal
from shared.registry import Employer, EmployerUnknown, get_employer_by_code


async def own_employer(session: AsyncSession, code: str, caller: Principal) -> Employer:
    """Raises EmployerUnknown for one that the caller may not speak for, as for one that does not exist."""
    employer = await get_employer_by_code(session, code)
    if not caller.may_act_for(employer.id):
        raise EmployerUnknown(field="employer")
    return employer


async def asker_of(session: AsyncSession, wanted: CaseCreate, caller: Principal) -> Asker:
    """Whoever speaks for one employer need not name it. Raises EmployerUnknown, Invalid where it has to be named."""
    if wanted.employer is not None:
        employer_id = (await own_employer(session, wanted.employer, caller)).id
    elif caller.is_region:
        employer_id = None
    elif len(caller.employer_ids) == 1:
        (employer_id,) = caller.employer_ids
    else:
        raise Invalid("You speak for several employers.", field="employer", next_step="Name one of them")
    return Asker(wanted.email, wanted.name, employer_id, wanted.confirmed_by)


async def open_own(
    session: AsyncSession, wanted: Wanted, caller: Principal, *, erased: ErasedContents, now: datetime
) -> DataSubjectCase:
    """By the link in a mail to this very address, so it covers all that is held under it. Raises NothingHeld."""
    assert caller.subject_id is not None
    application = await get_application(session, caller.subject_id)
    contact = application.contact
    if contact is None:
        raise NothingHeld
    asker = Asker(contact.email, contact.name, None, Confirmation.OWN_LINK)
    return await commands.open_case(session, wanted, asker, erased=erased, actor=Actor.of(caller), now=now)


def as_zip(body: bytes) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="my-data.zip"', "Cache-Control": "no-store"}
    return Response(body, media_type="application/zip", headers=headers)
