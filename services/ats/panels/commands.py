"""Every command that touches a candidate's scores locks the application, as a decision about it does."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.permitted import PANEL
from services.ats.applications.queries import ApplicationNotFound
from services.ats.applications.rules import ShortlistConfirmed, refuse_elsewhere
from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit
from services.ats.panels import queries, rules
from services.ats.panels.models import ConflictDeclaration, ModerationNote, PanelMember, ScoreSheet
from services.ats.panels.schemas import DeclarationWrite, PanelWrite, ScoreWrite
from services.ats.panels.seats import Seat, people_of_region
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import get_vacancy
from shared import outbox
from shared.errors import Invalid
from shared.events.applications import PanelMemberNamed
from shared.events.base import Contact
from shared.registry import StaffMember
from shared.tenancy import Tenancy
from shared.vocabulary import Service


class PanelMemberUnknown(Invalid):
    code = "panel_member_unknown"
    title = "This is no active recruiter, hiring manager or panel member of any council"


async def name_panel(
    session: AsyncSession, vacancy_id: UUID, wanted: PanelWrite, *, actor: Actor, tenancy: Tenancy, now: datetime
) -> Vacancy:
    """Set up or change who sits on a panel. Nobody's submitted scores are lost by it.

    Raises VacancyNotFound, ManagedElsewhere, ShortlistConfirmed, SiftBegun, PanelTooSmall,
    PanelMemberUnknown.
    """
    vacancy = await get_vacancy(session, vacancy_id, lock=True)
    refuse_elsewhere(vacancy)
    if vacancy.shortlist_confirmed_at is not None:
        raise ShortlistConfirmed(next_step="The panel stays as it was when it decided.")
    if await queries.is_sifted_without_panel(session, vacancy_id):
        raise rules.SiftBegun(next_step="Go on without a panel: nobody is sifted in two ways for one vacancy.")
    ids = [wanted.lead_id, *wanted.member_ids]
    if len(set(ids)) != len(ids) or len(ids) < rules.MIN_MEMBERS:
        raise rules.PanelTooSmall(field="member_ids", next_step="Name each person once, and at least two.")
    people = await people_of_region(session, ids, tenancy)
    for place, staff_id in enumerate(ids):
        if staff_id not in people or not people[staff_id].grants_with(PANEL):
            raise PanelMemberUnknown(field="lead_id" if place == 0 else f"member_ids.{place - 1}")
    new = await _seat(session, vacancy, ids, actor=actor, now=now)
    subject = Subject("vacancy", vacancy.id, vacancy.employer_id)
    named = ", ".join(str(each) for each in ids)
    write_audit(session, "panel_named", subject, actor=actor, at=now, reason=f"lead and members: {named}")
    for staff_id in new:
        await _tell(session, vacancy, people[staff_id], is_lead=staff_id == wanted.lead_id, now=now)
    return vacancy


async def _seat(
    session: AsyncSession, vacancy: Vacancy, ids: Collection[UUID], *, actor: Actor, now: datetime
) -> list[UUID]:
    """The first of `ids` leads. Returns who is new on the panel."""
    of_vacancy = select(PanelMember).where(PanelMember.vacancy_id == vacancy.id).with_for_update()
    known = {each.staff_id: each for each in await session.scalars(of_vacancy)}
    for each in known.values():
        each.is_lead = False
        if each.staff_id not in ids and each.ended_at is None:
            each.ended_at = now
    await session.flush()  # there is one lead at any time, in the database too
    new = [each for each in ids if each not in known or known[each].ended_at is not None]
    for place, staff_id in enumerate(ids):
        if staff_id in known:
            known[staff_id].ended_at, known[staff_id].is_lead = None, place == 0
        else:
            member = PanelMember(
                employer_id=vacancy.employer_id,
                vacancy_id=vacancy.id,
                staff_id=staff_id,
                is_lead=place == 0,
                named_at=now,
                named_by=actor.id,
            )
            session.add(member)
    await session.flush()
    return new


async def _tell(session: AsyncSession, vacancy: Vacancy, person: StaffMember, *, is_lead: bool, now: datetime) -> None:
    named = PanelMemberNamed(
        vacancy_id=vacancy.id,
        employer_id=vacancy.employer_id,
        member_id=person.id,
        vacancy_title=vacancy.title,
        reference=vacancy.reference,
        is_lead=is_lead,
    )
    contact = Contact(name=person.name, email=person.email)
    await outbox.record(session, named, now=now, sealed={Service.NOTIFICATIONS: contact})


async def declare_interests(
    session: AsyncSession, seat: Seat, wanted: DeclarationWrite, *, now: datetime
) -> ConflictDeclaration:
    """The newest declaration counts: scores of a candidate with whom there is a conflict no longer do.

    Raises NotOnPanel, ApplicationNotFound for a candidate of another vacancy.
    """
    member = seat.as_member
    about = set(wanted.application_ids)
    if await queries.known_applications(session, seat.vacancy.id, about) != about:
        raise ApplicationNotFound(field="application_ids")
    declaration = ConflictDeclaration(
        employer_id=member.employer_id,
        vacancy_id=member.vacancy_id,
        staff_id=member.staff_id,
        has_conflict=wanted.has_conflict,
        what=wanted.what,
        application_ids=sorted(str(each) for each in about),
        declared_at=now,
    )
    session.add(declaration)
    # What the conflict is stands with the declaration: words about a person are not kept in the audit.
    action = "conflict_declared" if wanted.has_conflict else "no_conflict_declared"
    _audit(session, seat, action, seat.vacancy.id, now)
    await session.flush()
    return declaration


async def save_scores(
    session: AsyncSession, seat: Seat, application_id: UUID, scores: Collection[ScoreWrite], *, now: datetime
) -> ScoreSheet:
    """Keep a draft, which nobody else sees.

    Raises NotOnPanel, ApplicationNotFound, SiftOver, DeclarationMissing, ConflictDeclared, SheetSubmitted,
    CriterionNotScored.
    """
    sheet = await _sheet(session, seat, application_id, now=now)
    known = rules.criteria_of(seat.vacancy)
    if unknown := sorted({each.criterion_id for each in scores} - known.keys()):
        raise rules.CriterionNotScored(
            f"Not scored here: {', '.join(unknown)}.", field="scores", next_step=f"Score {', '.join(known)}."
        )
    sheet.scores = [each.model_dump() for each in scores]
    sheet.saved_at = now
    await session.flush()
    return sheet


async def submit_scores(session: AsyncSession, seat: Seat, application_id: UUID, *, now: datetime) -> ScoreSheet:
    """Make the saved scores final. Raises as `save_scores` does, and ScoresMissing."""
    sheet = await _sheet(session, seat, application_id, now=now)
    scored = rules.scores_of(sheet)
    if missing := [each for each in rules.criteria_of(seat.vacancy) if each not in scored]:
        raise rules.ScoresMissing(f"No score yet for {', '.join(missing)}.", missing=missing)
    sheet.submitted_at = now
    _audit(session, seat, "scores_submitted", application_id, now)
    await session.flush()
    return sheet


async def _sheet(session: AsyncSession, seat: Seat, application_id: UUID, *, now: datetime) -> ScoreSheet:
    """The member's own, made when there is none. The application is locked."""
    member = seat.as_member
    application = await queries.application_of_panel(session, member.vacancy_id, application_id, lock=True)
    panel = await queries.get_panel(session, member.vacancy_id)
    sheet = await queries.find_sheet(session, application_id, member.staff_id)
    rules.refuse_scoring(application, panel.declarations.get(member.staff_id), sheet)
    if sheet is None:
        sheet = ScoreSheet(
            employer_id=member.employer_id,
            vacancy_id=member.vacancy_id,
            application_id=application_id,
            staff_id=member.staff_id,
            saved_at=now,
        )
        session.add(sheet)
    return sheet


