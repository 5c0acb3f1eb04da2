"""Fail-points: known by name, off in any life but a test's."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.failpoints import FAILPOINTS

ROOT = Path(__file__).parents[2]
PASS_THREE_TIMES = (
    "from shared.failpoints import failpoint\nfor n in range(3): failpoint('relay.claimed'); print(n, flush=True)"
)


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PYTHONPATH": str(ROOT), **environment}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


def test_every_fail_point_is_listed_and_stands_somewhere() -> None:
    sources = (path.read_text() for top in ("services", "shared") for path in (ROOT / top).rglob("*.py"))
    standing = {name for source in sources for name in re.findall(r'failpoint\("([a-z_.]+)"\)', source)}
    assert standing == set(FAILPOINTS)


def test_outside_embedded_mode_nothing_is_armed() -> None:
    done = run(PASS_THREE_TIMES, WME_FAILPOINTS="relay.claimed:kill", WME_MODE="production")
    assert (done.returncode, done.stdout.split()) == (0, ["0", "1", "2"])


def test_a_process_dies_at_the_time_asked() -> None:
    done = run(PASS_THREE_TIMES, WME_FAILPOINTS="relay.claimed:kill@3", WME_MODE="embedded")
    assert (done.returncode, done.stdout.split()) == (-9, ["0", "1"])


@pytest.mark.parametrize("setting", ["relay.invented:kill", "relay.claimed:explode", "relay.claimed"])
def test_a_fail_point_that_does_not_exist_is_refused(setting: str) -> None:
    done = run(PASS_THREE_TIMES, WME_FAILPOINTS=setting, WME_MODE="embedded")
    assert done.returncode != 0
    assert "unknown fail-point" in done.stderr
