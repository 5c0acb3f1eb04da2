"""The order of a reserve list, and who is next. No database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from services.ats.approval_flows.rules import months_after
from services.ats.reserve_lists.models import EndedHow, ReserveEntry
from shared.calendar import end_of_local_day
from shared.errors import DomainError, Invalid


class RankSkipped(DomainError):
    code = "reserve_rank_skipped"
    title = "Somebody with an earlier rank on the reserve list comes first"


class OrderIncomplete(Invalid):
    code = "reserve_order_incomplete"
    title = "The order names each person on the reserve list once, and nobody else"


def kept_until(listed_on: date, months: int) -> datetime:
    """To the end of the day so many months later: the last one of its month where there is none such."""
    return end_of_local_day(months_after(listed_on, months))


def make_room(standing: Sequence[ReserveEntry], wanted: int | None) -> int:
    """The rank of who comes onto the list: the last, or the wanted one, from which all others move down."""
    rank = len(standing) + 1 if wanted is None else min(wanted, len(standing) + 1)
    for each in standing:
        if each.rank >= rank:
            each.rank += 1
    return rank


def leave(standing: Sequence[ReserveEntry], entry: ReserveEntry, how: EndedHow, at: datetime) -> None:
    """Who comes after it moves up."""
    entry.ended_at, entry.ended_how = at, how
    for each in standing:
        if each is not entry and each.rank > entry.rank:
            each.rank -= 1


def put_in_order(standing: Sequence[ReserveEntry], wanted: Sequence[UUID]) -> None:
    """Raises OrderIncomplete."""
    by_application = {each.application_id: each for each in standing}
    if len(wanted) != len(set(wanted)) or set(wanted) != by_application.keys():
        raise OrderIncomplete(field="application_ids", next_step="Read the list again.")
    for rank, application_id in enumerate(wanted, start=1):
        by_application[application_id].rank = rank


def refuse_skipping(standing: Sequence[ReserveEntry], entry: ReserveEntry, reason: str | None) -> None:
    """An offer goes to the first on the list; to another, with a reason. Raises RankSkipped."""
    if entry.rank == 1:
        return
    if reason is None:
        first = next(each for each in standing if each.rank == 1)
        raise RankSkipped(
            f"This person has rank {entry.rank}.",
            field="skip_reason",
            first=f"/v1/applications/{first.application_id}",
            next_step="Offer the post to the first on the list, or say in skip_reason why not.",
        )
    entry.skip_reason = reason
