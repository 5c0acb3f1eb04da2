"""How an interest becomes a referral and a referral an outcome (R19, R28-R34, section 2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from services.clearing.audit.rules import refuse_illegal
from services.clearing.referrals.states import OfferState, ReferralState
from shared.calendar import add_working_days, end_of_local_day, local_date
from shared.errors import DomainError, Forbidden, Invalid

REVIEW_WORKING_DAYS = 2
FEWEST_REPLY_DAYS, MOST_REPLY_DAYS = 3, 10
ALWAYS_SEEN_BANDS = frozenset({1, 2})
"""R30a: everyone in tiers 1 and 2 is interviewed, however many there are."""

_S = ReferralState
_ENDS = frozenset({_S.WITHDRAWN, _S.VACANCY_CLOSED})
NEXT_STATES: dict[ReferralState, frozenset[ReferralState]] = {
    _S.INTERESTED: frozenset({_S.HR_REVIEW}) | _ENDS,
    _S.HR_REVIEW: frozenset({_S.REFERRED, _S.NOT_REFERRED}) | _ENDS,
    _S.REFERRED: frozenset({_S.NOT_SHORTLISTED, _S.WAITING, _S.INTERVIEW_OFFERED, _S.OFFERED}) | _ENDS,
    _S.WAITING: frozenset({_S.INTERVIEW_OFFERED}) | _ENDS,
    _S.INTERVIEW_OFFERED: frozenset({_S.INTERVIEWED}) | _ENDS,
    _S.INTERVIEWED: frozenset({_S.OFFERED, _S.NOT_APPOINTED}) | _ENDS,
    _S.OFFERED: frozenset({_S.ACCEPTED, _S.REFUSED, _S.LAPSED, _S.OFFER_WITHDRAWN}) | _ENDS,
}
"""Section 2. A state without an entry is terminal: it is an outcome in the sense of R19."""
LIVE_STATES = frozenset(NEXT_STATES)

NEXT_OFFER_STATES: dict[OfferState, frozenset[OfferState]] = {
    OfferState.REQUESTED: frozenset({OfferState.OFFERED, OfferState.NO_OPENING, OfferState.WITHDRAWN}),
    OfferState.OFFERED: frozenset({OfferState.ACCEPTED, OfferState.REFUSED, OfferState.LAPSED, OfferState.WITHDRAWN}),
}

NOT_INVITED = frozenset({_S.REFERRED, _S.WAITING})
HOME_ACTIONS = {_S.HR_REVIEW: ("refer", "not-refer")}
GAINING_ACTIONS = {
    _S.REFERRED: ("not-shortlist", "wait", "offer-interview", "request-offer"),
    _S.WAITING: ("offer-interview",),
    _S.INTERVIEW_OFFERED: ("interviewed",),
    _S.INTERVIEWED: ("request-offer", "not-appoint"),
    _S.OFFERED: ("withdraw-offer",),
}


class CriteriaNotOfVacancy(Invalid):
    code: ClassVar[str] = "criteria_not_of_vacancy"
    title: ClassVar[str] = "A reason names a criterion that this vacancy does not have"


class SeenBeforeOthers(DomainError):
    """R30a."""

    code: ClassVar[str] = "seen_before_others"
    title: ClassVar[str] = "This person is interviewed before anybody waits"


class OutOfTurn(DomainError):
    """R30a: interviews go by rank."""

    code: ClassVar[str] = "out_of_turn"
    title: ClassVar[str] = "Somebody with a better rank is waiting for an interview"


class InterviewFirst(DomainError):
    code: ClassVar[str] = "interview_first"
    title: ClassVar[str] = "An offer without an interview needs a duty to offer or a sole candidate"


class ReplyDaysNotAllowed(Invalid):
    code: ClassVar[str] = "reply_days_not_allowed"
    title: ClassVar[str] = "A person has 3 to 10 working days to reply to an offer"


class StartNotAllowed(Invalid):
    code: ClassVar[str] = "start_not_allowed"
    title: ClassVar[str] = "The new job starts after the person has had their time to reply"


class ReplyTooLate(DomainError):
    code: ClassVar[str] = "reply_too_late"
    title: ClassVar[str] = "The time to reply to this offer is over"


class NotOpened(DomainError):
    """R49: nobody decides on what they have not opened."""

    code: ClassVar[str] = "not_opened"
    title: ClassVar[str] = "Open the referral before deciding on it"


class SeparationOfDuties(Forbidden):
    """R8."""

    code: ClassVar[str] = "separation_of_duties"
    title: ClassVar[str] = "Whoever recruits to a vacancy does not refer a person to it"


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in a vacancy's queue. `rank_key` sorts as text, best first."""

    referral_id: UUID
    rank_key: str
    priority_band: int
    state: ReferralState


