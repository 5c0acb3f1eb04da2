"""What is read across the features of clearing: one vacancy's clearing, and the board."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.commands import note_reads
from services.clearing.audit.models import Subject
from services.clearing.referrals.models import Referral
from services.clearing.referrals.queries import count_referrals, ranked_referrals
from services.clearing.referrals.schemas import ReferralRead
from services.clearing.registrations.models import Registration
from services.clearing.trials.models import Placement
from services.clearing.trials.queries import savings_by_employer
from services.clearing.vacancy_mirror.models import Window
from services.clearing.vacancy_mirror.queries import VacancyUnknown, current_window, get_vacancy
from services.clearing.vacancy_mirror.rules import interview_due_at, outcome_due_at
from services.clearing.windows import queries
from services.clearing.windows.reopening import may_reopen
from services.clearing.windows.schemas import Board, VacancyClearing, WindowRead
from shared.principals import Principal
from shared.vocabulary import Scope


async def read_clearing(
    session: AsyncSession, vacancy_id: UUID, caller: Principal, *, now: datetime
) -> VacancyClearing:
    """For the vacancy's own council and the region. Raises VacancyUnknown for every other.

    Who is interested is for those who read referrals there (R54); whoever only reads vacancies gets the numbers.
    """
    vacancy = await get_vacancy(session, vacancy_id)
    if not caller.may_act_for(vacancy.employer_id):
        raise VacancyUnknown
    window = await current_window(session, vacancy)
    interested, awaiting = await count_referrals(session, vacancy_id)
    reader = caller.limited_to(Scope.CLEARING_READ, Scope.APPLICATIONS_READ)
    may_read_names = reader.may_act_for(vacancy.employer_id)
    referrals = await ranked_referrals(session, vacancy_id, reader) if may_read_names else []
    await note_reads(session, Subject.REFERRAL, referrals, caller, now=now)
    is_reopenable = window is not None and await may_reopen(session, vacancy, window)
    return VacancyClearing(
        vacancy_id=vacancy.id,
        reference=vacancy.reference,
        title=vacancy.title,
        window=None if window is None else WindowRead.model_validate(window),
        matched=0 if window is None else window.matched,
        interested=interested,
        awaiting_outcome=awaiting,
        outcome_due_at=None if window is None else outcome_due_at(window.closes_at),
        interview_due_at=None if window is None else interview_due_at(window.closes_at),
        allowed_actions=["reopen"] if is_reopenable else [],
        referrals=[ReferralRead.model_validate(referral) for referral in referrals],
    )


async def read_board(session: AsyncSession) -> Board:
    """A fixed number of statements, whatever the size of the region."""
    unmatched, days = await queries.days_added_to_unmatched(session)
    return Board(
        registrations=await queries.count_states(session, Registration.state),
        windows=await queries.count_states(session, Window.state),
        referrals=await queries.count_states(session, Referral.state),
        trials=await queries.count_states(session, Placement.state),
        open_duties=await queries.count_all_open_duties(session),
        saving_pence=sum(net for _, _, net in await savings_by_employer(session)),
        unmatched_vacancies=unmatched,
        days_added_to_unmatched_median=days,
    )
