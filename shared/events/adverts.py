"""What `ats` tells of the public list of jobs: nothing that is internal, in its window or on hold is ever in it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from shared.events.base import Event


class AdvertListed(Event):
    """An advert can be found by anyone from now on: for the first time, after a hold, or in a new run."""

    name: ClassVar[str] = "ats.advert_listed.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    reference: str
    title: str
    closes_at: datetime


class AdvertChanged(Event):
    """A listed advert was written again: whoever keeps a copy reads it anew."""

    name: ClassVar[str] = "ats.advert_changed.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    reference: str
    title: str
    closes_at: datetime


class AdvertEnded(Event):
    """An advert is listed no more. It says nothing of what the vacancy became."""

    name: ClassVar[str] = "ats.advert_ended.v1"
    aggregate: ClassVar[str] = "vacancy"
    vacancy_id: UUID
    employer_id: UUID
    reference: str
    ended_at: datetime
