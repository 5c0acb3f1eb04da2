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


NEXT_STATES: dict[MatchState, frozenset[MatchState]] = {
    MatchState.SUGGESTED: frozenset(
        {
            MatchState.INTERESTED,
            MatchState.DECLINED,
            MatchState.EXPIRED,
            MatchState.SUPERSEDED,
            MatchState.VOID,
        }
    ),
    MatchState.INTERESTED: frozenset({MatchState.SUPERSEDED, MatchState.VOID}),
    MatchState.DECLINED: frozenset({MatchState.INTERESTED, MatchState.SUPERSEDED, MatchState.VOID}),
    MatchState.EXPIRED: frozenset({MatchState.SUPERSEDED, MatchState.VOID}),
}
"""Section 2, and a change of mind: a person who declined may still be interested while the window is open (R35)."""
