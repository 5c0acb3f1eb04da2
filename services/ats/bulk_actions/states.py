from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class BulkAction(StrEnum):
    SHORTLIST = "shortlist"
    REJECT = "reject"
    INVITE_TO_BOOK = "invite_to_book"
    RECORD_INTERVIEW = "record_interview"
    RESERVE = "reserve"


class ItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


ACTION_LABELS: Mapping[BulkAction, str] = MappingProxyType(
    {
        BulkAction.SHORTLIST: "Put on the shortlist",
        BulkAction.REJECT: "Reject, with one reason",
        BulkAction.INVITE_TO_BOOK: "Invite to choose an interview time",
        BulkAction.RECORD_INTERVIEW: "Record that the interview was held (nobody is told)",
        BulkAction.RESERVE: "Put on the reserve list, in this order",
    }
)
ITEM_LABELS: Mapping[ItemState, str] = MappingProxyType(
    {ItemState.WAITING: "Waiting", ItemState.DONE: "Done", ItemState.REFUSED: "Not done"}
)
