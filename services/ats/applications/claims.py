"""A guaranteed interview is claimed with the application, without evidence."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, InterviewClaim
from services.ats.selection_policy.queries import terms_in_force
from services.ats.selection_policy.schemes import Scheme
from services.ats.vacancies.models import Vacancy
from shared.calendar import local_date
from shared.errors import Invalid


class SchemeNotOffered(Invalid):
    code = "scheme_not_offered"
    title = "The employer does not guarantee an interview under this scheme"


async def refuse_unknown_scheme(
    session: AsyncSession, vacancy: Vacancy, scheme: Scheme | None, *, now: datetime
) -> None:
    """By the policy of the day on which the vacancy was first advertised. Raises SchemeNotOffered."""
    if scheme is None:
        return
    day = local_date(vacancy.first_published_at or now)
    offered = (await terms_in_force(session, vacancy.employer_id, today=day)).guaranteed_interviews
    if scheme not in offered:
        raise SchemeNotOffered(
            field="guaranteed_interview",
            next_step=f"Offered here: {', '.join(offered)}." if offered else "Leave it out: none is offered here.",
        )


def claim_interview(session: AsyncSession, application: Application, scheme: Scheme | None) -> None:
    if scheme is not None:
        claim = InterviewClaim(employer_id=application.employer_id, application_id=application.id, scheme=scheme)
        session.add(claim)
