"""Advice on the words of an advert. No database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.ats.advert_advice.words import (
    FEMININE_STEMS,
    JARGON,
    KNOWN_ABBREVIATIONS,
    MASCULINE_STEMS,
    MAY_EXCLUDE,
    NOT_CODED,
)

HIGHEST_READING_AGE = 14
MOST_ESSENTIALS = 12
# Fewer words give the formula nothing to go by.
FEWEST_WORDS = 60
YEARS_BEFORE_SCHOOL = 5

WORD = re.compile(r"[A-Za-z]+(?:['\u2019-][A-Za-z]+)*")
SENTENCE_END = re.compile(r"[.!?:]+(?=\s|$)|\n+")
ABBREVIATION = re.compile(r"\b[A-Z]{2,}[A-Za-z]?\b")


class AdviceCode(StrEnum):
    READING_AGE = "reading_age"
    PAY_MISSING = "pay_missing"
    MANY_ESSENTIALS = "many_essentials"
    CODED_LANGUAGE = "coded_language"
    MAY_EXCLUDE = "may_exclude"
    JARGON = "jargon"
    ABBREVIATION = "abbreviation"


@dataclass(frozen=True, slots=True)
class AdvertText:
    title: str
    description: str
    essential: Sequence[str]
    has_pay: bool

    def fields(self) -> Iterable[tuple[str, str]]:
        yield "title", self.title
        yield "description", self.description
        for number, text in enumerate(self.essential):
            yield f"essential.{number}.text", text


@dataclass(frozen=True, slots=True)
class Advice:
    """`found` are the words that it is about, in the order in which they come."""

    code: AdviceCode
    field: str
    detail: str
    next_step: str
    found: tuple[str, ...] = ()


def advise(advert: AdvertText) -> list[Advice]:
    """Everything worth saying about an advert; empty for a good one."""
    found = [*_about_the_whole(advert)]
    for field, text in advert.fields():
        found += _phrases(field, text)
        found += _abbreviations(field, text, advert)
    return found


def reading_age(text: str) -> int | None:
    """The age at which a text is read with ease, in years; None for one too short to tell.

    Automated Readability Index (Smith and Senter 1967), 4.71 characters a word + 0.5 words a sentence - 21.43, which is
    a school grade of the USA: five years younger than the pupil.
    """
    words = WORD.findall(text)
    if len(words) < FEWEST_WORDS:
        return None
    sentences = sum(1 for each in SENTENCE_END.split(text) if WORD.search(each))
    letters = sum(len(word) for word in words)
    grade = 4.71 * letters / len(words) + 0.5 * len(words) / sentences - 21.43
    return max(YEARS_BEFORE_SCHOOL, round(grade) + YEARS_BEFORE_SCHOOL)


def _about_the_whole(advert: AdvertText) -> Iterable[Advice]:
    age = reading_age(advert.description)
    if age is not None and age > HIGHEST_READING_AGE:
        detail = f"The description reads like a text for people aged {age}; most read with ease up to 14."
        yield Advice(AdviceCode.READING_AGE, "description", detail, "Use shorter sentences and shorter words")
    if not advert.has_pay:
        detail = "An advert without pay gets fewer answers, and those who ask are not everybody."
        yield Advice(AdviceCode.PAY_MISSING, "salary_min_pence", detail, "Give the pay range or the spinal points")
    if len(advert.essential) > MOST_ESSENTIALS:
        detail = f"{len(advert.essential)} essential criteria. Many people apply only when they meet every one."
        next_step = f"Keep at most {MOST_ESSENTIALS}; make the others desirable, or say that they can be learnt"
        yield Advice(AdviceCode.MANY_ESSENTIALS, "essential", detail, next_step)
    words = [word.lower() for word in WORD.findall(f"{advert.title}\n{advert.description}")]
    masculine, feminine = _coded(words, MASCULINE_STEMS), _coded(words, FEMININE_STEMS)
    if len(masculine) > len(feminine):
        detail = "More words that studies found to put women off than words that welcome them."
        next_step = "Say what is done rather than what kind of person does it"
        yield Advice(AdviceCode.CODED_LANGUAGE, "description", detail, next_step, _once(masculine))


def _coded(words: Iterable[str], stems: tuple[str, ...]) -> list[str]:
    return [word for word in words if word.startswith(stems) and word not in NOT_CODED]


def _phrases(field: str, text: str) -> Iterable[Advice]:
    for code, phrases, detail in (
        (AdviceCode.MAY_EXCLUDE, MAY_EXCLUDE, "This may keep people away whom the Equality Act 2010 protects."),
        (AdviceCode.JARGON, JARGON, "Not everybody outside the council knows what this means."),
    ):
        for phrase, instead in phrases.items():
            if re.search(rf"(?<![\w-]){re.escape(phrase)}(?![\w-])", text, re.IGNORECASE):
                yield Advice(code, field, detail, instead, (phrase,))


def _abbreviations(field: str, text: str, advert: AdvertText) -> Iterable[Advice]:
    """Those that are explained in brackets, here or earlier, are known."""
    if text.isupper():
        return
    everything = "\n".join(each for _, each in advert.fields())
    unknown = [
        each
        for each in ABBREVIATION.findall(text)
        if each.upper() not in KNOWN_ABBREVIATIONS and f"({each})" not in everything and f"{each} (" not in everything
    ]
    if unknown:
        detail = "Not everybody outside the council knows what this stands for."
        yield Advice(AdviceCode.ABBREVIATION, field, detail, "Write it out the first time", _once(unknown))


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
