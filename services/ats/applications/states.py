"""The stages of an application and its legal moves as data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Stage(StrEnum):
    SUBMITTED = "submitted"
    SHORTLISTED = "shortlisted"
    INTERVIEW = "interview"
    RESERVE_LISTED = "reserve_listed"
    """Could do the job, and is offered it if it is free again: see `reserve_lists`."""
    OFFERED = "offered"
    ACCEPTED = "accepted"
    CLEARED = "cleared"
    HIRED = "hired"
    REJECTED = "rejected"
    DECLINED = "declined"
    OFFER_LAPSED = "offer_lapsed"
    OFFER_WITHDRAWN = "offer_withdrawn"
    WITHDRAWN = "withdrawn"


class ApplicationSource(StrEnum):
    BOARD = "board"
    """By a board or a council's own system."""
    CLEARING = "clearing"
    """Referred by a displaced employee's home council; decided in clearing, mirrored here."""


class RejectionReason(StrEnum):
    ESSENTIAL_NOT_MET = "essential_not_met"
    STRONGER_CANDIDATES = "stronger_candidates"
    INTERVIEW_NOT_PASSED = "interview_not_passed"
    CHECKS_FAILED = "checks_failed"
    RIGHT_TO_WORK = "right_to_work"
    POST_WITHDRAWN = "post_withdrawn"
    POST_FILLED = "post_filled"
    NO_APPOINTMENT = "no_appointment"
    RESERVE_LIST_ENDED = "reserve_list_ended"


class PoolReach(StrEnum):
    """Who may find somebody in the talent pool."""

    EMPLOYER = "employer"
    REGION = "region"


class ApplicationAction(StrEnum):
    SHORTLIST = "shortlist"
    INVITE_TO_INTERVIEW = "invite_to_interview"
    RECORD_INTERVIEW = "record_interview"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    MAKE_OFFER = "make_offer"
    ACCEPT_OFFER = "accept_offer"
    DECLINE_OFFER = "decline_offer"
    WITHDRAW_OFFER = "withdraw_offer"
    CLEAR = "clear"
    HIRE = "hire"
    UNDO_REJECTION = "undo_rejection"
    INVITE_TO_BOOK = "invite_to_book"
    BOOK_INTERVIEW = "book_interview"
    CANCEL_INTERVIEW = "cancel_interview"
    UN_HIRE = "un_hire"
    RESERVE = "reserve"
    TAKE_OFF_RESERVE_LIST = "take_off_reserve_list"


