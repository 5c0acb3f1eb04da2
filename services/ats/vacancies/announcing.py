"""After every change of a vacancy: its version rises, the public sees what it may, and the others are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.audit.actor import Actor
from services.ats.audit.commands import Subject, write_audit, write_audits
from services.ats.hiring_log.commands import Step, append
from services.ats.hiring_log.vocabulary import HiringEvent, LogSource
from services.ats.internal_jobs.commands import hide_internally, show_internally
from services.ats.internal_jobs.models import InternalJob
from services.ats.internal_jobs.schemas import InternalAdvert
from services.ats.jobs.commands import put_up, take_down
from services.ats.jobs.conditions import published_flags
from services.ats.jobs.models import PublishedJob
from services.ats.selection_policy.queries import terms_in_force
from services.ats.vacancies import rules
from services.ats.vacancies.application_form import public_part
from services.ats.vacancies.fields import plain_decimal
from services.ats.vacancies.models import OPENINGS, VACANCIES, Vacancy, VacancyForm, columns_of_vacancy
from services.ats.vacancies.states import OpeningState
from shared import outbox
from shared.calendar import local_date
from shared.events.ats import Criterion, DesirableSkill, VacancyChanged
from shared.many_rows import insert_rows
from shared.reference.skills import skills
from shared.registry import get_employer
from shared.vocabulary import VacancyState


def touch(vacancy: Vacancy, *, now: datetime) -> None:
    """A change that readers see and clearing does not need to hear, since it is clearing's own news."""
    vacancy.version += 1
    vacancy.updated_at = now


async def announce(session: AsyncSession, vacancy: Vacancy, *, now: datetime, at: datetime | None = None) -> None:
    """Call it once per command, after the change.

    `at` is the instant that the change is dated with, where that is not `now`. Who follows `updated_since` goes by
    when it was stored, and so misses nothing that was stored late.
    """
    touch(vacancy, now=now)
    rules.note_end(vacancy, at or now)
    await _show_or_hide(session, vacancy, now=now, at=at or now)
    await outbox.record(session, snapshot(vacancy), now=at or now)


async def store_drafts(
    session: AsyncSession, drafts: Sequence[Mapping[str, Any]], *, actor: Actor, now: datetime
) -> None:
    """New drafts, by their columns, with their openings; audited and told. Nobody outside sees them yet."""
    await insert_rows(session, VACANCIES, drafts)
    openings = [
        {"employer_id": each["employer_id"], "vacancy_id": each["id"], "opening_no": number, "state": OpeningState.OPEN}
        for each in drafts
        for number in range(1, each["openings_count"] + 1)
    ]
    await insert_rows(session, OPENINGS, openings)
    subjects = [Subject("vacancy", each["id"], each["employer_id"]) for each in drafts]
    await write_audits(session, "vacancy_created", subjects, actor=actor, at=now)
    tellings = [outbox.Telling(snapshot_of(each, each["openings_count"])) for each in drafts]
    await outbox.record_all(session, tellings, now=now)


async def announce_drafts(session: AsyncSession, vacancies: Sequence[Vacancy], *, now: datetime) -> None:
    """As `announce`, for many changed drafts: nobody outside sees them, so there is nothing to show or hide."""
    for vacancy in vacancies:
        touch(vacancy, now=now)
    await session.flush()
    await outbox.record_all(session, [outbox.Telling(snapshot(each)) for each in vacancies], now=now)


def log_step(
    session: AsyncSession,
    vacancy: Vacancy,
    event: HiringEvent,
    *,
    at: datetime,
    actor: Actor,
    source: LogSource | None = None,
) -> None:
    """Note a step of the whole vacancy."""
    append(session, event, Step(vacancy.employer_id, vacancy.id), occurred_at=at, actor=actor, source=source)


def audit_vacancy(
    session: AsyncSession, vacancy: Vacancy, action: str, *, actor: Actor, at: datetime, reason: str | None = None
) -> None:
    subject = Subject("vacancy", vacancy.id, vacancy.employer_id)
    write_audit(session, action, subject, actor=actor, at=at, reason=reason)


def snapshot(vacancy: Vacancy) -> VacancyChanged:
    """The whole of it as clearing needs it."""
    return snapshot_of(columns_of_vacancy(vacancy), rules.openings_remaining(vacancy))


