"""Which openings a milestone is about, and what there is to ask about it. No database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from services.ats.milestones.models import Milestone, MilestoneKind, Question
from services.ats.vacancies.models import Opening, Vacancy
from services.ats.vacancies.rules import is_cleared
from services.ats.vacancies.states import OpeningState
from shared.calendar import local_date
from shared.errors import DomainError
from shared.vocabulary import Management

ORDER = tuple(MilestoneKind)
OF_OPENINGS = frozenset({MilestoneKind.ACCEPTED, MilestoneKind.CLEARED, MilestoneKind.STARTED})


class ManagedHere(DomainError):
    code = "managed_here"
    title = "The candidates of this vacancy are held here: its steps are recorded as they are taken"


def refuse_hosted(vacancy: Vacancy) -> None:
    """Raises ManagedHere."""
    if vacancy.management is not Management.EXTERNAL:
        raise ManagedHere(field="management")


def standing(known: Collection[Milestone]) -> list[Milestone]:
    """What holds: neither corrected nor taken back."""
    corrected = {each.corrects for each in known}
    return [each for each in known if each.external_event_id not in corrected and not each.takes_back]


def is_out_of_order(
    kind: MilestoneKind, at: datetime, known: Sequence[Milestone], opening_nos: Collection[int]
) -> bool:
    """Whether a later stage is known from an earlier day, or an earlier stage from a later one."""
    day, place = local_date(at), ORDER.index(kind)
    for other in known:
        if other.opening_nos and opening_nos and not set(other.opening_nos) & set(opening_nos):
            continue
        other_day, other_place = local_date(other.occurred_at), ORDER.index(other.kind)
        if (other_place < place and other_day > day) or (other_place > place and other_day < day):
            return True
    return False


def questions_before(vacancy: Vacancy, kind: MilestoneKind, at: datetime) -> list[Question]:
    """What goes against first refusal: for an external vacancy it can only be told afterwards, not prevented."""
    was_released = is_cleared(vacancy) and vacancy.released_at is not None and vacancy.released_at <= at
    if kind is MilestoneKind.PUBLISHED and not was_released:
        return [Question.PUBLISHED_BEFORE_RELEASE]
    if kind is MilestoneKind.SHORTLISTED and not was_released:
        return [Question.SHORTLISTED_WITHOUT_CLEARANCE]
    return []


def opening_after(number: int, standing_ones: Collection[Milestone]) -> tuple[OpeningState, date | None]:
    """How an opening stands by the milestones that hold, and when somebody started in it."""
    told = {each.kind: each for each in standing_ones if number in each.opening_nos}
    if started := told.get(MilestoneKind.STARTED):
        return OpeningState.FILLED, local_date(started.occurred_at)
    is_accepted = not told.keys().isdisjoint({MilestoneKind.ACCEPTED, MilestoneKind.CLEARED})
    return (OpeningState.ACCEPTED if is_accepted else OpeningState.OPEN), None


def find_opening(
    vacancy: Vacancy, kind: MilestoneKind, asked: int | None, cleared: Collection[int]
) -> tuple[Opening | None, bool]:
    """The opening that a step is about, the lowest where none is named, and whether its acceptance was reported."""
    openings = [each for each in vacancy.openings if asked is None or each.opening_no == asked]
    free = [each for each in openings if each.state is OpeningState.OPEN]
    accepted = [each for each in openings if each.state is OpeningState.ACCEPTED and each.taken_for is None]
    if kind is MilestoneKind.ACCEPTED:
        return (free[0] if free else None), True
    if kind is MilestoneKind.CLEARED:
        waiting = [each for each in accepted if each.opening_no not in cleared]
    else:
        waiting = sorted(accepted, key=lambda each: each.opening_no not in cleared)
    if waiting:
        return waiting[0], True
    return (free[0] if free else None), False
