"""Who may give what, passwords and scopes, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.ats.identity import rules
from shared.events.ats import RoleGrant
from shared.principals import Principal
from shared.reference.employers import employer_id
from shared.vocabulary import Role, Scope
from tests.factories.identity import grant

SAW_ADMIN = Principal.of_staff(employer_id("SAW"), [grant(Role.COUNCIL_ADMIN, "SAW")])
WME_ADMIN = Principal.of_staff(employer_id("WLV"), [grant(Role.WME_ADMIN)])


def test_a_councils_administrator_gives_council_roles_at_their_own_council() -> None:
    rules.check_grants(SAW_ADMIN, [grant(Role.APPROVER, "SAW"), grant(Role.COUNCIL_ADMIN, "SAW")])


@pytest.mark.parametrize("given", [grant(Role.APPROVER, "WLV"), grant(Role.WME_ADMIN)])
def test_a_councils_administrator_gives_nothing_else(given: RoleGrant) -> None:
    with pytest.raises(rules.GrantNotYours):
        rules.check_grants(SAW_ADMIN, [grant(Role.APPROVER, "SAW"), given])


def test_wmes_administrator_gives_any_role() -> None:
    rules.check_grants(WME_ADMIN, [grant(Role.WME_ANALYST), grant(Role.PANEL_MEMBER, "DUD")])


@pytest.mark.parametrize("given", [grant(Role.WME_ADMIN, "SAW"), grant(Role.APPROVER)])
def test_a_regional_role_has_no_employer_and_a_council_role_has_one(given: RoleGrant) -> None:
    with pytest.raises(rules.GrantMalformed):
        rules.check_grants(WME_ADMIN, [given])


def test_roles_at_other_employers_stay_when_a_council_changes_its_own() -> None:
    held = (grant(Role.APPROVER, "SAW"), grant(Role.COUNCIL_HR, "WLV"))
    after = rules.grants_after(SAW_ADMIN, held, (grant(Role.RECRUITER, "SAW"),))
    assert set(after) == {grant(Role.COUNCIL_HR, "WLV"), grant(Role.RECRUITER, "SAW")}


def test_wme_says_the_whole() -> None:
    held = (grant(Role.APPROVER, "SAW"), grant(Role.COUNCIL_HR, "WLV"))
    assert rules.grants_after(WME_ADMIN, held, (grant(Role.RECRUITER, "DUD"),)) == (grant(Role.RECRUITER, "DUD"),)


@pytest.mark.parametrize("password", ["short", "x" * 11, "x" * 201, "amy.pond and more", "AMY.POND AND MORE"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(rules.PasswordTooWeak):
        rules.check_password(password, "amy.pond@saw.example")


@pytest.mark.parametrize("password", ["x" * 12, "x" * 200])
def test_a_password_has_12_to_200_characters(password: str) -> None:
    rules.check_password(password, "amy.pond@saw.example")


def test_a_name_of_four_letters_in_a_password_is_a_guess_worth_trying() -> None:
    with pytest.raises(rules.PasswordTooWeak):
        rules.check_password("correct anne staple", "anne@saw.example")


@pytest.mark.parametrize("email", ["amy.pond@saw.example", "a@saw.example", "or@saw.example", "sta@saw.example"])
def test_three_random_words_are_a_password_whatever_the_address(email: str) -> None:
    rules.check_password("correct horse staple", email)


def test_a_token_has_no_scope_that_the_client_does_not_hold() -> None:
    held = ["vacancies:read", "vacancies:write"]
    assert rules.narrowed_scopes(held, "vacancies:read clearing:read") is None
    assert rules.narrowed_scopes(held, " vacancies:read ") == (Scope.VACANCIES_READ,)
    assert rules.narrowed_scopes(held, None) == rules.narrowed_scopes(held, "")
    assert rules.narrowed_scopes(held, " ".join(held)) == (Scope.VACANCIES_READ, Scope.VACANCIES_WRITE)


def test_failures_count_at_the_account_and_at_the_address_until_the_account_is_known_there() -> None:
    strange = rules.limits("amy", "10.0.0.1", is_familiar=False)
    assert [(each.failures, each.is_of_the_account) for each in strange] == [(5, True), (50, True), (30, False)]
    assert rules.limits("amy", "10.0.0.1", is_familiar=True) == strange[:1]
    keys = {
        each.key
        for login, address in (("amy", "10.0.0.2"), ("bob", "10.0.0.1"))
        for each in rules.limits(login, address, is_familiar=False)
    }
    assert keys & {each.key for each in strange} == {strange[1].key, strange[2].key}


def test_nobody_changes_their_own_roles() -> None:
    rules.refuse_own_roles(SAW_ADMIN, employer_id("DUD"))
    assert SAW_ADMIN.staff_id is not None
    with pytest.raises(rules.OwnRoles):
        rules.refuse_own_roles(SAW_ADMIN, SAW_ADMIN.staff_id)


def test_an_account_is_administered_by_who_administers_all_its_employers() -> None:
    saw, wlv = employer_id("SAW"), employer_id("WLV")
    assert rules.administers_all(SAW_ADMIN, [saw], is_region=False)
    assert not rules.administers_all(SAW_ADMIN, [saw, wlv], is_region=False)
    assert not rules.administers_all(SAW_ADMIN, [saw], is_region=True)
    assert rules.administers_all(WME_ADMIN, [saw, wlv], is_region=False)
    assert rules.administers_all(WME_ADMIN, [], is_region=True)


def test_the_first_key_is_used_at_once_and_every_other_15_minutes_later() -> None:
    now = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
    assert rules.next_usable_from(now, is_first=True) == now
    assert rules.next_usable_from(now, is_first=False) == now + timedelta(minutes=15)
