"""Who is calling, and what their roles and scopes let them do. No framework, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Self
from uuid import UUID

from shared.errors import Forbidden
from shared.events.ats import RoleGrant
from shared.tenancy import Tenancy
from shared.vocabulary import Role, Scope


class PrincipalKind(StrEnum):
    CLIENT = "client"
    STAFF = "staff"
    LINK = "link"
    ANONYMOUS = "anonymous"


ROLE_SCOPES: Mapping[Role, frozenset[Scope]] = MappingProxyType(
    {
        Role.RECRUITER: frozenset(
            {
                Scope.VACANCIES_READ,
                Scope.VACANCIES_WRITE,
                Scope.APPLICATIONS_READ,
                Scope.APPLICATIONS_WRITE,
                Scope.REPORTS_READ,
            }
        ),
        Role.HIRING_MANAGER: frozenset(
            {Scope.VACANCIES_READ, Scope.VACANCIES_WRITE, Scope.APPLICATIONS_READ, Scope.APPLICATIONS_WRITE}
        ),
        # A panel scores anonymised applications through its own routes and reads no others.
        Role.PANEL_MEMBER: frozenset({Scope.VACANCIES_READ}),
        Role.APPROVER: frozenset({Scope.VACANCIES_READ, Scope.REPORTS_READ}),
        Role.COUNCIL_HR: frozenset(
            {
                Scope.VACANCIES_READ,
                Scope.APPLICATIONS_READ,
                Scope.CLEARING_READ,
                Scope.CLEARING_WRITE,
                Scope.REPORTS_READ,
                Scope.EQUALITY_READ,
            }
        ),
        Role.COUNCIL_ADMIN: frozenset(
            {
                Scope.VACANCIES_READ,
                Scope.REPORTS_READ,
                Scope.EQUALITY_READ,
                Scope.WEBHOOKS_READ,
                Scope.WEBHOOKS_WRITE,
            }
        ),
        Role.WME_ANALYST: frozenset({Scope.VACANCIES_READ, Scope.REPORTS_READ, Scope.EQUALITY_READ}),
        Role.WME_COORDINATOR: frozenset(
            {Scope.VACANCIES_READ, Scope.CLEARING_READ, Scope.CLEARING_WRITE, Scope.REPORTS_READ}
        ),
        Role.WME_ADMIN: frozenset(
            {
                Scope.VACANCIES_READ,
                Scope.REPORTS_READ,
                Scope.EQUALITY_READ,
                Scope.WEBHOOKS_READ,
                Scope.WEBHOOKS_WRITE,
            }
        ),
    }
)
"""What a member of staff may do through the API by role: the same words that a client's token carries."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One caller. What a route's dependency gives is already narrowed to the employers where it is allowed.

    `id` is the client, the member of staff or the link's subject. `staff_id` is who decides: the signed-in person, or
    the one a client named in `On-Behalf-Of`. `subject_id` and `purpose` belong to a person who came by a signed link.
    """

    kind: PrincipalKind
    id: UUID | None = None
    employer_ids: frozenset[UUID] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    roles: frozenset[Role] = frozenset()
    is_region: bool = False
    staff_id: UUID | None = None
    subject_id: UUID | None = None
    purpose: str | None = None
    grants: tuple[RoleGrant, ...] = ()

    @classmethod
    def of_staff(cls, staff_id: UUID, grants: Iterable[RoleGrant]) -> Self:
        """A signed-in member of staff with everything their grants give, at every employer of theirs."""
        held = tuple(grants)
        return cls(
            kind=PrincipalKind.STAFF,
            id=staff_id,
            employer_ids=employers_of(held),
            scopes=scopes_of(held),
            roles=frozenset(grant.role for grant in held),
            is_region=reaches_region(held),
            staff_id=staff_id,
            grants=held,
        )

    @classmethod
    def of_link(cls, subject_id: UUID, purpose: str) -> Self:
        return cls(kind=PrincipalKind.LINK, id=subject_id, subject_id=subject_id, purpose=purpose)

    def may_act_for(self, employer_id: UUID) -> bool:
        """Whether a row of this employer may be made or changed here. Reads need no such question: it hides others."""
        return self.is_region or employer_id in self.employer_ids

    @property
    def tenancy(self) -> Tenancy:
        """What row-level security lets this caller's transaction see."""
        return Tenancy(self.employer_ids, self.subject_id, self.is_region)

    @property
    def idempotency_scope(self) -> str:
        """Under whom an `Idempotency-Key` is remembered."""
        return f"{self.kind}:{self.id}"

    def acting_with(self, grants: Iterable[RoleGrant]) -> Self:
        """The same member of staff with only these of their grants: others' employers drop out of sight."""
        held = tuple(grants)
        return replace(
            self,
            grants=held,
            roles=frozenset(grant.role for grant in held),
            scopes=scopes_of(held),
            employer_ids=employers_of(held),
            is_region=reaches_region(held),
        )

    def limited_to(self, *scopes: Scope) -> Self:
        """The same caller where one of these scopes is theirs: a scope held at one council says nothing of another."""
        wanted = frozenset(scopes)
        if self.kind is PrincipalKind.STAFF:
            return self.acting_with(grant for grant in self.grants if ROLE_SCOPES[grant.role] & wanted)
        return self if self.scopes & wanted else replace(self, employer_ids=frozenset(), is_region=False)

    def deciding_as(self, staff_id: UUID, grants: Iterable[RoleGrant]) -> Self:
        """Act for a member of staff, where client and person both may.

        Raises PersonMayNotDecide when the person holds the role at none of the client's employers.
        """
        held = tuple(grants)
        if reaches_region(held):
            return replace(self, staff_id=staff_id, grants=held)
        theirs = employers_of(held)
        in_common = theirs if self.is_region else theirs & self.employer_ids
        if not in_common:
            raise PersonMayNotDecide
        return replace(self, staff_id=staff_id, grants=held, employer_ids=in_common, is_region=False)

    def naming(self, staff_id: UUID, grants: Iterable[RoleGrant]) -> Self:
        """Say who asked this client for what it does; its reach stays its own.

        Raises PersonMayNotDecide when the person works at none of the client's employers.
        """
        held = tuple(grants)
        if not (self.is_region or reaches_region(held) or employers_of(held) & self.employer_ids):
            raise PersonMayNotDecide
        return replace(self, staff_id=staff_id, grants=held)


ANONYMOUS = Principal(kind=PrincipalKind.ANONYMOUS)


class PersonMayNotDecide(Forbidden):
    """Unknown, inactive, without the role, or with it at another employer: the four read the same."""

    code = "person_may_not_decide"
    title = "The person named in On-Behalf-Of may not decide this here"


def employers_of(grants: Iterable[RoleGrant]) -> frozenset[UUID]:
    return frozenset(grant.employer_id for grant in grants if grant.employer_id is not None)


def scopes_of(grants: Iterable[RoleGrant]) -> frozenset[Scope]:
    return frozenset(scope for grant in grants for scope in ROLE_SCOPES[grant.role])


def reaches_region(grants: Iterable[RoleGrant]) -> bool:
    return any(grant.role.is_regional for grant in grants)
