"""Who may decide on what, and whether it was given in time, as pure rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.ats.approval_flows.rules import Group, QuorumUnreachable, refuse_unreachable
from services.ats.approvals import rules
from services.ats.approvals.models import Approval, ApprovalDecision, Decision
from tests.factories.ats import NOW, SAW, cleared_vacancy, make_vacancy

ASKED_BY, DECIDES = uuid4(), uuid4()
SECOND = timedelta(seconds=1)


def approval(**changes: Any) -> Approval:
    values: dict[str, Any] = {
        "employer_id": SAW,
        "vacancy_id": uuid4(),
        "content_hash": make_vacancy().content_hash,
        "requested_by": ASKED_BY,
        "requested_at": NOW,
        "groups": [Group("Finance", 2).stored(), Group("Head").stored()],
        "expires_after_months": 4,
        "reminder_working_days": 3,
    }
    return Approval(**(values | changes))


def said(*decisions: Decision) -> list[ApprovalDecision]:
    return [
        ApprovalDecision(
            employer_id=SAW,
            approval_id=uuid4(),
            group_no=1,
            decision=each,
            decided_by=uuid4(),
            seat_of=uuid4(),
            reason=None,
            decided_at=NOW,
        )
        for each in decisions
    ]


def test_what_is_approved_or_waiting_for_approval_is_not_sent_again() -> None:
    rules.refuse_needless_request(make_vacancy())
    with pytest.raises(rules.AlreadyApproved):
        rules.refuse_needless_request(cleared_vacancy())
    with pytest.raises(rules.AlreadyRequested):
        rules.refuse_needless_request(make_vacancy(pending_approval_id=uuid4()))


def test_nobody_approves_what_they_asked_for_or_what_was_changed_since() -> None:
    rules.refuse_decision(approval(), make_vacancy(), DECIDES)
    with pytest.raises(rules.RequesterMayNotApprove):
        rules.refuse_decision(approval(), make_vacancy(), ASKED_BY)
    with pytest.raises(rules.ContentChangedSince):
        rules.refuse_decision(approval(), make_vacancy(title="Another post"), DECIDES)


def test_an_attested_approval_was_given_by_now_and_has_not_expired() -> None:
    rules.refuse_future(NOW, NOW)
    with pytest.raises(rules.ApprovalInTheFuture):
        rules.refuse_future(NOW + SECOND, NOW)
    rules.refuse_expired(NOW + SECOND, NOW)
    with pytest.raises(rules.ApprovalTooOld):
        rules.refuse_expired(NOW, NOW)


def test_groups_decide_one_after_the_other() -> None:
    assert (rules.current_group(approval()).name, rules.is_last_group(approval())) == ("Finance", False)
    second = approval(group_no=2)
    assert (rules.current_group(second).name, rules.is_last_group(second)) == ("Head", True)


@pytest.mark.parametrize(
    ("decisions", "has_quorum"),
    [
        ([], False),
        ([Decision.APPROVED], False),
        ([Decision.APPROVED, Decision.REJECTED], False),
        ([Decision.APPROVED, Decision.APPROVED], True),
        ([Decision.APPROVED] * 3, True),
    ],
)
def test_a_group_has_decided_when_as_many_said_yes_as_it_needs(decisions: list[Decision], has_quorum: bool) -> None:
    assert rules.has_quorum(approval(), said(*decisions)) is has_quorum


def test_a_group_needs_its_quorum_without_who_asks() -> None:
    both = frozenset({ASKED_BY, DECIDES})
    refuse_unreachable([Group("One of two", 1, both), Group("Anybody")], ASKED_BY, [])
    refuse_unreachable([Group("Both", 2, both)], uuid4(), both)
    with pytest.raises(QuorumUnreachable, match="Both needs 2"):
        refuse_unreachable([Group("One of two", 1, both), Group("Both", 2, both)], ASKED_BY, both)


def test_a_group_of_any_approver_needs_as_many_as_its_quorum_without_who_asks() -> None:
    others = [uuid4(), uuid4()]
    refuse_unreachable([Group("Any two", 2)], ASKED_BY, [ASKED_BY, *others])
    with pytest.raises(QuorumUnreachable, match="Any three needs 3"):
        refuse_unreachable([Group("Any two", 2), Group("Any three", 3)], ASKED_BY, [ASKED_BY, *others])
