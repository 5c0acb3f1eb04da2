"""The one place where a window's state changes, and the only key that releases a vacancy to its advert."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM
from services.clearing.audit.models import Subject, Transition
from services.clearing.matching.commands import Matched
from services.clearing.vacancy_mirror.models import Window
from services.clearing.vacancy_mirror.rules import release_when_nobody_matched, require_move
from services.clearing.vacancy_mirror.states import ReleaseReason, WindowState
from shared import outbox
from shared.events.clearing import VacancyReleased, WindowOpened


def move_window(session: AsyncSession, window: Window, to: WindowState, *, at: datetime) -> None:
    """Raises WindowMoveIllegal for a move that section 2 does not list. The next due time is the caller's to set."""
    require_move(window.state, to, held_from=window.held_from)
    before, window.state = window.state, to
    window.state_since, window.due_at = at, None
    window.version += 1
    note_window(session, window, before, at=at)


async def release_window(session: AsyncSession, window: Window, reason: ReleaseReason, *, at: datetime) -> None:
    """Let the vacancy go to its advert: from a review, from an exemption, or again after a duty (R12)."""
    if window.state is not WindowState.RELEASED:
        move_window(session, window, WindowState.RELEASED, at=at)
    window.released_at, window.release_reason, window.revoked_at = at, reason, None
    released = VacancyReleased(
        vacancy_id=window.vacancy_id,
        employer_id=window.employer_id,
        window_id=window.id,
        content_version=window.content_version,
        released_at=at,
        reason=reason.value,
    )
    await outbox.record(session, released, now=at)


async def note_opened(session: AsyncSession, window: Window, found: Matched, *, at: datetime) -> None:
    """Where nobody in the whole region fits, in whatever order the windows come, the next morning releases (R20)."""
    window.matched, window.fitted = len(found.matches), found.fitting
    if not found.fitting:
        window.due_at = release_when_nobody_matched(at)
    opened = WindowOpened(
        vacancy_id=window.vacancy_id,
        employer_id=window.employer_id,
        window_id=window.id,
        content_version=window.content_version,
        opened_at=at,
        closes_at=window.closes_at,
        matched=window.matched,
    )
    await outbox.record(session, opened, now=at)


def note_window(session: AsyncSession, window: Window, before: WindowState | None, *, at: datetime) -> None:
    session.add(
        Transition(
            subject=Subject.WINDOW,
            subject_id=window.id,
            from_state=before,
            to_state=window.state,
            happened_at=at,
            actor_kind=SYSTEM.kind,
            gaining_employer_id=window.employer_id,
        )
    )
