"""Who calls, and whether they may: the dependencies that routes declare.

Every route has exactly one answer, made by `allow…` below. `current_principal` reads that answer off the route before
anything else runs, so the session's tenancy is already narrowed to where this caller may do this; a route without an
answer serves nobody.
"""
# Annotations are real objects here: FastAPI cannot read postponed ones of a callable object.

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from sqlalchemy.ext.asyncio import AsyncSession

from shared import csrf
from shared.database import transaction
from shared.errors import Unauthenticated
from shared.links import BEARER_PREFIX, find_link_session
from shared.pages import Viewer
from shared.permissions import Permission, decision, on_behalf_of
from shared.principals import ANONYMOUS, ROLE_SCOPES, PersonMayNotDecide, Principal, PrincipalKind
from shared.registry import StaffMember, find_staff
from shared.sessions import StaffSession, find_session
from shared.tenancy import REGION
from shared.tokens import TokenRefused, Verifier
from shared.vocabulary import Role, Scope

__all__ = [
    "ANONYMOUS",
    "ROLE_SCOPES",
    "Answer",
    "Principal",
    "PrincipalKind",
    "allow",
    "allow_anyone",
    "allow_bringing_secret",
    "allow_decision",
    "allow_link",
    "allow_signed_in",
    "allow_staff",
    "current_principal",
]


class RouteWithoutAnswer(Exception):
    """A programming mistake: the route does not say who may call it."""


async def current_principal(request: Request) -> Principal:
    """The caller, as far as this route lets them reach. Raises Unauthenticated or Forbidden."""
    permission = permission_of(request.scope["route"])
    caller = await _authenticate(request, permission)
    if caller.kind is not PrincipalKind.CLIENT or permission.is_public:
        return permission.narrow(caller)
    return permission.narrow(caller, await _person_named(request))


class Answer:
    """A permission as a dependency: it hands the route its caller, whom `current_principal` has let in."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def __call__(self, principal: Annotated[Principal, Depends(current_principal)]) -> Principal:
        return principal


def allow(*scopes: Scope, link: str | None = None) -> Answer:
    """A client or member of staff with any of these scopes; with `link`, also a person who came by such a link."""
    return Answer(Permission(scopes=frozenset(scopes), purposes=_purposes(link)))


def allow_decision(*roles: Role, scope: Scope | None = None, link: str | None = None) -> Answer:
    """A human's decision: staff with one of the roles, or a client naming such a person in `On-Behalf-Of`.

    The client needs `scope`, or the usual one of the roles. The principal's `staff_id` is who decided.
    """
    return Answer(decision(roles, () if scope is None else (scope,), _purposes(link)))


def allow_staff(*roles: Role) -> Answer:
    """Signed-in staff with one of these roles, and no client: what a person does about people and keys."""
    return Answer(Permission(staff_roles=frozenset(roles)))


def allow_link(*purposes: str) -> Answer:
    """A person who came by a signed link for one of these purposes."""
    return Answer(Permission(purposes=frozenset(purposes)))


def allow_signed_in() -> Answer:
    """Any caller that is known: client, staff or link."""
    return Answer(Permission(is_for_anyone_known=True))


def allow_anyone() -> Dependency:
    """Mark a public route, in `dependencies=[allow_anyone()]`, or in `Annotated[Principal, …]` to see who asks."""
    return Depends(Answer(Permission(is_public=True)))


def allow_bringing_secret() -> Dependency:
    """Mark a route that anyone may call with a system's own secret in the request."""
    return Depends(Answer(Permission(is_public=True, takes_secret=True)))


def permission_of(route: Any) -> Permission:
    """The one answer of a route. Raises RouteWithoutAnswer for none, or for more than one."""
    calls = (dependant.call for dependant in route.dependant.dependencies)
    found = [call.permission for call in calls if isinstance(call, Answer)]
    if len(found) != 1:
        raise RouteWithoutAnswer(f"{route.path} has {len(found)} answers to who may call it")
    return found[0]


def _purposes(link: str | None) -> frozenset[str]:
    return frozenset() if link is None else frozenset({link})


async def _authenticate(request: Request, permission: Permission) -> Principal:
    header = request.headers.get("authorization")
    if header is None:
        return await _by_cookie(request, permission)
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return await _by_bearer(request, credentials.strip())
    if permission.is_public:
        # Another scheme is this route's own business: the token endpoint takes Basic.
        return ANONYMOUS
    raise Unauthenticated(next_step="Send a bearer token")


async def _by_bearer(request: Request, token: str) -> Principal:
    if not token.startswith(BEARER_PREFIX):
        verifier: Verifier = request.app.state.verifier
        return await verifier.access_token(request.state.sessions, token)
    async with transaction(request.state.sessions, REGION) as session:
        found = await find_link_session(session, token)
    if found is None:
        raise TokenRefused
    return Principal.of_link(found.subject_id, found.purpose)


async def _by_cookie(request: Request, permission: Permission) -> Principal:
    """A session's owner, or nobody: a cookie that has run out is as good as none.

    On a public route a request that changes something uses the cookie only when it proves to be ours.
    """
    service = request.state.settings.service
    cookies = {
        name: request.cookies[name]
        for name, is_admitted in (
            (csrf.session_cookie(service), permission.admits_staff),
            (csrf.link_cookie(service), permission.admits_links),
        )
        if is_admitted and request.cookies.get(name)
    }
    if not cookies:
        return ANONYMOUS
    async with transaction(request.state.sessions, REGION) as session:
        found, cookie = await _owner(session, request, cookies)
    if found is ANONYMOUS:
        return ANONYMOUS
    try:
        await csrf.check(request, cookie)
    except csrf.ForgedRequest:
        if permission.is_public:
            return ANONYMOUS
        # The form was read to look for the token: a file that came with it is not left open.
        await request.close()
        raise
    return found


async def _owner(session: AsyncSession, request: Request, cookies: dict[str, str]) -> tuple[Principal, str]:
    """The staff session first, then the link's. Leaves on the request what the page's layout shows."""
    service = request.state.settings.service
    staff_cookie = cookies.get(csrf.session_cookie(service))
    if staff_cookie is not None:
        opened = await find_session(session, staff_cookie)
        if opened is not None:
            request.state.csrf_token = csrf.csrf_token(staff_cookie)
            request.state.viewer = _viewer(opened)
            return Principal.of_staff(opened.person.id, opened.person.grants), staff_cookie
    link_cookie = cookies.get(csrf.link_cookie(service))
    if link_cookie is not None:
        found = await find_link_session(session, link_cookie)
        if found is not None:
            request.state.csrf_token = csrf.csrf_token(link_cookie)
            return Principal.of_link(found.subject_id, found.purpose), link_cookie
    return ANONYMOUS, ""


def _viewer(opened: StaffSession) -> Viewer:
    roles = sorted({grant.role for grant in opened.person.grants})
    return Viewer(name=opened.person.name, roles=roles, sign_out_href="/sign-out")


async def _person_named(request: Request) -> StaffMember | None:
    staff_id = on_behalf_of(request.headers.get("on-behalf-of"))
    if staff_id is None:
        return None
    async with transaction(request.state.sessions, REGION) as session:
        person = await find_staff(session, staff_id)
    if person is None:
        raise PersonMayNotDecide
    return person
