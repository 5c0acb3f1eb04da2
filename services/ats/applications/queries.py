from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from services.ats.applications.models import Application, CandidateContact, RejectionEntry
from services.ats.applications.schemas import ApplicationFilter
from services.ats.applications.states import ENDED, HIDDEN_CANDIDATE, ApplicationSource, RejectionReason, Stage
from services.ats.vacancies.models import Vacancy, VacancyForm
from shared.errors import NotFound
from shared.pagination import PageRequest, paginate

LINKS_AT_ONCE = 10
"""So that one question cannot fill somebody's mailbox."""


class ApplicationNotFound(NotFound):
    code = "application_not_found"
    title = "There is no such application here for you"


def is_shown(of: Any = Application) -> ColumnElement[bool]:
    """What `rules.is_hidden` says no to, for a query. `of`: Application, or an alias of it."""
    ended_unseen = and_(of.stage.in_((Stage.REJECTED, Stage.WITHDRAWN)), of.shortlist_told_at.is_(None))
    return or_(
        of.source == ApplicationSource.CLEARING,
        not_(of.is_anonymised),
        not_(or_(of.stage.in_(HIDDEN_CANDIDATE), ended_unseen)),
    )


async def get_application(session: AsyncSession, application_id: UUID, *, lock: bool = False) -> Application:
    """With its contact. Raises ApplicationNotFound, for another employer's too."""
    query = select(Application).where(Application.id == application_id).options(joinedload(Application.contact))
    if lock:
        query = query.with_for_update(of=Application).execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise ApplicationNotFound
    return found


async def find_answered_form(session: AsyncSession, application_id: UUID) -> VacancyForm | None:
    """As it was advertised when it was answered; none for who was referred. Raises ApplicationNotFound."""
    application = await get_application(session, application_id)
    if application.form_version is None:
        return None
    return await session.get(VacancyForm, (application.vacancy_id, application.form_version))


async def vacancy_of(session: AsyncSession, application_id: UUID) -> UUID:
    """Which vacancy to lock before the application: always in this order. Raises ApplicationNotFound."""
    found = await session.scalar(select(Application.vacancy_id).where(Application.id == application_id))
    if found is None:
        raise ApplicationNotFound
    return found


async def applications_of_person(session: AsyncSession, person_key: str) -> Sequence[Row[Application, str]]:
    """Each ordinary application of one person, with its contact and the title of its vacancy.

    What still runs comes first, then the newest; at most `LINKS_AT_ONCE`.
    """
    query = (
        select(Application, Vacancy.title)
        .join(Vacancy, Vacancy.id == Application.vacancy_id)
        .join(Application.contact)
        .options(contains_eager(Application.contact))
        .where(Application.person_key == person_key, Application.source != ApplicationSource.CLEARING)
        .order_by(Application.stage.in_(ENDED), Application.submitted_at.desc(), Application.id)
        .limit(LINKS_AT_ONCE)
    )
    return (await session.execute(query)).all()


async def search_applications(
    session: AsyncSession, wanted: ApplicationFilter, page: PageRequest
) -> tuple[list[Application], str | None]:
    """A page of applications in the order of their submission."""
    query = select(Application).options(joinedload(Application.contact))
    if wanted.vacancy_id is not None:
        query = query.where(Application.vacancy_id == wanted.vacancy_id)
    if wanted.stage is not None:
        query = query.where(Application.stage == wanted.stage)
    return await paginate(session, query, page, order=(Application.submitted_at, Application.id))


async def shortlisted_untold(session: AsyncSession, vacancy_id: UUID) -> Sequence[Application]:
    """Ordinary candidates on the shortlist who have not been told so, locked."""
    found = await session.scalars(
        select(Application)
        .where(
            Application.vacancy_id == vacancy_id,
            Application.stage == Stage.SHORTLISTED,
            Application.source != ApplicationSource.CLEARING,
            Application.shortlist_told_at.is_(None),
        )
        .options(joinedload(Application.contact))
        .order_by(Application.id)
        .with_for_update(of=Application)
    )
    return found.all()


async def find_by_referral(session: AsyncSession, referral_id: UUID) -> Application | None:
    return await session.scalar(
        select(Application)
        .where(Application.source == ApplicationSource.CLEARING, Application.referral_id == referral_id)
        .options(joinedload(Application.contact))
        .with_for_update(of=Application)
    )


async def get_contact(session: AsyncSession, application_id: UUID) -> CandidateContact | None:
    return await session.get(CandidateContact, application_id)


async def rejection_in_force(session: AsyncSession, application_id: UUID) -> RejectionEntry | None:
    """The rejection that stands: the last one, unless it was undone."""
    standing = select(RejectionEntry).where(
        RejectionEntry.application_id == application_id, RejectionEntry.undone_at.is_(None)
    )
    newest = standing.order_by(RejectionEntry.decided_at.desc(), RejectionEntry.id).limit(1)
    return await session.scalar(newest.execution_options(populate_existing=True))


async def find_other_of_person(session: AsyncSession, application: Application) -> Application | None:
    """Another application of the same person for the same vacancy that takes up their one place."""
    other = select(Application).where(
        Application.vacancy_id == application.vacancy_id,
        Application.person_key == application.person_key,
        Application.id != application.id,
        Application.source != ApplicationSource.CLEARING,
        Application.stage != Stage.WITHDRAWN,
        Application.rejection_reason.is_distinct_from(RejectionReason.NO_APPOINTMENT),
    )
    return await session.scalar(other.limit(1))
