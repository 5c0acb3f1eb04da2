"""An application out of what was sent: what panels may read, and what stands apart with the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.ats.applications import rules
from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.schemas import ApplicationCreate
from services.ats.applications.states import ApplicationSource
from services.ats.audit.actor import Actor
from services.ats.vacancies.application_form import Question
from services.ats.vacancies.models import Vacancy
from shared.sealing import person_key

SHOWN_TO_PANELS = {"employment", "breaks", "education", "declarations", "questions"}
SHOWN_WITH_THE_PERSON = {"registrations", "referees"}
"""They say who somebody is, and so stand with the contact."""


def application_of(
    vacancy: Vacancy, wanted: ApplicationCreate, ruled_out: Sequence[Question], *, actor: Actor, now: datetime
) -> Application:
    """Not stored yet. `ruled_out`: the knock-out questions that were answered so."""
    return Application(
        employer_id=vacancy.employer_id,
        vacancy_id=vacancy.id,
        reference=rules.new_reference(),
        source=ApplicationSource.BOARD,
        source_client_id=actor.id,
        person_key=person_key(wanted.email),
        submitted_at=now,
        stage_entered_at=now,
        answers=[each.model_dump() for each in wanted.answers],
        supporting_statement=wanted.supporting_statement,
        form_version=vacancy.form_version,
        form_answers=wanted.model_dump(mode="json", include=SHOWN_TO_PANELS, exclude_unset=True),
        knock_outs=[each.question_id for each in ruled_out],
        contact=CandidateContact(
            employer_id=vacancy.employer_id,
            name=wanted.name,
            email=wanted.email,
            phone=wanted.phone,
            details=wanted.model_dump(mode="json", include=SHOWN_WITH_THE_PERSON, exclude_unset=True),
        ),
    )
