"""What clearing says of a vacancy: its window, its release, a duty that revokes it. Each may come in any order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import CLEARING
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.vocabulary import HiringEvent
from services.ats.vacancies import queries, rules
from services.ats.vacancies.announcing import announce, audit_vacancy, log_step, touch
from services.ats.vacancies.lifecycle import follow_release
from services.ats.vacancies.models import Vacancy, VacancyAlert
from shared.events.clearing import DutyOpened, VacancyReleased, WindowOpened
from shared.inbox import Parked


async def note_window(session: AsyncSession, event: WindowOpened, *, now: datetime) -> None:
    """Keep the newest window of the content as it stands, and whom it matched. Raises Parked."""
    vacancy = await _vacancy_of(session, event)
    log_step(session, vacancy, HiringEvent.WINDOW_OPENED, at=event.opened_at, actor=CLEARING)
    is_older = vacancy.window_opened_at is not None and event.opened_at < vacancy.window_opened_at
    if event.content_version != vacancy.content_version or is_older:
        return
    vacancy.window_id, vacancy.window_matched = event.window_id, event.matched
    vacancy.window_opened_at, vacancy.window_closes_at = event.opened_at, event.closes_at
    touch(vacancy, now=now)


async def note_release(session: AsyncSession, event: VacancyReleased, *, now: datetime) -> None:
    """The only key out of clearing (design section 4): it counts for the content that it was given for.

    An advert that publishes itself is dated with the release, so that a queue that was down does not shorten it.
    Raises Parked.
    """
    vacancy = await _vacancy_of(session, event)
    is_known = vacancy.released_content_version == event.content_version
    is_older = is_known and vacancy.released_at is not None and event.released_at <= vacancy.released_at
    if event.content_version != vacancy.content_version or is_older:
        return
    vacancy.released_content_version, vacancy.released_at = event.content_version, event.released_at
    vacancy.release_reason, vacancy.window_id = event.reason, event.window_id
    step = Step(vacancy.employer_id, vacancy.id, reason=event.reason)
    append(session, HiringEvent.RELEASED, step, occurred_at=event.released_at, actor=CLEARING)
    audit_vacancy(session, vacancy, "vacancy_released", actor=CLEARING, at=event.released_at, reason=event.reason)
    await follow_release(session, vacancy, at=event.released_at, now=now)
    await announce(session, vacancy, now=now)


async def note_duty(session: AsyncSession, event: DutyOpened, *, now: datetime) -> None:
    """A statutory duty (R12) revokes the clearance. After a confirmed shortlist it can only be told, not prevented.

    Raises Parked.
    """
    vacancy = await _vacancy_of(session, event)
    if vacancy.duty_opened_at is not None and event.opened_at <= vacancy.duty_opened_at:
        return
    vacancy.duty_opened_at = event.opened_at
    audit_vacancy(session, vacancy, "clearance_revoked", actor=CLEARING, at=event.opened_at, reason="duty_opened")
    if vacancy.shortlist_confirmed_at is not None and not rules.is_cleared(vacancy):
        vacancy.duty_alert_at = event.opened_at
        session.add(
            VacancyAlert(
                employer_id=vacancy.employer_id,
                vacancy_id=vacancy.id,
                code="duty_after_shortlist",
                raised_at=event.opened_at,
                about_id=event.duty_id,
            )
        )
    await announce(session, vacancy, now=now)


async def _vacancy_of(session: AsyncSession, event: WindowOpened | VacancyReleased | DutyOpened) -> Vacancy:
    vacancy = await queries.find_vacancy(session, event.vacancy_id, lock=True)
    if vacancy is None:
        raise Parked("the vacancy is not here yet")
    return vacancy
