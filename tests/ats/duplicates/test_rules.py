"""Which two are suggested as one person, and that no order, case, space or accent changes it."""

from __future__ import annotations

import random
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ats.duplicates.rules import (
    MOST_OF_ONE_KIND,
    Decided,
    Known,
    Sign,
    are_enough,
    in_words,
    is_one_slip,
    mailbox_of,
    name_of,
    people_of,
    phone_of,
    signs_between,
    suggest,
    told_apart,
)
from services.ats.persons.states import LinkVerdict

AT = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
ONE, TWO = LinkVerdict.ONE_PERSON, LinkVerdict.TWO_PEOPLE


def known(name: str = "Amara Osei", email: str = "amara.osei@people.example", **more: Any) -> Known:
    return Known(
        **({"application_id": uuid4(), "person_key": email, "submitted_at": AT} | more), name=name, email=email
    )


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (known(email="ao@work.example", phone="+44 (0)121 496 0000"), "same name, same phone"),
        (known("AMARA  J.  ÓSEI", "ao@work.example", phone="01214960000"), "same name, same phone"),
        (known(email="amara.osie@people.example"), "same name, nearly the same e-mail address"),
        (known(email="amara.osei@peple.example"), "same name, nearly the same e-mail address"),
        (known("A. Osei", "Amara.Osei+jobs@People.example"), "both addresses lead to one mailbox"),
        (
            known("Amara Brown", "ab@home.example", registrations=(("Social Work England", "sw 104233"),)),
            "same professional registration",
        ),
    ],
)
def test_two_signs_or_one_that_is_nobody_elses_are_suggested_with_the_reasons(other: Known, words: str) -> None:
    mine = known(phone="0121 496 0000", registrations=(("Social work England", "SW104233"),))
    (found,) = suggest([mine, other])
    assert in_words(found.signs) == words


@pytest.mark.parametrize(
    "other",
    [
        known(email="ao@work.example"),
        known("Kofi Osei", "kofi@people.example", phone="0121 496 0000"),
        known("Kofi Osei", "amara.osie@people.example"),
        known(email="amara.osei@people.example", person_key="amara.osei@people.example"),
        known(email="ao@work.example", phone="12"),
        known(email="bo@work.example", registrations=(("Social Work England", ""),)),
    ],
    ids=["a name alone", "a family's phone", "a slip alone", "one address", "no number", "no registration"],
)
def test_one_sign_that_many_share_suggests_nobody(other: Known) -> None:
    assert suggest([known(phone="0121 496 0000", registrations=(("Social Work England", ""),)), other]) == []


def test_short_addresses_and_other_peoples_mailboxes_are_alike_by_chance() -> None:
    assert suggest([known(email="ann@a.example"), known(email="ann@b.example")]) == []
    assert mailbox_of("a.b@gmail.com") == mailbox_of("AB+x@googlemail.com")
    assert mailbox_of("a.b@council.example") != mailbox_of("ab@council.example")


def test_slips_are_one_letter_or_two_that_changed_places() -> None:
    for other in ("amra", "amaraa", "amata", "aamra", "mara", "amar"):
        assert is_one_slip("amara", other), other
        assert is_one_slip(other, "amara"), other
    for other in ("amara", "amarata", "ammra2", "aarma2", "kofi"):
        assert not is_one_slip("amara", other), other


NAMES = st.sampled_from(["Amara Osei", "José García", "Siân O'Brien", "Anne-Marie Smith", "Kofi", "李 明"])
EMAILS = st.sampled_from(
    [
        "amara.osei@people.example",
        "amara.osie@people.example",
        "a.osei@gmail.com",
        "aosei+x@googlemail.com",
        "k@b.example",
    ]
)
PHONES = st.sampled_from([None, "0121 496 0000", "+441214960000", "07700 900123", "n/a", ""])
REGISTRATIONS = st.sampled_from([(), (("NMC", "12A3456E"),), (("nmc", "12a 3456e"),), (("GMC", "7"),)])
PEOPLE = st.builds(
    known, name=NAMES, email=EMAILS, phone=PHONES, registrations=REGISTRATIONS, person_key=st.sampled_from("abcdef")
)


def noisy(one: Known, seed: int) -> Known:
    """The same typed otherwise: case, spaces, accents, a middle name, and how a number is written."""
    chance = random.Random(seed)
    name = "".join(chance.choice([each.upper(), each.lower()]) for each in one.name)
    name = unicodedata.normalize(chance.choice(["NFC", "NFD"]), name).replace(" ", chance.choice(["  ", " Jo ", " \t"]))
    phone = one.phone and " ".join(one.phone.replace(" ", ""))
    return Known(
        one.application_id, one.person_key, f" {name} ", f" {one.email.upper()} ", one.submitted_at, phone,
        tuple((body.upper(), f" {number} ") for body, number in one.registrations),
    )  # fmt: skip


