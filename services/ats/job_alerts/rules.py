"""When a saved search runs, when it ends, and how one is read that was saved in yesterday's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from services.ats.job_alerts.models import AlertState, Frequency, JobAlert
from services.ats.jobs.schemas import JobCriteria
from services.ats.jobs.towns import PlaceUnknown, within_reach
from shared.calendar import LONDON
from shared.errors import DomainError

RUN_AT = time(7, 30)
"""After the adverts that are released at seven."""
SETTLED_AFTER = timedelta(minutes=5)
"""Adverts of the last minutes before a run wait for the next: one may be stored that cannot be read yet."""
CONFIRM_WITHIN = timedelta(days=7)
UNTOUCHED_FOR = timedelta(days=365)
KEEP_WITHIN = timedelta(days=30)
LINK_AGAIN_AFTER = timedelta(days=1)
CHANGE_LINK_LIFE = timedelta(hours=24)
DIGEST_LINK_LIFE = timedelta(days=30)
RUNS_KEPT_FOR = timedelta(days=90)
MOST_UNCONFIRMED = 3
"""So that nobody can fill another's mailbox: further ones are not stored until some are confirmed or have lapsed."""
MOST_OF_ONE_PERSON = 20
EVERY: Mapping[Frequency, timedelta] = MappingProxyType(
    {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(days=7)}
)
# Values that a filter once had another name for: a saved search goes on under the new one. Per filter, old to new.
RENAMED: Mapping[str, Mapping[str, str]] = MappingProxyType({})


class AlertNotConfirmed(DomainError):
    code = "job_alert_not_confirmed"
    title = "Confirm the alert first"


def canonical(search: JobCriteria) -> dict[str, Any]:
    """What of a search is kept: the filters that narrow it, in one order."""
    kept = search.model_dump(mode="json", exclude_defaults=True)
    return {name: sorted(value) if isinstance(value, list) else value for name, value in sorted(kept.items())}


def search_key(canonical_search: Mapping[str, Any]) -> str:
    return sha256(json.dumps(canonical_search, sort_keys=True).encode()).hexdigest()


def read_search(stored: Mapping[str, Any], renamed: Mapping[str, Mapping[str, str]] = RENAMED) -> JobCriteria | None:
    """A stored search in today's words, or None where a filter of it means nothing any more.

    A renamed value is read by its new name, and one of several that is gone is left out. A filter of which nothing is
    left is not dropped: the search would find what nobody looked for, so it finds nothing.
    """
    search: dict[str, Any] = {}
    for name, value in stored.items():
        if name not in JobCriteria.model_fields:
            return None
        names = renamed.get(name, {})
        values = [names.get(each, each) for each in value] if isinstance(value, list) else [value]
        known = [each for each in values if _is_known(name, [each] if isinstance(value, list) else each)]
        if not known:
            return None
        search[name] = known if isinstance(value, list) else known[0]
    try:
        found = JobCriteria.model_validate(search)
        if found.near:
            within_reach(found.near, found.within_miles)
    except (ValidationError, PlaceUnknown):
        return None
    return found


def _is_known(name: str, value: Any) -> bool:
    try:
        JobCriteria.model_validate({name: value})
    except ValidationError:
        return False
    return True


def last_run(now: datetime) -> datetime:
    """The latest half past seven in London that is not after `now`."""
    local = now.astimezone(LONDON)
    today = datetime.combine(local.date(), RUN_AT, LONDON)
    run = today if today <= local else datetime.combine(local.date() - timedelta(days=1), RUN_AT, LONDON)
    return run.astimezone(UTC)


def next_run(after: datetime, frequency: Frequency) -> datetime:
    """The first run after `after`, or the first of the day a week later."""
    day = last_run(after).astimezone(LONDON).date() + EVERY[frequency]
    return datetime.combine(day, RUN_AT, LONDON).astimezone(UTC)


def confirm(alert: JobAlert, now: datetime) -> None:
    """From now on it is sent. Harmless a second time."""
    if alert.state is AlertState.UNCONFIRMED:
        _start(alert, now)
    touch(alert, now)


def change_frequency(alert: JobAlert, frequency: Frequency, now: datetime) -> None:
    """Raises AlertNotConfirmed."""
    _refuse_unconfirmed(alert)
    alert.frequency = frequency
    if alert.state is AlertState.ACTIVE:
        alert.due_at = next_run(now, frequency)
    touch(alert, now)


def pause(alert: JobAlert, now: datetime) -> None:
    """Raises AlertNotConfirmed."""
    _refuse_unconfirmed(alert)
    alert.state, alert.due_at = AlertState.PAUSED, None
    touch(alert, now)


def resume(alert: JobAlert, now: datetime) -> None:
    """What came during the pause is not sent. Raises AlertNotConfirmed."""
    _refuse_unconfirmed(alert)
    if alert.state is AlertState.PAUSED:
        _start(alert, now)
    touch(alert, now)


def touch(alert: JobAlert, now: datetime) -> None:
    """Somebody still wants it."""
    alert.touched_at, alert.keep_asked_at = now, None


def _start(alert: JobAlert, now: datetime) -> None:
    alert.state = AlertState.ACTIVE
    alert.searched_until, alert.due_at = now, next_run(now, alert.frequency)


def _refuse_unconfirmed(alert: JobAlert) -> None:
    if alert.state is AlertState.UNCONFIRMED:
        raise AlertNotConfirmed(next_step="Follow the link in the mail and press the button there")
