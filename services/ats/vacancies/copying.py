"""A new draft out of an older vacancy: its copy, or the permanent post that a temporary one becomes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.vacancies import queries
from services.ats.vacancies.actions import ENDED
from services.ats.vacancies.announcing import announce, audit_vacancy
from services.ats.vacancies.approved_content import APPROVED, content_hash
from services.ats.vacancies.commands import next_reference
from services.ats.vacancies.models import Opening, Vacancy
from services.ats.vacancies.requisitions import refuse_second_requisition
from shared.calendar import local_date
from shared.errors import DomainError
from shared.registry import find_staff, get_employer
from shared.vocabulary import ContractKind

CONVERTIBLE = frozenset({ContractKind.CASUAL, ContractKind.TEMPORARY_POOL})
COPIED = frozenset(APPROVED) | {"advert_days", "is_auto_published", "agency_weekly_cost_pence", "is_anonymised"}
"""All that is approved and how it is advertised; not its dates, its natural key, nor anything that happened to it."""


class NotConvertible(DomainError):
    code = "not_convertible"
    title = "Only a casual post or one of the temporary pool becomes a permanent one"


async def copy_vacancy(session: AsyncSession, vacancy_id: UUID, *, actor: Actor, now: datetime) -> Vacancy:
    """A draft with the same content. The post is free to be named again once the first requisition has ended.

    Raises VacancyNotFound, PostHasOpenRequisition.
    """
    original = await queries.get_vacancy(session, vacancy_id)
    changes: dict[str, Any] = {"copied_from_id": original.id}
    if original.state not in ENDED:
        changes["post_id"] = None
    return await _draft_from(session, original, changes, actor=actor, action="vacancy_copied", now=now)


async def convert_vacancy(
    session: AsyncSession, vacancy_id: UUID, *, reason: str, actor: Actor, now: datetime
) -> Vacancy:
    """The permanent post that a casual or pool post becomes: a draft that is approved, and that displaced staff see
    first, as any permanent post (R16). Raises VacancyNotFound, NotConvertible, PostHasOpenRequisition.
    """
    original = await queries.get_vacancy(session, vacancy_id)
    if original.contract not in CONVERTIBLE:
        raise NotConvertible(field="contract")
    changes: dict[str, Any] = {
        "converted_from_id": original.id,
        "contract": ContractKind.PERMANENT,
        "contract_months": None,
        "clearing_exemption": None,
    }
    if original.state not in ENDED:
        changes["post_id"] = None
    audit_vacancy(session, original, "conversion_asked", actor=actor, at=now, reason=reason)
    return await _draft_from(session, original, changes, actor=actor, action="vacancy_converted", now=now)


async def _draft_from(
    session: AsyncSession, original: Vacancy, changes: dict[str, Any], *, actor: Actor, action: str, now: datetime
) -> Vacancy:
    employer = await get_employer(session, original.employer_id)
    content = {name: getattr(original, name) for name in COPIED} | changes
    if content["starts_on"] is not None and content["starts_on"] <= local_date(now):
        content["starts_on"] = None
    await refuse_second_requisition(session, employer.id, content["post_id"])
    vacancy = Vacancy(
        employer_id=employer.id,
        reference=await next_reference(session, employer, local_date(now).year),
        management=original.management,
        hiring_manager_id=await _manager_still_here(session, original.hiring_manager_id),
        content_hash=content_hash(content),
        created_at=now,
        updated_at=now,
        version=0,
        openings=[
            Opening(employer_id=employer.id, opening_no=number) for number in range(1, original.openings_count + 1)
        ],
        **content,
    )
    session.add(vacancy)
    audit_vacancy(session, vacancy, action, actor=actor, at=now, reason=original.reference)
    await announce(session, vacancy, now=now)
    return vacancy


async def _manager_still_here(session: AsyncSession, staff_id: UUID | None) -> UUID | None:
    person = None if staff_id is None else await find_staff(session, staff_id)
    return person.id if person is not None and person.is_active else None
