"""The legal moves of a vacancy as data: what, from where, to where, by whom. Served to callers and walked by a test."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from shared.vocabulary import Role, Scope, VacancyState

S = VacancyState


class VacancyAction(StrEnum):
    CHANGE = "change"
    AMEND = "amend"
    """A change of what is not locked, once the advert is out."""
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    ATTEST_APPROVAL = "attest_approval"
    PUBLISH = "publish"
    CLOSE = "close"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    MARK_UNFILLED = "mark_unfilled"
    READVERTISE = "readvertise"
    CONFIRM_SHORTLIST = "confirm_shortlist"
    ADVERTISE_INTERNALLY = "advertise_internally"
    EXTEND_DEADLINE = "extend_deadline"

    @property
    def in_words(self) -> str:
        return WORDS[self]


WORDS: Mapping[VacancyAction, str] = MappingProxyType(
    {
        VacancyAction.CHANGE: "be changed",
        VacancyAction.AMEND: "be amended",
        VacancyAction.SUBMIT: "be sent for approval",
        VacancyAction.APPROVE: "be approved",
        VacancyAction.REJECT: "be rejected",
        VacancyAction.ATTEST_APPROVAL: "have its approval attested",
        VacancyAction.PUBLISH: "be published",
        VacancyAction.CLOSE: "be closed",
        VacancyAction.HOLD: "be put on hold",
        VacancyAction.RESUME: "be resumed",
        VacancyAction.CANCEL: "be cancelled",
        VacancyAction.MARK_UNFILLED: "be marked as unfilled",
        VacancyAction.READVERTISE: "be advertised again",
        VacancyAction.CONFIRM_SHORTLIST: "have its shortlist confirmed",
        VacancyAction.ADVERTISE_INTERNALLY: "be advertised internally",
        VacancyAction.EXTEND_DEADLINE: "have its deadline extended",
    }
)


@dataclass(frozen=True, slots=True)
class Move:
    """From which states, to which, and what the caller needs: a scope, or for a decision a role."""

    from_states: frozenset[VacancyState]
    to_states: frozenset[VacancyState]
    scope: Scope = Scope.VACANCIES_WRITE
    roles: frozenset[Role] = frozenset()


def _move(
    origin: Collection[VacancyState],
    target: Collection[VacancyState],
    scope: Scope = Scope.VACANCIES_WRITE,
    roles: Collection[Role] = (),
) -> Move:
    return Move(frozenset(origin), frozenset(target), scope, frozenset(roles))


BEFORE_THE_ADVERT = (S.DRAFT, S.APPROVAL_PENDING, S.APPROVED, S.IN_CLEARING)
# Here a field may be locked: see `locked_fields`.
WITH_LOCKED_FIELDS = (S.INTERNAL_ADVERT, S.LIVE, S.CLOSED, S.PARTIALLY_FILLED)
ENDED = (S.FILLED, S.UNFILLED, S.CANCELLED)
HOLDABLE = (S.APPROVED, S.IN_CLEARING, S.INTERNAL_ADVERT, S.LIVE, S.CLOSED, S.PARTIALLY_FILLED)

# Out of `in_clearing` a command leads only to a hold (and back into it), a cancellation, or nowhere: towards the
# public leads clearing's release alone (design section 4). An approval that a change voided is given in place.
MOVES: Mapping[VacancyAction, Move] = MappingProxyType(
    {
        VacancyAction.CHANGE: _move(BEFORE_THE_ADVERT, (S.DRAFT, S.APPROVED, S.IN_CLEARING)),
        VacancyAction.AMEND: _move(WITH_LOCKED_FIELDS, WITH_LOCKED_FIELDS),
        VacancyAction.SUBMIT: _move((S.DRAFT, S.IN_CLEARING), (S.APPROVAL_PENDING, S.IN_CLEARING)),
        VacancyAction.APPROVE: _move(
            (S.APPROVAL_PENDING, S.IN_CLEARING), (S.APPROVED, S.IN_CLEARING), roles=(Role.APPROVER,)
        ),
        VacancyAction.REJECT: _move(
            (S.APPROVAL_PENDING, S.IN_CLEARING), (S.DRAFT, S.IN_CLEARING), roles=(Role.APPROVER,)
        ),
        VacancyAction.ATTEST_APPROVAL: _move(
            (S.DRAFT, S.APPROVAL_PENDING, S.IN_CLEARING), (S.APPROVED, S.IN_CLEARING), Scope.VACANCIES_ATTEST
        ),
        VacancyAction.PUBLISH: _move((S.APPROVED, S.INTERNAL_ADVERT), (S.LIVE,)),
        VacancyAction.CLOSE: _move((S.INTERNAL_ADVERT, S.LIVE), (S.CLOSED, S.PARTIALLY_FILLED)),
        VacancyAction.HOLD: _move(HOLDABLE, (S.ON_HOLD,)),
        VacancyAction.RESUME: _move((S.ON_HOLD,), HOLDABLE),
        VacancyAction.CANCEL: _move(frozenset(S) - frozenset(ENDED), (S.CANCELLED,)),
        VacancyAction.MARK_UNFILLED: _move((S.CLOSED,), (S.UNFILLED,)),
        VacancyAction.READVERTISE: _move((S.CLOSED, S.PARTIALLY_FILLED, S.UNFILLED), (S.IN_CLEARING,)),
        VacancyAction.CONFIRM_SHORTLIST: _move(
            (S.LIVE, S.CLOSED, S.PARTIALLY_FILLED),
            (S.LIVE, S.CLOSED, S.PARTIALLY_FILLED),
            Scope.APPLICATIONS_WRITE,
            (Role.HIRING_MANAGER, Role.RECRUITER),
        ),
        VacancyAction.ADVERTISE_INTERNALLY: _move((S.APPROVED,), (S.INTERNAL_ADVERT,)),
        VacancyAction.EXTEND_DEADLINE: _move((S.INTERNAL_ADVERT, S.LIVE), (S.INTERNAL_ADVERT, S.LIVE)),
    }
)

LABELS: Mapping[VacancyState, str] = MappingProxyType(
    {
        S.DRAFT: "Draft",
        S.APPROVAL_PENDING: "Waiting for approval",
        S.APPROVED: "Approved",
        S.IN_CLEARING: "Open to displaced staff only",
        S.INTERNAL_ADVERT: "Internal advert",
        S.LIVE: "Live",
        S.CLOSED: "Closed to applications",
        S.FILLED: "Filled",
        S.PARTIALLY_FILLED: "Partly filled",
        S.UNFILLED: "Ended without an appointment",
        S.CANCELLED: "Cancelled",
        S.ON_HOLD: "On hold",
    }
)
