"""What may be done with a reference: served as `allowed_actions`. Who may read what a referee said."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from services.ats.applications.permitted import MANAGERS
from services.ats.employment_references.models import ReferenceRequest, ReferenceState
from shared.errors import DomainError, Forbidden
from shared.principals import Principal, PrincipalKind
from shared.vocabulary import Role, Scope

S = ReferenceState


class ReferenceAction(StrEnum):
    ASK_AGAIN = "ask_again"
    CHANGE_ADDRESS = "change_address"
    RECORD_OFF_SERVICE = "record_off_service"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"


A = ReferenceAction
STILL_WAITED_FOR = frozenset({S.AWAITING_CONSENT, S.REQUESTED})
ASKED = frozenset({S.REQUESTED, S.EXPIRED})
OPEN_IN: Mapping[ReferenceAction, frozenset[ReferenceState]] = MappingProxyType(
    {
        A.ASK_AGAIN: ASKED,
        A.CHANGE_ADDRESS: STILL_WAITED_FOR | ASKED,
        # The candidate's no to a contact is a no to a telephone call too.
        A.RECORD_OFF_SERVICE: ASKED,
        A.COMPLETE: frozenset({S.RECEIVED, S.RECEIVED_OFF_SERVICE}),
        A.WITHDRAW: STILL_WAITED_FOR,
    }
)


class ReferenceNotOpen(DomainError):
    code = "reference_not_open"
    title = "The state of the reference does not allow this"


class ConsentAnswered(DomainError):
    code = "consent_answered"
    title = "You have answered already"


class ReferenceConfidential(Forbidden):
    code = "reference_confidential"
    title = "Recruiters and the vacancy's own hiring manager read references, and nobody else"


def refuse_closed(reference: ReferenceRequest, action: ReferenceAction) -> None:
    """Raises ReferenceNotOpen."""
    if not _is_open(reference, action):
        raise ReferenceNotOpen(f"A reference that is {reference.state} does not allow {action}.", field="state")


def may_read(caller: Principal, employer_id: UUID, hiring_manager_id: UUID | None) -> bool:
    """A recruiter of the employer, and the hiring manager whom the vacancy names."""
    held = {grant.role for grant in caller.grants if grant.employer_id == employer_id}
    is_named = hiring_manager_id is not None and caller.staff_id == hiring_manager_id
    return Role.RECRUITER in held or (Role.HIRING_MANAGER in held and is_named)


def refuse_reader(caller: Principal, employer_id: UUID, hiring_manager_id: UUID | None) -> None:
    """Raises ReferenceConfidential."""
    if not may_read(caller, employer_id, hiring_manager_id):
        raise ReferenceConfidential


def allowed_actions(reference: ReferenceRequest, caller: Principal) -> list[ReferenceAction]:
    if caller.kind is PrincipalKind.CLIENT:
        may = Scope.APPLICATIONS_WRITE in caller.scopes
    else:
        may = any(grant.role in MANAGERS for grant in caller.grants if grant.employer_id == reference.employer_id)
    return [action for action in A if may and _is_open(reference, action)]


def _is_open(reference: ReferenceRequest, action: ReferenceAction) -> bool:
    return reference.state in OPEN_IN[action] and not (action is A.COMPLETE and reference.completed_at is not None)
