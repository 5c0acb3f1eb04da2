"""Narrowing: what a caller may reach once a route has said who may call it. No database."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from shared.errors import Unauthenticated
from shared.events.ats import RoleGrant
from shared.permissions import SCOPE_MEANINGS, OnBehalfOfMissing, Permission, ScopeMissing, decision, on_behalf_of
from shared.principals import ANONYMOUS, ROLE_SCOPES, PersonMayNotDecide, Principal, PrincipalKind
from shared.reference.employers import employer_id
from shared.registry import StaffMember
from shared.vocabulary import Role, Scope

SAW, WLV, DUD = (employer_id(code) for code in ("SAW", "WLV", "DUD"))
WRITE = Permission(scopes=frozenset({Scope.VACANCIES_WRITE}))
APPROVE = decision((Role.APPROVER,), (), frozenset())


def client(*scopes: Scope, employers: tuple[UUID, ...] = (SAW,), is_region: bool = False) -> Principal:
    return Principal(
        kind=PrincipalKind.CLIENT,
        id=uuid4(),
        scopes=frozenset(scopes),
        employer_ids=frozenset(employers),
        is_region=is_region,
    )


def staff(*grants: tuple[Role, UUID | None], is_active: bool = True) -> StaffMember:
    held = tuple(RoleGrant(role=role, employer_id=where) for role, where in grants)
    return StaffMember(uuid4(), 1, is_active, held, "Amy Pond", "amy@saw.example")


def signed_in(*grants: tuple[Role, UUID | None]) -> Principal:
    person = staff(*grants)
    return Principal.of_staff(person.id, person.grants)


def test_nobody_is_asked_to_sign_in() -> None:
    for permission in (WRITE, APPROVE, Permission(is_for_anyone_known=True), Permission(purposes=frozenset({"x"}))):
        with pytest.raises(Unauthenticated):
            permission.narrow(ANONYMOUS)


def test_anyone_may_call_a_public_route() -> None:
    assert Permission(is_public=True).narrow(ANONYMOUS) is ANONYMOUS


def test_a_client_needs_one_of_the_scopes() -> None:
    either = Permission(scopes=frozenset({Scope.VACANCIES_WRITE, Scope.MILESTONES_WRITE}))
    assert either.narrow(client(Scope.MILESTONES_WRITE)).employer_ids == {SAW}
    with pytest.raises(ScopeMissing):
        either.narrow(client(Scope.VACANCIES_READ))


def test_a_recruiter_here_who_is_a_panel_member_there_writes_only_here() -> None:
    caller = WRITE.narrow(signed_in((Role.RECRUITER, SAW), (Role.PANEL_MEMBER, WLV)))
    assert caller.employer_ids == {SAW}
    assert caller.roles == {Role.RECRUITER}
    assert not caller.is_region


def test_a_regional_role_reaches_the_region_only_for_what_it_gives() -> None:
    both = signed_in((Role.WME_ANALYST, None), (Role.RECRUITER, SAW))
    assert Permission(scopes=frozenset({Scope.REPORTS_READ})).narrow(both).tenancy.is_region
    writing = WRITE.narrow(both)
    assert not writing.tenancy.is_region
    assert writing.employer_ids == {SAW}


def test_staff_without_the_scope_are_refused() -> None:
    with pytest.raises(ScopeMissing):
        WRITE.narrow(signed_in((Role.PANEL_MEMBER, SAW)))


def test_a_decision_is_for_staff_with_the_role_where_they_hold_it() -> None:
    caller = APPROVE.narrow(signed_in((Role.APPROVER, SAW), (Role.RECRUITER, WLV)))
    assert caller.employer_ids == {SAW}
    assert caller.staff_id == caller.id
    with pytest.raises(ScopeMissing):
        APPROVE.narrow(signed_in((Role.RECRUITER, SAW)))


def test_a_client_must_say_who_decided() -> None:
    with pytest.raises(OnBehalfOfMissing):
        APPROVE.narrow(client(Scope.VACANCIES_WRITE))


def test_a_client_speaks_for_a_person_where_both_may() -> None:
    approver = staff((Role.APPROVER, SAW), (Role.APPROVER, DUD), (Role.RECRUITER, WLV))
    caller = APPROVE.narrow(client(Scope.VACANCIES_WRITE, employers=(SAW, WLV)), approver)
    assert caller.staff_id == approver.id
    assert caller.employer_ids == {SAW}


def test_a_region_client_is_narrowed_to_where_the_person_decides() -> None:
    approver = staff((Role.APPROVER, SAW))
    caller = APPROVE.narrow(client(Scope.VACANCIES_WRITE, employers=(), is_region=True), approver)
    assert caller.employer_ids == {SAW}
    assert not caller.is_region


def test_a_regional_decider_leaves_the_client_its_own_reach() -> None:
    permission = decision((Role.WME_COORDINATOR,), (), frozenset())
    coordinator = staff((Role.WME_COORDINATOR, None))
    caller = permission.narrow(client(Scope.CLEARING_WRITE, employers=(SAW,)), coordinator)
    assert caller.employer_ids == {SAW}


@pytest.mark.parametrize(
    "person",
    [
        staff((Role.RECRUITER, SAW)),
        staff((Role.APPROVER, WLV)),
        staff((Role.APPROVER, SAW), is_active=False),
        staff((Role.WME_ADMIN, None)),
        staff(),
    ],
    ids=["another role", "another employer", "no longer active", "a regional role that is not it", "no role"],
)
def test_a_person_who_may_not_decide_here_is_refused(person: StaffMember) -> None:
    with pytest.raises(PersonMayNotDecide):
        APPROVE.narrow(client(Scope.VACANCIES_WRITE), person)


def test_a_client_that_names_a_decider_still_needs_its_scope() -> None:
    with pytest.raises(ScopeMissing):
        APPROVE.narrow(client(Scope.VACANCIES_READ), staff((Role.APPROVER, SAW)))


def test_naming_who_asked_leaves_the_reach_and_needs_a_colleague() -> None:
    caller = WRITE.narrow(client(Scope.VACANCIES_WRITE, employers=(SAW, WLV)), staff((Role.PANEL_MEMBER, WLV)))
    assert caller.employer_ids == {SAW, WLV}
    assert caller.staff_id is not None
    for stranger in (staff((Role.RECRUITER, DUD)), staff((Role.RECRUITER, SAW), is_active=False)):
        with pytest.raises(PersonMayNotDecide):
            WRITE.narrow(client(Scope.VACANCIES_WRITE), stranger)


def test_a_link_serves_its_own_purpose_and_no_other() -> None:
    candidate = Principal.of_link(uuid4(), "candidate")
    permission = Permission(scopes=frozenset({Scope.APPLICATIONS_READ}), purposes=frozenset({"candidate"}))
    assert permission.narrow(candidate).tenancy.subject_id == candidate.subject_id
    for other in (
        WRITE,
        APPROVE,
        Permission(purposes=frozenset({"registrant"})),
        Permission(staff_roles=frozenset(Role)),
    ):
        with pytest.raises(ScopeMissing):
            other.narrow(candidate)


def test_a_route_for_staff_is_closed_to_every_client() -> None:
    people_only = Permission(staff_roles=frozenset({Role.COUNCIL_ADMIN}))
    with pytest.raises(ScopeMissing):
        people_only.narrow(client(*Scope, is_region=True))


def test_the_header_names_a_person_by_id() -> None:
    person = uuid4()
    assert on_behalf_of(f" {person} ") == person
    assert on_behalf_of(None) is None
    with pytest.raises(PersonMayNotDecide):
        on_behalf_of("amy@saw.example")


def test_every_role_is_in_the_map_and_no_role_attests_for_a_council() -> None:
    assert set(ROLE_SCOPES) == set(Role)
    given = frozenset().union(*ROLE_SCOPES.values())
    assert not given & {Scope.VACANCIES_ATTEST, Scope.MILESTONES_WRITE, Scope.JOBS_APPLY}


def test_every_scope_is_said_in_plain_words() -> None:
    assert set(SCOPE_MEANINGS) == set(Scope)


def test_no_person_shows_in_a_repr() -> None:
    assert "Amy" not in repr(staff((Role.RECRUITER, SAW)))
    assert "amy@" not in repr(staff((Role.RECRUITER, SAW)))
