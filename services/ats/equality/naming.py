from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality.chart import LABELS
from services.ats.equality.fairness import Verdict
from services.ats.equality.schemas import CharacteristicFigures, EqualityReport
from shared.reference.occupations import families
from shared.registry import get_employer_by_code

REGION_NAME = "The region"
VERDICTS = {
    Verdict.REVIEW: "Review: far less often, and hardly by chance",
    Verdict.WATCH: "Watch: less often, perhaps by chance",
    Verdict.NO_CONCERN: "No concern",
    Verdict.TOO_FEW: "Too few to say",
    Verdict.HIGHEST_RATE: "The highest rate: what the others are compared with",
    Verdict.NOT_COMPARED: "Not compared",
    Verdict.HIDDEN: "Hidden",
}


def period_label(period: str) -> str:
    """A year is said by its months, since councils have years of more than one kind."""
    return period if "Q" in period else f"April {period[:4]} to March {int(period[:4]) + 1}"


def finding_of(figures: CharacteristicFigures) -> str:
    """What the fairness ratios say, in one sentence."""
    for verdict, words in ((Verdict.REVIEW, "Needs a review"), (Verdict.WATCH, "To be watched")):
        found = [
            f"{group.label} ({LABELS[each.stage].lower()})"
            for each in figures.fairness
            for group in each.groups
            if group.verdict is verdict
        ]
        if found:
            return f"{words}: {'; '.join(found)}."
    compared = {group.verdict for each in figures.fairness for group in each.groups}
    if Verdict.NO_CONCERN in compared:
        return "No group fared notably worse than the one with the highest rate."
    return "There are too few people to compare groups."


async def name_of(session: AsyncSession, report: EqualityReport) -> str:
    """What the figures are about, for people."""
    if report.employer is not None:
        return (await get_employer_by_code(session, report.employer)).title
    if report.family is not None:
        known = families().get(report.family)
        return report.family if known is None else known.label
    return REGION_NAME
