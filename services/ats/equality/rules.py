"""Which people a release counts, how far each came, and what of the counts is shown (time to hire, section 4.8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from services.ats.equality.questions import CONSENT_VERSION, QUESTIONS
from shared.errors import DomainError
from shared.suppression import Figures, Line, suppress

THRESHOLD = 10
"""Counts from 1 to 9 of an equality table are hidden, and no rate has a smaller denominator."""
SETTLED_AFTER = timedelta(days=183)
"""After a quarter's end its applications are counted as they stand, once and for all: few are still open by then."""
EVERYONE = "everyone"


class FunnelStage(StrEnum):
    APPLIED = "applied"
    SHORTLISTED = "shortlisted"
    INTERVIEWED = "interviewed"
    OFFERED = "offered"
    HIRED = "hired"


STAGES = tuple(FunnelStage)


class AnswersNotComplete(DomainError):
    """Says which question, never what was answered."""

    code: ClassVar[str] = "equality_answers_not_complete"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "A question has no answer, or one that is not among its options"


class ConsentNotGiven(DomainError):
    code: ClassVar[str] = "equality_consent_not_given"
    status: ClassVar[int] = 422
    title: ClassVar[str] = "Answers are kept only with consent in the words that are asked for now"


class CountedAlready(DomainError):
    code: ClassVar[str] = "equality_counted_already"
    title: ClassVar[str] = "The applications of this quarter have been counted: nothing more is taken for them"


def refuse_without_consent(version: str) -> None:
    """Raises ConsentNotGiven."""
    if version != CONSENT_VERSION:
        step = "Ask for consent in the words of GET /v1/equality-questions and send their version"
        raise ConsentNotGiven(field="consent_version", next_step=step)


def refuse_counted(submitted_on: date, today: date) -> None:
    """Raises CountedAlready."""
    if Quarter.of(submitted_on).is_settled(today):
        raise CountedAlready


def refuse_incomplete(answers: Mapping[str, str]) -> None:
    """Every question is answered, and no other. Raises AnswersNotComplete with the first that is not."""
    wrong = [
        each.id for each in QUESTIONS.values() if answers.get(each.id) not in {option.code for option in each.options}
    ]
    wrong += sorted(set(answers) - set(QUESTIONS))
    if wrong:
        named = wrong[0] if wrong[0] in QUESTIONS else "answers"
        step = "Take one of the options of GET /v1/equality-questions for every question and for nothing else"
        raise AnswersNotComplete(field=f"answers.{named}" if named in QUESTIONS else named, next_step=step)


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three calendar months, such as 2026-Q4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Quarter:
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def named(cls, name: str) -> Quarter:
        return cls(int(name[:4]), int(name[-1]))

    @property
    def following(self) -> Quarter:
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    def is_settled(self, today: date) -> bool:
        """Whether its applications may be counted."""
        return today >= self.following.first_day + SETTLED_AFTER

    def __str__(self) -> str:
        return f"{self.year}-Q{self.number}"


@dataclass(frozen=True, slots=True)
class Year:
    """From April to March, as councils report, such as 2026-27: whole quarters, and nobody is in two years."""

    begins: int

    @classmethod
    def of(cls, quarter: Quarter) -> Year:
        return cls(quarter.year - 1 if quarter.number == 1 else quarter.year)

    @property
    def quarters(self) -> tuple[Quarter, ...]:
        return (*(Quarter(self.begins, number) for number in (2, 3, 4)), Quarter(self.begins + 1, 1))

    def __str__(self) -> str:
        return f"{self.begins}-{(self.begins + 1) % 100:02d}"


def furthest(*, is_hired: bool, has_offer: bool, was_interviewed: bool, was_shortlisted: bool) -> FunnelStage:
    """How far somebody came, whatever became of them then. Who skipped a stage counts as having passed it."""
    passed = (
        (is_hired, FunnelStage.HIRED),
        (has_offer, FunnelStage.OFFERED),
        (was_interviewed, FunnelStage.INTERVIEWED),
        (was_shortlisted, FunnelStage.SHORTLISTED),
    )
    return next((stage for has_passed, stage in passed if has_passed), FunnelStage.APPLIED)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a table is about: one employer, one job family of all employers, or, with neither, the region."""

    employer_id: UUID | None = None
    family: str | None = None


REGION = Scope()


Cell = tuple[Scope, str, int]
"""Scope, group and the place of the stage."""


@dataclass(frozen=True, slots=True, repr=False)
class Applicant:
    """Somebody who answered, without anything that says who: `groups` by characteristic."""

    employer_id: UUID
    family: str
    reached: FunnelStage
    groups: Mapping[str, str]

    @property
    def scopes(self) -> tuple[Scope, ...]:
        return REGION, Scope(employer_id=self.employer_id), Scope(family=self.family)


Shown = Mapping[str, Sequence[int | None]]
"""By group, and for everyone: how many at each stage, none where it is hidden."""


Counts = Mapping[Cell, int]
"""Without those of everyone, which are the sum of any characteristic's groups."""


