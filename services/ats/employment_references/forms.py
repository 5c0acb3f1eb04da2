"""The forms that referees fill in, as data: a general one, and the region's for adults' and children's social care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class ReferenceForm(StrEnum):
    GENERAL = "general"
    SOCIAL_CARE = "social_care"


class ReferenceQuestionKind(StrEnum):
    TEXT = "text"
    DATE = "date"
    YES_NO = "yes_no"
    RATING = "rating"


RATINGS = ("outstanding", "good", "satisfactory", "poor", "not_known")
MOST_LETTERS = 4000


@dataclass(frozen=True, slots=True)
class Question:
    """`only_after` names a yes/no question: this one is asked for where that was answered with this very answer."""

    id: str
    label: str
    kind: ReferenceQuestionKind
    is_required: bool = True
    only_after: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is to be put right with one answer."""

    question: str
    text: str


Q, K = Question, ReferenceQuestionKind
_POST = (
    Q("relationship", "In what capacity do you know the candidate?", K.TEXT),
    Q("role", "What was their job?", K.TEXT),
    Q("employed_from", "When did they start with you?", K.DATE),
    Q("employed_to", "When did they leave? Leave it empty if they are still with you", K.DATE, is_required=False),
    Q("reason_for_leaving", "Why did they leave, or why are they leaving?", K.TEXT, is_required=False),
)
_RATED = {
    "quality_of_work": "Quality of work",
    "reliability": "Reliability and time-keeping",
    "working_with_others": "Working with others",
    "communication": "Communication, spoken and written",
    "honesty": "Honesty and integrity",
}
_RATED_IN_CARE = {
    "respect_for_people": "Respect for people and their dignity",
    "boundaries": "Keeping professional boundaries",
    "recording": "Recording and confidentiality",
    "judgement_of_risk": "Judgement of risk",
    "response_to_supervision": "Response to supervision",
}
_END = (
    Q("would_re_employ", "Would you employ them again?", K.YES_NO),
    Q("why_not_re_employ", "Why would you not?", K.TEXT, only_after=("would_re_employ", "no")),
    Q("is_able", "Do you believe that they are able to do the job they have applied for?", K.YES_NO),
    Q("why_not_able", "What makes you doubt it?", K.TEXT, only_after=("is_able", "no")),
    Q("anything_else", "Is there anything else that the employer should know?", K.TEXT, is_required=False),
)
_DISCIPLINE = (
    Q("has_warnings", "Is there a disciplinary warning or sanction that still counts?", K.YES_NO),
    Q("warnings", "What for, and until when?", K.TEXT, only_after=("has_warnings", "yes")),
)
_SAFEGUARDING = (
    Q("has_allegations", "Was a safeguarding allegation ever made that was not found to be false?", K.YES_NO),
    Q("allegations", "What was it, and how did it end?", K.TEXT, only_after=("has_allegations", "yes")),
    Q("is_investigated", "Is there an investigation now, or did they leave during one?", K.YES_NO),
    Q("investigation", "What is or was looked into?", K.TEXT, only_after=("is_investigated", "yes")),
    Q("is_suitable", "Are they suitable to work with children or adults at risk?", K.YES_NO),
    Q("why_not_suitable", "What makes you doubt it?", K.TEXT, only_after=("is_suitable", "no")),
)


def _ratings(of: Mapping[str, str]) -> tuple[Question, ...]:
    return tuple(Question(f"rating_{name}", label, ReferenceQuestionKind.RATING) for name, label in of.items())


NEWEST_VERSION = 1
# A form that was sent keeps its version: what a referee saw is what the answers are read against.
FORMS: Mapping[tuple[ReferenceForm, int], tuple[Question, ...]] = MappingProxyType(
    {
        (ReferenceForm.GENERAL, 1): (*_POST, *_ratings(_RATED), *_DISCIPLINE, *_END),
        (ReferenceForm.SOCIAL_CARE, 1): (
            *_POST,
            *_ratings(_RATED),
            *_ratings(_RATED_IN_CARE),
            *_DISCIPLINE,
            *_SAFEGUARDING,
            *_END,
        ),
    }
)


def read_answers(
    questions: tuple[Question, ...], sent: Mapping[str, str], today: date
) -> tuple[dict[str, str], list[Wrong]]:
    """The answers as they are kept, and what is wrong with them. A question that does not arise is not kept."""
    answers: dict[str, str] = {}
    wrong: list[Wrong] = []
    for question in questions:
        value = sent.get(question.id, "").strip()
        if question.only_after is not None:
            before, answer = question.only_after
            if sent.get(before, "").strip() != answer:
                continue
        problem = _problem(question, value, today)
        if problem is not None:
            wrong.append(Wrong(question.id, problem))
        elif value:
            answers[question.id] = value
    start, end = answers.get("employed_from"), answers.get("employed_to")
    if start and end and end < start:
        wrong.append(Wrong("employed_to", "The last day lies before the first"))
    return answers, wrong


def _problem(question: Question, value: str, today: date) -> str | None:
    if not value:
        return f"Answer: {question.label}" if question.is_required else None
    match question.kind:
        case ReferenceQuestionKind.TEXT:
            return f"At most {MOST_LETTERS} letters" if len(value) > MOST_LETTERS else None
        case ReferenceQuestionKind.YES_NO:
            return None if value in {"yes", "no"} else "Choose yes or no"
        case ReferenceQuestionKind.RATING:
            return None if value in RATINGS else "Choose one of the ratings"
        case ReferenceQuestionKind.DATE:
            return _problem_with_day(value, today)


def _problem_with_day(value: str, today: date) -> str | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "Enter a real date"
    return "The day lies ahead" if day > today else None
