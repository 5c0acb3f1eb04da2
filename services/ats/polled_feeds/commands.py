"""What people say about a feed. Reading it is `pulling`'s."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.polled_feeds import queries, rules
from services.ats.polled_feeds.mapping import ATTESTATION, check_mapping
from services.ats.polled_feeds.models import FeedItem, FeedRun, FeedState, PolledFeed, ReadOutcome
from services.ats.polled_feeds.schemas import FeedSettings, FeedWrite
from shared.errors import DomainError, Forbidden
from shared.etag import refuse_stale
from shared.outward import Reach, check_address
from shared.principals import Principal
from shared.registry import Employer
from shared.vocabulary import Scope


class ChannelTaken(DomainError):
    code = "channel_taken"
    title = "The employer has a feed of this channel already"


class MayNotAttest(Forbidden):
    """A feed may carry what its maker may say themselves, and no more."""

    code = "may_not_attest"
    title = "A mapping that takes approvals from the feed is set up by a system that may attest them"


class FeedInState(DomainError):
    code = "feed_in_state"
    title = "The feed is that already"


class NothingHeld(DomainError):
    code = "nothing_held"
    title = "This is not the last read of its feed, or nothing of it waits for a confirmation"


async def add_feed(
    session: AsyncSession, employer: Employer, wanted: FeedWrite, *, caller: Principal, reach: Reach, now: datetime
) -> PolledFeed:
    """It is read at once, and then on time. Raises MappingInvalid, AddressRefused, MayNotAttest, ChannelTaken."""
    _refuse(wanted, caller, reach)
    feed = PolledFeed(
        employer_id=employer.id, channel=wanted.channel, next_at=now, created_at=now, updated_at=now, **_columns(wanted)
    )
    try:
        async with session.begin_nested():
            session.add(feed)
    except IntegrityError:
        raise ChannelTaken(field="channel", next_step="Change that feed, or name this one otherwise.") from None
    _audit(session, feed, "polled_feed_added", caller, now)
    return feed


async def change_feed(
    session: AsyncSession,
    feed_id: UUID,
    wanted: FeedSettings,
    *,
    caller: Principal,
    expected: int | None,
    reach: Reach,
    now: datetime,
) -> PolledFeed:
    """A read that is under way is given up, and the feed is read anew. Raises what adding raises, FeedNotFound, and
    StaleVersion.
    """
    feed = await queries.get_feed(session, feed_id, lock=True)
    refuse_stale(expected, feed.version)
    _refuse(wanted, caller, reach)
    for name, value in _columns(wanted).items():
        setattr(feed, name, value)
    _read_anew(feed, now)
    _audit(session, feed, "polled_feed_changed", caller, now)
    return feed


async def pause_feed(session: AsyncSession, feed_id: UUID, *, caller: Principal, now: datetime) -> PolledFeed:
    """A read that is under way is given up. Raises FeedNotFound, FeedInState."""
    feed = await _in_state(session, feed_id, FeedState.ACTIVE)
    feed.state, feed.claim = FeedState.PAUSED, None
    feed.version, feed.updated_at = feed.version + 1, now
    _audit(session, feed, "polled_feed_paused", caller, now)
    return feed


async def resume_feed(session: AsyncSession, feed_id: UUID, *, caller: Principal, now: datetime) -> PolledFeed:
    """It is read at once. Raises FeedNotFound, FeedInState."""
    feed = await _in_state(session, feed_id, FeedState.PAUSED)
    feed.state = FeedState.ACTIVE
    _read_anew(feed, now)
    _audit(session, feed, "polled_feed_resumed", caller, now)
    return feed


ASKED_ABOUT = frozenset({ReadOutcome.HELD, ReadOutcome.EMPTY})


async def confirm_absences(session: AsyncSession, run_id: UUID, *, caller: Principal, now: datetime) -> FeedRun:
    """Somebody has looked: what the held read missed has really left. It counts as a good read, so that the next one
    unpublishes what is missing still. Raises RunNotFound, NothingHeld.
    """
    feed = await queries.get_feed(session, (await queries.get_run(session, run_id)).feed_id, lock=True)
    # Read again under the feed's lock: somebody else may have confirmed it meanwhile.
    run = await session.get_one(FeedRun, run_id, populate_existing=True)
    if run.outcome not in ASKED_ABOUT or run.absences_confirmed_at or run.started_at != feed.last_read_at:
        raise NothingHeld(next_step="Look at the last read of the feed.")
    known = {reference: each.absence for reference, each in (await queries.known_items(session, feed)).items()}
    for reference, absence in rules.confirm(known, {each["external_reference"] for each in run.missing}).items():
        item = update(FeedItem).where(FeedItem.feed_id == feed.id, FeedItem.external_reference == reference)
        await session.execute(item.values(absences=absence.reads, is_absence_confirmed=True))
    run.absences_confirmed_at = now
    feed.last_outcome = ReadOutcome.GOOD
    _audit(session, feed, "feed_absences_confirmed", caller, now)
    return run


def _refuse(wanted: FeedSettings, caller: Principal, reach: Reach) -> None:
    check_address(wanted.url, reach)
    check_mapping(wanted.mapping)
    if any(each in wanted.mapping.fields for each in ATTESTATION) and Scope.VACANCIES_ATTEST not in caller.scopes:
        raise MayNotAttest(
            field=f"mapping.fields.{ATTESTATION[0]}",
            next_step="Leave attestation out and have the drafts approved here, or set it up by a client with the scope"
            f" {Scope.VACANCIES_ATTEST}.",
        )


def _columns(wanted: FeedSettings) -> dict[str, Any]:
    return {
        "url": wanted.url,
        "format": wanted.format,
        "mapping": wanted.mapping.model_dump(mode="json", exclude_defaults=True),
        "interval_minutes": wanted.interval_minutes,
    }


def _read_anew(feed: PolledFeed, now: datetime) -> None:
    feed.version, feed.updated_at = feed.version + 1, now
    feed.next_at, feed.claim, feed.claimed_until, feed.failures = now, None, None, 0
    feed.etag = feed.last_modified = None


async def _in_state(session: AsyncSession, feed_id: UUID, state: FeedState) -> PolledFeed:
    feed = await queries.get_feed(session, feed_id, lock=True)
    if feed.state is not state:
        raise FeedInState(field="state", state=feed.state)
    return feed


def _audit(session: AsyncSession, feed: PolledFeed, action: str, caller: Principal, now: datetime) -> None:
    subject = Subject("polled_feed", feed.id, feed.employer_id)
    write_audit(session, action, subject, actor=Actor.of(caller), at=now, reason=feed.channel)
