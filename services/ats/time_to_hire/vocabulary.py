"""The words of what is measured on the hiring log."""

from __future__ import annotations

from enum import StrEnum

from services.ats.hiring_log.vocabulary import HiringEvent

__all__ = ["Fault", "HiringEvent", "Measure", "Outcome"]


class Measure(StrEnum):
    """A pair of events; the figure of a measure always names both (time to hire, section 1)."""

    ADVERT_TO_CLEARED = "advert_to_cleared"
    ADVERT_TO_ACCEPT = "advert_to_accept"
    ADVERT_TO_START = "advert_to_start"
    APPROVED_TO_CLEARED = "approved_to_cleared"
    APPROVED_TO_ACCEPT = "approved_to_accept"
    CLOSE_TO_OFFER = "close_to_offer"
    APPROVAL_LAG = "approval_lag"
    NOTICE_LAG = "notice_lag"

    @property
    def ends(self) -> tuple[HiringEvent, HiringEvent]:
        return _ENDS[self]


_ENDS: dict[Measure, tuple[HiringEvent, HiringEvent]] = {
    Measure.ADVERT_TO_CLEARED: (HiringEvent.ADVERT_LIVE, HiringEvent.CLEARED),
    Measure.ADVERT_TO_ACCEPT: (HiringEvent.ADVERT_LIVE, HiringEvent.OFFER_ACCEPTED),
    Measure.ADVERT_TO_START: (HiringEvent.ADVERT_LIVE, HiringEvent.STARTED),
    Measure.APPROVED_TO_CLEARED: (HiringEvent.APPROVED, HiringEvent.CLEARED),
    Measure.APPROVED_TO_ACCEPT: (HiringEvent.APPROVED, HiringEvent.OFFER_ACCEPTED),
    Measure.CLOSE_TO_OFFER: (HiringEvent.ADVERT_CLOSED, HiringEvent.OFFER_MADE),
    Measure.APPROVAL_LAG: (HiringEvent.SUBMITTED, HiringEvent.APPROVED),
    Measure.NOTICE_LAG: (HiringEvent.CLEARED, HiringEvent.STARTED),
}


class Outcome(StrEnum):
    """How an opening stands against a measure. Cancelled and failed compete with filled; open is not an end."""

    FILLED = "filled"
    OPEN = "open"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Fault(StrEnum):
    """Why an opening is on the data-quality list."""

    OUT_OF_ORDER = "out_of_order"
    OPENING_UNKNOWN = "opening_unknown"
    MORE_HIRES_THAN_OPENINGS = "more_hires_than_openings"
    STAGE_SKIPPED = "stage_skipped"
    BACKDATED = "backdated"
