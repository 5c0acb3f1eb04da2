from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.hiring_log.commands import Step, append
from services.ats.milestones import queries, rules
from services.ats.milestones.correcting import correct
from services.ats.milestones.models import Milestone, MilestoneKind, Question
from services.ats.milestones.schemas import MilestoneReport, MilestoneResult, ResultStatus
from services.ats.milestones.telling import LOGGED_AS, Telling
from services.ats.vacancies import queries as vacancy_queries
from services.ats.vacancies import rules as vacancy_rules
from services.ats.vacancies.announcing import announce, audit_vacancy
from services.ats.vacancies.models import Opening, Vacancy, VacancyAlert
from services.ats.vacancies.states import OpeningState
from shared.calendar import local_date
from shared.vocabulary import HiringRoute, VacancyState

ALERTS = frozenset({Question.PUBLISHED_BEFORE_RELEASE, Question.SHORTLISTED_WITHOUT_CLEARANCE})


async def record_milestones(
    session: AsyncSession, vacancy_id: UUID, reports: Sequence[MilestoneReport], *, by: Telling, now: datetime
) -> list[MilestoneResult]:
    """Keep what a council's system reports, as told and once, and move the openings by it.

    Raises VacancyNotFound, ManagedHere.
    """
    vacancy = await vacancy_queries.get_vacancy(session, vacancy_id, lock=True)
    rules.refuse_hosted(vacancy)
    known = {each.external_event_id: each for each in await queries.milestones_of_vacancy(session, vacancy_id)}
    results = []
    for report in reports:
        first = known.get(report.external_event_id)
        if first is not None:
            results.append(_result(report, _is_same(first, report), first))
            continue
        at = report.happened_at(now)
        if at > now:
            results.append(_result(report, ResultStatus.IN_THE_FUTURE, None))
            continue
        if report.corrects is None:
            kept: Milestone | ResultStatus = _keep(
                session, vacancy, report, rules.standing(known.values()), by=by, at=at
            )
        else:
            kept = await correct(session, vacancy, report, known, by=by, at=at)
        if isinstance(kept, ResultStatus):
            results.append(_result(report, kept, None))
            continue
        known[report.external_event_id] = kept
        results.append(_result(report, ResultStatus.RECORDED, kept))
    if any(each.status is ResultStatus.RECORDED for each in results):
        audit_vacancy(session, vacancy, "milestones_recorded", actor=by.actor, at=now)
        await announce(session, vacancy, now=now)
    return results


def _keep(
    session: AsyncSession,
    vacancy: Vacancy,
    report: MilestoneReport,
    known: Sequence[Milestone],
    *,
    by: Telling,
    at: datetime,
) -> Milestone:
    questions = rules.questions_before(vacancy, report.kind, at)
    opening_nos = [report.opening_no] if report.opening_no is not None else []
    if report.kind in rules.OF_OPENINGS:
        opening_nos, asked = _move_openings(vacancy, report, known, at, by.route)
        questions += asked
    else:
        _move_vacancy(vacancy, report.kind, at)
    if rules.is_out_of_order(report.kind, at, known, opening_nos):
        questions.append(Question.OUT_OF_ORDER)
    milestone = Milestone(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        external_event_id=report.external_event_id,
        kind=report.kind,
        occurred_at=at,
        count=report.count,
        asked_opening_no=report.opening_no,
        opening_nos=opening_nos,
        questions=[each.value for each in questions],
    )
    session.add(milestone)
    _log(session, vacancy, milestone, by)
    for question in ALERTS & set(questions):
        session.add(_alert(milestone, question))
    return milestone


def _alert(about: Milestone, question: Question) -> VacancyAlert:
    return VacancyAlert(
        employer_id=about.employer_id,
        vacancy_id=about.vacancy_id,
        code=question.value,
        raised_at=about.occurred_at,
        about_id=about.id,
    )


def _move_vacancy(vacancy: Vacancy, kind: MilestoneKind, at: datetime) -> None:
    """Our own copy of the advert ends with theirs; a shortlist is theirs to confirm."""
    if kind is MilestoneKind.CLOSED and vacancy.state is VacancyState.LIVE:
        vacancy_rules.close(vacancy, at)
    if kind is MilestoneKind.SHORTLISTED and vacancy.shortlist_confirmed_at is None:
        vacancy.shortlist_confirmed_at = at


def _move_openings(
    vacancy: Vacancy, report: MilestoneReport, known: Sequence[Milestone], at: datetime, route: HiringRoute
) -> tuple[list[int], list[Question]]:
    cleared = {number for each in known if each.kind is MilestoneKind.CLEARED for number in each.opening_nos}
    opening_nos: list[int] = []
    questions: list[Question] = []
    for _ in range(report.count or 1):
        opening, was_accepted = rules.find_opening(vacancy, report.kind, report.opening_no, cleared)
        if opening is None:
            questions.append(Question.NO_OPENING_LEFT)
            break
        if not was_accepted and Question.ACCEPTANCE_NOT_REPORTED not in questions:
            questions.append(Question.ACCEPTANCE_NOT_REPORTED)
        opening.route = route
        _move_opening(vacancy, opening, report.kind, at)
        cleared.add(opening.opening_no)
        opening_nos.append(opening.opening_no)
    return opening_nos, questions


def _move_opening(vacancy: Vacancy, opening: Opening, kind: MilestoneKind, at: datetime) -> None:
    if kind is MilestoneKind.STARTED:
        opening.state, opening.starts_on = OpeningState.FILLED, local_date(at)
        vacancy_rules.settle_fill(vacancy)
    else:
        opening.state = OpeningState.ACCEPTED


def _log(session: AsyncSession, vacancy: Vacancy, milestone: Milestone, by: Telling) -> None:
    """One entry an opening, or one for the whole vacancy."""
    is_route_known = milestone.kind in {MilestoneKind.PUBLISHED, *rules.OF_OPENINGS}
    if milestone.kind in rules.OF_OPENINGS and not milestone.opening_nos:
        return
    for opening_no in milestone.opening_nos or [None]:
        step = Step(
            vacancy.employer_id,
            vacancy.id,
            opening_no=opening_no,
            route=by.route if is_route_known else None,
            reason=by.reason,
        )
        event = LOGGED_AS[milestone.kind]
        append(session, event, step, occurred_at=milestone.occurred_at, actor=by.actor, source=by.source)


def _is_same(first: Milestone, report: MilestoneReport) -> ResultStatus:
    told = (first.kind, first.count, first.asked_opening_no, first.corrects, first.takes_back)
    telling = (report.kind, report.count, report.opening_no, report.corrects, report.takes_back)
    is_same = told == telling and (report.takes_back or report.tells_of(first.occurred_at))
    return ResultStatus.DUPLICATE if is_same else ResultStatus.CONFLICT


def _result(report: MilestoneReport, status: ResultStatus, kept: Milestone | None) -> MilestoneResult:
    return MilestoneResult(
        external_event_id=report.external_event_id,
        status=status,
        opening_nos=[] if kept is None else kept.opening_nos,
        questions=[] if kept is None else [Question(each) for each in kept.questions],
    )
