from __future__ import annotations

from dataclasses import dataclass

from services.ats.audit.actor import Actor
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from services.ats.milestones.models import MilestoneKind
from shared.vocabulary import HiringRoute

LOGGED_AS = {
    MilestoneKind.PUBLISHED: HiringEvent.ADVERT_LIVE,
    MilestoneKind.CLOSED: HiringEvent.ADVERT_CLOSED,
    MilestoneKind.SHORTLISTED: HiringEvent.SHORTLISTED,
    MilestoneKind.INTERVIEWED: HiringEvent.INTERVIEWED,
    MilestoneKind.OFFERED: HiringEvent.OFFER_MADE,
    MilestoneKind.ACCEPTED: HiringEvent.OFFER_ACCEPTED,
    MilestoneKind.CLEARED: HiringEvent.CLEARED,
    MilestoneKind.STARTED: HiringEvent.STARTED,
}


@dataclass(frozen=True, slots=True)
class Telling:
    """Who tells of milestones, and by which way: the hiring log keeps both. `reason` is the return that told.

    `route` is how the openings are filled: a system that reports by API advertises to everyone.
    """

    actor: Actor
    source: LogSource = LogSource.MILESTONE
    reason: str | None = None
    route: HiringRoute = HiringRoute.EXTERNAL
