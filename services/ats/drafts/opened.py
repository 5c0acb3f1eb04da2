"""A draft as its pages need it: with its advert, its steps and what is wrong in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.form import FormSection, describe_form
from services.ats.applications.form_rules import Fault
from services.ats.applications.submission import last_instant
from services.ats.drafts.models import ApplicationDraft
from services.ats.drafts.queries import DraftNotFound, advert_of, documents_of_draft, own_draft
from services.ats.drafts.rules import body_of, faults_in
from services.ats.drafts.steps import Step, errors_of, step_of
from services.ats.files.models import Document
from services.ats.jobs.models import PublishedJob
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.models import Vacancy
from shared.errors import NotFound
from shared.pages import Crumb, FormError
from shared.principals import Principal


class StepNotFound(NotFound):
    code = "step_not_found"
    title = "This job's form has no such part"


@dataclass(frozen=True, slots=True)
class Opened:
    draft: ApplicationDraft
    job: PublishedJob
    sections: Sequence[FormSection]
    until: datetime | None
    documents: Sequence[Document]

    @property
    def faults(self) -> list[Fault]:
        form = ApplicationForm.model_validate(self.job.application_form)
        return faults_in(
            form, [each["criterion_id"] for each in self.job.essential], body_of(self.draft), self.documents
        )

    def steps(self) -> list[tuple[Step, list[FormError]]]:
        """Every one with what is wrong in it."""
        faults = self.faults
        steps = [step_of(each, self.draft.typed, documents=self._by_id) for each in self.sections]
        return [(each, errors_of(each, faults)) for each in steps]

    def step(self, key: str, typed: Mapping[str, Any] | None = None, *, blanks: int = 0) -> Step:
        """Raises StepNotFound."""
        shown = self.draft.typed if typed is None else typed
        return step_of(section_of(self.sections, key), shown, blanks=blanks, documents=self._by_id)

    @property
    def _by_id(self) -> dict[str, Document]:
        return {str(each.id): each for each in self.documents}

    def after(self, key: str) -> str:
        """The address of what comes after a step: the next one, or the answers to be checked."""
        keys = [each.key for each in self.sections]
        place = keys.index(key) + 1
        return address(self.job.id, keys[place] if place < len(keys) else "check")


async def open_draft(
    session: AsyncSession, job_id: UUID, caller: Principal, *, now: datetime, lock: bool = False
) -> Opened:
    """The caller's own draft for this job. Raises DraftNotFound, JobNotFound."""
    draft = await own_draft(session, caller.subject_id, caller, lock=lock)
    if draft.vacancy_id != job_id:
        raise DraftNotFound(next_step="Begin an application for this job, or open the link of the other one again")
    job = await advert_of(session, job_id, now=now)
    until = await last_instant(session, await session.get_one(Vacancy, job_id), draft.begun_at)
    return Opened(draft, job, sections_of(job), until, await documents_of_draft(session, draft.id))


def sections_of(job: PublishedJob) -> Sequence[FormSection]:
    return describe_form(job).sections


def section_of(sections: Sequence[FormSection], key: str) -> FormSection:
    """Raises StepNotFound."""
    found = next((each for each in sections if each.key == key), None)
    if found is None:
        raise StepNotFound
    return found


def address(job_id: UUID, place: str = "") -> str:
    return f"/jobs/{job_id}/apply" + (f"/{place}" if place else "")


def crumbs_of(job: PublishedJob, *, here: str = "Apply") -> list[Crumb]:
    return [Crumb("Careers", "/careers"), Crumb(job.title, f"/jobs/{job.id}"), Crumb(here)]
