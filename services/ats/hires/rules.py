"""What may be done with a hire, and when. No database, no clock."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from services.ats.hires.models import Hire
from services.ats.hires.states import HireAction, LeavingReason, UnhireReason
from shared.errors import DomainError, Invalid


class StartConfirmed(DomainError):
    code = "start_confirmed"
    title = "The candidate has started"


class StartNotConfirmed(DomainError):
    code = "start_not_confirmed"
    title = "Nobody has confirmed that the candidate started"


class StartAhead(Invalid):
    code = "start_ahead"
    title = "The first day has not come yet"


class LeftBeforeTheStart(Invalid):
    code = "left_before_the_start"
    title = "The last day lies before the first"


class LeavingAhead(Invalid):
    code = "leaving_ahead"
    title = "The last day has not come yet"


def confirm_start(hire: Hire, started_on: date, *, confirmed_by: UUID | None, today: date, now: datetime) -> None:
    """Once. Raises StartConfirmed, StartAhead."""
    if hire.start_confirmed_at is not None:
        raise StartConfirmed(f"On {hire.starts_on:%d %B %Y}.")
    if started_on > today:
        raise StartAhead(field="started_on", next_step="Confirm it on the day.")
    hire.starts_on, hire.start_confirmed_at, hire.start_confirmed_by = started_on, now, confirmed_by
    hire.no_show_at = None
    hire.version += 1


def refuse_no_show(hire: Hire, today: date) -> None:
    """Raises StartConfirmed, StartAhead."""
    if hire.start_confirmed_at is not None:
        raise StartConfirmed(next_step="If they left since, record that.")
    if hire.starts_on > today:
        raise StartAhead(field="starts_on", next_step="Wait for the first day, or take the hire back.")


def undo(hire: Hire, reason: UnhireReason, *, undone_by: UUID | None, now: datetime) -> None:
    """Who has worked here has left, unless the hire itself was recorded in error. Raises StartConfirmed."""
    if hire.start_confirmed_at is not None and reason is not UnhireReason.RECORDED_IN_ERROR:
        raise StartConfirmed(next_step="Record when and why they left, or that the hire was recorded in error.")
    hire.undone_at, hire.undone_by, hire.unhire_reason = now, undone_by, reason
    hire.version += 1


def record_leaving(hire: Hire, left_on: date, reason: LeavingReason, today: date) -> None:
    """Said again, it is corrected. Raises StartNotConfirmed, LeftBeforeTheStart, LeavingAhead."""
    if hire.start_confirmed_at is None:
        raise StartNotConfirmed(next_step="Confirm the start first. Who never came is a no-show.")
    if left_on < hire.starts_on:
        raise LeftBeforeTheStart(field="left_on")
    if left_on > today:
        raise LeavingAhead(field="left_on", next_step="Record it once the day has come.")
    hire.left_on, hire.leaving_reason = left_on, reason
    hire.version += 1


def open_actions(hire: Hire, today: date) -> list[HireAction]:
    """What may be done with it now, by whoever may."""
    if hire.undone_at is not None:
        return []
    if hire.start_confirmed_at is not None:
        return [HireAction.RECORD_LEAVING, HireAction.UN_HIRE]
    begun = [HireAction.CONFIRM_START, HireAction.RECORD_NO_SHOW] if hire.starts_on <= today else []
    # A start earlier than agreed may be confirmed with its day.
    return [*(begun or [HireAction.CONFIRM_START]), HireAction.UN_HIRE]
