"""What `ats` tells of saved searches for jobs. Whose they are and what is looked for is in the sealed part alone."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.events.base import ContactWithLink, Event, Payload, Sealed
from shared.vocabulary import Service


class AlertContact(ContactWithLink):
    """Where a saved search is mailed to, what it looks for, and the two ways to end it."""

    unsubscribe_link: str
    search: str


class AlertedJob(Payload):
    """What a mail says of one advert."""

    title: str
    employer: str
    place: str
    pay: str
    closes_at: datetime
    link: str


class AlertDigest(AlertContact):
    jobs: tuple[AlertedJob, ...]
    all_link: str


class JobAlertLinkWanted(Event):
    """Whoever saved a search gets a link to it: to confirm the address, to change it, or to keep it after a year."""

    name: ClassVar[str] = "ats.job_alert_link_wanted.v1"
    aggregate: ClassVar[str] = "alert"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: AlertContact}
    alert_id: UUID
    wanted_for: Literal["confirm", "change", "keep"]
    expires_at: datetime


class JobAlertFound(Event):
    """A saved search found new adverts. Once for each search and day, whatever is retried."""

    name: ClassVar[str] = "ats.job_alert_found.v1"
    aggregate: ClassVar[str] = "alert"
    sealed_for: ClassVar[dict[Service, type[Sealed]]] = {Service.NOTIFICATIONS: AlertDigest}
    alert_id: UUID
    run_on: date
    new_jobs: int
    lapses_at: datetime
