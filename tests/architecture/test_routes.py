"""Every route of every service, called by nobody, with less than it takes, by other people, by another employer.

The routes are read off the running applications, so a new one is walked the day it is written. It fails here until it
says who may call it (`shared.auth`), and until the tables below can answer for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Connection

from shared import sessions
from shared.auth import ROLE_SCOPES
from shared.csrf import csrf_token, session_cookie
from shared.database import transaction
from shared.events.ats import RoleGrant, StaffChanged, StaffContact
from shared.links import issue_link, open_link
from shared.reference.employers import employer_id
from shared.registry import apply_staff_changed
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.architecture.reviewed import BESIDE, FIELDS, NOBODYS, OWNER, PUBLIC, ROWS_OF
from tests.architecture.rows import administrator, metadata_of, put_row
from tests.architecture.walk import Walked, line_of, walk
from tests.conftest import BUILDERS

OTHER = "WLV"
COUNCIL_ROLES = [role for role in Role if not role.is_regional]
COUNCIL_SCOPES = frozenset().union(*(ROLE_SCOPES[role] for role in COUNCIL_ROLES))
REVIEWED = Path(__file__).with_name("who_may_call.txt")
SERVICES = pytest.mark.parametrize("service", list(Service))


@dataclass
class Stage:
    """One service with a row of Sandwell's in each of its tables, and people who are not Sandwell's."""

    service: Service
    client: httpx.AsyncClient
    world: Any
    routes: tuple[Walked, ...]
    ids: dict[str, UUID] = field(default_factory=dict)

    async def call(
        self, route: Walked, headers: dict[str, str], values: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        given: dict[str, Any] = {"employer_id": str(employer_id(OWNER)), "employer": OWNER, "subscriber": "clearing"}
        given |= {**FIELDS.get(route.name, {}), **(values or {})}
        # A body may name what a path of another route does.
        given = {name: str(value) if isinstance(value, UUID) else value for name, value in given.items()}
        return await self.client.request(route.method, route.url(given), headers=headers, **route.body(given))

    def bearer(self, *scopes: Scope, **more: Any) -> dict[str, str]:
        return self.world.signer.bearer(*scopes, **more)

    async def staff(self, *grants: tuple[Role, str | None]) -> UUID:
        staff_id = uuid4()
        held = tuple(RoleGrant(role=role, employer_id=employer_id(code) if code else None) for role, code in grants)
        event = StaffChanged(staff_id=staff_id, version=1, is_active=True, grants=held)
        contact = StaffContact(name="Amy Pond", email=f"{staff_id}@council.example")
        async with transaction(self.world.sessions[self.service], REGION) as session:
            await apply_staff_changed(session, event, contact)
        return staff_id

    async def signed_in(self, *grants: tuple[Role, str | None]) -> dict[str, str]:
        staff_id = await self.staff(*grants)
        async with transaction(self.world.sessions[self.service], REGION) as session:
            token = await sessions.open_session(session, staff_id)
        return {"Cookie": f"{session_cookie(self.service)}={token}", "X-CSRF-Token": csrf_token(token)}

    async def by_link(self, purpose: str) -> dict[str, str]:
        now = self.world.clock.now()
        async with transaction(self.world.sessions[self.service], REGION) as session:
            link = await issue_link(
                session, purpose=purpose, subject_id=uuid4(), employer_id=None, expires_at=now.replace(year=2030)
            )
            opened = await open_link(session, link, now=now)
        return {"Authorization": f"Bearer {opened.token}"}


@pytest.fixture
async def stage(world: Any, service: Service) -> AsyncIterator[Stage]:
    """What is written here is rolled back: for calls that are refused before they look at a row."""
    async with world.client(service) as client:
        yield Stage(service, client, world, tuple(walk(world.app(service), service)))


@pytest.fixture
async def filled(live: Any, service: Service) -> AsyncIterator[Stage]:
    """On a database of its own, with a row of Sandwell's wherever a path can lead."""
    async with live.client(service) as client:
        yield Stage(service, client, live, tuple(walk(live.app(service), service)), put_rows(live, service))


