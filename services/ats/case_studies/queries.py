from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.case_studies.models import CaseStudy, StoryState
from shared.errors import NotFound

SHOWN_AT_MOST = 200


class CaseStudyNotFound(NotFound):
    code = "case_study_not_found"
    title = "There is no such story here for you"


def published(employer_id: UUID | None = None, family: str | None = None) -> Select[CaseStudy]:
    """Those that anyone may read, of one employer or kind of work."""
    query = select(CaseStudy).where(CaseStudy.state == StoryState.PUBLISHED)
    if employer_id is not None:
        query = query.where(CaseStudy.employer_id == employer_id)
    return query if family is None else query.where(CaseStudy.family == family)


async def list_published(
    session: AsyncSession, employer_id: UUID | None = None, family: str | None = None, *, limit: int
) -> Sequence[CaseStudy]:
    query = published(employer_id, family).order_by(CaseStudy.position, CaseStudy.id)
    return (await session.scalars(query.limit(limit))).all()


async def get_published(session: AsyncSession, employer_id: UUID, case_study_id: UUID) -> CaseStudy:
    """Raises CaseStudyNotFound, the same for a draft."""
    found = await session.scalar(published(employer_id).where(CaseStudy.id == case_study_id))
    if found is None:
        raise CaseStudyNotFound
    return found


async def list_own(session: AsyncSession, employer_ids: Iterable[UUID] | None) -> Sequence[CaseStudy]:
    """Drafts too, of these employers or of all: row-level security would show the published ones of others."""
    query = select(CaseStudy).order_by(CaseStudy.employer_id, CaseStudy.position, CaseStudy.id).limit(SHOWN_AT_MOST)
    if employer_ids is not None:
        query = query.where(CaseStudy.employer_id.in_(list(employer_ids)))
    return (await session.scalars(query)).all()