@given(one=PEOPLE, other=PEOPLE)
def test_signs_between_two_are_the_same_from_either_side(one: Known, other: Known) -> None:
    assert signs_between(one, other) == signs_between(other, one)


@given(one=PEOPLE, seed=st.integers())
def test_somebody_is_as_like_themselves_however_it_was_typed(one: Known, seed: int) -> None:
    """Everything that they said of themselves is recognised: the mailbox always, the rest as far as it was given."""
    expected = {Sign.SAME_MAILBOX, Sign.SAME_NAME}
    expected |= {Sign.SAME_PHONE} if phone_of(one.phone) else set()
    expected |= {Sign.SAME_REGISTRATION} if one.registrations else set()
    assert set(signs_between(one, noisy(one, seed))) == expected
    assert are_enough(expected)


@given(one=PEOPLE, other=PEOPLE, seed=st.integers())
def test_how_it_was_typed_changes_no_sign(one: Known, other: Known, seed: int) -> None:
    assert signs_between(noisy(one, seed), other) == signs_between(one, other)


@given(people=st.lists(PEOPLE, max_size=12), seed=st.integers())
def test_suggestions_do_not_depend_on_the_order_and_name_each_pair_once(people: list[Known], seed: int) -> None:
    found = suggest(people)
    shuffled = random.Random(seed).sample(people, len(people))
    assert suggest(shuffled) == found
    assert len({each.keys for each in found}) == len(found)
    compared = {
        frozenset({one.person_key, other.person_key})
        for one in people
        for other in people
        if one.person_key != other.person_key and are_enough(signs_between(one, other))
    }
    assert {each.keys for each in found} == compared, "what is left out by not comparing everybody with everybody"


KEYS = st.sampled_from("abcdef")
DECIDED = st.builds(Decided, KEYS, KEYS, st.sampled_from(LinkVerdict)).filter(
    lambda each: each.first_key != each.second_key
)


@given(people=st.lists(PEOPLE, max_size=8), decided=st.lists(DECIDED, max_size=6))
def test_nobody_is_suggested_of_whom_it_is_decided(people: list[Known], decided: list[Decided]) -> None:
    who = people_of(decided)
    for each in suggest(people, decided):
        pair = frozenset(who.get(key, key) for key in each.keys)
        assert len(pair) == 2
        assert pair not in told_apart(decided)


@given(people=st.lists(PEOPLE, max_size=8), before=st.lists(DECIDED, max_size=5), link=DECIDED)
def test_a_decision_that_is_taken_back_leaves_everything_as_it_was(
    people: list[Known], before: list[Decided], link: Decided
) -> None:
    with_it = [*before, link]
    assert link.verdict is TWO or people_of(with_it)[link.first_key] == people_of(with_it)[link.second_key]
    back = [each for each in with_it if each is not link]
    assert people_of(back) == people_of(before)
    assert suggest(people, back) == suggest(people, before)


def test_one_person_reaches_as_far_as_the_decisions_and_two_people_are_told_apart_as_wholes() -> None:
    decided = [Decided("a", "b", ONE), Decided("b", "c", ONE), Decided("c", "d", TWO)]
    assert people_of(decided) == {"a": "a", "b": "a", "c": "a"}
    assert told_apart(decided) == {frozenset({"a", "d"})}
    amara = [known(email=f"amara.osei@{key}.example", person_key=key) for key in "acd"]
    assert suggest(amara, decided) == []
    assert [each.keys for each in suggest(amara, decided[:2])] == [frozenset("ad")] or [
        each.keys for each in suggest(amara, decided[:2])
    ] == [frozenset("cd")]


def test_a_name_of_very_many_is_compared_among_the_newest_alone() -> None:
    many = [
        known(email=f"amara.osei@{n}.example", submitted_at=AT + timedelta(minutes=n))
        for n in range(MOST_OF_ONE_KIND + 5)
    ]
    found = suggest(many)
    newest = {each.application_id for each in many[5:]}
    assert {side.application_id for each in found for side in (each.first, each.second)} == newest


def test_names_are_compared_by_their_first_and_last_words() -> None:
    assert name_of("  Siân   ann O\u2019Brien ") == name_of("sian obrien") == ("sian", "obrien")
    assert name_of("123 !") == ()
