"""Deleting a draft: its row goes, a tombstone tells those who keep a copy.

What somebody was asked to approve, or what was shown to anyone, is part of the record of a campaign. It is refused
here rather than cancelled by itself: a cancellation has a reason, and takes an advert from people who see it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.vacancies import queries, rules
from services.ats.vacancies.actions import ENDED
from services.ats.vacancies.announcing import announce, audit_vacancy
from services.ats.vacancies.models import Vacancy, VacancyTombstone
from services.ats.vacancies.natural_key import NaturalKey, find_by_key
from services.ats.vacancies.tombstones import TombstoneRead
from shared.errors import DomainError
from shared.etag import refuse_stale
from shared.registry import get_employer_by_code
from shared.vocabulary import VacancyState


class DeletionRefused(DomainError):
    code = "deletion_refused"
    title = "Only a draft that was never sent for approval is deleted"


async def delete_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, expected: int | None, now: datetime
) -> TombstoneRead:
    """The tombstone; for what is deleted already, the one it left.

    Raises VacancyNotFound, StaleVersion, DeletionRefused.
    """
    vacancy = await queries.find_vacancy(session, vacancy_id, lock=True)
    if vacancy is not None:
        return await _delete(session, vacancy, actor=actor, expected=expected, now=now)
    return _shown(await session.get(VacancyTombstone, vacancy_id))


async def delete_by_key(
    session: AsyncSession, key: NaturalKey, *, actor: Actor, expected: int | None, now: datetime
) -> TombstoneRead:
    """As `delete_vacancy`; of several deleted under one key, the last. Raises EmployerUnknown too."""
    vacancy = await find_by_key(session, key, lock=True)
    if vacancy is not None:
        return await _delete(session, vacancy, actor=actor, expected=expected, now=now)
    employer = await get_employer_by_code(session, key.employer)
    of_the_key = select(VacancyTombstone).where(
        VacancyTombstone.employer_id == employer.id,
        VacancyTombstone.source_system == key.source_system,
        VacancyTombstone.external_reference == key.external_reference,
    )
    return _shown(await session.scalar(of_the_key.order_by(VacancyTombstone.deleted_at.desc()).limit(1)))


async def _delete(
    session: AsyncSession, vacancy: Vacancy, *, actor: Actor, expected: int | None, now: datetime
) -> TombstoneRead:
    refuse_stale(expected, vacancy.version)
    if not rules.is_untouched_draft(vacancy):
        raise _refusal(vacancy)
    audit_vacancy(session, vacancy, "vacancy_deleted", actor=actor, at=now)
    # To the others it has ended: they have heard of the draft and keep what they heard.
    vacancy.state = VacancyState.CANCELLED
    await announce(session, vacancy, now=now)
    tombstone = VacancyTombstone(
        id=vacancy.id,
        employer_id=vacancy.employer_id,
        reference=vacancy.reference,
        source_system=vacancy.source_system,
        external_reference=vacancy.external_reference,
        deleted_at=now,
    )
    session.add(tombstone)
    try:
        async with session.begin_nested():
            await session.delete(vacancy)
    except IntegrityError:
        raise _refusal(vacancy) from None  # a milestone of it was reported, say: it is a campaign, if a draft to us
    return _shown(tombstone)


def _refusal(vacancy: Vacancy) -> DeletionRefused:
    cancel = f"POST /v1/vacancies/{vacancy.id}/cancel with the reason."
    return DeletionRefused(
        field="state",
        next_step="It has ended and stays on record." if vacancy.state in ENDED else f"Cancel it: {cancel}",
        state=vacancy.state,
    )


def _shown(tombstone: VacancyTombstone | None) -> TombstoneRead:
    if tombstone is None:
        raise queries.VacancyNotFound
    return TombstoneRead.model_validate(tombstone)