A, S = ApplicationAction, Stage
# action -> from -> to. A move that is not here is illegal, but for what takes a decision back (see `BACK_TO` and
# `BACK_FROM_HIRE`), and for the cancelling of an interview beside which another stands: see `permitted.LEGAL`.
MOVES: Mapping[ApplicationAction, Mapping[Stage, Stage]] = MappingProxyType(
    {
        A.SHORTLIST: {S.SUBMITTED: S.SHORTLISTED},
        A.INVITE_TO_INTERVIEW: {S.SHORTLISTED: S.INTERVIEW, S.INTERVIEW: S.INTERVIEW},
        A.RECORD_INTERVIEW: {S.INTERVIEW: S.INTERVIEW},
        A.REJECT: {S.SUBMITTED: S.REJECTED, S.SHORTLISTED: S.REJECTED, S.INTERVIEW: S.REJECTED},
        A.WITHDRAW: dict.fromkeys(
            (
                S.SUBMITTED,
                S.SHORTLISTED,
                S.INTERVIEW,
                S.RESERVE_LISTED,
                S.OFFERED,
                S.ACCEPTED,
                S.CLEARED,
                S.OFFER_LAPSED,
            ),
            S.WITHDRAWN,
        ),
        A.MAKE_OFFER: dict.fromkeys(
            (S.INTERVIEW, S.RESERVE_LISTED, S.OFFERED, S.OFFER_LAPSED, S.OFFER_WITHDRAWN), S.OFFERED
        ),
        A.ACCEPT_OFFER: dict.fromkeys((S.OFFERED, S.OFFER_LAPSED), S.ACCEPTED),
        A.DECLINE_OFFER: {S.OFFERED: S.DECLINED},
        A.WITHDRAW_OFFER: dict.fromkeys((S.OFFERED, S.ACCEPTED, S.CLEARED), S.OFFER_WITHDRAWN),
        A.CLEAR: {S.ACCEPTED: S.CLEARED},
        A.HIRE: {S.CLEARED: S.HIRED},
        A.INVITE_TO_BOOK: {S.SHORTLISTED: S.SHORTLISTED, S.INTERVIEW: S.INTERVIEW},
        A.BOOK_INTERVIEW: {S.SHORTLISTED: S.INTERVIEW, S.INTERVIEW: S.INTERVIEW},
        A.CANCEL_INTERVIEW: {S.INTERVIEW: S.SHORTLISTED},
        A.RESERVE: {S.INTERVIEW: S.RESERVE_LISTED},
        A.TAKE_OFF_RESERVE_LIST: {S.RESERVE_LISTED: S.INTERVIEW},
    }
)
BACK_TO = frozenset({S.SUBMITTED, S.SHORTLISTED, S.INTERVIEW})
"""Where undoing a rejection leads: to the one of these that it came from."""
BACK_FROM_HIRE = frozenset({S.CLEARED, S.WITHDRAWN, S.OFFER_WITHDRAWN})
"""Where taking a hire back leads, by its reason."""
LABELS: Mapping[Stage, str] = MappingProxyType(
    {
        S.SUBMITTED: "Submitted",
        S.SHORTLISTED: "Shortlisted",
        S.INTERVIEW: "Interview",
        S.RESERVE_LISTED: "On the reserve list",
        S.OFFERED: "Offer made",
        S.ACCEPTED: "Offer accepted",
        S.CLEARED: "Cleared to start",
        S.HIRED: "Hired",
        S.REJECTED: "Not successful",
        S.DECLINED: "Offer declined",
        S.OFFER_LAPSED: "Offer not answered in time",
        S.OFFER_WITHDRAWN: "Offer withdrawn",
        S.WITHDRAWN: "Withdrawn",
    }
)
REASON_LABELS: Mapping[RejectionReason, str] = MappingProxyType(
    {
        RejectionReason.ESSENTIAL_NOT_MET: "An essential criterion is not met",
        RejectionReason.STRONGER_CANDIDATES: "Others met the criteria more strongly",
        RejectionReason.INTERVIEW_NOT_PASSED: "The interview did not show what the post needs",
        RejectionReason.CHECKS_FAILED: "A pre-employment check was not passed",
        RejectionReason.RIGHT_TO_WORK: "No right to work in this post",
        RejectionReason.POST_WITHDRAWN: "The post was withdrawn",
        RejectionReason.POST_FILLED: "The post was filled",
        RejectionReason.NO_APPOINTMENT: "The campaign ended without an appointment",
        RejectionReason.RESERVE_LIST_ENDED: "The time on the reserve list ended without an offer",
    }
)
REASONS_FOR_THE_CANDIDATE: Mapping[RejectionReason, str] = MappingProxyType(
    {
        RejectionReason.ESSENTIAL_NOT_MET: "Your application did not show everything that this job asks for.",
        RejectionReason.STRONGER_CANDIDATES: "Others showed a closer match with what this job asks for.",
        RejectionReason.INTERVIEW_NOT_PASSED: "The interview did not show everything that this job needs.",
        RejectionReason.CHECKS_FAILED: "A check that comes before the first day was not passed.",
        RejectionReason.RIGHT_TO_WORK: "You have not shown that you have the right to do this work in the UK.",
        RejectionReason.POST_WITHDRAWN: "The employer is not going ahead with this job. This has nothing to do"
        " with your application.",
        RejectionReason.POST_FILLED: "Somebody else has been chosen for this job.",
        RejectionReason.NO_APPOINTMENT: "The employer ended this search without choosing anybody. You can apply"
        " again if the job is advertised again.",
        RejectionReason.RESERVE_LIST_ENDED: "You were on the reserve list for this job, and its time has ended without"
        " an offer.",
    }
)
REASONS_OF_NOBODY = frozenset({RejectionReason.POST_WITHDRAWN, RejectionReason.NO_APPOINTMENT})
"""Nobody was chosen, so nobody was unsuccessful."""
WAITING = frozenset({S.SUBMITTED, S.SHORTLISTED, S.INTERVIEW})
"""Who still hopes for an answer. Who is on a reserve list has one."""
UNDECIDED = WAITING | {S.RESERVE_LISTED}
"""Who may still be chosen."""
ENDED = frozenset({S.HIRED, S.REJECTED, S.DECLINED, S.WITHDRAWN})
IN_PLAY = UNDECIDED | {S.OFFERED, S.ACCEPTED, S.CLEARED}
"""Who takes up a place of their vacancy, or may come to."""
HIDDEN_CANDIDATE = frozenset({S.SUBMITTED})
"""Before the shortlist nobody who decides sees who somebody is."""
