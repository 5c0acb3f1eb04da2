from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.equality.schemas import EqualityReport
from shared.reference.occupations import families
from shared.registry import get_employer_by_code

REGION_NAME = "The region"


async def name_of(session: AsyncSession, report: EqualityReport) -> str:
    """What the figures are about, for people."""
    if report.employer is not None:
        return (await get_employer_by_code(session, report.employer)).title
    if report.family is not None:
        known = families().get(report.family)
        return report.family if known is None else known.label
    return REGION_NAME
