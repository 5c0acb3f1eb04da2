"""What this caller may do with this application now: served as `allowed_actions`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.ats.applications.models import Application
from services.ats.applications.states import MOVES, ApplicationAction, ApplicationSource, Stage
from shared.principals import Principal, PrincipalKind
from shared.vocabulary import Role, Scope

A = ApplicationAction
PANEL = frozenset({Role.HIRING_MANAGER, Role.PANEL_MEMBER, Role.RECRUITER})
MANAGERS = frozenset({Role.HIRING_MANAGER, Role.RECRUITER})
DECIDERS: Mapping[ApplicationAction, frozenset[Role]] = MappingProxyType(
    {action: PANEL if action in {A.SHORTLIST, A.REJECT, A.RECORD_INTERVIEW} else MANAGERS for action in A}
)
AFTER_CHECKS = frozenset({A.CLEAR, A.HIRE})
BY_THE_CANDIDATE = frozenset({A.WITHDRAW, A.ACCEPT_OFFER, A.DECLINE_OFFER})


def allowed_actions(application: Application, caller: Principal) -> list[ApplicationAction]:
    """None for a referred redeployee: that is decided in clearing."""
    if application.source is ApplicationSource.CLEARING:
        return []
    return [
        action
        for action, moves in MOVES.items()
        if application.stage in moves
        and _may(caller, action, application)
        and not (action in AFTER_CHECKS and application.checks_outstanding)
    ]


def _may(caller: Principal, action: ApplicationAction, application: Application) -> bool:
    if caller.kind is PrincipalKind.LINK:
        return action in BY_THE_CANDIDATE and not (action is A.ACCEPT_OFFER and application.stage is Stage.OFFER_LAPSED)
    if caller.kind is PrincipalKind.CLIENT:
        return Scope.APPLICATIONS_WRITE in caller.scopes
    return any(
        grant.role in DECIDERS[action] for grant in caller.grants if grant.employer_id == application.employer_id
    )
