"""Advice on adverts: what it finds, what it leaves alone, and that it never blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ats.advert_advice.rules import AdvertText, AdviceCode, advise, reading_age
from shared.vocabulary import Scope
from tests.factories.ats import Ats

PLAIN = (
    "You help people to keep their homes. You talk to them, to their landlords and to our lawyers. "
    "You write down what you agree. We train you in housing law. You work with a kind team in the town centre. "
    "You can work from home for part of the week. We pay for your travel. Tell us how you have helped people before. "
    "We would like to hear from you."
)
HEAVY = (
    "The successful candidate will demonstrate comprehensive understanding of organisational transformation "
    "methodologies, incorporating multidisciplinary collaboration arrangements throughout numerous administrative "
    "departments, whilst simultaneously maintaining responsibility for considerable financial accountability, "
    "performance measurement infrastructure, procurement specifications, contractual negotiations and "
    "interdepartmental communications across geographically distributed operational environments, reporting "
    "continuously to executive representatives concerning implementation difficulties, intergovernmental "
    "relationships, statutory requirements and legislative developments affecting constituent authorities."
)


def advert(
    description: str = PLAIN, title: str = "Housing officer", essential: int = 3, pay: bool = True
) -> AdvertText:
    return AdvertText(title, description, ["A year advising people"] * essential, pay)


def codes(text: AdvertText) -> set[AdviceCode]:
    return {each.code for each in advise(text)}


def test_a_plain_advert_gets_no_advice() -> None:
    assert advise(advert()) == []


def test_the_reading_age_is_that_of_the_automated_readability_index() -> None:
    """20 sentences of three words of five letters: 4.71 x 5 + 0.5 x 3 - 21.43 = 3.62, grade 4, age 9."""
    assert reading_age("Write plain words. " * 20) == 9
    assert reading_age("Write plain words. " * 10) is None


def test_marks_without_words_between_them_are_no_sentences() -> None:
    text = ("letter " * 12 + ". ") * 6
    assert reading_age(text + "! . ? " * 20) == reading_age(text)


@pytest.mark.parametrize(("words", "age", "is_told"), [(5, 14, False), (6, 15, True)])
def test_a_text_is_told_from_the_reading_age_of_fifteen_on(words: int, age: int, is_told: bool) -> None:
    text = ("letter " * words + ". ") * 20
    assert reading_age(text) == age
    assert (AdviceCode.READING_AGE in codes(advert(text))) is is_told


def test_a_text_for_older_readers_is_told() -> None:
    (found,) = [each for each in advise(advert(HEAVY)) if each.code is AdviceCode.READING_AGE]
    assert found.field == "description"
    assert str(reading_age(HEAVY)) in found.detail


@pytest.mark.parametrize(("essential", "is_told"), [(12, False), (13, True)])
def test_more_than_twelve_essentials_are_told(essential: int, is_told: bool) -> None:
    assert (AdviceCode.MANY_ESSENTIALS in codes(advert(essential=essential))) is is_told


def test_missing_pay_is_told() -> None:
    assert codes(advert(pay=False)) == {AdviceCode.PAY_MISSING}


def test_coded_words_are_told_where_they_outweigh_the_others() -> None:
    (found,) = advise(advert("A confident and competitive leader, determined to dominate."))
    assert (found.code, found.found) == (
        AdviceCode.CODED_LANGUAGE,
        ("confident", "competitive", "determined", "dominate"),
    )
    assert advise(advert("A confident person who supports and understands others.")) == []
    assert advise(advert("You meet the competencies and objectives of the role.")) == []


@pytest.mark.parametrize(
    ("words", "code", "instead"),
    [
        ("We need a Foreman.", AdviceCode.MAY_EXCLUDE, "Supervisor"),
        ("Our Young and lively team.", AdviceCode.MAY_EXCLUDE, "Leave it out"),
        ("You utilise our systems.", AdviceCode.JARGON, "use"),
        ("You hit the ground running.", AdviceCode.JARGON, "learn quickly"),
    ],
)
def test_phrases_come_with_a_better_one(words: str, code: AdviceCode, instead: str) -> None:
    found = [each for each in advise(advert(words)) if each.code is code]
    assert instead in {each.next_step for each in found}


def test_a_word_inside_another_is_left_alone() -> None:
    assert advise(advert("Reutilise, utilised, commencement and re-commence.")) == []


def test_those_whom_a_council_works_for_are_no_coded_words() -> None:
    assert advise(advert("You work with young people, young carers and mature students.")) == []


def test_an_abbreviation_is_told_until_it_is_explained() -> None:
    (found,) = advise(advert("You chair the MASH and read the DBS."))
    assert (found.code, found.found) == (AdviceCode.ABBREVIATION, ("MASH",))
    assert advise(advert("You chair the multi-agency safeguarding hub (MASH). The MASH meets daily.")) == []
    assert advise(advert("You chair the MASH (the multi-agency safeguarding hub).")) == []


def test_a_text_in_capitals_is_not_taken_for_abbreviations() -> None:
    assert advise(advert("YOU CHAIR THE SAFEGUARDING HUB.")) == []


def test_words_of_a_criterion_are_told_at_their_place() -> None:
    (found,) = advise(AdvertText("Officer", "", ["A degree", "Liaise with tenants"], True))
    assert (found.field, found.code) == ("essential.1.text", AdviceCode.JARGON)


def test_words_of_the_title_are_told_at_their_place() -> None:
    (found,) = advise(advert(title="Foreman"))
    assert (found.field, found.code) == ("title", AdviceCode.MAY_EXCLUDE)


@given(st.text(max_size=2000), st.lists(st.text(max_size=200), max_size=20))
def test_any_text_can_be_advised_on(description: str, essential: list[str]) -> None:
    for each in advise(AdvertText("Officer", description, essential, True)):
        assert each.detail
        assert each.next_step


async def test_a_draft_of_another_system_is_advised_on_and_never_refused(council: Ats) -> None:
    draft = {"title": "Officer", "description": "You utilise it.", "has_pay": False}
    answer = await council.client.post("/v1/advert-advice", json=draft, headers=council.headers(Scope.VACANCIES_READ))
    assert answer.status_code == 200
    assert {each["code"] for each in answer.json()["advice"]} == {"jargon", "pay_missing"}


async def test_a_vacancy_with_advice_goes_its_way(council: Ats) -> None:
    vacancy = await council.in_clearing(description="You utilise it.")
    address = f"/v1/vacancies/{vacancy['id']}/advice"
    answer = await council.client.get(address, headers=council.headers(Scope.VACANCIES_READ))
    assert [each["code"] for each in answer.json()["advice"]] == ["jargon"]
    stranger = council.headers(Scope.VACANCIES_READ, employers=("DUD",))
    assert (await council.client.get(address, headers=stranger)).status_code == 404
