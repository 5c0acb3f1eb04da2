"""Who may give what, what a password must be, and when signing in is stopped for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import DomainError, Forbidden, Invalid
from shared.events.ats import RoleGrant
from shared.principals import Principal
from shared.vocabulary import Scope

PASSWORD_LENGTH = range(12, 201)
NAME_THAT_TELLS = 4
"""From so many letters on, somebody's own name in a password is a guess worth trying."""
KEY_ANNOUNCED = timedelta(minutes=15)
"""A new signing key is published at least this long before its first use (design section 3)."""
INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)

# A stranger who guesses is stopped at his own address first, so that he cannot lock out the owner of the account. Where
# an account has signed in before, only guesses at this account from this address count: a whole council sits behind one
# address, and neither its own slips nor somebody who tries many accounts there may stop everybody else.
LOCK_FOR = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=1)
FAMILIAR_FOR = timedelta(days=90)
FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS = 5
FAILURES_FROM_ONE_ADDRESS = 30
FAILURES_AT_ONE_ACCOUNT = 50


class GrantNotYours(Forbidden):
    code = "grant_not_yours"
    title = "You can give only council roles, at employers that you administer"


class GrantMalformed(Invalid):
    code = "grant_malformed"
    title = "A council role is held at an employer, a WME role at none"


class OwnRoles(Forbidden):
    code = "own_roles"
    title = "Nobody changes their own roles"


class PasswordTooWeak(Invalid):
    code = "password_too_weak"
    title = "The password is too short, too long or too easy to guess"


class ServesNobody(Invalid):
    code = "serves_nobody"
    title = "A system acts for at least one employer"


class ServesOthersToo(DomainError):
    code = "serves_others_too"
    title = "Other employers rely on this too: only WME can change it as a whole"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures under one key stop it for `LOCK_FOR`."""

    key: str
    failures: int
    is_of_the_account: bool


def account_at(login: str, address: str) -> str:
    return f"{login}\0{address}"


def limits(login: str, address: str, *, is_familiar: bool) -> tuple[Limit, ...]:
    """The counters that an attempt adds to; a success forgets those of the account.

    `is_familiar`: the account has signed in from this address within `FAMILIAR_FOR`.
    """
    own = Limit(account_at(login, address), FAILURES_AT_ONE_ACCOUNT_FROM_ONE_ADDRESS, is_of_the_account=True)
    if is_familiar:
        return (own,)
    return (
        own,
        Limit(f"{login}\0", FAILURES_AT_ONE_ACCOUNT, is_of_the_account=True),
        Limit(f"\0{address}", FAILURES_FROM_ONE_ADDRESS, is_of_the_account=False),
    )


def login_of(email: str) -> str:
    return email.strip().casefold()


def check_password(password: str, email: str) -> None:
    """Raise PasswordTooWeak. Length is what counts; the only other thing refused is the person's own address.

    A short name says nothing: one letter is in half of all passwords.
    """
    own = login_of(email).partition("@")[0]
    names_its_owner = len(own) >= NAME_THAT_TELLS and own in password.casefold()
    if len(password) not in PASSWORD_LENGTH or names_its_owner:
        raise PasswordTooWeak(
            field="password", next_step="Use 12 to 200 characters, three random words for example, without your address"
        )


def check_grants(giver: Principal, grants: Iterable[RoleGrant]) -> None:
    """Raise GrantMalformed or GrantNotYours. WME's administrators give any role, a council's their own employers'."""
    for grant in grants:
        if grant.role.is_regional != (grant.employer_id is None):
            raise GrantMalformed(field="grants")
        if not giver.is_region and grant.employer_id not in giver.employer_ids:
            raise GrantNotYours(field="grants")


def refuse_own_roles(giver: Principal, staff_id: UUID) -> None:
    """Raise OwnRoles: who administers accounts may not make themselves an approver too."""
    if giver.staff_id == staff_id:
        raise OwnRoles(next_step="Ask another administrator of your employer, or WME.")


def grants_after(giver: Principal, held: Iterable[RoleGrant], given: Iterable[RoleGrant]) -> tuple[RoleGrant, ...]:
    """What somebody holds after `giver` has said what they hold at the giver's employers: the rest stays as it is."""
    kept = () if giver.is_region else tuple(grant for grant in held if grant.employer_id not in giver.employer_ids)
    return tuple(dict.fromkeys((*kept, *given)))


def administers_all(giver: Principal, employer_ids: Iterable[UUID], *, is_region: bool) -> bool:
    return giver.is_region or (not is_region and set(employer_ids) <= giver.employer_ids)


def narrowed_scopes(held: Iterable[str], asked: str | None) -> tuple[Scope, ...] | None:
    """The scopes of a token: all that the client holds, or those it asked for; None when it asked for another."""
    own = {Scope(each) for each in held}
    if asked is None or not asked.strip():
        return tuple(sorted(own))
    wanted = set(asked.split())
    return tuple(sorted(own & wanted)) if wanted <= own else None


def next_usable_from(now: datetime, *, is_first: bool) -> datetime:
    """The first key of an instance is needed at once; nobody holds an older one to be surprised."""
    return now if is_first else now + KEY_ANNOUNCED
