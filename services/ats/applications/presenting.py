"""An application as the API shows it: who the candidate is stays hidden until the shortlist."""

from __future__ import annotations

from services.ats.applications.employment_gaps import find_gaps
from services.ats.applications.models import Application
from services.ats.applications.permitted import allowed_actions
from services.ats.applications.rules import is_hidden
from services.ats.applications.schemas import ApplicationRead, Candidate
from shared.calendar import local_date
from shared.principals import Principal

AS_STORED = frozenset(ApplicationRead.model_fields) - {
    "candidate",
    "allowed_actions",
    "employment_gaps",
    "registrations",
    "referees",
}


def present_application(application: Application, caller: Principal) -> ApplicationRead:
    shown = None if is_hidden(application) or application.contact is None else application.contact
    return ApplicationRead(
        **{name: getattr(application, name) for name in AS_STORED},
        employment_gaps=find_gaps(application.form_answers, today=local_date(application.submitted_at)),
        **({} if shown is None else shown.details),
        candidate=None if shown is None else Candidate.model_validate(shown),
        allowed_actions=allowed_actions(application, caller),
    )