def put_rows(live: Any, service: Service) -> dict[str, UUID]:
    """A row of Sandwell's in every table that a path of the service can name. Returns their ids by parameter."""
    engine = administrator(live.parts.postgres.database_url(live.database))
    ids: dict[str, UUID] = {}
    with engine.begin() as connection:
        for parameter, name in ROWS_OF[service].items():
            if name is not None:
                ids[parameter] = uuid4()
                _put(connection, service, name, ids[parameter], ids)
        for name, own in BESIDE[service].items():
            _put(connection, service, name, uuid4() if own is None else ids[own], ids)
    engine.dispose()
    return ids


def _put(connection: Connection, service: Service, name: str, row_id: UUID, made: Mapping[str, UUID]) -> None:
    """Pointing at those made before it: an application at its vacancy."""
    table = metadata_of(service).tables[f"{service}.{name}"]
    put_row(connection, table, employer_id(OWNER), row_id=row_id, links=made)


@SERVICES
async def test_every_route_says_who_may_call_it(stage: Stage) -> None:
    assert len(stage.routes) > 10


@SERVICES
async def test_every_public_route_is_named_with_its_reason(stage: Stage) -> None:
    public = {route.name for route in stage.routes if route.permission.is_public and not is_a_list_of_words(route)}
    assert public <= set(PUBLIC)


@SERVICES
async def test_every_permission_is_one_that_was_reviewed(stage: Stage) -> None:
    """The walks below ask for what a route says of itself, so they cannot see that it lets too many in: people do.

    A new or changed route is refused until its line in `who_may_call.txt` says the same.
    """
    reviewed = {line for line in REVIEWED.read_text().splitlines() if line.startswith(f"{stage.service} ")}
    found = {line_of(route) for route in stage.routes}
    assert sorted(found - reviewed) == [], "not reviewed"
    assert sorted(reviewed - found) == [], "no longer so"


@SERVICES
async def test_pages_of_other_origins_may_call_what_is_browser_safe_and_nothing_else(
    world: Any, service: Service
) -> None:
    """Asked as a browser asks, of every operation: the route's own rule (`Permission.called_from`) opens it."""
    origin = "https://wmjobs.example"
    app = BUILDERS[service](world.settings(service).model_copy(update={"cors_origins": (origin,)}))
    wrong = []
    async with world.client(service, app) as client:
        for route in walk(app, service):
            headers = {"Origin": origin, "Access-Control-Request-Method": route.method}
            answer = await client.options(route.url({}), headers=headers)
            is_open = "access-control-allow-origin" in answer.headers
            if is_open != (not route.is_page and route.permission.called_from.is_browser_safe):
                wrong.append(f"{route.method} {route.path}: {is_open}")
    assert wrong == []


def is_a_list_of_words(route: Walked) -> bool:
    """`/v1/reference/…`: the product's own vocabulary, the same for everyone."""
    return route.method == "GET" and route.path.startswith("/v1/reference/")


async def test_no_reason_is_left_for_a_route_that_is_gone(world: Any) -> None:
    routes = [route for service in Service for route in walk(world.app(service), service)]
    assert set(PUBLIC) <= {route.name for route in routes if route.permission.is_public}
    for service in Service:
        named = {parameter for route in routes if route.service is service for parameter in route.parameters}
        assert set(ROWS_OF[service]) >= named, "say which table each path parameter names"
    assert set(FIELDS) | set(NOBODYS) <= {route.name for route in routes}


async def failures(
    stage: Stage, wanted: Callable[[Walked], bool], headers: Callable[[Walked], Any], *refusals: int
) -> list[str]:
    """The wanted routes that answer with another status than one of `refusals`."""
    found = []
    for route in filter(wanted, stage.routes):
        answer = await stage.call(route, headers(route))
        if answer.status_code not in refusals:
            found.append(f"{route.method} {route.path}: {answer.status_code} {answer.text[:120]}")
    return found


def is_closed(route: Walked) -> bool:
    return not route.permission.is_public


@SERVICES
async def test_nobody_gets_in(stage: Stage) -> None:
    assert await failures(stage, is_closed, lambda _: {}, 401) == []


@SERVICES
async def test_a_forged_token_gets_nobody_in(stage: Stage) -> None:
    forged = {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}
    assert await failures(stage, is_closed, lambda _: forged, 401) == []


