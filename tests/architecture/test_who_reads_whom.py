"""Personal data reaches nobody who may not read it, whatever route they try.

One row of everything stands in each service, and its people's names are known. A caller with every scope, or every
role, but those that the table below names reads all there is to read and must not meet them; the rightful caller must,
or the walk would prove nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.reference.employers import employer_id
from shared.vocabulary import Role, Scope, Service
from tests.architecture import reviewed
from tests.architecture.rows import administrator, metadata_of, put_row
from tests.architecture.test_routes import OWNER, ROWS_OF, Stage
from tests.architecture.walk import walk


@dataclass(frozen=True)
class Readable:
    """Columns about people and who may read them. Reviewed by hand: a wider permission on a route is not enough."""

    columns: tuple[str, ...]
    scopes: frozenset[Scope]
    roles: frozenset[Role]


HIRING = frozenset({Role.RECRUITER, Role.HIRING_MANAGER, Role.COUNCIL_HR})
REDEPLOYING = frozenset({Role.COUNCIL_HR, Role.WME_COORDINATOR})
PEOPLE: Mapping[Service, Mapping[str, Readable]] = {
    Service.ATS: {
        "who applies": Readable(
            (
                "candidate_contacts.name",
                "candidate_contacts.email",
                "candidate_contacts.phone",
                "applications.supporting_statement",
            ),
            frozenset({Scope.APPLICATIONS_READ}),
            HIRING,
        ),
        # Those who choose know who chooses with them; where to write to a colleague is the administrators' business.
        "who sits on a panel": Readable(
            ("staff.name",),
            frozenset(),
            frozenset({Role.COUNCIL_ADMIN, Role.WME_ADMIN, Role.RECRUITER, Role.HIRING_MANAGER}),
        ),
        "what a check found": Readable(
            ("pre_employment_checks.reason", "pre_employment_checks.risk_assessment"),
            frozenset({Scope.APPLICATIONS_READ}),
            HIRING,
        ),
        # Never those who choose: a client names a recruiter, and none has this by a scope of its own.
        "what somebody needs at an interview": Readable(
            ("interview_adjustments.words",), frozenset(), frozenset({Role.RECRUITER})
        ),
        "who is asked about a candidate": Readable(
            ("reference_requests.referee_name", "reference_requests.referee_email"), frozenset(), HIRING
        ),
        # A hiring manager too, of the vacancy that names them.
        "what a referee said": Readable(
            ("reference_answers.evidence_reference",), frozenset(), frozenset({Role.RECRUITER})
        ),
        "who works for a council": Readable(
            ("staff.email",), frozenset(), frozenset({Role.COUNCIL_ADMIN, Role.WME_ADMIN})
        ),
    },
    Service.CLEARING: {
        "who is displaced": Readable(
            ("registrations.name", "registrations.email", "registrations.employee_number", "placements.person_name"),
            frozenset({Scope.CLEARING_READ}),
            REDEPLOYING,
        ),
        "who is referred": Readable(
            ("referrals.name", "referrals.email"),
            frozenset({Scope.CLEARING_READ, Scope.APPLICATIONS_READ}),
            REDEPLOYING | HIRING,
        ),
    },
    Service.NOTIFICATIONS: {
        "who is written to as a candidate": Readable(
            ("deliveries.contents",), frozenset({Scope.APPLICATIONS_READ}), frozenset({Role.RECRUITER, Role.COUNCIL_HR})
        ),
    },
}
PROFILE: Mapping[str, Any] = {
    "job_title": "Housing officer",
    "band": 5,
    "fte_pay_pence": 3_658_100,
    "hours_hundredths": 3700,
    "hours_min": 3000,
    "hours_max": 3700,
    "skills": [],
    "qualifications": [],
    "professional_registrations": [],
    "occupations": [],
}
# What makes a row one that somebody reads: a candidate past the shortlist, a message about them.
TELLING: Mapping[Service, Mapping[str, Mapping[str, Any]]] = {
    Service.ATS: {
        "events": {"kind": "fact"},
        "applications": {
            "stage": "shortlisted",
            "source": "board",
            "supporting_statement": "vermilion-statement",
            "answers": [],
            "unmet_criteria": [],
        },
        "candidate_contacts": {"phone": "0121-496-0777"},
        "interview_adjustments": {"words": "magenta-adjustment"},
        "pre_employment_checks": {
            "reason": "heliotrope-reason",
            "risk_assessment": "heliotrope-risk",
            "required_by": ["a_rule"],
            "waiver": "asked",
            "waiver_ends_on": date(2030, 1, 1),
        },
        "reference_answers": {"evidence_reference": "amaranth-evidence"},
    },
    Service.CLEARING: {
        "events": {"kind": "fact"},
        "registrations": {"email": "zyxwara@people.example", "areas": []},
        "referrals": {"email": "zyxwara@referred.example", "unmet_criteria": [], "profile": PROFILE},
    },
    Service.NOTIFICATIONS: {
        "events": {"kind": "fact"},
        "deliveries": {
            "kind": "application_received",
            "contents": {
                "address": "thelonia@candidates.example",
                "variables": {
                    "name": "Thelonia",
                    "vacancy_title": "Housing officer",
                    "employer": "Sandwell",
                    "reference": "SAW-1",
                    "link": "https://jobs.example/l/x",
                },
            },
        },
    },
}
BESIDE: Mapping[Service, tuple[str, ...]] = {
    Service.ATS: ("candidate_contacts", "panel_members", "interview_adjustments"),
    Service.CLEARING: ("windows",),
    Service.NOTIFICATIONS: (),
}
CASES = [pytest.param(service, what, id=f"{service}: {what}") for service, found in PEOPLE.items() for what in found]


@dataclass
class Scene:
    stage: Stage
    written: Mapping[str, str] = field(default_factory=dict)

    async def met(self, headers: dict[str, str], readable: Readable) -> dict[str, str]:
        """The columns whose values this caller meets anywhere, with where."""
        found = {}
        for route in self.stage.routes:
            if route.method != "GET":
                continue
            answer = await self.stage.call(route, headers, self.stage.ids)
            assert answer.status_code < 500, f"{route.path}: a row that cannot be read shows nobody"
            for column in readable.columns:
                if self.written[column] in answer.text:
                    found[column] = route.path
        return found


@pytest.fixture
async def scene(live: Any, service: Service) -> AsyncIterator[Scene]:
    ids, written = put_people(live, service)
    async with live.client(service) as client:
        yield Scene(Stage(service, client, live, tuple(walk(live.app(service), service)), ids), written)


def put_people(live: Any, service: Service) -> tuple[dict[str, UUID], dict[str, str]]:
    """A row in every table that a path can name and beside, each pointing at the others. Their ids and their values."""
    tables = metadata_of(service).tables
    named = {parameter: name for parameter, name in ROWS_OF[service].items() if name is not None}
    ids = {parameter: UUID(int=number) for number, parameter in enumerate(named, start=1)}
    written: dict[str, str] = {}
    engine = administrator(live.parts.postgres.database_url(live.database))
    with engine.begin() as connection:
        reached = [(own, name) for name, own in reviewed.BESIDE[service].items()]
        for parameter, name in [*named.items(), *((None, name) for name in BESIDE[service]), *reached]:
            row = put_row(
                connection,
                tables[f"{service}.{name}"],
                employer_id(OWNER),
                row_id=ids[parameter] if parameter else None,
                links=ids,
                **TELLING[service].get(name, {}),
            )
            written |= {f"{name}.{column}": _shown(value) for column, value in row.items()}
    engine.dispose()
    return ids, written


def _shown(value: Any) -> str:
    return str(value["address"]) if isinstance(value, dict) and "address" in value else str(value)


@pytest.mark.parametrize(("service", "what"), CASES)
async def test_whoever_may_not_read_about_people_does_not_meet_them(scene: Scene, service: Service, what: str) -> None:
    readable = PEOPLE[service][what]
    other_scopes = [scope for scope in Scope if scope not in readable.scopes]
    client = scene.stage.bearer(*other_scopes, employers=(OWNER,))
    assert await scene.met(client, readable) == {}, "a client with every other scope"
    roles = [(role, None if role.is_regional else OWNER) for role in Role if role not in readable.roles]
    staff = await scene.stage.signed_in(*roles)
    assert await scene.met(staff, readable) == {}, "staff with every other role"


@pytest.mark.parametrize(("service", "what"), CASES)
async def test_whoever_may_read_about_people_meets_all_of_them(scene: Scene, service: Service, what: str) -> None:
    readable = PEOPLE[service][what]
    roles = [(role, None if role.is_regional else OWNER) for role in readable.roles]
    met = await scene.met(await scene.stage.signed_in(*roles), readable)
    if readable.scopes:
        met |= await scene.met(scene.stage.bearer(*readable.scopes, employers=(OWNER,)), readable)
    assert set(met) == set(readable.columns)
