"""Keys: rotation, binding, and one person known by two spellings of an address."""

from __future__ import annotations

import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import Answer, Answers, Forged
from shared.events.base import Contact
from shared.sealing import Keyring, Unsealable, person_key
from shared.vocabulary import Service

OLD, NEW = os.urandom(32), os.urandom(32)
BEFORE = Keyring({"k1": OLD}, {"ats.k1": OLD, "clearing.k1": NEW}, OLD)
AFTER = Keyring({"k2": NEW, "k1": OLD}, {"ats.k2": NEW, "ats.k1": OLD}, OLD)
WITHOUT = Keyring({"k2": NEW}, {"ats.k2": NEW}, OLD)
ADA = Contact(name="Ada", email="ada@example.org")


def test_what_was_sealed_before_a_rotation_opens_after_it_and_not_once_the_key_is_gone() -> None:
    event_id = uuid4()
    token = BEFORE.seal(ADA, subscriber=Service.ATS, event_id=event_id)
    assert AFTER.open(token, Contact, subscriber=Service.ATS, event_id=event_id) == ADA
    assert AFTER.seal(ADA, subscriber=Service.ATS, event_id=event_id).startswith("ats.k2:")
    with pytest.raises(Unsealable):
        WITHOUT.open(token, Contact, subscriber=Service.ATS, event_id=event_id)


def test_a_subscriber_without_a_key_cannot_be_written_to() -> None:
    with pytest.raises(Unsealable):
        BEFORE.seal(ADA, subscriber=Service.NOTIFICATIONS, event_id=uuid4())


@given(at=st.integers(0, 10_000), by=st.integers(1, 127))
def test_a_token_changed_anywhere_never_opens_as_something_else(at: int, by: int) -> None:
    event_id = uuid4()
    token = bytearray(BEFORE.seal(ADA, subscriber=Service.ATS, event_id=event_id).encode())
    token[at % len(token)] = (token[at % len(token)] + by) % 128
    try:
        opened = BEFORE.open(token.decode(), Contact, subscriber=Service.ATS, event_id=event_id)
    except Unsealable:
        return
    # The last character of base64 has bits to spare: a change there is none.
    assert opened == ADA


def _answers() -> Answers:
    return Answers(producer=Service.ATS, subscriber=Service.CLEARING, answers=(Answer(event_id=uuid4(), redrives=0),))


def test_a_signature_holds_through_a_rotation() -> None:
    answers = _answers()
    assert Answers.checked(answers.signed_with(BEFORE), AFTER) == answers
    assert answers.signed_with(AFTER)["kid"] == "k2"
    with pytest.raises(Forged):
        Answers.checked(answers.signed_with(BEFORE), WITHOUT)


@pytest.mark.parametrize("forge", ["subscriber", "kid", "mac", "nothing to check", "not an object"])
def test_what_was_changed_on_the_way_is_refused(forge: str) -> None:
    signed = _answers().signed_with(BEFORE)
    match forge:
        case "subscriber":
            signed["body"]["subscriber"] = "notifications"
        case "kid":
            signed["kid"] = "k9"
        case "mac":
            signed["mac"] = "0" * 64
        case "nothing to check":
            del signed["mac"]
    with pytest.raises(Forged):
        Answers.checked([] if forge == "not an object" else signed, BEFORE)


def test_a_signed_body_of_another_shape_is_refused() -> None:
    kid, mac = BEFORE.sign(b'{"v":1}')
    with pytest.raises(Forged):
        Answers.checked({"body": {"v": 1}, "kid": kid, "mac": mac}, BEFORE)


@pytest.mark.parametrize("spelling", ["ADA@Example.org", " ada@example.org ", "\uff21da@example.org"])
def test_one_person_has_one_key_however_the_address_is_typed(keys: Keyring, spelling: str) -> None:
    assert person_key(spelling) == person_key("ada@example.org")


def test_two_people_have_two_keys_and_none_shows_the_address(keys: Keyring) -> None:
    assert person_key("ada@example.org") != person_key("eve@example.org")
    assert "ada" not in person_key("ada@example.org")


def test_no_repr_shows_a_key_or_a_person() -> None:
    assert "Ada" not in repr(ADA)
    assert repr(OLD) not in repr(BEFORE)
