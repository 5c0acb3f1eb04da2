"""Whether two applications under different addresses are probably one person's, and why. No database, no clock."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType
from uuid import UUID

from services.ats.persons.states import LinkVerdict

FEWEST_DIGITS = 9
"""Of a telephone number that says something."""
SHORTEST_MAILBOX = 5
"""Of a part before the @ that is compared with another: shorter ones are alike by chance."""
MOST_OF_ONE_KIND = 200
"""People with one name who are compared with each other: beyond, the name says nothing."""
DOTLESS = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Where dots in an address do not count."""


class Sign(StrEnum):
    SAME_MAILBOX = "same_mailbox"
    SAME_REGISTRATION = "same_registration"
    SAME_NAME = "same_name"
    SAME_PHONE = "same_phone"
    SIMILAR_ADDRESS = "similar_address"


WORDS: Mapping[Sign, str] = MappingProxyType(
    {
        Sign.SAME_MAILBOX: "both addresses lead to one mailbox",
        Sign.SAME_REGISTRATION: "same professional registration",
        Sign.SAME_NAME: "same name",
        Sign.SAME_PHONE: "same phone",
        Sign.SIMILAR_ADDRESS: "nearly the same e-mail address",
    }
)


@dataclass(frozen=True, slots=True)
class Known:
    """What one application says of who sent it. `registrations`: body and number of each."""

    application_id: UUID
    person_key: str
    name: str
    email: str
    submitted_at: datetime
    phone: str | None = None
    registrations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    first: Known
    second: Known
    signs: tuple[Sign, ...]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset({self.first.person_key, self.second.person_key})


@dataclass(frozen=True, slots=True)
class Decided:
    first_key: str
    second_key: str
    verdict: LinkVerdict


def name_of(name: str) -> tuple[str, ...]:
    """The first and the last word without case, accents, spaces and what stands between them; () for no letters."""
    plain = unicodedata.normalize("NFKD", name).casefold().replace("'", "").replace("\u2019", "")
    letters = "".join(each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each))
    words = re.findall(r"[^\W\d_]+", letters)
    return (words[0], words[-1]) if words else ()


def phone_of(phone: str | None) -> str:
    """Its digits as they are dialled inside the country, without the first nought; empty where they are too few."""
    digits = re.sub(r"\D", "", phone or "")
    digits = digits.removeprefix("00")
    if len(digits) > FEWEST_DIGITS + 1:
        digits = digits.removeprefix("44")
    digits = digits.lstrip("0")
    return digits if len(digits) >= FEWEST_DIGITS else ""


def mailbox_of(email: str) -> tuple[str, str]:
    """Where mail to it arrives: without case, and without what some providers do not look at."""
    local, _, domain = unicodedata.normalize("NFKC", email).strip().casefold().rpartition("@")
    local = local.partition("+")[0]
    if domain in DOTLESS:
        return local.replace(".", ""), DOTLESS[domain]
    return local, domain


def registrations_of(known: Known) -> frozenset[tuple[str, str]]:
    found = {(_plain(body), _plain(number)) for body, number in known.registrations}
    return frozenset(each for each in found if all(each))


def _plain(words: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", words).casefold())


def is_one_slip(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too many, or two neighbours have changed places."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1 or one == other:
        return False
    at = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    is_swap = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or is_swap


def is_similar_address(one: str, other: str) -> bool:
    """The same part before the @ at another provider, or one slip in it at the same."""
    (local, domain), (other_local, other_domain) = mailbox_of(one), mailbox_of(other)
    if min(len(local), len(other_local)) < SHORTEST_MAILBOX:
        return False
    if local == other_local:
        return domain != other_domain
    return domain == other_domain and is_one_slip(local, other_local)


def signs_between(one: Known, other: Known) -> tuple[Sign, ...]:
    """In the order of their weight."""
    found = {
        Sign.SAME_MAILBOX: mailbox_of(one.email) == mailbox_of(other.email),
        Sign.SAME_REGISTRATION: bool(registrations_of(one) & registrations_of(other)),
        Sign.SAME_NAME: bool(name_of(one.name)) and name_of(one.name) == name_of(other.name),
        Sign.SAME_PHONE: bool(phone_of(one.phone)) and phone_of(one.phone) == phone_of(other.phone),
        Sign.SIMILAR_ADDRESS: is_similar_address(one.email, other.email),
    }
    return tuple(sign for sign, is_there in found.items() if is_there)


def are_enough(signs: Iterable[Sign]) -> bool:
    """A name alone is many people's, and a telephone a family's: it takes two signs, or one that is nobody else's."""
    found = set(signs)
    if found & {Sign.SAME_MAILBOX, Sign.SAME_REGISTRATION}:
        return True
    return Sign.SAME_NAME in found and bool(found & {Sign.SAME_PHONE, Sign.SIMILAR_ADDRESS})


def in_words(signs: Iterable[Sign]) -> str:
    return ", ".join(WORDS[each] for each in signs)


def people_of(decided: Iterable[Decided]) -> dict[str, str]:
    """For every key that a decision joins to another, the one key that its person goes by here."""
    root: dict[str, str] = {}

    def find(key: str) -> str:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for each in decided:
        if each.verdict is LinkVerdict.ONE_PERSON:
            low, high = sorted((find(each.first_key), find(each.second_key)))
            root[high] = low
    return {key: find(key) for key in list(root)}


def told_apart(decided: Sequence[Decided]) -> set[frozenset[str]]:
    """The pairs of people, by the keys that they go by, who were found to be two."""
    people = people_of(decided)
    return {
        frozenset(people.get(key, key) for key in (each.first_key, each.second_key))
        for each in decided
        if each.verdict is LinkVerdict.TWO_PEOPLE
    }


def suggest(known: Sequence[Known], decided: Sequence[Decided] = ()) -> list[Suggestion]:
    """One for each pair of people who may be one and of whom nothing is decided, the weightiest and newest first."""
    people, apart = people_of(decided), told_apart(decided)
    best: dict[frozenset[str], Suggestion] = {}
    for one, other in _worth_comparing(known):
        pair = frozenset(people.get(each.person_key, each.person_key) for each in (one, other))
        if len(pair) == 1 or pair in apart:
            continue
        signs = signs_between(one, other)
        if are_enough(signs):
            first, second = sorted((one, other), key=lambda each: (each.submitted_at, str(each.application_id)))
            found = Suggestion(first, second, signs)
            if pair not in best or rank(found) < rank(best[pair]):
                best[pair] = found
    return sorted(best.values(), key=rank)


def rank(found: Suggestion) -> tuple[int, float, str, str]:
    """The weightiest first, then the newest."""
    newest = found.second.submitted_at.timestamp()
    return -len(found.signs), -newest, str(found.first.application_id), str(found.second.application_id)


def _worth_comparing(known: Sequence[Known]) -> Iterable[tuple[Known, Known]]:
    """Who shares something that no suggestion goes without."""
    blocks: dict[tuple[str, ...], list[Known]] = defaultdict(list)
    for each in sorted(known, key=lambda each: (each.submitted_at, str(each.application_id)), reverse=True):
        if name := name_of(each.name):
            blocks["name", *name].append(each)
        blocks["mailbox", *mailbox_of(each.email)].append(each)
        for registration in registrations_of(each):
            blocks["registration", *registration].append(each)
    for block in blocks.values():
        for one, other in combinations(block[:MOST_OF_ONE_KIND], 2):
            if one.person_key != other.person_key:
                yield one, other
