"""Which deliveries a caller may see, and of which the name and the address.

What a scope opens follows the person written to: a candidate's messages need `applications:read`, a displaced
employee's `clearing:read`. Each grant of a member of staff counts at its own employer only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.notifications.messages.catalogue import CATALOGUE
from services.notifications.messages.kinds import Audience
from shared.events.ats import RoleGrant
from shared.principals import ROLE_SCOPES, Principal, PrincipalKind, employers_of
from shared.vocabulary import Role, Scope

# Hiring managers and panels score without names (design section 3), so they see that a message went, not to whom.
SEE_NAMES: Mapping[Audience, frozenset[Role]] = {
    Audience.CANDIDATE: frozenset({Role.RECRUITER, Role.COUNCIL_HR}),
    Audience.REFEREE: frozenset({Role.RECRUITER}),
    Audience.DISPLACED_EMPLOYEE: frozenset({Role.COUNCIL_HR, Role.WME_COORDINATOR}),
    Audience.RECRUITING_STAFF: frozenset({Role.RECRUITER, Role.COUNCIL_HR, Role.COUNCIL_ADMIN, Role.WME_ADMIN}),
    Audience.REDEPLOYMENT_STAFF: frozenset({Role.COUNCIL_HR, Role.WME_COORDINATOR}),
}


@dataclass(frozen=True, slots=True)
class Reach:
    """Kinds that may be seen at these employers, and those of them with names.

    No employers: wherever row-level security lets the caller.
    """

    kinds: frozenset[str]
    named: frozenset[str]
    employer_ids: frozenset[UUID] | None

    def covers(self, employer_ids: Iterable[UUID]) -> bool:
        return self.employer_ids is None or not self.employer_ids.isdisjoint(employer_ids)


def reaches_of(caller: Principal) -> tuple[Reach, ...]:
    if caller.kind is not PrincipalKind.STAFF:
        kinds = _kinds(_audiences(caller.scopes))
        return (Reach(kinds, kinds, None),)
    return tuple(_reach_of(grant) for grant in caller.grants)


def only_named(reaches: Iterable[Reach]) -> tuple[Reach, ...]:
    """The part of what a caller sees where an address may be asked for."""
    return tuple(Reach(each.named, each.named, each.employer_ids) for each in reaches if each.named)


def may_see_name(reaches: Iterable[Reach], kind: str, employer_ids: Collection[UUID]) -> bool:
    return any(kind in each.named and each.covers(employer_ids) for each in reaches)


def _reach_of(grant: RoleGrant) -> Reach:
    role = grant.role
    # An administrator of the region keeps the messages going and sees whether they do, not whose they are.
    audiences = frozenset(Audience) if role is Role.WME_ADMIN else _audiences(ROLE_SCOPES[role])
    named = frozenset(each for each in audiences if role in SEE_NAMES[each])
    return Reach(_kinds(audiences), _kinds(named), None if role.is_regional else employers_of([grant]))


def _audiences(scopes: Collection[Scope]) -> frozenset[Audience]:
    return frozenset(each for each in Audience if each.scope in scopes)


def _kinds(audiences: Collection[Audience]) -> frozenset[str]:
    return frozenset(kind.key for kind in CATALOGUE if kind.audience in audiences)
