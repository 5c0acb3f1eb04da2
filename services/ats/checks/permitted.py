"""What this caller may do with a check now: served as `allowed_actions`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.ats.applications.models import Application
from services.ats.applications.permitted import MANAGERS
from services.ats.applications.states import Stage
from services.ats.checks.models import PreEmploymentCheck
from services.ats.checks.rules import WaiverNeedsAnother
from services.ats.checks.states import CheckAction, CheckOutcome, WaiverState
from shared.errors import DomainError
from shared.principals import Principal, PrincipalKind
from shared.vocabulary import Role, Scope

A = CheckAction
CHECKERS = MANAGERS | {Role.COUNCIL_HR}
WAIVER_APPROVERS = frozenset({Role.COUNCIL_HR})
DECIDERS: Mapping[CheckAction, frozenset[Role]] = MappingProxyType(
    {action: WAIVER_APPROVERS if action in {A.APPROVE_WAIVER, A.REFUSE_WAIVER} else CHECKERS for action in A}
)
RECORDED_AT = frozenset({Stage.ACCEPTED, Stage.CLEARED, Stage.HIRED})
"""Follow-ups of those in post are recorded too."""


class CheckNotOpen(DomainError):
    code = "check_not_open"
    title = "Nothing of this kind can be recorded of the check now"


def refuse_closed(check: PreEmploymentCheck, application: Application, action: CheckAction) -> None:
    """Raises CheckNotOpen."""
    if not _is_open(check, application, action):
        raise CheckNotOpen(
            f"{action} is not possible: the application is {application.stage}, the check {check.outcome}.",
            next_step="Read the check's allowed_actions.",
        )


def refuse_same_person(check: PreEmploymentCheck, caller: Principal) -> None:
    """Raises WaiverNeedsAnother."""
    if _is_own(check, caller):
        raise WaiverNeedsAnother(next_step="Ask a colleague of HR.")


def allowed_actions(check: PreEmploymentCheck, application: Application, caller: Principal) -> list[CheckAction]:
    return [action for action in A if _is_open(check, application, action) and _may(caller, action, check)]


def _is_own(check: PreEmploymentCheck, caller: Principal) -> bool:
    return caller.staff_id is not None and caller.staff_id in {check.waiver_asked_by, check.checked_by}


def _is_open(check: PreEmploymentCheck, application: Application, action: CheckAction) -> bool:
    if application.stage not in RECORDED_AT or not check.is_required:
        return False
    if action in {A.APPROVE_WAIVER, A.REFUSE_WAIVER}:
        return check.waiver is WaiverState.ASKED
    if action is A.ASK_WAIVER:
        return check.may_waive and check.outcome in {CheckOutcome.OUTSTANDING, CheckOutcome.FAILED}
    return check.may_waive or action is not A.NOT_APPLICABLE


def _may(caller: Principal, action: CheckAction, check: PreEmploymentCheck) -> bool:
    if action is A.APPROVE_WAIVER and _is_own(check, caller):
        return False
    if caller.kind is PrincipalKind.CLIENT:
        return Scope.APPLICATIONS_WRITE in caller.scopes
    return any(grant.role in DECIDERS[action] for grant in caller.grants if grant.employer_id == check.employer_id)
