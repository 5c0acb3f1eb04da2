"""What the panel must have said before somebody is sifted. No database, no clock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from services.ats.applications.states import RejectionReason
from services.ats.panels.rules import QUORUM, Panel
from shared.errors import DomainError

JUDGEMENTS = frozenset(RejectionReason) - {RejectionReason.RIGHT_TO_WORK, RejectionReason.POST_WITHDRAWN}
"""Reasons about a candidate beside the criteria or beside others: at sift the panel's scores must bear them out."""


class PanelMissing(DomainError):
    code = "panel_missing"
    title = "The employer's policy asks for a panel before anybody is sifted"


class QuorumMissing(DomainError):
    code = "quorum_missing"
    title = "Too few of the panel have submitted their scores"


class ModerationMissing(DomainError):
    code = "moderation_missing"
    title = "The panel's scores lie apart, and the lead has not said what was made of it"


class InterviewGuaranteed(DomainError):
    code = "interview_guaranteed"
    title = "This candidate claims a guaranteed interview and meets every essential criterion"


class CapNeedsPanel(DomainError):
    code = "cap_needs_panel"
    title = "Without a panel nobody says who the best of the qualifying are"


def qualifies(panel: Panel, application_id: UUID, essential: Collection[str]) -> bool:
    """Whether the panel finds every essential criterion met."""
    met = panel.met(application_id, essential)
    return met is not None and all(met.values())


def is_among_best(panel: Panel, application_id: UUID, qualifying: Collection[UUID], most: int) -> bool:
    """By the mean total; who ties with the last of the best is among them."""
    own = panel.mean_total(application_id) or 0
    return sum((panel.mean_total(each) or 0) > own for each in qualifying) < most


def refuse_unscored(panel: Panel, application_id: UUID, reference: str) -> None:
    """Raises QuorumMissing, ModerationMissing."""
    if not panel.is_quorate(application_id):
        submitted = len(panel.counted(application_id))
        able = sum(panel.may_score(each.staff_id, application_id) for each in panel.current)
        raise QuorumMissing(
            f"{reference} has {submitted} of the {QUORUM} submitted score sheets that are needed.",
            submitted=submitted,
            needed=QUORUM,
            next_step="Let the members submit their scores."
            if able >= QUORUM
            else "Name another member: too few of the panel are without a conflict of interest about this candidate.",
        )
    if panel.needs_moderation(application_id):
        raise ModerationMissing(
            f"The scores of {reference} differ by 2 or more.", next_step="Let the lead add a moderation note."
        )
