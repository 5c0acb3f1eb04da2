"""What may happen to an application, and when. No database, no clock."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal
from uuid import UUID

from services.ats.applications.models import Application, RejectionEntry
from services.ats.applications.states import (
    HIDDEN_CANDIDATE,
    MOVES,
    ApplicationAction,
    ApplicationSource,
    RejectionReason,
    Stage,
)
from services.ats.vacancies.advert_rules import was_closed_early
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.rules import IllegalMove, require_clearance
from shared.errors import DomainError, Invalid
from shared.vocabulary import Management, VacancyState

REFERENCE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
REFERENCE_LENGTH = 8
SELECTING = frozenset({VacancyState.LIVE, VacancyState.CLOSED, VacancyState.PARTIALLY_FILLED})


class StageNotReachable(DomainError):
    code = "stage_not_reachable"
    title = "The application's stage does not allow this"


class DecidedInClearing(DomainError):
    code = "decided_in_clearing"
    title = "A referred redeployee's application follows the referral"


class JobClosed(DomainError):
    code = "job_closed"
    title = "The deadline for applications has passed"


class ManagedElsewhere(DomainError):
    code = "managed_elsewhere"
    title = "Candidates apply in the council's own system"


class CriterionUnknown(Invalid):
    code = "criterion_unknown"
    title = "The vacancy has no such criterion"


class ShortlistNotConfirmed(DomainError):
    code = "shortlist_not_confirmed"
    title = "The shortlist is not confirmed yet"


class ShortlistConfirmed(DomainError):
    code = "shortlist_confirmed"
    title = "The shortlist is confirmed already"


class NobodyShortlisted(DomainError):
    code = "nobody_shortlisted"
    title = "Nobody is shortlisted"


def new_reference() -> str:
    """Random, so that it tells nobody how many applied before."""
    return "A-" + "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(REFERENCE_LENGTH))


def refuse_late(closes_at: datetime | None, now: datetime) -> None:
    """By the server's time; the closing instant itself is too late. Raises JobClosed."""
    if closes_at is None or closes_at <= now:
        raise JobClosed


def is_closing_by_itself(vacancy: Vacancy) -> bool:
    """Live, or closed by its deadline with nobody chosen: late drafts can have a grace. Not when it was ended early."""
    if vacancy.state is VacancyState.LIVE:
        return True
    is_closed = vacancy.state is VacancyState.CLOSED and vacancy.shortlist_confirmed_at is None
    return is_closed and not was_closed_early(vacancy)


def refuse_unknown_criteria(given: Collection[str], essential: Collection[Mapping[str, Any]], field: str) -> None:
    """Raises CriterionUnknown."""
    known = {each["criterion_id"] for each in essential}
    if unknown := sorted(set(given) - known):
        raise CriterionUnknown(
            f"Not among this vacancy's criteria: {', '.join(unknown)}.",
            field=field,
            next_step=f"The criteria are {', '.join(sorted(known))}." if known else "The vacancy has none.",
        )


def refuse_illegal(application: Application, action: ApplicationAction) -> Stage:
    """The stage that the action leads to. Raises StageNotReachable, DecidedInClearing."""
    if application.source is ApplicationSource.CLEARING:
        raise DecidedInClearing(next_step="Record the outcome of the referral in clearing.")
    target = MOVES[action].get(application.stage)
    if target is None:
        raise StageNotReachable(
            f"An application at stage {application.stage} does not allow {action}.",
            field="stage",
            stage=application.stage,
        )
    return target


def move(application: Application, action: ApplicationAction, at: datetime) -> None:
    """Raises StageNotReachable, DecidedInClearing."""
    target = refuse_illegal(application, action)
    if target is not application.stage:
        application.stage, application.stage_entered_at = target, at
    application.version += 1


def refuse_undoing(application: Application, entry: RejectionEntry | None) -> None:
    """Raises DecidedInClearing, StageNotReachable."""
    if application.source is ApplicationSource.CLEARING:
        raise DecidedInClearing(next_step="Record the outcome of the referral in clearing.")
    if application.stage is not Stage.REJECTED or entry is None:
        raise StageNotReachable(
            f"An application at stage {application.stage} has no rejection to undo.",
            field="stage",
            stage=application.stage,
        )


def undo_rejection(application: Application, entry: RejectionEntry, undone_by: UUID | None, at: datetime) -> None:
    """Back to where it came from; who decided last is who took it back. Whose interview was given to others
    meanwhile is on the shortlist, from where they choose another time.
    """
    entry.undone_at, entry.undone_by = at, undone_by
    is_without_time = application.interview_at is None and application.interviewed_at is None
    back = Stage.SHORTLISTED if entry.from_stage is Stage.INTERVIEW and is_without_time else entry.from_stage
    application.stage, application.stage_entered_at = back, at
    application.rejection_reason, application.unmet_criteria = None, []
    application.decided_by, application.decided_at = undone_by, at
    application.version += 1


