"""The public search over the vacancies of `make seed-jobs`, all in: one reader, every page to the last."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import httpx

from shared.embedded.stack import Stack
from tests.bench.report import Figure, at_most, middle
from tests.bench.seed_jobs import VACANCIES

ROUNDS = 60
MOST_MS = 50
FLAT = 1.5
"""Last pages beside first ones: what is read of a page is the same, and so is what is passed over, so only noise."""
EDGE = 20
"""Pages at either end."""

LISTS = (
    "/v1/jobs",
    "/v1/jobs?employer=SAW",
    "/v1/jobs?family=planning_building_control&contract=permanent",
    "/v1/jobs?sort=pay",
)
SEARCHES = ("/v1/jobs?q=officer", "/v1/jobs?q=residents", "/v1/jobs?q=senior+planner", "/v1/jobs?q=acountent")
FACETS = ("/v1/jobs/facets", "/v1/jobs/facets?q=officer", "/v1/jobs/facets?employer=SAW&near=Walsall")
SUGGESTIONS = ("/v1/jobs/suggestions?q=hou", "/v1/jobs/suggestions?q=hosuing")
KINDS: Mapping[str, Sequence[str]] = {
    "list": LISTS,
    "word search": SEARCHES,
    "facets": FACETS,
    "suggestions": SUGGESTIONS,
}


def measure_search(stack: Stack) -> list[Figure]:
    """p95 of each kind of question, and how the last pages compare with the first."""
    with httpx.Client(base_url=stack.base_url("ats"), timeout=60) as client:
        figures = [
            at_most(f"{kind}, p95 over {VACANCIES:,} adverts", _p95(client, paths), MOST_MS, " ms")
            for kind, paths in KINDS.items()
        ]
        for name, path in (("list", "/v1/jobs?limit=50"), ("word search", "/v1/jobs?limit=50&q=officer")):
            pages = _walk(client, path)
            flat = middle(pages[-EDGE:]) / middle(pages[:EDGE])
            figures += [
                at_most(f"{name}: every one of {len(pages)} pages, p95", _percentile(pages), MOST_MS, " ms"),
                at_most(f"{name}: first {EDGE} pages, p95", _percentile(pages[:EDGE]), MOST_MS, " ms"),
                at_most(f"{name}: last {EDGE} pages, p95", _percentile(pages[-EDGE:]), MOST_MS, " ms"),
                at_most(f"{name}: last pages / first pages", flat, FLAT),
            ]
    return figures


def _p95(client: httpx.Client, paths: Sequence[str]) -> float:
    """Milliseconds of the slowest of the questions, each by itself."""
    return max(_percentile([_asked(client, path)[0] for _ in range(ROUNDS)]) for path in paths)


def _walk(client: httpx.Client, path: str) -> list[float]:
    """Milliseconds of each page, to the last."""
    took, address = [], path
    while True:
        milliseconds, answer = _asked(client, address)
        took.append(milliseconds)
        if "next" not in answer.links:
            return took
        address = answer.links["next"]["url"]


def _asked(client: httpx.Client, path: str) -> tuple[float, httpx.Response]:
    began = time.perf_counter()
    answer = client.get(path)
    milliseconds = (time.perf_counter() - began) * 1000
    answer.raise_for_status()
    return milliseconds, answer


def _percentile(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
