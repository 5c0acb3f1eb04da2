"""When a vacancy may move, what a change of its content undoes, and who may do what. No database, no clock."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from services.ats.vacancies.actions import ENDED, MOVES, WITH_LOCKED_FIELDS, VacancyAction
from services.ats.vacancies.approved_content import APPROVED, content_hash, content_of
from services.ats.vacancies.models import Opening, Vacancy
from services.ats.vacancies.states import OpeningState
from shared.calendar import end_of_local_day, local_date
from shared.errors import DomainError, Invalid
from shared.vocabulary import HiringRoute, VacancyState

DEFAULT_ADVERT_DAYS = 14
FURTHEST_DEADLINE = timedelta(days=366)


class IllegalMove(DomainError):
    code = "illegal_move"
    title = "The vacancy's state does not allow this"


class ClearanceMissing(DomainError):
    """Displaced staff have not had their first refusal of this content (design section 4)."""

    code = "clearance_missing"
    title = "Clearing has not released this vacancy"


class ApprovalMissing(DomainError):
    code = "approval_missing"
    title = "This content has not been approved"


class DeadlinePassed(DomainError):
    code = "deadline_passed"
    title = "The closing date has passed"


class DeadlineOutOfRange(Invalid):
    code = "deadline_out_of_range"
    title = "The closing date is not within a year from now"


class NoOpeningLeft(DomainError):
    code = "no_opening_left"
    title = "Every opening of the vacancy is held or filled"


def refuse_illegal(vacancy: Vacancy, action: VacancyAction) -> None:
    """Raises IllegalMove, naming the states from which the action is legal."""
    allowed_from = MOVES[action].from_states
    if vacancy.state not in allowed_from:
        raise IllegalMove(
            f"A vacancy that is {vacancy.state} cannot {action.in_words}.",
            field="state",
            next_step=f"It can from: {', '.join(sorted(allowed_from))}.",
            state=vacancy.state,
        )


def refuse_unchangeable(vacancy: Vacancy) -> None:
    """Raises IllegalMove."""
    is_out = vacancy.state in WITH_LOCKED_FIELDS
    refuse_illegal(vacancy, VacancyAction.AMEND if is_out else VacancyAction.CHANGE)


def is_untouched_draft(vacancy: Vacancy) -> bool:
    """Nobody was ever asked to approve it, so it was never shown to anyone either."""
    was_asked = vacancy.requested_at or vacancy.approved_at or vacancy.entered_clearing_at
    return vacancy.state is VacancyState.DRAFT and was_asked is None


def is_approved(vacancy: Vacancy) -> bool:
    """An approval counts only for the content it was given for."""
    return vacancy.approved_hash == vacancy.content_hash


def is_cleared(vacancy: Vacancy) -> bool:
    """Released by clearing for this content, and no statutory duty (R12) opened since."""
    if vacancy.released_at is None or vacancy.released_content_version != vacancy.content_version:
        return False
    return vacancy.duty_opened_at is None or vacancy.duty_opened_at < vacancy.released_at


def require_clearance(vacancy: Vacancy) -> None:
    """Going live and confirming a shortlist need it; absence means closed. Raises ClearanceMissing."""
    if not is_cleared(vacancy):
        raise ClearanceMissing(
            f"Version {vacancy.content_version} of the content is not released.",
            next_step="Wait for clearing's release: it comes by itself when every referral has its outcome.",
        )


def require_approval(vacancy: Vacancy, now: datetime) -> None:
    """Raises ApprovalMissing."""
    if not is_approved(vacancy) or has_expired(vacancy, now):
        raise ApprovalMissing(next_step="Send it for approval again: its content was changed, or it expired.")


def note_change(vacancy: Vacancy, changed: AbstractSet[str], now: datetime, *, is_material: bool) -> None:
    """What a change of content undoes: the approval it was given, and the clearance if it was material (R21).

    A vacancy in clearing stays there and its window starts again; elsewhere it goes back to its draft.
    """
    if changed.isdisjoint(APPROVED):
        return
    vacancy.content_hash = content_hash(content_of(vacancy))
    if is_material and vacancy.entered_clearing_at is not None:
        vacancy.content_version, vacancy.content_changed_at = vacancy.content_version + 1, now
    vacancy.pending_approval_id = None
    if vacancy.state in {VacancyState.APPROVAL_PENDING, VacancyState.APPROVED}:
        vacancy.state = VacancyState.DRAFT


def enter_clearing(vacancy: Vacancy, now: datetime) -> None:
    """Nobody else sees a vacancy before displaced staff have (R16)."""
    vacancy.state, vacancy.entered_clearing_at = VacancyState.IN_CLEARING, now


def check_deadline(closes_at: datetime | None, now: datetime) -> None:
    """Of a draft, where a mistyped year can still be mended. Raises DeadlineOutOfRange."""
    if closes_at is not None and not now < closes_at <= now + FURTHEST_DEADLINE:
        raise DeadlineOutOfRange(
            field="closes_at", next_step="Give a closing date that is to come, at most a year ahead."
        )


def closing_instant(vacancy: Vacancy, published_at: datetime) -> datetime:
    """The deadline given, else the end of the local day so many days after publication."""
    if vacancy.closes_at is not None:
        return vacancy.closes_at
    days = timedelta(days=vacancy.advert_days or DEFAULT_ADVERT_DAYS)
    return end_of_local_day(local_date(published_at) + days)


def publish(vacancy: Vacancy, at: datetime, *, now: datetime) -> None:
    """Make it live from `at`. Raises IllegalMove, ApprovalMissing, ClearanceMissing, DeadlinePassed."""
    refuse_illegal(vacancy, VacancyAction.PUBLISH)
    require_approval(vacancy, now)
    require_clearance(vacancy)
    if vacancy.state is VacancyState.INTERNAL_ADVERT:
        # The deadline was that of the internal advert. The public one's counts, unless the internal one outlived it.
        is_to_come = vacancy.public_closes_at is not None and vacancy.public_closes_at > now
        vacancy.closes_at = vacancy.public_closes_at if is_to_come else None
        vacancy.public_closes_at = None
    closes_at = closing_instant(vacancy, at)
    if closes_at <= now:
        raise DeadlinePassed(field="closes_at", next_step="Give a later closing date, then publish.")
    vacancy.state, vacancy.closes_at, vacancy.published_at = VacancyState.LIVE, closes_at, at
    vacancy.first_published_at = vacancy.first_published_at or at
    vacancy.adverts_count += 1
    vacancy.closed_at = None


def release(vacancy: Vacancy) -> None:
    """Where clearing's release leads: onward when the content is approved, else back to who must approve it."""
    if vacancy.state is not VacancyState.IN_CLEARING:
        return
    if is_approved(vacancy):
        vacancy.state = VacancyState.APPROVED
    else:
        vacancy.state = VacancyState.APPROVAL_PENDING if vacancy.pending_approval_id else VacancyState.DRAFT


