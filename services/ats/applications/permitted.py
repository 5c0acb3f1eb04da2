"""What this caller may do with this application now: served as `allowed_actions`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.ats.applications.models import Application
from services.ats.applications.states import BACK_FROM_HIRE, BACK_TO, MOVES, ApplicationAction, ApplicationSource, Stage
from shared.principals import Principal, PrincipalKind
from shared.vocabulary import Role, Scope

A = ApplicationAction
PANEL = frozenset({Role.HIRING_MANAGER, Role.PANEL_MEMBER, Role.RECRUITER})
MANAGERS = frozenset({Role.HIRING_MANAGER, Role.RECRUITER})
BY_THE_PANEL = frozenset(
    {A.SHORTLIST, A.REJECT, A.RECORD_INTERVIEW, A.UNDO_REJECTION, A.RESERVE, A.TAKE_OFF_RESERVE_LIST}
)
DECIDERS: Mapping[ApplicationAction, frozenset[Role]] = MappingProxyType(
    {action: PANEL if action in BY_THE_PANEL else MANAGERS for action in A}
)
AFTER_CHECKS = frozenset({A.CLEAR, A.HIRE})
BY_THE_CANDIDATE = frozenset({A.WITHDRAW, A.ACCEPT_OFFER, A.DECLINE_OFFER, A.BOOK_INTERVIEW, A.CANCEL_INTERVIEW})

# The whole table: which action leads from which stage to which, and who may. Served, and walked by a test.
LEGAL: Mapping[ApplicationAction, Mapping[Stage, frozenset[Stage]]] = MappingProxyType(
    {action: {origin: frozenset({target}) for origin, target in moves.items()} for action, moves in MOVES.items()}
    | {
        A.UNDO_REJECTION: {Stage.REJECTED: BACK_TO},
        A.UN_HIRE: {Stage.HIRED: BACK_FROM_HIRE},
        # The last one cancelled leads back to the shortlist; where another stands, or one was held, nothing moves.
        A.CANCEL_INTERVIEW: {Stage.INTERVIEW: frozenset({Stage.INTERVIEW, Stage.SHORTLISTED})},
    }
)


def allowed_actions(application: Application, caller: Principal) -> list[ApplicationAction]:
    """None for a referred redeployee: that is decided in clearing."""
    if application.source is ApplicationSource.CLEARING:
        return []
    return [
        action
        for action, moves in LEGAL.items()
        if application.stage in moves
        and _may(caller, action, application)
        and not (action in AFTER_CHECKS and application.checks_outstanding)
    ]


def may_be_done_by_candidate(action: ApplicationAction, stage: Stage) -> bool:
    """By their link. An offer that lapsed is accepted late by staff alone, who heard the answer in time."""
    return action in BY_THE_CANDIDATE and not (action is A.ACCEPT_OFFER and stage is Stage.OFFER_LAPSED)


def _may(caller: Principal, action: ApplicationAction, application: Application) -> bool:
    if caller.kind is PrincipalKind.LINK:
        return may_be_done_by_candidate(action, application.stage)
    if caller.kind is PrincipalKind.CLIENT:
        return Scope.APPLICATIONS_WRITE in caller.scopes
    return any(
        grant.role in DECIDERS[action] for grant in caller.grants if grant.employer_id == application.employer_id
    )
