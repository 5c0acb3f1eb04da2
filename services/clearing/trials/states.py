"""The words of a trial period."""

from __future__ import annotations

from enum import StrEnum


class TrialKind(StrEnum):
    """R38."""

    STATUTORY = "statutory"
    CONTRACTUAL = "contractual"


class TrialState(StrEnum):
    SCHEDULED = "scheduled"
    RUNNING = "running"
    CONFIRMED = "confirmed"
    ENDED_BY_EMPLOYEE = "ended_by_employee"
    ENDED_BY_EMPLOYER = "ended_by_employer"
    CANCELLED = "cancelled"


ENDED_EARLY = frozenset({TrialState.ENDED_BY_EMPLOYEE, TrialState.ENDED_BY_EMPLOYER, TrialState.CANCELLED})
"""The post is free again."""
