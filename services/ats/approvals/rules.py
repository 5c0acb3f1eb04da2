"""Separation of duties and the binding of an approval to its content. No database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.ats.approval_flows.rules import Group
from services.ats.approvals.models import Approval, ApprovalDecision, Decision
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.rules import is_approved
from shared.errors import DomainError, Forbidden, Invalid


class RequesterMayNotApprove(Forbidden):
    code = "requester_may_not_approve"
    title = "Whoever asked for the approval may not give it"


class ContentChangedSince(DomainError):
    code = "content_changed_since"
    title = "The content was changed after the approval was asked for"


class AlreadyApproved(DomainError):
    code = "already_approved"
    title = "This content is approved already"


class AlreadyRequested(DomainError):
    code = "already_requested"
    title = "This content is waiting for approval already"


class ApprovalInTheFuture(Invalid):
    code = "approval_in_the_future"
    title = "An approval cannot be attested before it was given"


class ApprovalTooOld(Invalid):
    code = "approval_too_old"
    title = "This approval has expired: it was given too long ago"


class ApprovedBeforeTheChange(Invalid):
    code = "approved_before_the_change"
    title = "This approval was given before the content changed, so it cannot be of what it says now"


def refuse_approval_of_other_content(vacancy: Vacancy, approved_at: datetime) -> None:
    """Raises ApprovedBeforeTheChange for one no newer than the last that counted, whose content has changed since."""
    if vacancy.approved_at is not None and approved_at <= vacancy.approved_at:
        step = "Have the vacancy as it is now approved in your system, and attest that approval."
        raise ApprovedBeforeTheChange(field="approved_at", next_step=step)


def refuse_needless_request(vacancy: Vacancy) -> None:
    """Raises AlreadyApproved, AlreadyRequested."""
    if is_approved(vacancy):
        raise AlreadyApproved
    if vacancy.pending_approval_id is not None:
        raise AlreadyRequested


def refuse_decision(approval: Approval, vacancy: Vacancy, decided_by: UUID | None) -> None:
    """Raises RequesterMayNotApprove, ContentChangedSince."""
    if approval.requested_by == decided_by:
        raise RequesterMayNotApprove(next_step="Ask another approver of the employer.")
    if approval.content_hash != vacancy.content_hash:
        raise ContentChangedSince(next_step="Send it for approval again.")


def refuse_future(approved_at: datetime, now: datetime) -> None:
    """Raises ApprovalInTheFuture."""
    if approved_at > now:
        raise ApprovalInTheFuture(field="approved_at")


def refuse_expired(expires_at: datetime, now: datetime) -> None:
    """Raises ApprovalTooOld."""
    if expires_at <= now:
        raise ApprovalTooOld(field="approved_at", next_step="Have it approved anew.")


def current_group(approval: Approval) -> Group:
    """The group whose turn it is."""
    return Group.of(approval.groups[approval.group_no - 1])


def is_last_group(approval: Approval) -> bool:
    return approval.group_no >= len(approval.groups)


def has_quorum(approval: Approval, decided: Sequence[ApprovalDecision]) -> bool:
    """Whether as many said yes as the group needs. `decided`: in this group."""
    said_yes = sum(each.decision is Decision.APPROVED for each in decided)
    return said_yes >= current_group(approval).quorum
