"""A handful of displaced employees to look at in `make run`: invented people at `.example` addresses.

Some wait for their HR, some are active and will be suggested the vacancies that come. Loading again changes nothing.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.clearing.audit.actors import SYSTEM, Actor
from services.clearing.audit.models import ActorKind
from services.clearing.registrations.commands import create_registration
from services.clearing.registrations.lifecycle import move_registration
from services.clearing.registrations.models import Registration
from services.clearing.registrations.rules import TierEvidence, tier_of
from services.clearing.registrations.schemas import RegistrationCreate
from services.clearing.registrations.states import RegistrationSource, RegistrationState
from services.clearing.registrations.submission import submit_registration
from shared.app import clock_for
from shared.calendar import local_date
from shared.reference.pay import pay_years, spine_point
from shared.seeding import seed
from shared.settings import Settings
from shared.vocabulary import Service

NUMBER = "DEMO-{}"
LOADER = Actor(ActorKind.SYSTEM, is_region=True)

# Name, council, job, SOC 2020, family, top point, outward code, skills, is verified.
PEOPLE: tuple[tuple[str, str, str, str, str, int, str, dict[str, int], bool], ...] = (
    ("Asha Moreton", "SAW", "Housing officer", "3223", "housing_homelessness", 24, "B66",
     {"tenancy_enforcement": 2, "case_recording": 2, "public_contact": 2}, True),
    ("Colin Pettifer", "BIR", "Customer services officer", "7219", "customer_services", 17, "B31",
     {"telephone_handling": 3, "enquiry_resolution": 2, "public_contact": 2}, True),
    ("Niamh Okafor", "WLL", "Housing benefit officer", "4112", "revenues_benefits", 22, "WS2",
     {"benefit_assessment": 3, "case_system_use": 3, "case_recording": 2}, True),
    ("Gethin Rowlands", "COV", "Planning officer", "2452", "planning_building_control", 31, "CV5",
     {"report_writing": 2, "case_recording": 2}, True),
    ("Farida Bassett", "DUD", "Administration officer", "4159", "business_support", 8, "DY2",
     {"minute_taking": 2, "data_entry": 3}, False),
    ("Joel Tranter", "WLV", "Social worker", "2461", "adult_social_care", 31, "WV3",
     {"case_recording": 3, "vulnerable_customers": 3}, False),
)  # fmt: skip


async def load(session: AsyncSession, settings: Settings) -> None:
    """Nothing where it was loaded before."""
    if await session.scalar(select(Registration.id).where(Registration.employee_number.like(NUMBER.format("%")))):
        return
    now = clock_for(settings).now()
    addresses = []
    for number, person in enumerate(PEOPLE, start=1):
        facts = _facts(person, NUMBER.format(number), local_date(now))
        registration = await create_registration(session, facts, by=LOADER, source=RegistrationSource.HR, now=now)
        await submit_registration(session, registration.id, by=LOADER, now=now)
        if person[-1]:
            _activate(session, registration, now)
        addresses.append(facts.email)
    pages = settings.public_urls[Service.CLEARING]
    shown = {"displaced_employees": addresses, "ask_for_a_link_at": f"{pages}/my-link"}
    print(json.dumps(shown))  # noqa: T201 - what `make run` shows


def _facts(person: tuple[Any, ...], number: str, today: date) -> RegistrationCreate:
    name, council, job, soc2020, family, point, outcode, skills, _ = person
    return RegistrationCreate.model_validate(
        {
            "employer": council,
            "employee_number": number,
            "name": name,
            "email": f"{name.lower().replace(' ', '.')}@people.example",
            "reason": "redundancy_notice",
            "job_title": job,
            "notice_given_on": today - timedelta(days=14),
            "employment_ends_on": today + timedelta(days=75),
            "grade_top_scp": point,
            "fte_pay_pence": spine_point(point, today).annual_pence,
            "pay_effective_from": pay_years()[-1],
            "hours_per_week": "37",
            "hours_min": "30",
            "hours_max": "37",
            "outcode": outcode,
            "accepts_fixed_term": True,
            "skills": [{"skill_id": skill, "level": level} for skill, level in skills.items()],
            "occupations": [{"title": job, "soc2020": soc2020, "family": family, "months": 72}],
            "redundancy": {
                "born_on": date(1976, 5, 14),
                "service_from_on": date(2011, 9, 1),
                "weekly_pay_pence": 68_000,
            },
            "person_told": True,
        }
    )


def _activate(session: AsyncSession, registration: Registration, now: datetime) -> None:
    """As HR's verification would leave it; in the real thing that is a named human's act (R4)."""
    move_registration(session, registration, RegistrationState.VERIFIED, by=SYSTEM, at=now)
    registration.tier = tier_of(registration.reason, TierEvidence(), now.astimezone(UTC).date())
    registration.verified_at = now
    move_registration(session, registration, RegistrationState.ACTIVE, by=SYSTEM, at=now)


if __name__ == "__main__":
    seed(Service.CLEARING, load)