def may_publish_itself(vacancy: Vacancy, at: datetime, *, now: datetime) -> bool:
    """Whether a release leads straight to the advert."""
    is_ready = vacancy.state is VacancyState.APPROVED and is_cleared(vacancy) and not has_expired(vacancy, now)
    is_its_time = vacancy.is_auto_published and (vacancy.publish_at is None or vacancy.publish_at <= now)
    return is_ready and is_its_time and closing_instant(vacancy, at) > now


def approve(vacancy: Vacancy, approved_at: datetime, *, expires_at: datetime | None = None, now: datetime) -> None:
    """The content as it stands is approved: displaced staff see it first, unless they already have."""
    vacancy.approved_hash, vacancy.approved_at = vacancy.content_hash, approved_at
    vacancy.approval_expires_at = expires_at
    vacancy.pending_approval_id = None
    if vacancy.state is VacancyState.IN_CLEARING:
        return
    vacancy.state = VacancyState.APPROVED
    if not is_cleared(vacancy):
        enter_clearing(vacancy, now)


def has_expired(vacancy: Vacancy, now: datetime) -> bool:
    return vacancy.approval_expires_at is not None and vacancy.approval_expires_at <= now


def lapse_approval(vacancy: Vacancy, now: datetime) -> bool:
    """Take back an approval that was not used in time; whether there was one. In clearing it may be given anew."""
    if not has_expired(vacancy, now):
        return False
    vacancy.approved_hash, vacancy.approval_expires_at = None, None
    if vacancy.state is VacancyState.APPROVED:
        vacancy.state = VacancyState.DRAFT
    return True


def count_openings(vacancy: Vacancy, *states: OpeningState) -> int:
    return sum(opening.state in states for opening in vacancy.openings)


def openings_remaining(vacancy: Vacancy) -> int:
    """Openings that nobody has said yes to. A reservation alone does not count: it may lapse."""
    return count_openings(vacancy, OpeningState.OPEN, OpeningState.RESERVED)