def snapshot_of(vacancy: Mapping[str, Any], openings_remaining: int) -> VacancyChanged:
    """The same of its columns."""
    return VacancyChanged(
        vacancy_id=vacancy["id"],
        version=vacancy["version"],
        content_version=vacancy["content_version"],
        employer_id=vacancy["employer_id"],
        reference=vacancy["reference"],
        title=vacancy["title"],
        state=vacancy["state"],
        management=vacancy["management"],
        soc2020=vacancy["soc2020"],
        family=vacancy["family"],
        scp_min=vacancy["scp_min"],
        scp_max=vacancy["scp_max"],
        salary_min_pence=vacancy["salary_min_pence"],
        salary_max_pence=vacancy["salary_max_pence"],
        pay_effective_from=vacancy["pay_effective_from"],
        hours_per_week=plain_decimal(vacancy["hours_per_week"]),
        contract=vacancy["contract"],
        contract_months=vacancy["contract_months"],
        working_pattern=vacancy["working_pattern"],
        office_days_per_week=vacancy["office_days_per_week"],
        outcode=vacancy["outcode"],
        starts_on=vacancy["starts_on"],
        openings=vacancy["openings_count"],
        openings_remaining=openings_remaining,
        essential=tuple(Criterion.model_validate(each) for each in vacancy["essential"]),
        desirable=tuple(DesirableSkill.model_validate(each) for each in vacancy["desirable"]),
        entered_clearing_at=vacancy["entered_clearing_at"],
        content_changed_at=vacancy["content_changed_at"],
        clearing_exemption=vacancy["clearing_exemption"],
        hiring_manager_id=vacancy["hiring_manager_id"],
    )


async def _show_or_hide(session: AsyncSession, vacancy: Vacancy, *, now: datetime, at: datetime) -> None:
    if vacancy.state is VacancyState.LIVE:
        await put_up(session, await as_published(session, vacancy, now))
        await _keep_form(session, vacancy)
    elif vacancy.first_published_at is not None:
        await take_down(session, vacancy.id, ended_at=at, now=now)
    if vacancy.state is VacancyState.INTERNAL_ADVERT:
        await show_internally(session, _internal(vacancy))
    elif vacancy.internal_employer_ids:
        await hide_internally(session, vacancy.id)


async def _keep_form(session: AsyncSession, vacancy: Vacancy) -> None:
    """From the first hour that somebody can answer it. One command at a time: the vacancy is locked."""
    if await session.get(VacancyForm, (vacancy.id, vacancy.form_version)) is None:
        kept = VacancyForm(
            vacancy_id=vacancy.id,
            version=vacancy.form_version,
            employer_id=vacancy.employer_id,
            form=vacancy.application_form,
            essential=vacancy.essential,
        )
        session.add(kept)


def _internal(vacancy: Vacancy) -> InternalJob:
    assert vacancy.internal_since is not None
    assert vacancy.closes_at is not None
    advert = InternalAdvert(
        reference=vacancy.reference,
        title=vacancy.title,
        family=vacancy.family,
        grade=vacancy.grade,
        salary_min_pence=vacancy.salary_min_pence,
        salary_max_pence=vacancy.salary_max_pence,
        hours_per_week=plain_decimal(vacancy.hours_per_week),
        contract=vacancy.contract,
        contract_months=vacancy.contract_months,
        working_pattern=vacancy.working_pattern,
        outcode=vacancy.outcode,
        directorate=vacancy.directorate,
        description=vacancy.description,
        essential=[each["text"] for each in vacancy.essential],
        openings=rules.openings_remaining(vacancy),
        starts_on=vacancy.starts_on,
        apply_method=vacancy.apply_method,
        apply_url=vacancy.apply_url,
        flags=published_flags(vacancy.flags),
    )
    return InternalJob(
        id=vacancy.id,
        employer_id=vacancy.employer_id,
        readers=[UUID(each) for each in vacancy.internal_employer_ids],
        advert=advert.model_dump(mode="json"),
        version=vacancy.version,
        published_at=vacancy.internal_since,
        closes_at=vacancy.closes_at,
    )


AS_IN_THE_VACANCY = (
    "apply_method",
    "apply_url",
    "contract",
    "contract_months",
    "description",
    "directorate",
    "employer_id",
    "family",
    "form_version",
    "grade",
    "hours_per_week",
    "id",
    "office_days_per_week",
    "outcode",
    "postcode",
    "reference",
    "salary_max_pence",
    "salary_min_pence",
    "scp_max",
    "scp_min",
    "starts_on",
    "title",
    "version",
    "working_pattern",
)
"""What an advert says just as the vacancy has it."""


async def as_published(session: AsyncSession, vacancy: Vacancy, now: datetime) -> PublishedJob:
    """The advert of a vacancy that is or was live, not stored."""
    employer = await get_employer(session, vacancy.employer_id)
    assert vacancy.published_at is not None
    assert vacancy.closes_at is not None
    first_day = local_date(vacancy.first_published_at or now)
    terms = await terms_in_force(session, vacancy.employer_id, today=first_day)
    return PublishedJob(
        **{name: getattr(vacancy, name) for name in AS_IN_THE_VACANCY},
        employer_name=employer.title,
        employer_code=employer.code,
        openings=rules.openings_remaining(vacancy),
        published_at=vacancy.published_at,
        closes_at=vacancy.closes_at,
        changed_at=now,
        essential=[{"criterion_id": each["criterion_id"], "text": each["text"]} for each in vacancy.essential],
        application_form=public_part(vacancy.application_form),
        guaranteed_interviews=terms.guaranteed_interviews,
        desirable=[skills()[each["skill_id"]].label for each in vacancy.desirable if each["skill_id"] in skills()],
        flags=published_flags(vacancy.flags),
    )
