"""The one place where a registration's state changes: along the table, and into the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import Actor
from services.clearing.audit.models import Subject, Transition
from services.clearing.audit.rules import refuse_illegal
from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import NEXT_STATES
from services.clearing.registrations.states import ClosingReason, RegistrationState


def move_registration(
    session: AsyncSession, registration: Registration, to: RegistrationState, *, by: Actor, at: datetime
) -> None:
    """Raises IllegalTransition (409) for a move that section 2 does not list."""
    refuse_illegal(NEXT_STATES, registration.state, to)
    before, registration.state = registration.state, to
    registration.state_since = at
    registration.version += 1
    # Only an active registration waits to be matched (R5, R26).
    registration.match_due_at = at if to is RegistrationState.ACTIVE else None
    note_registration(session, registration, before, by=by, at=at)


def close_registration(
    session: AsyncSession, registration: Registration, reason: ClosingReason, *, by: Actor, at: datetime
) -> None:
    """R45."""
    move_registration(session, registration, RegistrationState.CLOSED, by=by, at=at)
    registration.closing_reason = reason


def note_registration(
    session: AsyncSession, registration: Registration, before: RegistrationState | None, *, by: Actor, at: datetime
) -> None:
    session.add(
        Transition(
            subject=Subject.REGISTRATION,
            subject_id=registration.id,
            from_state=before,
            to_state=registration.state,
            happened_at=at,
            actor_kind=by.kind,
            actor_id=by.id,
            home_employer_id=registration.home_employer_id,
            registration_id=registration.id,
        )
    )
