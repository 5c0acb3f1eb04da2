"""`make bench`: every figure beside its target, ratios inside one run, the median of three rounds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.embedded.stack import Stack, private_stack
from tests.bench import chain, http
from tests.bench.report import Figure
from tests.bench.search import measure_search
from tests.bench.volumes import measure_feed, measure_upload
from tests.journeys.region import Region

ROOT = Path(__file__).parents[2]


async def measure(stack: Stack) -> None:
    """Print each group as it is measured, so that a fault in a later one costs none before it."""
    region = await Region.prepare(stack)
    try:
        show(await chain.measure_events(stack))
        show(await chain.measure_first_mail(stack, region))
        subject = await http.prepare(stack, region)
        show(await http.measure(subject))
    finally:
        await region.http.aclose()
        await region.admin.http.aclose()
    # After those: thousands of vacancies that the other services know nothing of.
    show(await asyncio.to_thread(measure_feed, stack))
    show(await asyncio.to_thread(measure_search, stack))
    show(await asyncio.to_thread(measure_upload, subject))


def show(figures: Sequence[Figure]) -> None:
    for figure in figures:
        print(figure.line(), flush=True)


def main() -> int:
    print("Starting a private instance", flush=True)
    with private_stack(demonstration=False, overrides={"RATE_LIMIT_PER_MINUTE": "1000000"}) as stack:
        asyncio.run(measure(stack))
    print(flush=True)
    # In a process of its own, so that its peak memory is its own.
    return subprocess.run([sys.executable, "-m", "tests.bench.matching"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
