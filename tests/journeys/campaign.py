"""One vacancy on its way to a first day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.journeys.posts_and_people import Post
from tests.journeys.region import CouncilActors


@dataclass
class Campaign:
    """One vacancy on its way. Waits are business days between steps, drawn once, different for every council."""

    post: Post
    council: CouncilActors
    vacancy_id: str
    reference: str
    rank: int
    waits: dict[str, int]
    published_at: datetime | None = None
    closed_at: datetime | None = None
    step: str = "in_clearing"
    due: datetime | None = None
    chosen: list[str] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    opening_no: int | None = None
    hires: int = 0
    reported: int = 0

    def rest(self, now: datetime, step: str) -> None:
        """Go on to `step` after its wait."""
        self.step, self.due = step, now + timedelta(days=self.waits[step])

    def end(self) -> None:
        self.step, self.due = "done", None
