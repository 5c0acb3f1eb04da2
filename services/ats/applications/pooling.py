"""Joining and leaving the talent pool: a person's own choice, which their last application with an employer carries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.applications.models import Application, PoolMember
from services.ats.applications.states import ApplicationSource, PoolReach
from services.ats.applications.telling import audit_application, tell_with_link
from services.ats.audit.actor import Actor
from services.ats.vacancies.models import Vacancy
from shared.events.talent_pool import TalentPoolLinkWanted

OWN_PAGE = "/my-application/talent-pool"
CONSENT_VERSION = "2026-11"
CONSENT = (
    "I agree that my name, my e-mail address and my last application with this employer are kept for 12 months, so that"
    " I can be invited to apply for jobs like it. I can leave at any time, by the link in every message or on the page"
    " of my application."
)
KEPT_FOR = timedelta(days=365)
ASKED_BEFORE = timedelta(days=30)


async def find_own_member(session: AsyncSession, application: Application, *, lock: bool = False) -> PoolMember | None:
    """The person's membership with the application's employer, whichever of their applications carries it."""
    theirs = (
        select(PoolMember)
        .join(Application, Application.id == PoolMember.application_id)
        .where(Application.employer_id == application.employer_id, Application.person_key == application.person_key)
        .order_by(PoolMember.joined_at.desc(), PoolMember.id)
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return await session.scalar(theirs.with_for_update(of=PoolMember) if lock else theirs)


async def join_pool(
    session: AsyncSession, application: Application, vacancy: Vacancy, reach: PoolReach, *, actor: Actor, now: datetime
) -> None:
    """For a year from now. Who is in it already is found by this application and this reach instead.

    A referral is no application of the person's own choice, and joins nobody.
    """
    if application.source is ApplicationSource.CLEARING:
        return
    about: dict[str, Any] = {
        "application_id": application.id,
        "reach": reach,
        "family": vacancy.family,
        "outcode": vacancy.outcode,
        "contract": vacancy.contract,
        "hours_per_week": vacancy.hours_per_week,
        "consented_at": now,
        "consent_version": CONSENT_VERSION,
        "kept_until": now + KEPT_FOR,
        "keep_asked_at": None,
    }
    member = await find_own_member(session, application, lock=True)
    if member is None:
        session.add(PoolMember(employer_id=application.employer_id, joined_at=now, **about))
    else:
        for name, value in about.items():
            setattr(member, name, value)
    audit_application(session, application, "talent_pool_joined", actor=actor, at=now, reason=reach.value)
    await tell_pool_link(session, application, vacancy, "joined", until=now + KEPT_FOR, now=now)


async def leave_pool(
    session: AsyncSession, application: Application, member: PoolMember, *, actor: Actor, now: datetime
) -> None:
    """Nothing is kept of the membership but that it was ended."""
    await session.delete(member)
    audit_application(session, application, "talent_pool_left", actor=actor, at=now)


async def keep_in_pool(
    session: AsyncSession, application: Application, member: PoolMember, *, actor: Actor, now: datetime
) -> None:
    """For another year: consent given anew."""
    member.consented_at, member.consent_version = now, CONSENT_VERSION
    member.kept_until, member.keep_asked_at = now + KEPT_FOR, None
    audit_application(session, application, "talent_pool_kept", actor=actor, at=now)


async def tell_pool_link(
    session: AsyncSession,
    application: Application,
    vacancy: Vacancy,
    wanted_for: str,
    *,
    until: datetime,
    now: datetime,
) -> None:
    wanted = TalentPoolLinkWanted.model_validate(
        {
            "application_id": application.id,
            "vacancy_id": vacancy.id,
            "employer_id": application.employer_id,
            "vacancy_title": vacancy.title,
            "wanted_for": wanted_for,
            "until": until,
        }
    )
    await tell_with_link(session, application, wanted, now=now, life=ASKED_BEFORE, path=OWN_PAGE)
