"""What a recruitment freeze lets through. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable

from services.ats.establishment.models import RecruitmentFreeze
from shared.errors import DomainError


class RecruitmentFrozen(DomainError):
    code = "recruitment_frozen"
    title = "The employer recruits on named grounds alone at present"


class FreezeLifted(DomainError):
    code = "freeze_lifted"
    title = "This freeze has been lifted already"


def refuse_frozen_post(freezes: Iterable[RecruitmentFreeze], *, family: str, ground: str | None) -> None:
    """Every freeze that covers the family must allow the ground. Raises RecruitmentFrozen, with the allowed grounds."""
    for freeze in freezes:
        grounds = {each["code"] for each in freeze.allowed_grounds}
        if (not freeze.families or family in freeze.families) and ground not in grounds:
            raise RecruitmentFrozen(
                field="requisition.freeze_ground",
                next_step="Give one of the allowed grounds, or wait until the freeze ends.",
                allowed_grounds=freeze.allowed_grounds,
                ends_on=None if freeze.ends_on is None else freeze.ends_on.isoformat(),
            )