def review_due_at(interested_at: datetime) -> datetime:
    """HR looks within two working days."""
    return end_of_local_day(add_working_days(local_date(interested_at), REVIEW_WORKING_DAYS))


def reply_by(offered_at: datetime, working_days: int) -> datetime:
    """R32: the end of the nth working day after the offer. Raises ReplyDaysNotAllowed outside 3 to 10."""
    if not FEWEST_REPLY_DAYS <= working_days <= MOST_REPLY_DAYS:
        raise ReplyDaysNotAllowed(field="reply_working_days")
    return end_of_local_day(add_working_days(local_date(offered_at), working_days))


def require_start(starts_on: date, last_reply: datetime) -> None:
    """Nobody starts before their time to reply is over. Raises StartNotAllowed."""
    if starts_on <= local_date(last_reply):
        raise StartNotAllowed(field="starts_on")


def require_known_criteria(given: Collection[str], essential: Iterable[str]) -> None:
    """R19: reasons cite unmet essential criteria by id. Raises CriteriaNotOfVacancy."""
    unknown = sorted(set(given) - set(essential))
    if unknown:
        raise CriteriaNotOfVacancy(f"Not essential here: {', '.join(unknown)}.", field="unmet_criteria")


def require_may_wait(referral_id: UUID, queue: Sequence[Place], *, places: int) -> None:
    """R30a: the first `places` by rank, and everyone in bands 1 and 2, are seen at once. Raises SeenBeforeOthers."""
    ranked = sorted(queue, key=lambda place: place.rank_key)
    for position, place in enumerate(ranked):
        if place.referral_id == referral_id and (position < places or place.priority_band in ALWAYS_SEEN_BANDS):
            raise SeenBeforeOthers


def place_in_queue(referral_id: UUID, queue: Sequence[Place]) -> int:
    """Where somebody who is to wait stands among those not invited yet, from 1 (R30a)."""
    return 1 + len(_ahead(referral_id, queue))


def require_turn(referral_id: UUID, queue: Sequence[Place], *, places: int) -> None:
    """R30a: interviews go by rank. The first `places` of the queue, and everyone in bands 1 and 2, are seen at once;
    anybody else only when nobody with a better rank is still to be invited or answered. Raises OutOfTurn.
    """
    ranked = sorted(queue, key=lambda place: place.rank_key)
    position = next(number for number, place in enumerate(ranked) if place.referral_id == referral_id)
    ahead = _ahead(referral_id, queue)
    is_kept_waiting = any(place.state is ReferralState.WAITING for place in ahead)
    may_be_seen_at_once = position < places and not is_kept_waiting
    if ahead and not may_be_seen_at_once and ranked[position].priority_band not in ALWAYS_SEEN_BANDS:
        raise OutOfTurn


def _ahead(referral_id: UUID, queue: Sequence[Place]) -> list[Place]:
    """Those with a better rank whom the council has neither invited nor answered."""
    own = next(place for place in queue if place.referral_id == referral_id)
    return [place for place in queue if place.state in NOT_INVITED and place.rank_key < own.rank_key]


def require_may_be_offered(state: ReferralState, *, has_duty: bool, live_rivals: int) -> None:
    """Section 2: from REFERRED directly only with an R12 or R13 duty or as the sole candidate.

    Raises IllegalTransition, InterviewFirst.
    """
    refuse_illegal(NEXT_STATES, state, ReferralState.OFFERED)
    if state is ReferralState.REFERRED and not has_duty and live_rivals:
        raise InterviewFirst(next_step="Interview, or answer the others first")


def allowed_actions(state: ReferralState, *, is_home: bool, is_gaining: bool) -> list[str]:
    found = list(HOME_ACTIONS.get(state, ())) if is_home else []
    return found + (list(GAINING_ACTIONS.get(state, ())) if is_gaining else [])