@SERVICES
async def test_a_browser_without_a_session_is_sent_to_sign_in(stage: Stage) -> None:
    for route in stage.routes:
        if route.is_page and route.method == "GET" and is_closed(route) and route.permission.admits_staff:
            answer = await stage.client.get(route.url({}), headers={"Accept": "text/html"})
            assert answer.status_code == 303, route.path
            assert answer.headers["location"].startswith("/sign-in?return="), route.path


# A cookie that this route does not take is as good as none.
REFUSED = (401, 403)


def is_by_permission(route: Walked) -> bool:
    return is_closed(route) and not route.permission.is_for_anyone_known


@SERVICES
async def test_a_client_with_every_scope_but_the_right_one_is_refused(stage: Stage) -> None:
    person = await stage.staff(*((role, OWNER) for role in COUNCIL_ROLES))

    def without(route: Walked) -> dict[str, str]:
        scopes = [scope for scope in Scope if scope not in route.permission.scopes]
        return stage.bearer(*scopes, on_behalf_of=person)

    assert await failures(stage, is_by_permission, without, 403) == []


@SERVICES
async def test_no_client_does_what_is_for_people_alone(stage: Stage) -> None:
    everything = stage.bearer(*Scope)

    def is_for_people(route: Walked) -> bool:
        return is_by_permission(route) and not route.permission.scopes

    assert await failures(stage, is_for_people, lambda _: everything, 403) == []


@SERVICES
async def test_staff_without_a_role_do_nothing(stage: Stage) -> None:
    headers = await stage.signed_in()
    assert await failures(stage, is_by_permission, lambda _: headers, *REFUSED) == []


def is_given(route: Walked, role: Role) -> bool:
    roles = route.permission.deciders | route.permission.staff_roles
    return role in roles if roles else bool(route.permission.scopes & ROLE_SCOPES[role])


@SERVICES
async def test_every_role_but_those_that_give_it_opens_no_route(stage: Stage) -> None:
    """One person with all the others: roles only ever add, so none of them gives it alone either."""
    signed_in: dict[frozenset[Role], dict[str, str]] = {}
    found = []
    for route in filter(is_by_permission, stage.routes):
        others = frozenset(role for role in Role if not is_given(route, role))
        if others not in signed_in:
            signed_in[others] = await stage.signed_in(*((role, None if role.is_regional else OTHER) for role in others))
        found += await failures(stage, route.__eq__, lambda _, held=others: signed_in[held], *REFUSED)
    assert found == []


@SERVICES
async def test_a_link_opens_nothing_but_its_purpose(stage: Stage) -> None:
    headers = await stage.by_link("something-else")
    assert await failures(stage, is_by_permission, lambda _: headers, 403) == []


def is_a_decision(route: Walked) -> bool:
    return bool(route.permission.deciders)


@SERVICES
async def test_a_decision_names_a_person_who_may_make_it(stage: Stage) -> None:
    unnamed = stage.bearer(*Scope, employers=(OWNER,))
    assert await failures(stage, is_a_decision, lambda _: unnamed, 403) == []
    unknown = stage.bearer(*Scope, employers=(OWNER,), on_behalf_of=uuid4())
    elsewhere = await stage.staff(*((role, OTHER) for role in COUNCIL_ROLES))
    stranger = stage.bearer(*Scope, employers=(OWNER,), on_behalf_of=elsewhere)
    for headers in (unknown, stranger):
        assert await failures(stage, is_a_decision, lambda _, headers=headers: headers, 403) == []


@SERVICES
async def test_a_person_named_for_a_decision_holds_a_role_that_may_make_it(stage: Stage) -> None:
    """One person with every role at this employer but those that decide here."""
    named: dict[frozenset[Role], dict[str, str]] = {}
    found = []
    for route in filter(is_a_decision, stage.routes):
        others = frozenset(set(COUNCIL_ROLES) | {Role.WME_ANALYST}) - route.permission.deciders
        if others not in named:
            held = [(role, None if role.is_regional else OWNER) for role in sorted(others)]
            named[others] = stage.bearer(*Scope, employers=(OWNER,), on_behalf_of=await stage.staff(*held))
        found += await failures(stage, route.__eq__, lambda _, others=others: named[others], 403)
    assert found == []


