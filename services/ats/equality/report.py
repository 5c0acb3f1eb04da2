"""Released figures as they are shown: the same cells on the page, in JSON and in CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality import queries
from services.ats.equality.fairness import Comparison, compared_at, likelihood
from services.ats.equality.models import EqualityTable
from services.ats.equality.questions import PREFER_NOT_TO_SAY, QUESTIONS, Question
from services.ats.equality.rules import EVERYONE, STAGES, FunnelStage, Scope, rate
from services.ats.equality.schemas import (
    CharacteristicFigures,
    EqualityFilter,
    EqualityReport,
    GroupComparison,
    GroupFigures,
    StageComparison,
    StageFigure,
)
from services.ats.vacancy_uploads.sheets import as_csv
from shared.registry import get_employer_by_code

HIDDEN = "[c]"
NOT_APPLICABLE = "[z]"
COLUMNS = ("characteristic", "group", "stage", "people", "rate", "rate_of_stage_before", "ratio", "p_value", "verdict")


async def equality_report(session: AsyncSession, wanted: EqualityFilter) -> EqualityReport:
    """Raises EmployerUnknown, FiguresNotReleased."""
    employer_id = None if wanted.employer is None else (await get_employer_by_code(session, wanted.employer)).id
    tables = await queries.released_tables(session, wanted.period, Scope(employer_id, wanted.family))
    by_characteristic = {each.characteristic: each for each in tables}
    first = tables[0]
    return EqualityReport(
        period=first.period,
        released_on=first.released_on,
        employer=wanted.employer,
        family=wanted.family,
        threshold=first.threshold,
        characteristics=[
            _figures(question, by_characteristic[question.id])
            for question in QUESTIONS.values()
            if question.id in by_characteristic
        ],
    )


def _figures(question: Question, table: EqualityTable) -> CharacteristicFigures:
    labels: Mapping[str, str] = {**question.shown_groups, EVERYONE: "Everyone who answered"}
    groups = [
        GroupFigures(code=code, label=label, stages=_stages(table.people[code]))
        for code, label in labels.items()
        if code in table.people
    ]
    known = {code: counts for code, counts in table.people.items() if code in labels}
    fairness = [
        StageComparison(stage=stage, groups=_compared(question.id, compared_at(known, stage), labels))
        for stage in STAGES[1:]
    ]
    return CharacteristicFigures(id=question.id, title=question.title, groups=groups, fairness=fairness)


def _compared(question_id: str, groups: Mapping[str, Comparison], labels: Mapping[str, str]) -> list[GroupComparison]:
    return [
        GroupComparison(
            code=code,
            label=labels[code],
            verdict=each.verdict,
            came=each.came,
            rate=_figure(each.rate, 4),
            ratio=_figure(each.ratio, 2),
            interval=None if each.interval is None else [f"{end:.2f}" for end in each.interval],
            p_value=_figure(each.p_value, 4),
            white_times_as_likely=_figure(_beside_white(question_id, groups, code), 2),
        )
        for code, each in groups.items()
    ]


def _beside_white(question_id: str, groups: Mapping[str, Comparison], code: str) -> float | None:
    if question_id != "ethnic_group" or code in {"white", PREFER_NOT_TO_SAY} or "white" not in groups:
        return None
    return likelihood(groups, "white", code)


def _figure(value: float | None, decimals: int) -> str | None:
    return None if value is None else f"{value:.{decimals}f}"


def _stages(shown: Sequence[int | None]) -> list[StageFigure]:
    return [
        StageFigure(stage=stage, people=shown[place], rate=rate(shown, place)) for place, stage in enumerate(STAGES)
    ]


def as_sheet(report: EqualityReport, about: str) -> str:
    """CSV with a block above it that says what it is. `about`: the name of the employer, the family or the region."""
    head = as_csv(
        ("Equality monitoring: stage funnel", "1"),
        [
            ("About", about),
            ("Applied in", report.period),
            ("As at", report.released_on.isoformat()),
            ("Hidden", f"{HIDDEN}: a count from 1 to {report.threshold - 1}, or one that would give such a count away"),
            ("Not applicable", f"{NOT_APPLICABLE}: no rate of a hidden count, or of fewer than {report.threshold}"),
            ("Ratio", "Of who came to the stage before: a group's rate divided by the highest one (four-fifths rule)"),
        ],
    )
    rows = [
        (
            characteristic.title,
            group.label,
            figure.stage,
            HIDDEN if figure.people is None else figure.people,
            figure.rate or NOT_APPLICABLE,
            *_verdict_cells(characteristic, group.code, figure.stage),
        )
        for characteristic in report.characteristics
        for group in characteristic.groups
        for figure in group.stages
    ]
    return head + as_csv(COLUMNS, rows)


def _verdict_cells(figures: CharacteristicFigures, code: str, stage: FunnelStage) -> tuple[str, ...]:
    for each in figures.fairness:
        for group in each.groups:
            if each.stage is stage and group.code == code:
                found = (group.rate, group.ratio, group.p_value)
                return (*(value or NOT_APPLICABLE for value in found), group.verdict.value)
    return (NOT_APPLICABLE,) * 4
