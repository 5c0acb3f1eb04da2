"""What is put before the home council's HR: each new interest, once, before anybody is referred (R8, R49)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM
from services.clearing.referrals import queries
from services.clearing.referrals.lifecycle import move_referral
from services.clearing.referrals.models import Referral
from services.clearing.referrals.states import ReferralState
from shared import outbox
from shared.due_rows import do_each, not_held_back
from shared.events.base import Contact, Event
from shared.events.clearing import ReviewWanted
from shared.outbox import Telling
from shared.registry import StaffMember, staff_with_role
from shared.vocabulary import Role, Service

BATCH = 100


async def ask_for_reviews(session: AsyncSession, _now: datetime) -> int:
    """Due work: put each new interest before the home council's HR, once per HR contact."""
    waiting = await queries.waiting_for_review(session, BATCH, among=not_held_back(ask_for_reviews, Referral.id))

    async def step(referral_id: UUID) -> None:
        referral = await queries.get_referral(session, referral_id, lock=True)
        if referral.state is ReferralState.INTERESTED:
            at = referral.interested_at
            move_referral(session, referral, ReferralState.HR_REVIEW, by=SYSTEM, at=at)
            await tell_home_hr(session, referral, _review_wanted, at=at)

    return await do_each(session, ask_for_reviews, waiting, step)


async def tell_home_hr(
    session: AsyncSession, referral: Referral, event_of: Callable[[Referral], Event], *, at: datetime
) -> None:
    """One event for each HR contact of the home council; WME's coordinators stand in where it has none here."""
    event = event_of(referral)
    tellings = [
        Telling(event, {Service.NOTIFICATIONS: Contact(name=person.name, email=person.email)})
        for person in await _hr_or_coordinators(session, referral.home_employer_id)
    ]
    await outbox.record_all(session, tellings, now=at)


async def _hr_or_coordinators(session: AsyncSession, employer_id: UUID) -> Sequence[StaffMember]:
    hr = await staff_with_role(session, Role.COUNCIL_HR, employer_id)
    return hr or await staff_with_role(session, Role.WME_COORDINATOR, employer_id)


def _review_wanted(referral: Referral) -> ReviewWanted:
    return ReviewWanted(
        referral_id=referral.id,
        vacancy_id=referral.vacancy_id,
        home_employer_id=referral.home_employer_id,
        vacancy_title=referral.vacancy_title,
        due_at=referral.review_due_at,
    )
