"""The words of a vacancy's life that its models and rules share."""

from __future__ import annotations

from enum import StrEnum


class OpeningState(StrEnum):
    OPEN = "open"
    RESERVED = "reserved"
    """Held for a redeployee while clearing makes an offer."""
    ACCEPTED = "accepted"
    """Somebody said yes; checks or a trial are running."""
    FILLED = "filled"
    CANCELLED = "cancelled"


class RequestState(StrEnum):
    """What became of clearing's request for an opening."""

    RESERVED = "reserved"
    REFUSED = "refused"
    LAPSED = "lapsed"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    FILLED = "filled"


class RequestReason(StrEnum):
    """Why a post is to be filled."""

    NEW = "new"
    REPLACEMENT = "replacement"
    COVER = "cover"


class DbsLevel(StrEnum):
    """Which criminal record check the post may lawfully ask for."""

    NONE = "none"
    BASIC = "basic"
    STANDARD = "standard"
    ENHANCED = "enhanced"


class BarredList(StrEnum):
    ADULTS = "adults"
    CHILDREN = "children"


class SupplementKind(StrEnum):
    MARKET_SUPPLEMENT = "market_supplement"
    GOLDEN_HELLO = "golden_hello"


class ClearingExemption(StrEnum):
    """R18: the only reasons for which a vacancy needs no window; the approval of the vacancy approves it too."""

    FIXED_TERM_UNDER_SIX_MONTHS = "fixed_term_under_six_months"
    RING_FENCED_RESTRUCTURE = "ring_fenced_restructure"
    MEMBER_APPOINTMENT = "member_appointment"
    CASUAL_OR_APPRENTICE = "casual_or_apprentice"


class ApplyMethod(StrEnum):
    HOSTED = "hosted"
    """By `POST /v1/jobs/{job_id}/applications`."""
    URL = "url"
    """In the council's own system, at `apply_url`."""
