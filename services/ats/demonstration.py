"""People, systems and a dozen vacancies to look at in `make run`. Loading again changes nothing.

Every vacancy comes by the same commands as any other, so none is live before clearing has let it go: those that match
nobody follow at 07:00 on the next working day, those that need no window (R18) at once.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.ats.approvals import commands as approvals
from services.ats.approvals.schemas import Attestation
from services.ats.audit.actor import Actor, ActorKind
from services.ats.case_studies.commands import publish_case_study, write_case_study
from services.ats.case_studies.schemas import CaseStudyWrite
from services.ats.identity.commands import NewClient, NewStaff, create_api_client, create_staff
from services.ats.identity.models import StaffCredential
from services.ats.identity.passwords import hash_password
from services.ats.vacancies.commands import create_vacancy
from services.ats.vacancies.models import Vacancy
from services.ats.vacancies.schemas import VacancyCreate
from shared.app import clock_for
from shared.events.ats import RoleGrant
from shared.principals import Principal
from shared.reference.employers import employer, employer_id
from shared.registry import StaffMember
from shared.seeding import seed
from shared.settings import Settings, SettingsMissing
from shared.vocabulary import Role, Scope, Service

WME_ADMIN = "wme.admin@wme.example"
WME_ROLES = (Role.WME_ADMIN, Role.WME_COORDINATOR, Role.WME_ANALYST)
COUNCILS = ("SAW", "BIR", "DUD")
COUNCIL_ROLES = (
    Role.RECRUITER,
    Role.HIRING_MANAGER,
    Role.APPROVER,
    Role.COUNCIL_HR,
    Role.PANEL_MEMBER,
    Role.COUNCIL_ADMIN,
)
HOSTED = (
    Scope.VACANCIES_READ,
    Scope.VACANCIES_WRITE,
    Scope.APPLICATIONS_READ,
    Scope.APPLICATIONS_WRITE,
    Scope.REPORTS_READ,
)
EXTERNAL = (Scope.VACANCIES_READ, Scope.VACANCIES_WRITE, Scope.VACANCIES_ATTEST, Scope.MILESTONES_WRITE)
BOARD = (Scope.JOBS_APPLY,)

# Council, title, points, place, what it says, how far it goes: draft, pending, rejected, approved, attested.
POSTS: tuple[tuple[str, str, int, int, str, str, str], ...] = (
    ("SAW", "Housing officer", 20, 24, "B69 3DE", "You look after some 400 homes and the people in them.", "approved"),
    ("SAW", "Business support officer", 9, 14, "B70 8SZ", "You keep three teams supplied and on time.", "approved"),
    ("SAW", "Finance officer", 20, 24, "B69 3DE", "You close the month for two directorates.", "pending"),
    ("SAW", "Library assistant", 5, 8, "B66 3PZ", "You open the door to books, computers and company.", "draft"),
    ("BIR", "Homelessness prevention officer", 20, 24, "B4 7WB", "You help people to keep their home.", "approved"),
    (
        "BIR",
        "Council tax officer",
        15,
        19,
        "B4 7WB",
        "You put bills right and find help for who cannot pay.",
        "approved",
    ),
    ("BIR", "Planning officer", 25, 29, "B1 1BB", "You weigh what is proposed against the plan.", "rejected"),
    ("BIR", "Data analyst", 25, 29, "B1 1BB", "You turn records into answers.", "pending"),
    ("DUD", "Family support worker", 15, 19, "DY1 1HF", "You work beside families in their homes.", "attested"),
    ("DUD", "Customer service adviser", 9, 14, "DY1 1HF", "You answer the first question, and the next.", "attested"),
    ("SAW", "Electoral services officer", 15, 19, "B69 3DE", "You help to run the May elections.", "short_term"),
    ("BIR", "Civil enforcement officer", 9, 14, "B6 4HQ", "You keep the summer's events moving.", "short_term"),
)
# What the council of the first of the short-term posts asks for: a bit of everything, so that each page has something.
FORM: dict[str, Any] = {
    "supporting_statement": "required",
    "employment": "optional",
    "referees": 1,
    "questions": [
        {"label": "Can you work on polling day, from 6:30 to 22:00?", "kind": "yes_no", "is_required": True},
        {
            "label": "Which evenings suit you?",
            "kind": "multi_select",
            "options": [{"value": "mon", "label": "Monday"}, {"value": "thu", "label": "Thursday"}],
        },
        {"label": "From which day could you start?", "kind": "date", "is_required": True},
    ],
    "declarations": [{"text": "I am not standing in these elections, nor working for anyone who is."}],
}
ESSENTIAL: list[dict[str, Any]] = [
    {
        "kind": "experience",
        "text": "Half a year of work with the public",
        "families": ["customer_services"],
        "months": 6,
    },
]
# Council, title, job title, what they say.
STORIES: tuple[tuple[str, str, str, str], ...] = (
    (
        "SAW",
        "From the contact centre to housing",
        "Housing officer",
        """Amara answered the telephone for four years. Then she asked to shadow the housing team.

# What helped

* A manager who said yes
* A course in the evening