def has_promise(vacancy: Vacancy) -> bool:
    """Whether somebody has accepted, or holds an offer of the council's. A reservation for clearing only waits."""
    return any(
        opening.state is OpeningState.ACCEPTED
        or (opening.state is OpeningState.RESERVED and opening.route is not HiringRoute.REDEPLOYMENT)
        for opening in vacancy.openings
    )


def refuse_without_opening(vacancy: Vacancy) -> None:
    """Raises NoOpeningLeft."""
    if not count_openings(vacancy, OpeningState.OPEN):
        raise NoOpeningLeft(field="openings")


def free_opening(vacancy: Vacancy) -> Opening:
    """The lowest opening that nobody holds. The caller has the vacancy locked. Raises NoOpeningLeft."""
    refuse_without_opening(vacancy)
    return next(opening for opening in vacancy.openings if opening.state is OpeningState.OPEN)


def close(vacancy: Vacancy, at: datetime) -> None:
    """End the advert at `at`. Raises IllegalMove."""
    refuse_illegal(vacancy, VacancyAction.CLOSE)
    vacancy.closed_at = at
    filled = count_openings(vacancy, OpeningState.FILLED)
    vacancy.state = VacancyState.PARTIALLY_FILLED if filled else VacancyState.CLOSED


def settle_fill(vacancy: Vacancy) -> None:
    """After an opening was filled: the whole vacancy may be. One still in clearing or live stays so for the rest."""
    live = [opening for opening in vacancy.openings if opening.state is not OpeningState.CANCELLED]
    if all(opening.state is OpeningState.FILLED for opening in live):
        vacancy.state = VacancyState.FILLED
    elif vacancy.state in {VacancyState.CLOSED, VacancyState.UNFILLED}:
        vacancy.state = VacancyState.PARTIALLY_FILLED


def settle_unfill(vacancy: Vacancy, at: datetime) -> None:
    """After a filled opening is so no more. A vacancy that was filled has its advert behind it: it is chosen for anew
    from those who applied, or advertised again.
    """
    if vacancy.state in {VacancyState.FILLED, VacancyState.PARTIALLY_FILLED}:
        is_any_filled = count_openings(vacancy, OpeningState.FILLED) > 0
        vacancy.state = VacancyState.PARTIALLY_FILLED if is_any_filled else VacancyState.CLOSED
        vacancy.closed_at = vacancy.closed_at or at


def note_end(vacancy: Vacancy, at: datetime) -> None:
    """Who still waits for an answer is owed one from the moment when the vacancy has ended."""
    if vacancy.state in ENDED:
        vacancy.candidates_untold_since = vacancy.candidates_untold_since or at
    else:
        vacancy.candidates_untold_since = None


def resume(vacancy: Vacancy, now: datetime) -> None:
    """Back to where it was held. An advert whose deadline passed comes back closed; one no longer cleared, in clearing.

    Raises IllegalMove.
    """
    refuse_illegal(vacancy, VacancyAction.RESUME)
    back = vacancy.held_from or VacancyState.DRAFT
    vacancy.held_from = vacancy.held_at = vacancy.hold_reason = vacancy.hold_approved_by = None
    was_out = back in {VacancyState.LIVE, VacancyState.INTERNAL_ADVERT}
    if was_out and not is_cleared(vacancy):
        enter_clearing(vacancy, now)
    elif was_out and vacancy.closes_at is not None and vacancy.closes_at <= now:
        vacancy.state, vacancy.closed_at = VacancyState.CLOSED, vacancy.closes_at
    else:
        vacancy.state = back
    lapse_approval(vacancy, now)
    if vacancy.state is VacancyState.APPROVED and not is_approved(vacancy):
        vacancy.state = VacancyState.DRAFT


def readvertise(vacancy: Vacancy, now: datetime) -> None:
    """A new run of the same requisition: displaced staff come first again (R16). The headline clock never resets.

    Raises IllegalMove.
    """
    refuse_illegal(vacancy, VacancyAction.READVERTISE)
    refuse_without_opening(vacancy)
    vacancy.content_version, vacancy.content_changed_at = vacancy.content_version + 1, now
    vacancy.closes_at = vacancy.public_closes_at = vacancy.publish_at = None
    vacancy.internal_employer_ids = []
    vacancy.shortlist_confirmed_at = None
    lapse_approval(vacancy, now)
    enter_clearing(vacancy, now)
