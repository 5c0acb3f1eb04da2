"""How long an advert is out, and for whom. No database, no clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.ats.vacancies import rules
from services.ats.vacancies.actions import VacancyAction
from services.ats.vacancies.models import Vacancy
from shared.errors import Invalid
from shared.vocabulary import VacancyState

MOST_DAYS = timedelta(days=90)


class DeadlineNotLater(Invalid):
    code = "deadline_not_later"
    title = "An extended deadline is later than the one it replaces, and at most 90 days away"


def extend_deadline(vacancy: Vacancy, until: datetime, *, now: datetime) -> datetime:
    """Move the deadline of an advert that is out; gives the one it had. Raises IllegalMove, DeadlineNotLater."""
    rules.refuse_illegal(vacancy, VacancyAction.EXTEND_DEADLINE)
    was_until = vacancy.closes_at
    assert was_until is not None
    if until <= was_until:
        raise DeadlineNotLater(field="closes_at", next_step="To end it sooner, close the advert.")
    if until <= now or until > now + MOST_DAYS:
        raise DeadlineNotLater(field="closes_at", next_step="Advertise it again when it has closed.")
    vacancy.closes_at = until
    return was_until


def advertise_internally(vacancy: Vacancy, now: datetime, *, closes_at: datetime) -> None:
    """Displaced staff come before colleagues as well (R16).

    Raises IllegalMove, ApprovalMissing, ClearanceMissing, DeadlinePassed.
    """
    rules.refuse_illegal(vacancy, VacancyAction.ADVERTISE_INTERNALLY)
    rules.require_approval(vacancy, now)
    rules.require_clearance(vacancy)
    if closes_at <= now:
        raise rules.DeadlinePassed(field="closes_at", next_step="Give a later closing date.")
    vacancy.public_closes_at = vacancy.closes_at
    vacancy.state, vacancy.closes_at, vacancy.closed_at = VacancyState.INTERNAL_ADVERT, closes_at, None
    vacancy.internal_since = now


def was_closed_early(vacancy: Vacancy) -> bool:
    return vacancy.closed_at is not None and vacancy.closes_at is not None and vacancy.closed_at < vacancy.closes_at
