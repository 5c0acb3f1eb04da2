"""Matching 10,000 people with 2,000 vacancies on correlated data: time, memory, and the same answers as the plain
definition on a sample. `python -m tests.bench.matching` prints the figures beside their targets.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import TypeVar

from services.clearing.matching.arrays import (
    RegionArrays,
    RegionMatches,
    build_arrays,
    match_person,
    match_region,
    match_vacancy,
)
from services.clearing.matching.explanation import RunIdentity, explain
from services.clearing.matching.policy import REGION_DEFAULT
from services.clearing.matching.rules import fit
from services.clearing.matching.score import score
from tests.bench import region_data

PEOPLE, VACANCIES = 10_000, 2_000
Result = TypeVar("Result")
RUN = RunIdentity("bench", "bench", "bench")


@dataclass(frozen=True, slots=True)
class MatchingFigure:
    name: str
    value: float
    target: str
    is_met: bool


def measure(people: int = PEOPLE, vacancies: int = VACANCIES) -> list[MatchingFigure]:
    """Each figure is the median of three runs, in one process, on arrays built once."""
    persons, posts = region_data.people(people), region_data.vacancies(vacancies)
    arrays, build_seconds = _timed(lambda: build_arrays(persons, posts, REGION_DEFAULT))
    matches, first_seconds = _timed(lambda: match_region(arrays))
    run_seconds = median([first_seconds, *(_timed(lambda: match_region(arrays))[1] for _ in range(2))])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ratio = _explanation_seconds(arrays) * people * vacancies / run_seconds
    wrong = _differences(arrays, matches, sample=20_000)
    vacancy_ms = _slowest_ms([lambda post=post: match_vacancy(arrays, post) for post in posts[:200]])
    person_ms = _slowest_ms([lambda who=who: match_person(arrays, who) for who in persons[:200]])
    return [
        MatchingFigure("eligible pairs", len(matches), "", is_met=True),
        MatchingFigure("reading the snapshot into arrays, s", build_seconds, "", is_met=True),
        MatchingFigure("whole region, s", run_seconds, "<= 10", run_seconds <= 10),
        MatchingFigure("peak memory, MiB", memory, "<= 1024", memory <= 1024),
        MatchingFigure("times the plain loop over explanations", ratio, ">= 100", ratio >= 100),
        MatchingFigure("differences from the plain definition", wrong, "0", wrong == 0),
        MatchingFigure("one vacancy, slowest of 200, CPU ms", vacancy_ms, "<= 50", vacancy_ms <= 50),
        MatchingFigure("one person, slowest of 200, CPU ms", person_ms, "<= 50", person_ms <= 50),
    ]


def _timed(act: Callable[[], Result]) -> tuple[Result, float]:
    started = time.perf_counter()
    result = act()
    return result, time.perf_counter() - started


def _explanation_seconds(arrays: RegionArrays) -> float:
    """Seconds for one pair in a plain loop over full explanations."""
    draw = Random(5)
    pairs = [(draw.choice(arrays.people.people), draw.choice(arrays.vacancies.vacancies)) for _ in range(2000)]
    _, seconds = _timed(lambda: [explain(who, post, REGION_DEFAULT, RUN) for who, post in pairs])
    return seconds / len(pairs)


def _differences(arrays: RegionArrays, matches: RegionMatches, sample: int) -> int:
    """Pairs, half of them matched and half drawn from all, whose answer is not that of the plain definition."""
    draw = Random(7)
    found = {
        (int(who), int(post)): (int(points), bool(review))
        for who, post, points, review in zip(
            matches.people, matches.vacancies, matches.scores, matches.needs_review, strict=True
        )
    }
    anyone = [
        (draw.randrange(len(arrays.people)), draw.randrange(len(arrays.vacancies.vacancies)))
        for _ in range(sample // 2)
    ]
    matched = draw.sample(sorted(found), min(len(found), sample // 2))
    return sum(found.get(pair) != _plain(arrays, *pair) for pair in (*anyone, *matched))


def _plain(arrays: RegionArrays, who: int, post: int) -> tuple[int, bool] | None:
    person, vacancy = arrays.people.people[who], arrays.vacancies.vacancies[post]
    judged = fit(person, vacancy, REGION_DEFAULT)
    return (score(person, vacancy, REGION_DEFAULT), judged.needs_review) if judged.is_eligible else None


def _slowest_ms(acts: list[Callable[[], object]]) -> float:
    """Processor time, so that what else the machine does is not counted."""
    return max(median(_cpu_seconds(act) for _ in range(3)) for act in acts) * 1000


def _cpu_seconds(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


if __name__ == "__main__":
    for figure in measure():
        verdict = "" if not figure.target else f"  target {figure.target}: {'met' if figure.is_met else 'MISSED'}"
        print(f"{figure.name:45} {figure.value:12,.2f}{verdict}")
