"""The business clock: forward only, within reach, and the same for everyone who moves it at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.clock import LONGEST_SHIFT, ClockOutOfReach, ClockRunsBackwards, ShiftedClock
from shared.settings import Settings, SettingsMissing
from shared.vocabulary import Service
from tests.mechanism import Mechanism

A_MOMENT = timedelta(seconds=30)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "clock.json"


def test_every_process_of_an_instance_sees_the_day_to_which_one_moved(file: Path) -> None:
    first, second = ShiftedClock(file), ShiftedClock(file)
    assert abs(second.now() - datetime.now(UTC)) < A_MOMENT
    moved = first.advance(timedelta(days=6))
    assert abs(second.now() - moved) < A_MOMENT
    target = datetime.now(UTC) + timedelta(days=30)
    assert abs(first.advance_to(target) - target) < A_MOMENT
    assert abs(second.now() - target) < A_MOMENT


@pytest.mark.parametrize("by", [timedelta(microseconds=-1), timedelta(days=-1), timedelta.min])
def test_the_clock_never_runs_backwards(file: Path, by: timedelta) -> None:
    clock = ShiftedClock(file)
    clock.advance(timedelta(days=6))
    before = clock.offset()
    with pytest.raises(ClockRunsBackwards) as refused:
        clock.advance(by)
    assert (refused.value.code, refused.value.field) == ("clock_runs_backwards", "advance")
    with pytest.raises(ClockRunsBackwards) as refused:
        clock.advance_to(datetime.now(UTC))
    assert refused.value.field == "now"
    assert ShiftedClock(file).offset() == before


@pytest.mark.parametrize("by", [timedelta(days=99_999_999), timedelta.max, LONGEST_SHIFT])
def test_a_day_out_of_reach_is_refused_and_the_clock_goes_on(file: Path, by: timedelta) -> None:
    clock = ShiftedClock(file)
    clock.advance(timedelta(days=6))
    with pytest.raises(ClockOutOfReach) as refused:
        clock.advance(by)
    assert refused.value.code == "clock_out_of_reach"
    with pytest.raises(ClockOutOfReach):
        clock.advance_to(datetime.max.replace(tzinfo=UTC))
    assert ShiftedClock(file).offset() == timedelta(days=6)
    clock.advance(LONGEST_SHIFT - timedelta(days=6))


def test_moves_at_the_same_moment_build_on_each_other(file: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: ShiftedClock(file).advance(timedelta(hours=1)), range(80)))
    assert ShiftedClock(file).offset() == timedelta(hours=80)


def test_production_refuses_to_start_with_a_moved_clock(
    mechanism: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**mechanism.environment, "WME_MODE": "production", "WME_VAR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment(Service.CLEARING)
    ShiftedClock(settings.clock_file).advance(timedelta())
    with pytest.raises(SettingsMissing, match="a moved clock was found under WME_VAR"):
        Settings.from_environment(Service.CLEARING)
    monkeypatch.setenv("WME_MODE", "embedded")
    assert Settings.from_environment(Service.CLEARING).is_embedded
