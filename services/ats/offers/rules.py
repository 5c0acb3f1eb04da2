"""When an offer may be made and answered. No database, no clock."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from services.ats.offers.models import Offer, OfferState
from services.ats.vacancies.models import Vacancy
from shared.calendar import local_date
from shared.errors import DomainError, Forbidden, Invalid
from shared.money import pounds_in_words


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


class PayOutsideGrade(Invalid):
    code = "pay_outside_grade"
    title = "The pay is outside what was advertised"


class OfferNotPending(DomainError):
    code = "offer_not_pending"
    title = "The offer does not wait for an approver"


class MakerMayNotApprove(Forbidden):
    code = "maker_may_not_approve"
    title = "Whoever made the offer may not decide on it"


def pay_limits(vacancy: Vacancy) -> tuple[int, int]:
    """What was approved for the post, full-time and annual in pence, with a supplement that is paid every year."""
    supplement = vacancy.flags.get("pay_supplement") or {}
    yearly = int(supplement["amount_pence"]) if supplement.get("paid") == "yearly" else 0
    return vacancy.salary_min_pence, vacancy.salary_max_pence + yearly


def is_outside_grade(vacancy: Vacancy, salary_pence: int) -> bool:
    lowest, highest = pay_limits(vacancy)
    return not lowest <= salary_pence <= highest


def refuse_unexplained(vacancy: Vacancy, salary_pence: int, reason: str | None) -> None:
    """Raises PayOutsideGrade."""
    if is_outside_grade(vacancy, salary_pence) and reason is None:
        lowest, highest = pay_limits(vacancy)
        raise PayOutsideGrade(
            f"The post was approved for {pounds_in_words(lowest)} to {pounds_in_words(highest)} a year, full time.",
            field="salary_pence",
            next_step="Offer pay within it, or say why in outside_grade_reason: an approver decides.",
        )


def refuse_decided(offer: Offer) -> None:
    """Raises OfferNotPending."""
    if offer.state is not OfferState.APPROVAL_PENDING:
        raise OfferNotPending(state=offer.state)


def decide(offer: Offer, state: OfferState, *, decided_by: UUID | None, at: datetime) -> None:
    """By another person than the maker. Raises OfferNotPending, MakerMayNotApprove."""
    refuse_decided(offer)
    if decided_by is None or decided_by == offer.made_by:
        raise MakerMayNotApprove(next_step="Ask another approver.")
    offer.state, offer.decided_by, offer.decided_at = state, decided_by, at
    offer.version += 1


def supersede(offer: Offer) -> None:
    """A changed offer takes its place."""
    offer.state, offer.version = OfferState.SUPERSEDED, offer.version + 1


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
