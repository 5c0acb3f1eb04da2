"""The words of a hire: why one is taken back, and why somebody leaves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from services.ats.applications.states import Stage


class UnhireReason(StrEnum):
    RECORDED_IN_ERROR = "recorded_in_error"
    """Nobody changed their mind: the candidate is as far as before the hire was recorded."""
    CANDIDATE_WITHDREW = "candidate_withdrew"
    OFFER_WITHDRAWN = "offer_withdrawn"
    CHECKS_FAILED = "checks_failed"
    NO_SHOW = "no_show"


class LeavingReason(StrEnum):
    RESIGNED = "resigned"
    PROBATION_NOT_PASSED = "probation_not_passed"
    DISMISSED = "dismissed"
    END_OF_CONTRACT = "end_of_contract"
    REDUNDANCY = "redundancy"
    TRANSFERRED = "transferred"
    RETIRED = "retired"
    DIED = "died"
    OTHER = "other"


class HireAction(StrEnum):
    CONFIRM_START = "confirm_start"
    RECORD_NO_SHOW = "record_no_show"
    RECORD_LEAVING = "record_leaving"
    UN_HIRE = "un_hire"


U, L = UnhireReason, LeavingReason
BACK_AT: Mapping[UnhireReason, Stage] = MappingProxyType(
    {
        U.RECORDED_IN_ERROR: Stage.CLEARED,
        U.CANDIDATE_WITHDREW: Stage.WITHDRAWN,
        U.OFFER_WITHDRAWN: Stage.OFFER_WITHDRAWN,
        U.CHECKS_FAILED: Stage.OFFER_WITHDRAWN,
        U.NO_SHOW: Stage.OFFER_WITHDRAWN,
    }
)
"""Where taking a hire back leads. All but an error free the opening."""
UNHIRE_LABELS: Mapping[UnhireReason, str] = MappingProxyType(
    {
        U.RECORDED_IN_ERROR: "The hire was recorded in error",
        U.CANDIDATE_WITHDREW: "The candidate changed their mind",
        U.OFFER_WITHDRAWN: "The council withdrew the offer",
        U.CHECKS_FAILED: "A check was not passed after all",
        U.NO_SHOW: "The candidate did not come on the first day",
    }
)
LEAVING_LABELS: Mapping[LeavingReason, str] = MappingProxyType(
    {
        L.RESIGNED: "Resigned",
        L.PROBATION_NOT_PASSED: "Did not pass probation",
        L.DISMISSED: "Dismissed",
        L.END_OF_CONTRACT: "The contract ended",
        L.REDUNDANCY: "Redundancy",
        L.TRANSFERRED: "Transferred to another post or employer",
        L.RETIRED: "Retired",
        L.DIED: "Died",
        L.OTHER: "Another reason",
    }
)