async def moderate(
    session: AsyncSession, seat: Seat, application_id: UUID, note: str, *, now: datetime
) -> ModerationNote:
    """What the panel made of scores that lie apart. Raises NotOnPanel, NotTheLead, SiftOver, NothingToModerate."""
    member = seat.as_member
    if not member.is_lead:
        raise rules.NotTheLead
    application = await queries.application_of_panel(session, member.vacancy_id, application_id, lock=True)
    panel = await queries.get_panel(session, member.vacancy_id)
    if not panel.may_see_others(member.staff_id, application) or not panel.is_spread(application_id):
        raise rules.NothingToModerate(next_step="Submit your own scores first, and let the others submit theirs.")
    moderation = ModerationNote(
        employer_id=member.employer_id,
        vacancy_id=member.vacancy_id,
        application_id=application_id,
        staff_id=member.staff_id,
        note=note,
        noted_at=now,
    )
    session.add(moderation)
    _audit(session, seat, "scores_moderated", application_id, now)
    await session.flush()
    return moderation


def _audit(session: AsyncSession, seat: Seat, action: str, subject_id: UUID, now: datetime) -> None:
    member = seat.as_member
    kind = "vacancy" if subject_id == member.vacancy_id else "application"
    actor = Actor.by_staff(member.staff_id)
    write_audit(session, action, Subject(kind, subject_id, member.employer_id), actor=actor, at=now)
