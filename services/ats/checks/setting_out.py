"""Which checks a candidate needs, set out when the offer is accepted and again when more is known of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications import queries as application_queries
from services.ats.applications.models import Application
from services.ats.applications.rules import StageNotReachable
from services.ats.applications.states import Stage
from services.ats.applications.telling import audit_application
from services.ats.audit.actor import Actor
from services.ats.checks import queries, rules
from services.ats.checks.models import CheckPlan, PreEmploymentCheck
from services.ats.checks.rules import Person, Post, Required, required_checks, usual_engagement
from services.ats.checks.states import CheckOutcome
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.queries import VacancyNotFound
from shared.calendar import local_date

BEFORE_THE_START = frozenset({Stage.ACCEPTED, Stage.CLEARED})


async def require_checks(
    session: AsyncSession,
    vacancy: Vacancy,
    application: Application,
    *,
    actor: Actor,
    now: datetime,
    person: Person | None = None,
) -> CheckPlan:
    """Set out what is asked for by today's rules. Again: what was recorded stays, what is asked no more is marked so.

    The caller has the application locked. `person` is what is known of them; without it what was, or what is usual.
    """
    plan = await queries.find_plan(session, application.id)
    if person is None:
        usual = Person(usual_engagement(application.route, vacancy.contract), has_lived_abroad=False)
        person = usual if plan is None else Person(plan.engagement, plan.has_lived_abroad)
    today = local_date(now)
    policy = await queries.policy_in_force(session, vacancy.employer_id, today)
    plan = await session.merge(
        CheckPlan(
            employer_id=vacancy.employer_id,
            application_id=application.id,
            engagement=person.engagement,
            has_lived_abroad=person.has_lived_abroad,
            policy_version=policy.version,
            policy_valid_from=policy.valid_from,
            set_out_at=now,
            set_out_by=actor.id,
        )
    )
    await _ask_all(session, application, required_checks(policy, Post.of(vacancy), person))
    await note_outstanding(session, application, today)
    audit_application(session, application, "checks_set_out", actor=actor, at=now, reason=f"version {policy.version}")
    return plan


async def _ask_all(session: AsyncSession, application: Application, wanted: tuple[Required, ...]) -> None:
    required = {each.kind: each for each in wanted}
    known = {each.kind: each for each in await queries.checks_of(session, application.id)}
    for kind, check in known.items():
        if check.is_required != (kind in required):
            check.is_required, check.version = kind in required, check.version + 1
    for kind, each in required.items():
        if kind not in known:
            known[kind] = PreEmploymentCheck(
                employer_id=application.employer_id,
                vacancy_id=application.vacancy_id,
                application_id=application.id,
                kind=kind,
                required_by=[],
                asks={},
                may_waive=each.may_waive,
            )
            session.add(known[kind])
        _ask(known[kind], each)
    await session.flush()


def _ask(check: PreEmploymentCheck, required: Required) -> None:
    """A check that was passed for less than is asked now is outstanding again: what was seen is in its history."""
    if check.asks and dict(required.asks) != check.asks:
        check.outcome, check.version = CheckOutcome.OUTSTANDING, check.version + 1
    check.required_by, check.asks = list(required.required_by), dict(required.asks)
    check.may_waive = required.may_waive
    if check.outcome is CheckOutcome.NOT_APPLICABLE and not check.may_waive:
        check.outcome, check.version = CheckOutcome.OUTSTANDING, check.version + 1


async def set_out_checks(
    session: AsyncSession, application_id: UUID, person: Person, *, actor: Actor, now: datetime
) -> Application:
    """Say who the candidate is, and ask anew for what follows. Raises ApplicationNotFound, StageNotReachable."""
    application = await application_queries.get_application(session, application_id, lock=True)
    if application.stage not in BEFORE_THE_START:
        raise StageNotReachable("Checks are set out once an offer is accepted.", field="stage", stage=application.stage)
    vacancy = await session.get(Vacancy, application.vacancy_id)
    if vacancy is None:
        raise VacancyNotFound
    await require_checks(session, vacancy, application, actor=actor, now=now, person=person)
    return application


async def note_outstanding(session: AsyncSession, application: Application, today: date) -> None:
    """How many checks stand in the way of the first day, as far as is known today."""
    on = rules.day_of_reckoning(application, today)
    count = len(rules.unsettled(await queries.checks_of(session, application.id), on))
    if count != application.checks_outstanding:
        application.checks_outstanding = count
        application.version += 1


async def refuse_unchecked(session: AsyncSession, vacancy: Vacancy, application: Application, on: date) -> None:
    """Nobody starts on a day for which a check is missing. Raises ChecksMissing, naming them."""
    plan = await queries.find_plan(session, application.id)
    if plan is None:
        raise rules.ChecksMissing(
            "Nobody has set out which checks this candidate needs.",
            field="checks",
            next_step="Say who the candidate is: POST /v1/applications/{application_id}/checks.",
            missing=[],
        )
    needed = [each.kind for each in await queries.needed_by(session, vacancy, plan)]
    rules.refuse_unchecked(await queries.checks_of(session, application.id), needed, on)
