"""The words of a suggestion: one person, one vacancy, one window."""

from __future__ import annotations

from enum import StrEnum


class MatchState(StrEnum):
    SUGGESTED = "suggested"
    INTERESTED = "interested"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    VOID = "void"
