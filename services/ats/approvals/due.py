"""Due work of approvals: who has not decided is reminded, and an approval that was not used in time ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approval_flows.rules import next_reminder
from services.ats.approvals.asking import ask_group
from services.ats.approvals.models import Approval, ApprovalState
from services.ats.audit.actor import SYSTEM
from services.ats.vacancies import queries as vacancy_queries
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.announcing import announce, audit_vacancy
from services.ats.vacancies.models import Vacancy, VacancyAlert
from shared.due_rows import do_each, not_held_back
from shared.vocabulary import VacancyState

BATCH = 100
UNUSED = (VacancyState.APPROVED, VacancyState.IN_CLEARING)
"""Where an approval waits to be used. One whose advert is out has been, and is looked at again before a new run."""


async def remind_approvers(session: AsyncSession, now: datetime) -> int:
    """Due work: ask the group whose turn it is again. Reminders that were overtaken come as one."""
    due = select(Approval.id).where(
        Approval.state == ApprovalState.PENDING,
        Approval.next_reminder_at <= now,
        not_held_back(remind_approvers, Approval.id),
    )
    ids = (await session.scalars(due.order_by(Approval.next_reminder_at, Approval.id).limit(BATCH))).all()

    async def remind(approval_id: UUID) -> None:
        approval = await session.get_one(Approval, approval_id, populate_existing=True)
        vacancy = await vacancy_queries.get_vacancy(session, approval.vacancy_id, lock=True)
        await session.refresh(approval)
        if approval.next_reminder_at is None or approval.next_reminder_at > now:
            return
        if approval.state is not ApprovalState.PENDING or vacancy.pending_approval_id != approval.id:
            approval.next_reminder_at = None
            return
        approval.reminders_sent += 1
        approval.next_reminder_at = next_reminder(now, approval.reminder_working_days, approval.reminders_sent)
        await ask_group(session, vacancy, approval, now=now)

    return await do_each(session, remind_approvers, ids, remind)


async def expire_approvals(session: AsyncSession, now: datetime) -> int:
    """Due work: an approval that nobody used before its end is none any more, from that very instant."""
    due = select(Vacancy.id).where(
        Vacancy.state.in_(UNUSED), Vacancy.approval_expires_at <= now, not_held_back(expire_approvals, Vacancy.id)
    )
    ids = (await session.scalars(due.order_by(Vacancy.approval_expires_at, Vacancy.id).limit(BATCH))).all()

    async def expire(vacancy_id: UUID) -> None:
        vacancy = await vacancy_queries.get_vacancy(session, vacancy_id, lock=True)
        ended_at = vacancy.approval_expires_at
        if vacancy.state not in UNUSED or ended_at is None or not vacancy_rules.lapse_approval(vacancy, now):
            return
        given = (Approval.vacancy_id == vacancy.id, Approval.state == ApprovalState.APPROVED)
        await session.execute(update(Approval).where(*given).values(state=ApprovalState.EXPIRED))
        session.add(
            VacancyAlert(
                employer_id=vacancy.employer_id, vacancy_id=vacancy.id, code="approval_expired", raised_at=ended_at
            )
        )
        audit_vacancy(session, vacancy, "approval_expired", actor=SYSTEM, at=ended_at)
        await announce(session, vacancy, now=now, at=ended_at)

    return await do_each(session, expire_approvals, ids, expire)