class Strangers:
    """Callers who may do everything, at another employer or about another person."""

    def __init__(self, stage: Stage, client: dict[str, str], staff: dict[str, str], links: dict[str, Any]) -> None:
        self.stage, self.client, self.staff, self.links = stage, client, staff, links

    @classmethod
    async def to(cls, stage: Stage) -> Strangers:
        everywhere = [(role, OTHER) for role in COUNCIL_ROLES]
        person = await stage.staff(*everywhere)
        purposes = {purpose for route in stage.routes for purpose in route.permission.purposes}
        return cls(
            stage,
            stage.bearer(*Scope, employers=(OTHER,), on_behalf_of=person),
            await stage.signed_in(*everywhere),
            {purpose: await stage.by_link(purpose) for purpose in purposes},
        )

    def for_route(self, route: Walked) -> list[dict[str, str]]:
        """Each way in that this route admits, as a stranger."""
        may = route.permission
        ways = [self.client] if may.scopes or may.is_for_anyone_known else []
        ways += [self.staff] if self._staff_may(route) else []
        return ways + [self.links[purpose] for purpose in sorted(may.purposes)]

    @staticmethod
    def _staff_may(route: Walked) -> bool:
        roles = route.permission.deciders | route.permission.staff_roles
        return bool(roles & set(COUNCIL_ROLES)) if roles else bool(route.permission.scopes & COUNCIL_SCOPES)


@SERVICES
async def test_what_is_another_employers_reads_like_what_never_was(filled: Stage) -> None:
    stage, ids = filled, filled.ids
    strangers = await Strangers.to(stage)
    found, walked = [], 0
    for route in stage.routes:
        named = [each for each in route.parameters if each in ids]
        if not named or route.permission.is_public:
            continue
        for headers in strangers.for_route(route):
            walked += 1
            theirs = await stage.call(route, headers, ids)
            nobodys = await stage.call(route, headers, {each: uuid4() for each in ids})
            if (theirs.status_code, nobodys.status_code) != (404, 404) or theirs.json() != nobodys.json():
                found.append(f"{route.method} {route.path}: {theirs.status_code} {theirs.text[:200]}")
    assert walked > 3
    assert found == []


@SERVICES
async def test_the_rows_that_strangers_do_not_find_are_there_for_their_employer(filled: Stage) -> None:
    """Without this the test above could pass on an empty database."""
    stage, ids = filled, filled.ids
    person = await stage.staff(*((role, OWNER) for role in COUNCIL_ROLES))
    headers = stage.bearer(*Scope, employers=(OWNER,), on_behalf_of=person)
    hidden = []
    for route in stage.routes:
        if route.method == "GET" and route.permission.scopes and any(each in ids for each in route.parameters):
            answer = await stage.call(route, headers, ids)
            if answer.status_code in {401, 403, 404}:
                hidden.append(f"{route.path}: {answer.status_code}")
    assert hidden == []


@SERVICES
async def test_no_list_holds_another_employers_rows(filled: Stage) -> None:
    stage, ids = filled, filled.ids
    strangers = await Strangers.to(stage)
    walked = 0
    for route in stage.routes:
        if route.method != "GET" or route.parameters or not is_by_permission(route):
            continue
        for headers in strangers.for_route(route):
            answer = await stage.call(route, headers)
            assert answer.status_code in {200, *REFUSED, 404}, f"{route.path}: {answer.status_code} {answer.text[:200]}"
            walked += answer.status_code == 200
            leaked = [parameter for parameter, each in ids.items() if str(each) in answer.text]
            assert leaked == [], f"{route.path} shows {leaked}"
    assert walked > 2


@SERVICES
async def test_nothing_is_made_for_another_employer(stage: Stage) -> None:
    strangers = await Strangers.to(stage)
    found = []
    for route in stage.routes:
        is_walked = route.method != "GET" and not route.parameters and is_by_permission(route)
        if not is_walked or route.name in NOBODYS:
            continue
        for headers in strangers.for_route(route):
            if headers in strangers.links.values():
                continue
            answer = await stage.call(route, headers)
            if answer.status_code not in {403, 404}:
                found.append(f"{route.method} {route.path}: {answer.status_code} {answer.text[:200]}")
    assert found == []
