"""A campaign that is a vacancy here, managed by the council's own system: the return tells of it as milestones do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from services.ats.milestones.commands import record_milestones
from services.ats.milestones.models import Question
from services.ats.milestones.schemas import MilestoneReport
from services.ats.milestones.telling import LOGGED_AS, Telling
from services.ats.monthly_returns.columns import STEPS
from services.ats.monthly_returns.recording import Sending, write
from services.ats.monthly_returns.rows import Finding
from services.ats.monthly_returns.rules import ENDED, Happened, Place, log_of
from services.ats.vacancies.models import Vacancy
from shared.calendar import local_date
from shared.vocabulary import HiringRoute, Management, VacancyState

MILESTONE_OF = {event: kind for kind, event in LOGGED_AS.items()}
COLUMN_OF = {event: name for name, event in STEPS.items()}
OURS = frozenset({LogSource.HOSTED, LogSource.CLEARING})
QUESTIONS: Mapping[Question, tuple[str, str]] = {
    Question.OUT_OF_ORDER: ("It does not fit the order of what was known.", "Look up the dates."),
    Question.PUBLISHED_BEFORE_RELEASE: (
        "Advertised before displaced staff had their first refusal.",
        "An alert was raised: talk to your coordinator.",
    ),
    Question.SHORTLISTED_WITHOUT_CLEARANCE: (
        "Shortlisted before displaced staff had their first refusal.",
        "An alert was raised: talk to your coordinator.",
    ),
    Question.NO_OPENING_LEFT: ("Every opening of the vacancy is taken.", "Correct the number of openings."),
    Question.ACCEPTANCE_NOT_REPORTED: ("The acceptance was not reported before.", "Fill in accepted_on."),
}


def refusals_here(vacancy: Vacancy, facts: Mapping[str, Any]) -> list[Finding]:
    """Why a return cannot speak of this vacancy. Its approval, its end and a hosted one's steps are recorded here."""
    if vacancy.management is Management.HOSTED:
        detail = "The candidates of this vacancy are held here: its steps are recorded as they are taken."
        return [Finding("external_reference", "managed_here", detail, "Leave its rows out of the return.")]
    found = []
    if facts["openings"] > vacancy.openings_count:
        detail = "The vacancy here has fewer openings."
        found.append(Finding("openings", "openings_differ", detail, "Correct the row, or the vacancy."))
    has_ended = vacancy.state in {VacancyState.CANCELLED, VacancyState.UNFILLED}
    if not has_ended and any(event in ENDED.values() for event, _ in log_of(facts)):
        what_to_do = "Cancel it here, or mark it unfilled; then send the row again."
        found.append(Finding("outcome", "end_it_here", "The vacancy is still open here.", what_to_do))
    return found


async def record_here(
    session: AsyncSession,
    sending: Sending,
    vacancy: Vacancy,
    facts: Mapping[str, Any],
    standing: Iterable[HiringLogEntry],
) -> tuple[bool, bool, list[Finding]]:
    """Whether anything was new, whether anything was corrected, and what there is to ask about it.

    A day that the council's own system told is corrected; a step that was taken here is not, and what a return leaves
    out is not taken back, since openings and candidates hang on it.
    """
    known = list(standing)
    wanted = log_of(facts)
    new: list[tuple[Place, Happened]] = []
    is_corrected, findings = False, []
    for place, happened in wanted.items():
        event, opening_no = place
        if event not in MILESTONE_OF:
            continue
        same = [each for each in known if each.event == event and each.opening_no in {None, opening_no}]
        theirs = [each for each in same if each.source not in OURS]
        if any(local_date(each.occurred_at) == happened.day for each in same):
            continue
        if theirs:
            write(session, sending, vacancy.id, (event, theirs[-1].opening_no), happened, corrects=theirs[-1])
            _move(vacancy, event, opening_no, happened)
            is_corrected = True
        elif same:
            detail = "This step was taken here on another day, which stands."
            findings.append(Finding(COLUMN_OF[event], "kept_ours", detail, "Nothing, unless the day here is wrong."))
        else:
            new.append((place, happened))
    asked = await _report(session, sending, vacancy, new)
    return bool(new), is_corrected, findings + asked


async def _report(
    session: AsyncSession, sending: Sending, vacancy: Vacancy, new: Iterable[tuple[Place, Happened]]
) -> list[Finding]:
    findings = []
    steps = list(MILESTONE_OF)
    for (event, opening_no), happened in sorted(new, key=lambda each: (each[1].day, steps.index(each[0][0]))):
        report = MilestoneReport(
            external_event_id=f"{sending.return_id}/{event}/{opening_no or 0}",
            kind=MILESTONE_OF[event],
            occurred_on=happened.day,
            opening_no=opening_no,
        )
        by = Telling(sending.actor, LogSource.MONTHLY_RETURN, sending.reason, happened.route or HiringRoute.EXTERNAL)
        [result] = await record_milestones(session, vacancy.id, [report], by=by, now=sending.now)
        findings += [Finding(COLUMN_OF[event], question, *QUESTIONS[question]) for question in result.questions]
    return findings


def _move(vacancy: Vacancy, event: HiringEvent, opening_no: int | None, happened: Happened) -> None:
    """What the vacancy itself keeps of a day that was corrected."""
    for opening in vacancy.openings:
        if event is HiringEvent.STARTED and opening.opening_no == opening_no and opening.starts_on is not None:
            opening.starts_on = happened.day
