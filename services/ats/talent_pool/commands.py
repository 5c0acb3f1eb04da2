"""Inviting people of the pool to apply, and what they decide themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, PoolMember
from services.ats.applications.own import reach_employer
from services.ats.applications.pooling import (
    CONSENT,
    CONSENT_VERSION,
    find_own_member,
    join_pool,
    keep_in_pool,
    leave_pool,
)
from services.ats.applications.queries import ApplicationNotFound, get_application
from services.ats.applications.states import PoolReach
from services.ats.audit.actor import Actor, ActorKind
from services.ats.audit.commands import Subject, write_audit
from services.ats.talent_pool import queries, rules
from services.ats.talent_pool.models import PoolInvitation
from services.ats.talent_pool.schemas import OwnMembership
from services.ats.vacancies.queries import get_vacancy
from shared.errors import Invalid
from shared.principals import Principal


class ConsentOutdated(Invalid):
    code = "consent_outdated"
    title = "The words that were agreed to are not the ones in use"


async def invite_from_pool(
    session: AsyncSession, vacancy_id: UUID, member_ids: Sequence[UUID], *, actor: Actor, now: datetime
) -> None:
    """Each once for this vacancy: the worker looks, where no employer sees it, who has applied, and writes to the rest.

    Raises VacancyNotFound, NotAdvertised, NotInTalentPool.
    """
    vacancy = await get_vacancy(session, vacancy_id)
    rules.refuse_unadvertised(vacancy)
    known = await queries.known_members(session, member_ids)
    for place, each in enumerate(member_ids):
        if each not in known:
            raise rules.NotInTalentPool(field=f"member_ids.{place}", next_step="Search the pool again.")
    rows = [
        {
            "id": uuid4(),
            "employer_id": vacancy.employer_id,
            "vacancy_id": vacancy.id,
            "member_id": each,
            "invited_by": actor.id,
            "invited_at": now,
        }
        for each in dict.fromkeys(member_ids)
    ]
    await session.execute(insert(PoolInvitation).values(rows).on_conflict_do_nothing())
    subject = Subject("vacancy", vacancy.id, vacancy.employer_id)
    write_audit(session, "talent_pool_invited", subject, actor=actor, at=now, reason=str(len(rows)))


async def own_membership(session: AsyncSession, caller: Principal) -> OwnMembership:
    """Raises ApplicationNotFound."""
    member = await find_own_member(session, await _own(session, caller))
    return OwnMembership(
        is_member=member is not None,
        reach=None if member is None else member.reach,
        kept_until=None if member is None else member.kept_until,
        consent=CONSENT,
        consent_version=CONSENT_VERSION,
    )


async def join(
    session: AsyncSession, caller: Principal, reach: PoolReach, *, consent_version: str, now: datetime
) -> None:
    """Or change who may find them. Raises ApplicationNotFound, ConsentOutdated."""
    application = await _own(session, caller)
    if consent_version != CONSENT_VERSION:
        raise ConsentOutdated(field="consent_version", next_step="Show the person the words of today.")
    vacancy = await get_vacancy(session, application.vacancy_id)
    await join_pool(session, application, vacancy, reach, actor=Actor.of(caller), now=now)


async def keep(session: AsyncSession, caller: Principal, *, now: datetime) -> None:
    """Raises ApplicationNotFound, NotInTalentPool."""
    application = await _own(session, caller)
    member = await find_own_member(session, application, lock=True)
    if member is None:
        raise rules.NotInTalentPool
    await keep_in_pool(session, application, member, actor=Actor.of(caller), now=now)


async def leave(session: AsyncSession, caller: Principal, *, now: datetime) -> None:
    """Harmless for who has left already. Raises ApplicationNotFound."""
    application = await _own(session, caller)
    member = await find_own_member(session, application, lock=True)
    if member is not None:
        await leave_pool(session, application, member, actor=Actor.of(caller), now=now)


async def leave_by_token(session: AsyncSession, member_id: UUID, *, now: datetime) -> None:
    """By the link that every message carries; in a region session. Harmless for who has left already."""
    member = await session.scalar(select(PoolMember).where(PoolMember.id == member_id).with_for_update())
    if member is not None:
        application = await get_application(session, member.application_id)
        actor = Actor(ActorKind.CANDIDATE, application.id)
        await leave_pool(session, application, member, actor=actor, now=now)


async def _own(session: AsyncSession, caller: Principal) -> Application:
    """Raises ApplicationNotFound."""
    if caller.subject_id is None:
        raise ApplicationNotFound
    await reach_employer(session, caller.subject_id, caller)
    return await get_application(session, caller.subject_id)