> I knew the questions already.""",
    ),
    (
        "BIR",
        "Planning a city that I can walk in",
        "Planning officer",
        "Tomasz came as a graduate. He is in his third year, and his first street is being built.",
    ),
)


async def load(session: AsyncSession, settings: Settings) -> None:
    """Nothing where it was loaded before. Raises SettingsMissing without DEMO_PASSWORD."""
    if await session.scalar(select(StaffCredential.staff_id).where(StaffCredential.login == WME_ADMIN)):
        return
    if settings.demo_password is None:
        raise SettingsMissing("DEMO_PASSWORD is not set")
    now = clock_for(settings).now()
    password = settings.demo_password.get_secret_value()
    people = await _make_people(session, hash_password(password), now)
    clients = await _make_clients(session, now)
    for number, post in enumerate(POSTS, start=1):
        await _make_vacancy(session, number, post, people, now)
    for story in STORIES:
        await _tell_story(session, story, people, now)
    shown = {
        "sign_in_at": f"{settings.public_url}/sign-in",
        "token_url": f"{settings.public_url}/oauth/token",
        "password": password,
        "staff": {person.email: [grant.role.value for grant in person.grants] for person in people.values()},
        "clients": clients,
    }
    print(json.dumps(shown))  # noqa: T201 - what `make run` shows


async def _tell_story(
    session: AsyncSession, story: tuple[str, str, str, str], people: dict[str, StaffMember], now: datetime
) -> None:
    code, title, job_title, text = story
    writer = people[f"{Role.COUNCIL_ADMIN}@{code}"]
    caller = Principal.of_staff(writer.id, writer.grants)
    content = CaseStudyWrite(
        title=title,
        summary=text.split(".")[0] + ".",
        story=text,
        person_job_title=job_title,
        consent_given_on=now.date(),
    )
    written = await write_case_study(session, employer_id(code), content, caller=caller, now=now)
    await session.flush()
    await publish_case_study(session, written.id, caller=caller, now=now)


async def _make_people(session: AsyncSession, password_hash: str, now: datetime) -> dict[str, StaffMember]:
    """By e-mail's local part and employer: `approver@saw`."""
    grants = tuple(RoleGrant(role=role) for role in WME_ROLES)
    admin = NewStaff("WME administrator", WME_ADMIN, grants, password_hash)
    made = {"wme": await create_staff(session, admin, now=now)}
    for code in COUNCILS:
        short_name = employer(code).short_name
        for role in COUNCIL_ROLES:
            title = role.replace("_", " ").capitalize()
            email = f"{role.replace('_', '.')}@{short_name.lower()}.example"
            held = (RoleGrant(role=role, employer_id=employer_id(code)),)
            new = NewStaff(f"{title}, {short_name}", email, held, password_hash)
            made[f"{role}@{code}"] = await create_staff(session, new, now=now)
    return made


async def _make_clients(session: AsyncSession, now: datetime) -> dict[str, dict[str, str]]:
    wanted = {
        "hosted": NewClient("Sandwell recruitment system", HOSTED, (employer_id("SAW"), employer_id("BIR"))),
        "external": NewClient("Dudley's own system", EXTERNAL, (employer_id("DUD"),)),
        "board": NewClient("Job board", BOARD, is_region=True),
    }
    made = {}
    for name, new in wanted.items():
        client, secret = await create_api_client(session, new, now=now)
        made[name] = {"client_id": str(client.id), "client_secret": secret}
    return made


async def _make_vacancy(
    session: AsyncSession,
    number: int,
    post: tuple[str, str, int, int, str, str, str],
    people: dict[str, StaffMember],
    now: datetime,
) -> None:
    code, *_, fate = post
    recruiter, approver = people[f"{Role.RECRUITER}@{code}"], people[f"{Role.APPROVER}@{code}"]
    caller = Principal.of_staff(recruiter.id, recruiter.grants)
    vacancy = await create_vacancy(session, _content(number, post), caller=caller, now=now)
    if fate == "attested":
        given = Attestation(
            approved_at=now - timedelta(hours=2), approved_by="Head of service", reference=f"WF-{number}"
        )
        await approvals.attest_approval(session, vacancy.id, given, actor=Actor.of(caller), now=now)
    elif fate != "draft":
        await approvals.request_approval(session, vacancy.id, actor=Actor.of(caller), now=now)
        await _decide(session, vacancy, fate, Actor(ActorKind.STAFF, approver.id), now)


async def _decide(session: AsyncSession, vacancy: Vacancy, fate: str, approver: Actor, now: datetime) -> None:
    if fate in {"approved", "short_term"}:
        await approvals.approve_vacancy(
            session, vacancy.id, actor=approver, reason="Within establishment", expected=None, now=now
        )
    elif fate == "rejected":
        await approvals.reject_vacancy(
            session, vacancy.id, actor=approver, reason="Not in this year's budget", expected=None, now=now
        )


def _content(number: int, post: tuple[str, str, int, int, str, str, str]) -> VacancyCreate:
    code, title, lowest, highest, place, says, fate = post
    content: dict[str, Any] = {
        "employer": code,
        "source_system": "demonstration",
        "external_reference": f"DEMO-{number}",
        "title": title,
        "scp_min": lowest,
        "scp_max": highest,
        "hours_per_week": "37",
        "contract": "permanent",
        "working_pattern": "office_hours",
        "postcode": place,
        "description": says,
        "desirable": [
            {"skill_id": "case_recording", "level": 2, "weight": 2},
            {"skill_id": "public_contact", "level": 2, "weight": 1},
        ],
        "advert_days": 14,
    }
    if fate == "attested":
        content |= {
            "management": "external",
            "apply": {"method": "url", "url": f"https://jobs.dudley.example/{number}"},
        }
    if fate == "short_term":
        content |= {
            "contract": "fixed_term",
            "contract_months": 4,
            "clearing_exemption": "fixed_term_under_six_months",
        }
        if code == "SAW":
            content |= {"application_form": FORM, "essential": ESSENTIAL}
    return VacancyCreate.model_validate(content)


if __name__ == "__main__":
    seed(Service.ATS, load)
