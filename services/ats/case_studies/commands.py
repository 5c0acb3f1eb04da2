from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.case_studies import rules
from services.ats.case_studies.models import CaseStudy
from services.ats.case_studies.queries import CaseStudyNotFound
from services.ats.case_studies.schemas import CaseStudyWrite
from shared.calendar import local_date
from shared.etag import refuse_stale
from shared.principals import Principal


async def get_own(session: AsyncSession, case_study_id: UUID, caller: Principal, *, lock: bool = False) -> CaseStudy:
    """One that the caller's employer wrote. Raises CaseStudyNotFound, for another employer's published one too."""
    query = select(CaseStudy).where(CaseStudy.id == case_study_id)
    found = await session.scalar(query.with_for_update() if lock else query)
    if found is None or not caller.may_act_for(found.employer_id):
        raise CaseStudyNotFound
    return found


async def write_case_study(
    session: AsyncSession, employer_id: UUID, wanted: CaseStudyWrite, *, caller: Principal, now: datetime
) -> CaseStudy:
    """A draft. Raises FamilyNotKnown, ConsentInFuture."""
    rules.refuse_impossible(wanted.family, wanted.consent_given_on, local_date(now))
    study = CaseStudy(employer_id=employer_id, changed_at=now, **wanted.model_dump())
    session.add(study)
    _audit(session, study, "case_study_written", caller, now)
    return study


async def change_case_study(
    session: AsyncSession,
    case_study_id: UUID,
    wanted: CaseStudyWrite,
    *,
    caller: Principal,
    expected: int | None = None,
    now: datetime,
) -> CaseStudy:
    """Raises CaseStudyNotFound, StaleVersion, FamilyNotKnown, ConsentInFuture."""
    study = await get_own(session, case_study_id, caller, lock=True)
    refuse_stale(expected, study.version)
    rules.refuse_impossible(wanted.family, wanted.consent_given_on, local_date(now))
    for name, value in wanted.model_dump().items():
        setattr(study, name, value)
    study.changed_at, study.version = now, study.version + 1
    _audit(session, study, "case_study_changed", caller, now)
    return study


async def publish_case_study(
    session: AsyncSession, case_study_id: UUID, *, caller: Principal, now: datetime
) -> CaseStudy:
    """Raises CaseStudyNotFound, ConsentMissing."""
    study = await get_own(session, case_study_id, caller, lock=True)
    rules.publish(study, now)
    _audit(session, study, "case_study_published", caller, now)
    return study


async def unpublish_case_study(
    session: AsyncSession, case_study_id: UUID, *, caller: Principal, now: datetime
) -> CaseStudy:
    """Raises CaseStudyNotFound."""
    study = await get_own(session, case_study_id, caller, lock=True)
    rules.unpublish(study, now)
    _audit(session, study, "case_study_unpublished", caller, now)
    return study


async def withdraw_consent(
    session: AsyncSession, case_study_id: UUID, *, caller: Principal, now: datetime
) -> CaseStudy:
    """The person portrayed does not agree any more. Raises CaseStudyNotFound."""
    study = await get_own(session, case_study_id, caller, lock=True)
    rules.withdraw_consent(study, now, local_date(now))
    _audit(session, study, "case_study_consent_withdrawn", caller, now)
    return study


async def delete_case_study(session: AsyncSession, case_study_id: UUID, *, caller: Principal, now: datetime) -> None:
    """Raises CaseStudyNotFound."""
    study = await get_own(session, case_study_id, caller, lock=True)
    _audit(session, study, "case_study_deleted", caller, now)
    await session.delete(study)


def _audit(session: AsyncSession, study: CaseStudy, action: str, caller: Principal, now: datetime) -> None:
    write_audit(session, action, Subject("case_study", study.id, study.employer_id), actor=Actor.of(caller), at=now)
