"""What absence means, how long to wait, and which addresses are read: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.ats.polled_feeds import rules
from services.ats.polled_feeds.rules import Absence

NAMES = ("a", "b", "c", "d", "e", "f")
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
reads = st.lists(st.one_of(st.none(), st.frozensets(st.sampled_from(NAMES), min_size=1)), min_size=1, max_size=14).map(
    tuple
)
"""None: a read that failed."""


@given(reads)
def test_absence_unpublishes_only_after_two_good_reads_in_a_row(history: Sequence[frozenset[str] | None]) -> None:
    """Against an oracle that looks back over the whole history instead of keeping a count."""
    known: dict[str, Absence] = {each: Absence() for each in NAMES}
    good: list[frozenset[str]] = []
    for read in history:
        if read is None:
            continue
        missing = known.keys() - read
        judged = rules.judge(known, read)
        assert judged.is_held is (2 * len(missing) > len(known))
        if judged.is_held:
            assert not judged.gone
            assert judged.noted == known
            continue
        good.append(read)
        expected = {each for each in known if len(good) > 1 and each not in good[-1] and each not in good[-2]}
        assert judged.gone == expected
        known = dict(judged.noted)
        assert known.keys().isdisjoint(judged.gone)


@given(st.frozensets(st.sampled_from(NAMES), min_size=4))
def test_what_somebody_has_confirmed_goes_at_the_next_good_read_and_comes_back_when_it_is_shown(
    missing: frozenset[str],
) -> None:
    known = {each: Absence() for each in NAMES}
    assert rules.judge(known, set(NAMES) - missing).is_held
    confirmed = known | rules.confirm(known, missing)
    assert rules.judge(confirmed, set(NAMES) - missing).gone == missing
    back = rules.judge(confirmed, set(NAMES))
    assert (back.gone, back.noted) == (frozenset(), known)


@given(st.uuids(), st.integers(1, 60))
def test_a_pause_doubles_to_six_hours_and_is_the_same_each_time_it_is_asked(feed_id: UUID, failures: int) -> None:
    found = rules.pause_after(failures, feed_id)
    assert found == rules.pause_after(failures, feed_id)
    plain = timedelta(minutes=min(360, 2 ** (failures - 1)))
    assert plain * 0.8 <= found <= plain * 1.2


def test_a_pause_is_never_shorter_than_the_server_asked_for_up_to_a_day() -> None:
    assert rules.pause_after(1, uuid4(), timedelta(hours=3)) == timedelta(hours=3)
    assert rules.pause_after(1, uuid4(), timedelta(days=30)) == timedelta(days=1)
