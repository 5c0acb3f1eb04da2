"""What was told wrongly is told again as a new event: the first stays, and a replay of the days before shows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import standing_steps
from services.ats.milestones import rules
from services.ats.milestones.models import Milestone, MilestoneKind, Question
from services.ats.milestones.schemas import MilestoneReport, ResultStatus
from services.ats.milestones.telling import LOGGED_AS, Telling
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.requisitions import PostHasOpenRequisition, refuse_second_requisition
from services.ats.vacancies.states import OpeningState
from shared.vocabulary import VacancyState


async def correct(
    session: AsyncSession,
    vacancy: Vacancy,
    report: MilestoneReport,
    known: Mapping[str, Milestone],
    *,
    by: Telling,
    at: datetime,
) -> Milestone | ResultStatus:
    """Put this report in the place of the one that it corrects, or say why that cannot be: the log is corrected, and
    with it the clock; openings go by what holds now. An advert that has ended stays so.
    """
    first = known.get(report.corrects or "")
    if first is None or first not in rules.standing(known.values()):
        return ResultStatus.CORRECTS_UNKNOWN
    if refusal := await _refusal(session, vacancy, first, report):
        return refusal
    others = [each for each in rules.standing(known.values()) if each is not first]
    milestone = Milestone(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        external_event_id=report.external_event_id,
        kind=first.kind,
        occurred_at=first.occurred_at if report.takes_back else at,
        count=None,
        asked_opening_no=None,
        opening_nos=list(first.opening_nos),
        questions=[] if report.takes_back else _questions(vacancy, first, others, at),
        corrects=first.external_event_id,
        takes_back=report.takes_back,
    )
    session.add(milestone)
    for entry in await _logged(session, first):
        _log(session, entry, milestone, by)
    holding = others if report.takes_back else [*others, milestone]
    if first.kind in rules.OF_OPENINGS:
        _settle_openings(vacancy, first.opening_nos, holding, at)
    else:
        _settle_vacancy(vacancy, first, milestone)
    return milestone


async def _refusal(
    session: AsyncSession, vacancy: Vacancy, first: Milestone, report: MilestoneReport
) -> ResultStatus | None:
    if first.kind is not report.kind:
        return ResultStatus.OTHER_KIND
    if report.takes_back and first.kind is MilestoneKind.STARTED and not await _may_be_open_again(session, vacancy):
        return ResultStatus.POST_TAKEN
    return None


async def _may_be_open_again(session: AsyncSession, vacancy: Vacancy) -> bool:
    if vacancy.state is not VacancyState.FILLED:
        return True
    try:
        await refuse_second_requisition(session, vacancy.employer_id, vacancy.post_id, besides=vacancy.id)
    except PostHasOpenRequisition:
        return False
    return True


def _questions(vacancy: Vacancy, first: Milestone, others: list[Milestone], at: datetime) -> list[str]:
    """Asked of the new date; what was asked about the openings is asked still."""
    asked = [*rules.questions_before(vacancy, first.kind, at)]
    if rules.is_out_of_order(first.kind, at, others, first.opening_nos):
        asked.append(Question.OUT_OF_ORDER)
    of_the_openings = {Question.NO_OPENING_LEFT, Question.ACCEPTANCE_NOT_REPORTED} & set(first.questions)
    return [*(each.value for each in asked), *sorted(of_the_openings)]


async def _logged(session: AsyncSession, first: Milestone) -> list[HiringLogEntry]:
    """The entries that the report made, as far as they stand."""
    await session.flush()
    numbers = set(first.opening_nos) or {None}
    return [
        each
        for each in await standing_steps(session, [first.vacancy_id])
        if each.event == LOGGED_AS[first.kind] and each.opening_no in numbers and each.occurred_at == first.occurred_at
    ]


def _log(session: AsyncSession, corrected: HiringLogEntry, milestone: Milestone, by: Telling) -> None:
    step = Step(
        corrected.employer_id,
        corrected.vacancy_id,
        opening_no=corrected.opening_no,
        route=corrected.route,
        reason=by.reason,
        corrects_id=corrected.id,
        takes_back=milestone.takes_back,
    )
    append(session, corrected.event, step, occurred_at=milestone.occurred_at, actor=by.actor, source=by.source)


def _settle_openings(vacancy: Vacancy, numbers: Collection[int], holding: list[Milestone], at: datetime) -> None:
    was_filled = False
    for opening in vacancy.openings:
        if opening.opening_no not in numbers or opening.taken_for is not None:
            continue
        state, starts_on = rules.opening_after(opening.opening_no, holding)
        was_filled |= opening.state is OpeningState.FILLED and state is not OpeningState.FILLED
        opening.state, opening.starts_on = state, starts_on
        if state is OpeningState.OPEN:
            opening.route = None
    if was_filled:
        vacancy_rules.settle_unfill(vacancy, at)


def _settle_vacancy(vacancy: Vacancy, first: Milestone, milestone: Milestone) -> None:
    if first.kind is MilestoneKind.SHORTLISTED and vacancy.shortlist_confirmed_at == first.occurred_at:
        vacancy.shortlist_confirmed_at = None if milestone.takes_back else milestone.occurred_at
    if first.kind is MilestoneKind.CLOSED and vacancy.closed_at == first.occurred_at and not milestone.takes_back:
        vacancy.closed_at = milestone.occurred_at
