"""What is asked for equality monitoring, in our own words: the protected characteristics of the Equality Act 2010, s.4,
and caring. Ethnic groups are those of the 2021 census of England and Wales; figures show its five broad groups.

Data: a front end draws the questions from it, and a council's figures have one table for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

CONSENT_VERSION = "2026-11"
CONSENT = (
    "I agree that my answers are kept for figures about fairness. They are stored apart from my application and are"
    " never shown to anybody who decides about it. Published are counts of at least ten people. I can take my answers"
    " back at any time; what has been published in counts before stays."
)
PREFER_NOT_TO_SAY = "prefer_not_to_say"


@dataclass(frozen=True, slots=True)
class Option:
    """`group` is the broader group under which the figures count it, where there is one."""

    code: str
    label: str
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One characteristic. `groups` are the broader groups of its options, with their labels."""

    id: str
    title: str
    text: str
    options: Sequence[Option]
    groups: Mapping[str, str]

    @property
    def shown_groups(self) -> Mapping[str, str]:
        """What the figures count, by code, with labels: what people prefer not to say comes last."""
        return {each.group or each.code: self.groups.get(each.group or "", each.label) for each in self.options}

    def group_of(self, code: str) -> str:
        return next(each.group or each.code for each in self.options if each.code == code)


def _question(
    question_id: str, title: str, text: str, *options: Option, groups: Mapping[str, str] | None = None
) -> Question:
    asked = (*options, Option(PREFER_NOT_TO_SAY, "I prefer not to say"))
    return Question(question_id, title, text, asked, MappingProxyType(dict(groups or {})))


def _yes_no(question_id: str, title: str, text: str) -> Question:
    return _question(question_id, title, text, Option("yes", "Yes"), Option("no", "No"))


QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        each.id: each
        for each in (
            _question(
                "age_band",
                "Age",
                "How old are you?",
                Option("under_25", "Under 25"),
                Option("25_to_34", "25 to 34"),
                Option("35_to_44", "35 to 44"),
                Option("45_to_54", "45 to 54"),
                Option("55_to_64", "55 to 64"),
                Option("65_and_over", "65 or over"),
            ),
            _question(
                "sex",
                "Sex",
                "What is your sex?",
                Option("female", "Female"),
                Option("male", "Male"),
            ),
            _yes_no(
                "gender_identity",
                "Gender identity as registered at birth",
                "Do you identify with the sex that was registered when you were born?",
            ),
            _question(
                "ethnic_group",
                "Ethnic group",
                "Which of these describes your ethnic group best?",
                Option("indian", "Indian", "asian"),
                Option("pakistani", "Pakistani", "asian"),
                Option("bangladeshi", "Bangladeshi", "asian"),
                Option("chinese", "Chinese", "asian"),
                Option("other_asian", "Another Asian background", "asian"),
                Option("caribbean", "Caribbean", "black"),
                Option("african", "African background", "black"),
                Option("other_black", "Another Black background", "black"),
                Option("white_and_black_caribbean", "White and Black Caribbean", "mixed"),
                Option("white_and_black_african", "White and Black African", "mixed"),
                Option("white_and_asian", "White and Asian", "mixed"),
                Option("other_mixed", "Another mixed or multiple background", "mixed"),
                Option("white_british", "English, Welsh, Scottish, Northern Irish or British", "white"),
                Option("white_irish", "Irish", "white"),
                Option("gypsy_or_irish_traveller", "Gypsy or Irish Traveller", "white"),
                Option("roma", "Roma", "white"),
                Option("other_white", "Another White background", "white"),
                Option("arab", "Arab", "other"),
                Option("any_other_ethnic_group", "Another ethnic group", "other"),
                groups={
                    "asian": "Asian, Asian British or Asian Welsh",
                    "black": "Black, Black British, Black Welsh, Caribbean or African",
                    "mixed": "Mixed or multiple ethnic groups",
                    "white": "White",
                    "other": "Other ethnic groups",
                },
            ),
            _question(
                "disability",
                "Disability",
                "Does a condition or illness that has lasted, or will last, a year or more limit what you do from day"
                " to day?",
                Option("limited_a_lot", "Yes, a lot", "disabled"),
                Option("limited_a_little", "Yes, a little", "disabled"),
                Option("not_limited", "No", "not_disabled"),
                groups={"disabled": "Disabled", "not_disabled": "Not disabled"},
            ),
            _question(
                "religion_or_belief",
                "Religion or belief",
                "What is your religion or belief?",
                Option("none", "No religion"),
                Option("buddhist", "Buddhist"),
                Option("christian", "Christian"),
                Option("hindu", "Hindu"),
                Option("jewish", "Jewish"),
                Option("muslim", "Muslim"),
                Option("sikh", "Sikh"),
                Option("other_belief", "Another religion or belief"),
            ),
            _question(
                "sexual_orientation",
                "Sexual orientation",
                "Which of these describes your sexual orientation best?",
                Option("heterosexual", "Straight"),
                Option("gay_or_lesbian", "Gay or lesbian"),
                Option("bisexual", "Bisexual"),
                Option("other_orientation", "Another orientation"),
            ),
            _yes_no(
                "marriage_or_civil_partnership",
                "Marriage or civil partnership",
                "Are you married or in a civil partnership?",
            ),
            _yes_no(
                "pregnancy_or_maternity",
                "Pregnancy or maternity",
                "Are you pregnant, or have you given birth within the last 26 weeks?",
            ),
            _question(
                "caring_responsibilities",
                "Caring responsibilities",
                "Do you look after somebody?",
                Option("children", "Yes, a child or children", "carer"),
                Option("adult", "Yes, an adult who needs care", "carer"),
                Option("children_and_adult", "Yes, both", "carer"),
                Option("nobody", "No", "no_carer"),
                groups={"carer": "Looks after somebody", "no_carer": "Looks after nobody"},
            ),
        )
    }
)


def answers_schema() -> dict[str, Any]:
    """The JSON Schema of a set of answers: every question has one, if only that somebody prefers not to say."""
    return {
        "type": "object",
        "required": list(QUESTIONS),
        "additionalProperties": False,
        "properties": {
            each.id: {
                "type": "string",
                "title": each.text,
                "oneOf": [{"const": option.code, "title": option.label} for option in each.options],
            }
            for each in QUESTIONS.values()
        },
    }
