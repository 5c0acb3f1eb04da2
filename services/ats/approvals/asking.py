"""Whom a request for approval is sent to, and who is told what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approval_flows.queries import delegations_in_force
from services.ats.approvals.models import Approval, ApprovalState
from services.ats.approvals.queries import decisions_in_group
from services.ats.approvals.rules import current_group
from services.ats.vacancies.models import Vacancy
from shared import outbox
from shared.calendar import local_date
from shared.events.ats import ApprovalDecided, ApprovalRequested
from shared.events.base import Contact
from shared.registry import StaffMember, find_staff, staff_with_role
from shared.vocabulary import Role, Service


async def ask_group(session: AsyncSession, vacancy: Vacancy, approval: Approval, *, now: datetime) -> None:
    """One fact per approver of the group whose turn it is, so that each mail has its own."""
    for person in await _whom_to_ask(session, vacancy, approval, now=now):
        asked = ApprovalRequested(
            vacancy_id=vacancy.id,
            employer_id=vacancy.employer_id,
            approval_id=approval.id,
            approver_id=person.id,
            vacancy_title=vacancy.title,
            reference=vacancy.reference,
            reminder_no=approval.reminders_sent,
        )
        contact = Contact(name=person.name, email=person.email)
        await outbox.record(session, asked, now=now, sealed={Service.NOTIFICATIONS: contact})


async def _whom_to_ask(
    session: AsyncSession, vacancy: Vacancy, approval: Approval, *, now: datetime
) -> Sequence[StaffMember]:
    """Who sits in the group and has not decided, and who stands in for one of them. Never the requester."""
    group = current_group(approval)
    decided: Collection[UUID] = {each.seat_of for each in await decisions_in_group(session, approval)}
    standing_in = await delegations_in_force(session, vacancy.employer_id, today=local_date(now))
    lent_to = {
        each.to_staff_id
        for each in standing_in
        if group.approver_ids
        and each.from_staff_id in group.approver_ids
        and each.from_staff_id not in decided
        and each.from_staff_id != approval.requested_by
    }
    return [
        person
        for person in await staff_with_role(session, Role.APPROVER, vacancy.employer_id)
        if person.id != approval.requested_by
        and ((group.seats(person.id) and person.id not in decided) or person.id in lent_to)
    ]


async def tell_requester(session: AsyncSession, vacancy: Vacancy, approval: Approval, *, now: datetime) -> None:
    """A person who asked is told; a system that asked reads the vacancy."""
    person = None if approval.requested_by is None else await find_staff(session, approval.requested_by)
    if person is None:
        return
    decided = ApprovalDecided(
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        approval_id=approval.id,
        requester_id=person.id,
        decision="approved" if approval.state is ApprovalState.APPROVED else "rejected",
        vacancy_title=vacancy.title,
        reference=vacancy.reference,
    )
    contact = Contact(name=person.name, email=person.email)
    await outbox.record(session, decided, now=now, sealed={Service.NOTIFICATIONS: contact})
