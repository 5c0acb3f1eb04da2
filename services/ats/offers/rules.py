"""When an offer may be made and answered. No database, no clock."""

from __future__ import annotations

from datetime import date, datetime

from services.ats.offers.models import Offer, OfferState
from shared.calendar import local_date
from shared.errors import DomainError, Invalid


class OfferNotOpen(DomainError):
    code = "offer_not_open"
    title = "The offer has been answered or withdrawn"


class ReplyTooLate(DomainError):
    code = "reply_too_late"
    title = "The time to reply has passed"


class ReplyByPassed(Invalid):
    code = "reply_by_passed"
    title = "The time to reply lies in the past"


class StartInThePast(Invalid):
    code = "start_in_the_past"
    title = "The start lies before the offer"


def check_terms(reply_by: datetime, starts_on: date, now: datetime) -> None:
    """Raises ReplyByPassed, StartInThePast."""
    if reply_by <= now:
        raise ReplyByPassed(field="reply_by")
    if starts_on < local_date(now):
        raise StartInThePast(field="starts_on")


def answer(offer: Offer, state: OfferState, at: datetime, *, by_candidate: bool) -> None:
    """Accept or decline. Staff may record an answer that came in time by another way, after the offer lapsed too, so
    only the candidate's page is held to the reply-by. Raises OfferNotOpen, ReplyTooLate.
    """
    if offer.state not in {OfferState.MADE, OfferState.LAPSED}:
        raise OfferNotOpen(state=offer.state)
    if by_candidate and (offer.state is OfferState.LAPSED or offer.reply_by <= at):
        raise ReplyTooLate(next_step="Ring the council: it can still record your answer.")
    offer.state, offer.answered_at = state, at
    offer.version += 1


def lapse(offer: Offer) -> None:
    """Raises OfferNotOpen."""
    if offer.state is not OfferState.MADE:
        raise OfferNotOpen(state=offer.state)
    offer.state = OfferState.LAPSED
    offer.version += 1


def withdraw(offer: Offer, at: datetime, reason: str) -> None:
    """Raises OfferNotOpen."""
    if offer.state not in {OfferState.MADE, OfferState.ACCEPTED}:
        raise OfferNotOpen(state=offer.state)
    offer.state, offer.answered_at, offer.withdrawn_reason = OfferState.WITHDRAWN, at, reason
    offer.version += 1
