"""The decisions of a sift, once the panel has borne them out. Each locks the vacancy first, then the application."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import commands as applications
from services.ats.applications import queries, rejecting
from services.ats.applications.models import Application
from services.ats.applications.schemas import Rejection
from services.ats.applications.states import ApplicationSource, Stage
from services.ats.audit.actor import Actor
from services.ats.panels.queries import applications_for_panel, get_panel
from services.ats.panels.rules import Panel
from services.ats.selection import rules
from services.ats.selection.guaranteed import refuse_guaranteed
from services.ats.selection_policy.queries import terms_in_force
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import VacancyNotFound, find_vacancy, watch_vacancy
from shared.calendar import local_date


async def shortlist_application(
    session: AsyncSession, application_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Application:
    """Put a candidate on the shortlist, and so show who they are.

    Raises QuorumMissing, ModerationMissing, PanelMissing, and what the step itself raises.
    """
    vacancy, application = await _lock(session, application_id)
    if is_sifted(application):
        panel = await panel_of(session, vacancy, now=now)
        if panel is not None:
            rules.refuse_unscored(panel, application.id, application.reference)
    return await applications.shortlist_application(session, application_id, actor=actor, expected=expected, now=now)


async def reject_application(
    session: AsyncSession,
    application_id: UUID,
    rejection: Rejection,
    *,
    actor: Actor,
    expected: int | None = None,
    now: datetime,
) -> Application:
    """With a coded reason.

    Raises QuorumMissing, ModerationMissing, PanelMissing, InterviewGuaranteed, and what the step itself raises.
    """
    vacancy, application = await _lock(session, application_id)
    if is_sifted(application) and rejection.reason_code in rules.JUDGEMENTS:
        panel = await panel_of(session, vacancy, now=now)
        if panel is not None:
            rules.refuse_unscored(panel, application.id, application.reference)
        await refuse_guaranteed(session, vacancy, application, rejection, panel)
    return await rejecting.reject_application(
        session, application_id, rejection, actor=actor, expected=expected, now=now
    )


async def confirm_shortlist(
    session: AsyncSession, vacancy_id: UUID, *, actor: Actor, expected: int | None = None, now: datetime
) -> Vacancy:
    """The shortlist is final: everybody who waits has been scored. Raises as `shortlist_application` does."""
    vacancy = await find_vacancy(session, vacancy_id, lock=True)
    panel = None if vacancy is None else await panel_of(session, vacancy, now=now)
    if panel is not None:
        for each in await applications_for_panel(session, vacancy_id):
            if is_sifted(each):
                rules.refuse_unscored(panel, each.id, each.reference)
    return await applications.confirm_shortlist(session, vacancy_id, actor=actor, expected=expected, now=now)


def is_sifted(application: Application) -> bool:
    """Whether a decision about it now is the sift's: a referred redeployee's is clearing's."""
    return application.stage is Stage.SUBMITTED and application.source is not ApplicationSource.CLEARING


async def panel_of(session: AsyncSession, vacancy: Vacancy, *, now: datetime) -> Panel | None:
    """The vacancy's panel; none where it has none and needs none by the policy of the day it was first advertised.

    Raises PanelMissing.
    """
    panel = await get_panel(session, vacancy.id)
    if panel.is_named:
        return panel
    day = local_date(vacancy.first_published_at or now)
    if (await terms_in_force(session, vacancy.employer_id, today=day)).requires_panel:
        raise rules.PanelMissing(next_step="Name a panel for this vacancy.")
    return None


async def _lock(session: AsyncSession, application_id: UUID) -> tuple[Vacancy, Application]:
    """Raises ApplicationNotFound."""
    vacancy = await watch_vacancy(session, await queries.vacancy_of(session, application_id))
    if vacancy is None:
        raise VacancyNotFound
    return vacancy, await queries.get_application(session, application_id, lock=True)
