"""Which groups a post goes through, whose seat a person fills in one, and until when. No database, no clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Self
from uuid import UUID

from services.ats.approval_flows.models import ApprovalFlow
from services.ats.vacancies.models import Vacancy
from shared.calendar import add_working_days, end_of_local_day, local_date, local_instant
from shared.errors import DomainError, Forbidden

EXPIRES_AFTER_MONTHS = 4
REMINDER_WORKING_DAYS = 3
MOST_REMINDERS = 5
REMINDED_AT = time(8)


class NotYourTurn(Forbidden):
    code = "not_your_turn"
    title = "Another group of approvers decides now"


class AlreadyDecided(DomainError):
    code = "already_decided"
    title = "This person, or this seat of the group, has decided already"


class QuorumUnreachable(DomainError):
    """Whoever asks may not approve, and without them too few are left."""

    code = "quorum_unreachable"
    title = "Too few approvers are left for the quorum of a group"


@dataclass(frozen=True, slots=True)
class Group:
    """Approvers of whom `quorum` must say yes. Without names: every approver of the employer."""

    name: str
    quorum: int = 1
    approver_ids: frozenset[UUID] = frozenset()

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["name"], stored["quorum"], frozenset(UUID(each) for each in stored["approver_ids"]))

    def stored(self) -> dict[str, Any]:
        ids = sorted(str(each) for each in self.approver_ids)
        return {"name": self.name, "quorum": self.quorum, "approver_ids": ids}

    def seats(self, person_id: UUID) -> bool:
        return not self.approver_ids or person_id in self.approver_ids


ANY_APPROVER = Group("Approvers")


@dataclass(frozen=True, slots=True)
class Route:
    """What one request goes through."""

    groups: tuple[Group, ...] = (ANY_APPROVER,)
    is_exempt: bool = False
    flow_version: int | None = None
    expires_after_months: int = EXPIRES_AFTER_MONTHS
    reminder_working_days: int = REMINDER_WORKING_DAYS


def route_of(flow: ApprovalFlow | None, vacancy: Vacancy) -> Route:
    """An employer that has said nothing needs one approver, of any."""
    if flow is None:
        return Route()
    is_exempt = bool(flow.exempt_groups) and is_exempt_post(flow.exempt_when, vacancy)
    return Route(
        groups=tuple(Group.of(each) for each in (flow.exempt_groups if is_exempt else flow.groups)),
        is_exempt=is_exempt,
        flow_version=flow.version,
        expires_after_months=flow.expires_after_months,
        reminder_working_days=flow.reminder_working_days,
    )


def is_exempt_post(when: Mapping[str, Any], vacancy: Vacancy) -> bool:
    """Whether every condition that was given is true of the post; no condition exempts nothing."""
    tests = {
        "contracts": lambda wanted: vacancy.contract in wanted,
        "families": lambda wanted: vacancy.family in wanted,
        "reasons": lambda wanted: vacancy.request_reason in wanted,
        "salary_up_to_pence": lambda wanted: vacancy.salary_max_pence <= wanted,
    }
    given = {name: value for name, value in when.items() if value}
    return bool(given) and all(tests[name](value) for name, value in given.items())


def refuse_unreachable(groups: Sequence[Group], requested_by: UUID | None, approvers: Collection[UUID]) -> None:
    """`approvers`: the employer's active ones, of whom a group without names is made. Raises QuorumUnreachable, naming
    the group.

    Any one approver is the least that there is: an employer that has none yet may appoint one, or attest.
    """
    for group in groups:
        if not group.approver_ids and group.quorum == 1:
            continue
        seats = group.approver_ids or frozenset(approvers)
        if len(seats - {requested_by}) < group.quorum:
            raise QuorumUnreachable(
                f"The group {group.name} needs {group.quorum} without who asks.",
                next_step="Let somebody else ask, name more approvers in the group, or lower its quorum.",
            )


def seat_for(
    group: Group,
    person_id: UUID,
    *,
    stands_in_for: Collection[UUID],
    requested_by: UUID | None,
    decided: Collection[UUID],
) -> UUID:
    """Whose seat this person's decision fills: their own, or one that is delegated to them and is still free.

    `decided`: seats and persons that have decided in this group. Raises AlreadyDecided, NotYourTurn.
    """
    if person_id in decided:
        raise AlreadyDecided
    if group.seats(person_id):
        return person_id
    lent = {each for each in stands_in_for if group.seats(each) and each != requested_by}
    if not lent:
        raise NotYourTurn(f"The group {group.name} decides now.", group=group.name)
    free = sorted(lent - set(decided))
    if not free:
        raise AlreadyDecided
    return free[0]


def expiry_of(approved_at: datetime, months: int) -> datetime:
    """The end of the local day so many calendar months later; the last of a month that has no such day."""
    day = local_date(approved_at)
    return end_of_local_day(months_after(day, months))


def months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def next_reminder(now: datetime, working_days: int, reminders_sent: int) -> datetime | None:
    """The morning so many working days from now; none once enough were sent."""
    if reminders_sent >= MOST_REMINDERS:
        return None
    return local_instant(add_working_days(local_date(now), working_days), REMINDED_AT)
