"""The answer that each route gives to "who may call this", as a value that can be read, tested and documented."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from shared.errors import Forbidden, Unauthenticated
from shared.principals import ROLE_SCOPES, PersonMayNotDecide, Principal, PrincipalKind
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope


class ScopeMissing(Forbidden):
    code = "scope_missing"
    title = "You are known, but this is not among what you may do"


class OnBehalfOfMissing(Forbidden):
    code = "on_behalf_of_missing"
    title = "This records a person's decision and has to name the person"


class CalledFrom(StrEnum):
    """Where a route may be called from, which follows from what it asks for."""

    BROWSER = "browser-safe"
    LINK = "browser-safe with a link session"
    OWN_PAGES = "staff session"
    SERVER = "needs the system's secret"

    @property
    def is_browser_safe(self) -> bool:
        return self in {CalledFrom.BROWSER, CalledFrom.LINK}


IN_WORDS: Mapping[CalledFrom, str] = MappingProxyType(
    {
        CalledFrom.BROWSER: "Browser-safe: a page of any allowed origin may call it.",
        CalledFrom.LINK: "Browser-safe with the session that a person's own link opens; a system calls it from its"
        " server.",
        CalledFrom.OWN_PAGES: "For signed-in staff, from the pages of this service.",
        CalledFrom.SERVER: "Needs the system's secret: call it from a server, never from a page.",
    }
)


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may call a route. A caller needs one of what is listed.

    `scopes`: a client's scopes, or what a staff role gives. `deciders`: the decision is a human's, so staff need one
    of these roles, and a client a scope and a person who holds one. `staff_roles`: signed-in staff with one of these
    roles, never a client. `purposes`: people who came by a signed link for this. `takes_secret`: open to anyone, but
    what it is sent is a system's secret.
    """

    scopes: frozenset[Scope] = frozenset()
    deciders: frozenset[Role] = frozenset()
    staff_roles: frozenset[Role] = frozenset()
    purposes: frozenset[str] = frozenset()
    is_public: bool = False
    is_for_anyone_known: bool = False
    takes_secret: bool = False

    @property
    def called_from(self) -> CalledFrom:
        if self.takes_secret:
            return CalledFrom.SERVER
        if self.is_public:
            return CalledFrom.BROWSER
        if self.purposes or self.is_for_anyone_known:
            return CalledFrom.LINK
        return CalledFrom.OWN_PAGES if self.staff_roles else CalledFrom.SERVER

    @property
    def admits_staff(self) -> bool:
        return self.is_public or self.is_for_anyone_known or bool(self.scopes or self.staff_roles)

    @property
    def admits_links(self) -> bool:
        return self.is_public or self.is_for_anyone_known or bool(self.purposes)

    def narrow(self, caller: Principal, person: StaffMember | None = None) -> Principal:
        """The caller as far as this permission lets them reach; `person` is whom a client named in On-Behalf-Of.

        Raises Unauthenticated for nobody, Forbidden for somebody without what is needed. An employer where a caller
        may not do this drops out of sight, so that its rows are not found rather than refused.
        """
        if self.is_public:
            return caller
        if caller.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated(next_step="Send a bearer token, sign in, or open your link again")
        if self.is_for_anyone_known:
            return caller
        if caller.kind is PrincipalKind.STAFF:
            return self._narrow_staff(caller)
        if caller.kind is PrincipalKind.CLIENT:
            return self._narrow_client(caller, person)
        if caller.purpose in self.purposes:
            return caller
        raise ScopeMissing

    def _narrow_staff(self, caller: Principal) -> Principal:
        roles = self.deciders or self.staff_roles
        kept = [
            grant
            for grant in caller.grants
            if (grant.role in roles if roles else bool(ROLE_SCOPES[grant.role] & self.scopes))
        ]
        if not kept:
            raise ScopeMissing(needed=self.needed)
        return caller.acting_with(kept)

    def _narrow_client(self, caller: Principal, person: StaffMember | None) -> Principal:
        if not self.scopes & caller.scopes:
            raise ScopeMissing(needed=self.needed)
        if self.deciders:
            if person is None:
                raise OnBehalfOfMissing(next_step="Send On-Behalf-Of with the id of the member of staff who decided")
            return caller.deciding_as(person.id, person.grants_with(self.deciders))
        return caller if person is None else _speaking_for(caller, person)

    @property
    def needed(self) -> str:
        """In words for the refusal and the manual."""
        parts = [
            *(f"scope {scope}" for scope in sorted(self.scopes)),
            *(f"role {role}" for role in sorted(self.deciders | self.staff_roles)),
            *(f"a link for {purpose}" for purpose in sorted(self.purposes)),
        ]
        return ", ".join(parts)


def _speaking_for(caller: Principal, person: StaffMember) -> Principal:
    """Not a decision, but the client says who asked: it must be somebody of an employer it serves."""
    if not person.is_active:
        raise PersonMayNotDecide
    return caller.naming(person.id, person.grants)


SCOPE_MEANINGS: Mapping[Scope, str] = MappingProxyType(
    {
        Scope.VACANCIES_READ: "See vacancies, their approval and their state",
        Scope.VACANCIES_WRITE: "Create and change vacancies, and pass on who approved them",
        Scope.VACANCIES_ATTEST: "Say that a vacancy was approved in your own system",
        Scope.MILESTONES_WRITE: "Report the steps of a recruitment that your own system holds",
        Scope.APPLICATIONS_READ: "See applications and candidates",
        Scope.APPLICATIONS_WRITE: "Move applications on, make offers and hire",
        Scope.JOBS_APPLY: "Send in applications on behalf of candidates",
        Scope.EQUALITY_READ: "See equality monitoring in figures",
        Scope.CLEARING_READ: "See displaced employees, matches and referrals",
        Scope.CLEARING_WRITE: "Register, verify and refer displaced employees",
        Scope.REPORTS_READ: "See figures and reports",
        Scope.WEBHOOKS_READ: "See where news is sent, and whether it arrived",
        Scope.WEBHOOKS_WRITE: "Have news sent to your own system",
    }
)
"""What each scope lets a system do, in plain words."""

DECISION_SCOPES: dict[Role, Scope] = {
    Role.RECRUITER: Scope.APPLICATIONS_WRITE,
    Role.HIRING_MANAGER: Scope.APPLICATIONS_WRITE,
    Role.PANEL_MEMBER: Scope.APPLICATIONS_WRITE,
    Role.APPROVER: Scope.VACANCIES_WRITE,
    Role.COUNCIL_HR: Scope.CLEARING_WRITE,
    Role.WME_COORDINATOR: Scope.CLEARING_WRITE,
}
"""The scope a client needs to pass on a decision of this role, where the route names none."""


def decision(roles: tuple[Role, ...], scopes: tuple[Scope, ...], purposes: frozenset[str]) -> Permission:
    needed = frozenset(scopes) or frozenset(DECISION_SCOPES[role] for role in roles)
    return Permission(scopes=needed, deciders=frozenset(roles), purposes=purposes)


def on_behalf_of(header: str | None) -> UUID | None:
    """The person named in the header. Raises PersonMayNotDecide for what is no id."""
    if header is None:
        return None
    try:
        return UUID(header.strip())
    except ValueError:
        raise PersonMayNotDecide from None
