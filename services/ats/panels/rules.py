"""Who may score whom, what scores count, and when they lie too far apart. No database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from services.ats.applications.models import Application
from services.ats.applications.states import Stage
from services.ats.panels.models import ConflictDeclaration, ModerationNote, PanelMember, ScoreSheet
from services.ats.vacancies.models import Vacancy
from shared.errors import DomainError, Forbidden, Invalid
from shared.reference.skills import skills

MIN_MEMBERS = 2
QUORUM = 2
"""Submitted sheets that each candidate needs before the panel decides."""
SPREAD = 2
"""From this difference between two members on, in one criterion or in all, the lead says what was made of it."""
MET_FROM = 2
"""An essential criterion is met from this score on: the mean of the members, since no one of them decides alone."""


class PanelTooSmall(Invalid):
    code = "panel_too_small"
    title = "A panel is a lead and at least one other person"


class SiftBegun(DomainError):
    code = "sift_begun"
    title = "Somebody has been shortlisted for this vacancy without a panel already"


class NotOnPanel(Forbidden):
    code = "not_on_panel"
    title = "Only a member of this vacancy's panel may do this"


class NotTheLead(Forbidden):
    code = "not_the_lead"
    title = "Only the lead of the panel writes this"


class DeclarationMissing(DomainError):
    code = "declaration_missing"
    title = "Say first whether you have a conflict of interest"


class ConflictDeclared(DomainError):
    code = "conflict_declared"
    title = "You declared a conflict of interest about this candidate"


class SheetSubmitted(DomainError):
    code = "sheet_submitted"
    title = "These scores are submitted and stay as they are"


class SiftOver(DomainError):
    code = "sift_over"
    title = "This candidate is not being sifted any more"


class ScoresMissing(DomainError):
    code = "scores_missing"
    title = "Some criteria have no score yet"


class CriterionNotScored(Invalid):
    code = "criterion_not_scored"
    title = "The vacancy has no such criterion to score"


class NothingToModerate(DomainError):
    code = "nothing_to_moderate"
    title = "The submitted scores do not lie apart"


def criteria_of(vacancy: Vacancy) -> dict[str, str]:
    """What is scored, in words by its id: the essential criteria, then the desirable skills by theirs."""
    known = skills()
    desirable = {
        each["skill_id"]: known[each["skill_id"]].label for each in vacancy.desirable if each["skill_id"] in known
    }
    return essential_of(vacancy) | desirable


def called(vacancy: Vacancy) -> dict[str, str]:
    """What a panel knows each criterion by: an essential one by its id as advertised, a skill by its words."""
    return criteria_of(vacancy) | {name: name for name in essential_of(vacancy)}


def essential_of(vacancy: Vacancy) -> dict[str, str]:
    return {each["criterion_id"]: each["text"] for each in vacancy.essential}


def is_barred(declaration: ConflictDeclaration | None, application_id: UUID) -> bool:
    """Whether this declaration keeps its maker from this candidate: one that names nobody is about everybody."""
    if declaration is None or not declaration.has_conflict:
        return False
    return not declaration.application_ids or str(application_id) in declaration.application_ids


def refuse_scoring(application: Application, declaration: ConflictDeclaration | None, sheet: ScoreSheet | None) -> None:
    """Raises SiftOver, DeclarationMissing, ConflictDeclared, SheetSubmitted."""
    if application.stage is not Stage.SUBMITTED:
        raise SiftOver(stage=application.stage)
    if declaration is None:
        raise DeclarationMissing(next_step="Declare a conflict of interest, or that you have none.")
    if is_barred(declaration, application.id):
        raise ConflictDeclared(next_step="Leave this candidate to the other members.")
    if sheet is not None and sheet.submitted_at is not None:
        raise SheetSubmitted(next_step="The lead may add a moderation note.")


@dataclass(frozen=True)
class Panel:
    """The panel of one vacancy with all that it said: of no members, where the vacancy has none."""

    members: Sequence[PanelMember]
    declarations: Mapping[UUID, ConflictDeclaration]
    sheets: Sequence[ScoreSheet]
    notes: Sequence[ModerationNote]

    @property
    def current(self) -> Sequence[PanelMember]:
        return [each for each in self.members if each.ended_at is None]

    @property
    def is_named(self) -> bool:
        return bool(self.current)

    def may_score(self, staff_id: UUID, application_id: UUID) -> bool:
        is_member = any(each.staff_id == staff_id for each in self.current)
        return is_member and not is_barred(self.declarations.get(staff_id), application_id)

    def counted(self, application_id: UUID) -> Sequence[ScoreSheet]:
        """Submitted, a former member's too, and not by somebody who declared a conflict about this candidate since."""
        return [
            each
            for each in self.sheets
            if each.application_id == application_id
            and each.submitted_at is not None
            and not is_barred(self.declarations.get(each.staff_id), application_id)
        ]

    def is_quorate(self, application_id: UUID) -> bool:
        return len(self.counted(application_id)) >= QUORUM

    def is_spread(self, application_id: UUID) -> bool:
        """Whether two members lie `SPREAD` or more apart, in a criterion or in their totals."""
        scores = [scores_of(each) for each in self.counted(application_id)]
        columns = [[each.get(name, 0) for each in scores] for name in {name for each in scores for name in each}]
        columns.append([sum(each.values()) for each in scores])
        return any(column and max(column) - min(column) >= SPREAD for column in columns)

    def is_moderated(self, application_id: UUID) -> bool:
        """Whether the lead has spoken since the last of the scores that count came in."""
        noted = [each.noted_at for each in self.notes if each.application_id == application_id]
        sent: list[datetime] = [each.submitted_at for each in self.counted(application_id) if each.submitted_at]
        return bool(noted) and max(noted) >= max(sent)

    def needs_moderation(self, application_id: UUID) -> bool:
        return self.is_spread(application_id) and not self.is_moderated(application_id)

    def met(self, application_id: UUID, essential: Collection[str]) -> dict[str, bool] | None:
        """Of each essential criterion whether it is met; none until the panel has its quorum."""
        if not self.is_quorate(application_id):
            return None
        scores = [scores_of(each) for each in self.counted(application_id)]
        return {
            name: Fraction(sum(each.get(name, 0) for each in scores), len(scores)) >= MET_FROM for name in essential
        }

    def mean_total(self, application_id: UUID) -> Fraction | None:
        totals = [sum(scores_of(each).values()) for each in self.counted(application_id)]
        return Fraction(sum(totals), len(totals)) if totals else None

    def may_see_others(self, viewer_id: UUID | None, application: Application) -> bool:
        """Whether what others submitted may be shown: a member has submitted their own first, the lead too.

        Who does not score this candidate waits until everybody who does has. After the sift nothing is hidden.
        """
        if application.stage is not Stage.SUBMITTED:
            return True
        sent = {
            each.staff_id
            for each in self.sheets
            if each.application_id == application.id and each.submitted_at is not None
        }
        if viewer_id is not None and self.may_score(viewer_id, application.id):
            return viewer_id in sent
        awaited = {each.staff_id for each in self.current if self.may_score(each.staff_id, application.id)}
        return awaited <= sent and self.is_quorate(application.id)


def scores_of(sheet: ScoreSheet) -> dict[str, int]:
    return {each["criterion_id"]: each["score"] for each in sheet.scores}


def total_of(sheet: ScoreSheet) -> int:
    return sum(scores_of(sheet).values())
