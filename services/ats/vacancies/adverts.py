"""Commands about an advert that is out or about to be: its schedule, its deadline, its circle of readers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import SYSTEM, Actor
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.vacancies import advert_rules, queries, rules
from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.advert_schemas import DeadlineExtension, InternalAudience
from services.ats.vacancies.announcing import announce, audit_vacancy
from services.ats.vacancies.lifecycle import BATCH, go_live, load_for
from services.ats.vacancies.models import Vacancy, VacancyAlert
from shared.due_rows import do_each, not_held_back
from shared.registry import get_employer_by_code
from shared.vocabulary import VacancyState


async def publish_due_adverts(session: AsyncSession, now: datetime) -> int:
    """Due work: put up each advert whose hour has come. One that is not ready then is brought to somebody's notice."""
    due = select(Vacancy.id).where(
        Vacancy.state == VacancyState.APPROVED,
        Vacancy.publish_at <= now,
        not_held_back(publish_due_adverts, Vacancy.id),
    )
    ids = (await session.scalars(due.order_by(Vacancy.publish_at, Vacancy.id).limit(BATCH))).all()

    async def publish_one(vacancy_id: UUID) -> None:
        vacancy = await queries.get_vacancy(session, vacancy_id, lock=True)
        wanted_at = vacancy.publish_at
        if vacancy.state is not VacancyState.APPROVED or wanted_at is None or wanted_at > now:
            return
        # Its last change may be what made it ready after its hour: it was not live before that.
        at = max(wanted_at, min(vacancy.updated_at, now))
        if rules.may_publish_itself(vacancy, at, now=now):
            await go_live(session, vacancy, at=at, actor=SYSTEM, now=now)
        else:
            vacancy.publish_at = None
            missed = VacancyAlert(
                employer_id=vacancy.employer_id,
                vacancy_id=vacancy.id,
                code="publication_missed",
                raised_at=wanted_at,
            )
            session.add(missed)
            at = wanted_at
        await announce(session, vacancy, now=now, at=at)

    return await do_each(session, publish_due_adverts, ids, publish_one)


async def extend_deadline(
    session: AsyncSession,
    vacancy_id: UUID,
    wanted: DeadlineExtension,
    *,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> Vacancy:
    """A later deadline for an advert that is out. Raises IllegalMove, DeadlineNotLater."""
    vacancy = await load_for(session, vacancy_id, VacancyAction.EXTEND_DEADLINE, expected)
    was_until = advert_rules.extend_deadline(vacancy, wanted.closes_at, now=now)
    extension = {
        "was_until": was_until.isoformat(),
        "until": wanted.closes_at.isoformat(),
        "reason": wanted.reason.value,
        "note": wanted.note,
        "extended_at": now.isoformat(),
    }
    vacancy.deadline_extensions = [*vacancy.deadline_extensions, extension]
    reason = wanted.reason.value if wanted.note is None else f"{wanted.reason.value}: {wanted.note}"
    audit_vacancy(session, vacancy, "deadline_extended", actor=actor, at=now, reason=reason)
    await announce(session, vacancy, now=now)
    return vacancy


async def advertise_internally(
    session: AsyncSession,
    vacancy_id: UUID,
    audience: InternalAudience,
    *,
    actor: Actor,
    expected: int | None,
    now: datetime,
) -> Vacancy:
    """Show it to the employees of a set of employers before, or instead of, the public. It is public nowhere.

    Raises IllegalMove, ApprovalMissing, ClearanceMissing, DeadlinePassed, EmployerUnknown.
    """
    vacancy = await load_for(session, vacancy_id, VacancyAction.ADVERTISE_INTERNALLY, expected)
    readers = {(await get_employer_by_code(session, code)).id for code in audience.employers}
    advert_rules.advertise_internally(vacancy, now, closes_at=audience.closes_at)
    vacancy.internal_employer_ids = sorted(str(each) for each in readers)
    step = Step(vacancy.employer_id, vacancy.id, reason="internal")
    append(session, HiringEvent.ADVERT_LIVE, step, occurred_at=now, actor=actor)
    codes = ", ".join(sorted(audience.employers))
    audit_vacancy(session, vacancy, "advertised_internally", actor=actor, at=now, reason=codes)
    await announce(session, vacancy, now=now)
    return vacancy
