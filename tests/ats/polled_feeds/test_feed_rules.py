"""What absence means, how long to wait, and which addresses are read: pure rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ats.polled_feeds import rules
from services.ats.polled_feeds.fetching import AddressRefused, Reach, check_address, check_ip, wait_asked_for
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
    assert wait_asked_for("Mon, 16 Nov 2026 09:02:00 GMT", NOW) == timedelta(minutes=2)
    assert wait_asked_for("Mon, 16 Nov 2020 09:02:00 GMT", NOW) == timedelta(0)
    assert [wait_asked_for(each, NOW) for each in (None, "soon", "-5", "")] == [None] * 4
    assert wait_asked_for("9" * 40, NOW) is not None


INSIDE = """127.0.0.1 127.9.9.9 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 240.0.0.1
255.255.255.255 ::1 :: fe80::1%eth0 fc00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: ff02::1
2001:0:7f00:1::"""


@pytest.mark.parametrize("ip", INSIDE.split())
def test_no_inner_address_is_read_in_production(ip: str) -> None:
    with pytest.raises(AddressRefused):
        check_ip(ip, Reach())


@pytest.mark.parametrize("ip", ["169.254.169.254", "10.0.0.1", "192.168.1.1", "fe80::1"])
def test_an_embedded_system_reads_itself_and_nothing_else_inside(ip: str) -> None:
    with pytest.raises(AddressRefused):
        check_ip(ip, Reach(is_embedded=True))
    check_ip("127.0.0.1", Reach(is_embedded=True))
    check_ip("::1", Reach(is_embedded=True))


def test_the_public_internet_is_read() -> None:
    for ip in ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"):
        check_ip(ip, Reach())


@pytest.mark.parametrize(
    "url",
    """http://vendor.example/f https://vendor.example:8443/f https://me:word@vendor.example/f https://ATS.example./f
    file:///etc/passwd //vendor.example/f https:// https://[::1 data:text/xml,x""".split(),
)
def test_an_address_in_production_is_https_on_its_own_port_and_not_ours(url: str) -> None:
    reach = Reach(own_hosts=frozenset({"ats.example"}))
    with pytest.raises(AddressRefused):
        check_address(url, reach)
    check_address("https://vendor.example/f?key=1", reach)
