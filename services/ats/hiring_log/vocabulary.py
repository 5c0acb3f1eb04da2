"""The words of the hiring log. Time to hire is measured between any two of them (time to hire, sections 1 and 2)."""

from __future__ import annotations

from enum import StrEnum


class HiringEvent(StrEnum):
    """One thing that happened to a vacancy, an opening or a candidate for it."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    CLEARING_ENTERED = "clearing_entered"
    WINDOW_OPENED = "window_opened"
    RELEASED = "released"
    ADVERT_LIVE = "advert_live"
    """A re-advert is another one; the headline starts at the first."""
    ADVERT_CLOSED = "advert_closed"
    APPLIED = "applied"
    SHORTLISTED = "shortlisted"
    """The shortlist is final."""
    INTERVIEWED = "interviewed"
    OFFER_MADE = "offer_made"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_DECLINED = "offer_declined"
    OFFER_LAPSED = "offer_lapsed"
    """Nobody answered by the reply-by."""
    OFFER_WITHDRAWN = "offer_withdrawn"
    """By either side. An acceptance before it is void: the opening is open again and the clock never stopped."""
    CLEARED = "cleared"
    """Every mandatory check is done: the start can be confirmed."""
    HIRED = "hired"
    STARTED = "started"
    HOLD_STARTED = "hold_started"
    HOLD_ENDED = "hold_ended"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """Ended without an appointment."""
    FILLED_FROM_CLEARING = "filled_from_clearing"


class LogSource(StrEnum):
    """Who told us: our own steps, a council's system by milestone, clearing, or a council's monthly return."""

    HOSTED = "hosted"
    MILESTONE = "milestone"
    CLEARING = "clearing"
    MONTHLY_RETURN = "monthly_return"