def refuse_unhiring(application: Application) -> None:
    """Raises DecidedInClearing, StageNotReachable."""
    if application.source is ApplicationSource.CLEARING:
        raise DecidedInClearing(next_step="End the redeployment in clearing.")
    if application.stage is not Stage.HIRED:
        raise StageNotReachable(
            f"An application at stage {application.stage} has no hire to take back.",
            field="stage",
            stage=application.stage,
        )


def un_hire(application: Application, back_at: Stage, at: datetime) -> None:
    """Where the reason leads: see `BACK_FROM_HIRE`."""
    application.stage, application.stage_entered_at = back_at, at
    application.version += 1


def lapse_offer(application: Application, at: datetime) -> None:
    """The reply-by passed without an answer. Only the clock does this, so it is no action that anyone may ask for."""
    application.stage, application.stage_entered_at = Stage.OFFER_LAPSED, at
    application.version += 1


def end_reserve_listing(application: Application, reason: RejectionReason, at: datetime) -> None:
    """The list ended without an offer. Only the clock, or the end of the vacancy, does this."""
    application.stage, application.stage_entered_at = Stage.REJECTED, at
    application.rejection_reason, application.decided_at = reason, at
    application.version += 1


def cancel_interview(application: Application, *, is_last: bool, at: datetime) -> None:
    """Back to the shortlist where no other interview stands and none was held. Raises StageNotReachable."""
    if is_last and application.interviewed_at is None:
        move(application, ApplicationAction.CANCEL_INTERVIEW, at)
    else:
        refuse_illegal(application, ApplicationAction.CANCEL_INTERVIEW)
        application.version += 1


def was_interview_held(application: Application, reason: RejectionReason, now: datetime) -> bool:
    """Whether a rejection from the interview stage is one after it: its time has come, or the reason says so."""
    if application.interviewed_at is not None or reason is RejectionReason.INTERVIEW_NOT_PASSED:
        return True
    return application.interview_at is not None and application.interview_at <= now


def is_hidden(application: Application) -> bool:
    """Whether nobody who decides may see who this is: until the shortlist, and for good if never on it.

    A referred redeployee agreed to be seen (R54), and a vacancy may be advertised without anonymity.
    """
    if application.source is ApplicationSource.CLEARING or not application.is_anonymised:
        return False
    never_shortlisted = application.stage in {Stage.REJECTED, Stage.WITHDRAWN} and application.shortlist_told_at is None
    return application.stage in HIDDEN_CANDIDATE or never_shortlisted


def refuse_outside_selection(vacancy: Vacancy) -> None:
    """People are chosen from a live or closed advert, not on hold or in clearing. Raises IllegalMove."""
    if vacancy.state not in SELECTING:
        raise IllegalMove(
            f"Nobody is chosen for a vacancy that is {vacancy.state}.", field="state", state=vacancy.state
        )


def refuse_sifting(vacancy: Vacancy) -> None:
    """Shortlisting needs, as going live does, clearing's release. Raises IllegalMove, ClearanceMissing."""
    refuse_outside_selection(vacancy)
    require_clearance(vacancy)


def refuse_elsewhere(vacancy: Vacancy) -> None:
    """Raises ManagedElsewhere, with where to apply."""
    if vacancy.management is Management.EXTERNAL:
        raise ManagedElsewhere(next_step="Send the candidate to apply_url.", apply_url=vacancy.apply_url)


REASONS_OF_THE_END: Mapping[VacancyState, Literal["post_filled", "post_withdrawn", "no_appointment"]] = (
    MappingProxyType(
        {
            VacancyState.FILLED: "post_filled",
            VacancyState.CANCELLED: "post_withdrawn",
            VacancyState.UNFILLED: "no_appointment",
        }
    )
)
"""Why those who still waited for an answer hear no more, by how the vacancy ended."""


OUTCOME_STAGES: Mapping[str, Stage] = MappingProxyType(
    {
        "not_shortlisted": Stage.REJECTED,
        "interview_offered": Stage.INTERVIEW,
        "interviewed": Stage.INTERVIEW,
        "not_appointed": Stage.REJECTED,
        "withdrawn": Stage.WITHDRAWN,
        "vacancy_closed": Stage.REJECTED,
        "not_referred": Stage.WITHDRAWN,
    }
)
"""A referral's outcomes as stages of its mirrored application."""


ORDER_OF_MIRRORING = (
    Stage.SUBMITTED,
    Stage.INTERVIEW,
    Stage.OFFERED,
    Stage.ACCEPTED,
    Stage.REJECTED,
    Stage.DECLINED,
    Stage.OFFER_LAPSED,
    Stage.OFFER_WITHDRAWN,
    Stage.WITHDRAWN,
    Stage.HIRED,
)
"""For news of the same instant: the later word wins."""


def mirror(application: Application, stage: Stage, at: datetime) -> bool:
    """Follow the referral: news older than what is known changes nothing. Whether it was followed."""
    known = (application.stage_entered_at, ORDER_OF_MIRRORING.index(application.stage))
    if (at, ORDER_OF_MIRRORING.index(stage)) <= known or application.stage is Stage.HIRED:
        return False
    application.stage, application.stage_entered_at = stage, at
    application.version += 1
    return True
