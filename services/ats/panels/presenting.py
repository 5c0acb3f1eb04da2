"""A panel as one of its people may see it: never who a candidate is, nor others' scores before one's own."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application
from services.ats.applications.states import Stage
from services.ats.panels import queries, rules
from services.ats.panels.models import PanelMember, ScoreSheet
from services.ats.panels.schemas import (
    ModerationRead,
    PanelApplication,
    PanelMemberRead,
    PanelRead,
    ScoreWrite,
    SheetRead,
)
from services.ats.panels.seats import Seat, people_of_region
from services.ats.vacancies.models import Vacancy
from shared.registry import StaffMember
from shared.tenancy import Tenancy


async def present_panel(session: AsyncSession, seat: Seat, viewer_id: UUID | None) -> PanelRead:
    """`viewer_id` is who looks; the session reaches the vacancy's employer."""
    vacancy = seat.vacancy
    panel = await queries.get_panel(session, vacancy.id)
    people = await people_of_region(
        session, [each.staff_id for each in panel.members], Tenancy.of((vacancy.employer_id,))
    )
    applications = await queries.applications_for_panel(session, vacancy.id)
    is_over = seat.member is None and vacancy.shortlist_confirmed_at is not None
    return PanelRead(
        vacancy_id=vacancy.id,
        vacancy_title=vacancy.title,
        reference=vacancy.reference,
        criteria=rules.criteria_of(vacancy),
        members=[
            present_member(each, panel, people, shows_conflict=each.staff_id == viewer_id or is_over)
            for each in panel.members
        ],
        applications=[present_candidate(each, vacancy, panel, viewer_id) for each in applications],
    )


def present_member(
    member: PanelMember, panel: rules.Panel, people: Mapping[UUID, StaffMember], *, shows_conflict: bool
) -> PanelMemberRead:
    declaration = panel.declarations.get(member.staff_id)
    person = people.get(member.staff_id)
    return PanelMemberRead(
        staff_id=member.staff_id,
        name=person.name if person is not None else "",
        is_lead=member.is_lead,
        is_former=member.ended_at is not None,
        has_declared=declaration is not None,
        has_conflict=declaration is not None and declaration.has_conflict,
        conflict_application_ids=[] if declaration is None else [UUID(each) for each in declaration.application_ids],
        conflict=declaration.what if declaration is not None and shows_conflict else None,
    )


def present_candidate(
    application: Application, vacancy: Vacancy, panel: rules.Panel, viewer_id: UUID | None
) -> PanelApplication:
    sheets = [each for each in panel.sheets if each.application_id == application.id]
    own = next((each for each in sheets if each.staff_id == viewer_id), None)
    submitted = [each for each in sheets if each.submitted_at is not None]
    is_open = panel.may_see_others(viewer_id, application)
    notes = [each for each in panel.notes if each.application_id == application.id] if is_open else []
    may_score = viewer_id is not None and panel.may_score(viewer_id, application.id)
    return PanelApplication(
        id=application.id,
        reference=application.reference,
        stage=application.stage,
        submitted_at=application.submitted_at,
        answers=application.answers,
        supporting_statement=application.supporting_statement,
        may_score=may_score and application.stage is Stage.SUBMITTED and (own is None or own.submitted_at is None),
        own_sheet=None if own is None else present_sheet(own, panel),
        submitted_by=[each.staff_id for each in submitted],
        sheets=[present_sheet(each, panel) for each in submitted if each is not own] if is_open else None,
        needs_moderation=panel.needs_moderation(application.id) if is_open else None,
        moderation=[ModerationRead.model_validate(each, from_attributes=True) for each in notes],
        essential_met=panel.met(application.id, rules.essential_of(vacancy)) if is_open else None,
    )


def present_sheet(sheet: ScoreSheet, panel: rules.Panel) -> SheetRead:
    return SheetRead(
        staff_id=sheet.staff_id,
        is_former=not any(each.staff_id == sheet.staff_id for each in panel.current),
        submitted_at=sheet.submitted_at,
        scores=[ScoreWrite.model_validate(each) for each in sheet.scores],
        total=rules.total_of(sheet),
    )
