"""The words of a clearing window. A vacancy's own state is ats's vocabulary (`shared.vocabulary.VacancyState`)."""

from __future__ import annotations

from enum import StrEnum


class WindowOrder(StrEnum):
    """R16: both windows together, or the home council's first."""

    CONCURRENT = "concurrent"
    SEQUENTIAL = "sequential"


class WindowState(StrEnum):
    """`superseded` is a window that a material change of the vacancy (R21) replaced by a new one."""

    WINDOW = "window"
    REVIEW = "review"
    INTERNAL_WINDOW = "internal_window"
    INTERNAL_REVIEW = "internal_review"
    REGIONAL_WINDOW = "regional_window"
    REGIONAL_REVIEW = "regional_review"
    EXEMPT = "exempt"
    ON_HOLD = "on_hold"
    RELEASED = "released"
    FILLED = "filled"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class ReleaseReason(StrEnum):
    """Why a vacancy may be advertised (the reasons of `clearing.vacancy_released`)."""

    NOBODY_MATCHED = "nobody_matched"
    NO_ELIGIBLE_INTEREST = "no_eligible_interest"
    ALL_OUTCOMES_GIVEN = "all_outcomes_given"
    EXEMPT = "exempt"
