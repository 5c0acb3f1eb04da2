"""Released figures as they are shown: the same cells on the page, in JSON and in CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality import queries
from services.ats.equality.models import EqualityTable
from services.ats.equality.questions import QUESTIONS, Question
from services.ats.equality.rules import EVERYONE, STAGES, Scope, rate
from services.ats.equality.schemas import (
    CharacteristicFigures,
    EqualityFilter,
    EqualityReport,
    GroupFigures,
    StageFigure,
)
from services.ats.vacancy_uploads.sheets import as_csv
from shared.registry import get_employer_by_code

HIDDEN = "[c]"
NOT_APPLICABLE = "[z]"
COLUMNS = ("characteristic", "group", "stage", "people", "rate")


async def equality_report(session: AsyncSession, wanted: EqualityFilter) -> EqualityReport:
    """Raises EmployerUnknown, FiguresNotReleased."""
    employer_id = None if wanted.employer is None else (await get_employer_by_code(session, wanted.employer)).id
    tables = await queries.released_tables(session, wanted.quarter, Scope(employer_id, wanted.family))
    by_characteristic = {each.characteristic: each for each in tables}
    first = tables[0]
    return EqualityReport(
        quarter=first.quarter,
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
    return CharacteristicFigures(id=question.id, title=question.title, groups=groups)


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
            ("Applied in", report.quarter),
            ("As at", report.released_on.isoformat()),
            ("Hidden", f"{HIDDEN}: a count from 1 to {report.threshold - 1}, or one that would give such a count away"),
            ("Not applicable", f"{NOT_APPLICABLE}: no rate of a hidden count, or of fewer than {report.threshold}"),
        ],
    )
    rows = [
        (
            characteristic.title,
            group.label,
            figure.stage,
            HIDDEN if figure.people is None else figure.people,
            figure.rate or NOT_APPLICABLE,
        )
        for characteristic in report.characteristics
        for group in characteristic.groups
        for figure in group.stages
    ]
    return head + as_csv(COLUMNS, rows)
