"""What this caller may do with this vacancy now: served as `allowed_actions`, so that nobody hard-codes our states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from uuid import UUID

from services.ats.vacancies import rules
from services.ats.vacancies.actions import MOVES, Move, VacancyAction
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.states import OpeningState
from shared.principals import ROLE_SCOPES, Principal, PrincipalKind
from shared.vocabulary import Management

# Conditions beside the state. An action that is not named has none.
CONDITIONS: Mapping[VacancyAction, Callable[[Vacancy], bool]] = MappingProxyType(
    {
        VacancyAction.SUBMIT: lambda each: not rules.is_approved(each) and each.pending_approval_id is None,
        VacancyAction.APPROVE: lambda each: each.pending_approval_id is not None,
        VacancyAction.REJECT: lambda each: each.pending_approval_id is not None,
        VacancyAction.ATTEST_APPROVAL: lambda each: not rules.is_approved(each),
        VacancyAction.PUBLISH: lambda each: rules.is_approved(each) and rules.is_cleared(each),
        VacancyAction.ADVERTISE_INTERNALLY: lambda each: rules.is_approved(each) and rules.is_cleared(each),
        VacancyAction.CANCEL: lambda each: not rules.has_promise(each),
        VacancyAction.READVERTISE: lambda each: rules.count_openings(each, OpeningState.OPEN) > 0,
        VacancyAction.CONFIRM_SHORTLIST: lambda each: (
            rules.is_cleared(each) and each.shortlist_confirmed_at is None and each.management is Management.HOSTED
        ),
    }
)
DECISIONS_OF_ANOTHER = frozenset({VacancyAction.APPROVE, VacancyAction.REJECT})


def allowed_actions(vacancy: Vacancy, caller: Principal) -> list[VacancyAction]:
    """In the order of the table of moves."""
    return [
        action
        for action, move in MOVES.items()
        if vacancy.state in move.from_states
        and CONDITIONS.get(action, _always)(vacancy)
        and _may(caller, move, vacancy.employer_id)
        and not (action in DECISIONS_OF_ANOTHER and caller.staff_id == vacancy.requested_by)
    ]


def _always(_vacancy: Vacancy) -> bool:
    return True


def _may(caller: Principal, move: Move, employer_id: UUID) -> bool:
    """A client needs the scope (and names a person for a decision); staff a role that gives it at this employer."""
    if caller.kind is PrincipalKind.CLIENT:
        return move.scope in caller.scopes
    return any(
        grant.role in move.roles if move.roles else move.scope in ROLE_SCOPES[grant.role]
        for grant in caller.grants
        if grant.role.is_regional or grant.employer_id == employer_id
    )