def counts_of(
    applicants: Collection[Applicant], characteristics: Iterable[str] = tuple(QUESTIONS)
) -> Mapping[str, Counts]:
    """By characteristic how many of each group came to each stage, of all scopes that have anybody."""
    counted: dict[str, Counts] = {}
    for question_id in characteristics:
        found: Counter[Cell] = Counter()
        for each in applicants:
            for scope in each.scopes:
                for place in range(STAGES.index(each.reached) + 1):
                    found[scope, each.groups[question_id], place] += 1
        counted[question_id] = found
    return counted


def tables_of(
    applicants: Collection[Applicant], characteristics: Iterable[str] = tuple(QUESTIONS)
) -> Mapping[str, Mapping[Scope, Shown]]:
    """By characteristic and scope what is shown of a quarter's applicants."""
    return tables_of_counts(counts_of(applicants, characteristics))


def tables_of_counts(counted: Mapping[str, Counts]) -> Mapping[str, Mapping[Scope, Shown]]:
    """All that is shown of one quarter is one system of sums: the employers, and the families, add up to the region,
    and the groups of every characteristic to everyone, so it is hidden together. The totals come first, since the
    tables of all characteristics show the same.
    """
    hidden_totals: Collection[Cell] = ()
    tables = {}
    for number, (question_id, counts) in enumerate(counted.items()):
        if number == 0:
            hidden_totals = suppress(figures_of(counts, None), threshold=THRESHOLD)
        tables[question_id] = _shown(figures_of(counts, question_id), hidden_totals)
    return tables


def _shown(figures: Figures[Cell], hidden_totals: Collection[Cell]) -> Mapping[Scope, Shown]:
    hidden = suppress(
        figures,
        threshold=THRESHOLD,
        withheld=withheld_of(figures.counts, hidden_totals) | set(hidden_totals),
        published=[cell for cell in figures.counts if cell[1] == EVERYONE and cell not in hidden_totals],
    )
    return shown_of(figures.counts, hidden)


def withheld_of(counts: Counts, hidden_totals: Collection[Cell]) -> set[Cell]:
    """Of a stage whose total is hidden no group is shown; of a group too small nor is that nobody came further, where
    anybody did.
    """
    return {
        (scope, group, place)
        for scope, group, place in counts
        if group != EVERYONE
        and (
            ((scope, EVERYONE, place) in hidden_totals and counts[scope, group, place])
            or (0 < counts[scope, group, 0] < THRESHOLD and counts[scope, EVERYONE, place])
        )
    }


def shown_of(counts: Counts, hidden: Collection[Cell]) -> Mapping[Scope, Shown]:
    """As a table is published, with nothing in the place of what is hidden."""
    tables: dict[Scope, dict[str, list[int | None]]] = {}
    for cell, count in counts.items():
        scope, group, _ = cell
        tables.setdefault(scope, {}).setdefault(group, []).append(None if cell in hidden else count)
    return tables


def figures_of(counts: Counts, question_id: str | None) -> Figures[Cell]:
    """With everyone added and what is known to add up. Without a question: of everyone alone."""
    groups = () if question_id is None else tuple(QUESTIONS[question_id].shown_groups)
    scopes = sorted({scope for scope, _, _ in counts}, key=_order)
    places = range(len(STAGES))
    kinds = (*groups, EVERYONE)
    found: Counter[Cell] = Counter(counts)
    for (scope, _, place), count in counts.items():
        found[scope, EVERYONE, place] += count
    cells = {(s, g, p): found[s, g, p] for s in scopes for g in kinds for p in places}
    lines = [Line((s, EVERYONE, p), tuple((s, g, p) for g in groups)) for s in scopes for p in places if groups]
    for kind in ("employer_id", "family"):
        parts = [each for each in scopes if getattr(each, kind) is not None]
        lines += [Line((REGION, g, p), tuple((s, g, p) for s in parts)) for g in kinds for p in places if parts]
    within = [((s, g, p + 1), (s, g, p)) for s in scopes for g in kinds for p in places[:-1]]
    return Figures(cells, lines, within)


def _order(scope: Scope) -> tuple[str, str]:
    return str(scope.employer_id or ""), scope.family or ""


def rate(shown: Sequence[int | None], place: int) -> str | None:
    """The share of a group's applicants who came to a stage, four decimals; none where either count is hidden.

    A rate needs a denominator of at least ten people.
    """
    reached, applied = shown[place], shown[0]
    if reached is None or applied is None or applied < THRESHOLD:
        return None
    return f"{reached / applied:.4f}"
