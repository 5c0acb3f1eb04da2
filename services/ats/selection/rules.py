"""What the panel must have said before somebody is sifted. No database, no clock."""

from __future__ import annotations

from uuid import UUID

from services.ats.applications.states import RejectionReason
from services.ats.panels.rules import QUORUM, Panel
from shared.errors import DomainError

JUDGEMENTS = frozenset({RejectionReason.ESSENTIAL_NOT_MET, RejectionReason.STRONGER_CANDIDATES})
"""Reasons that compare a candidate with the criteria or with others: at sift the panel's scores must be there."""


class PanelMissing(DomainError):
    code = "panel_missing"
    title = "The employer's policy asks for a panel before anybody is sifted"


class QuorumMissing(DomainError):
    code = "quorum_missing"
    title = "Too few of the panel have submitted their scores"


class ModerationMissing(DomainError):
    code = "moderation_missing"
    title = "The panel's scores lie apart, and the lead has not said what was made of it"


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
