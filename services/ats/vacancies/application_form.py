"""What a council asks of those who apply, beyond who they are: part of what is advertised, and locked with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.ats.vacancies.criteria import Strict
from shared.field_errors import wrong_field

MAX_QUESTIONS, MAX_OPTIONS, MAX_DECLARATIONS, MAX_REFEREES = 40, 30, 10, 4
LARGEST_NUMBER = 1_000_000_000
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,20}$")]


class Asked(StrEnum):
    NOT_ASKED = "not_asked"
    OPTIONAL = "optional"
    REQUIRED = "required"


class QuestionKind(StrEnum):
    SHORT_TEXT = "short_text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    SINGLE_SELECT = "single_select"
    MULTI_SELECT = "multi_select"
    FILE = "file"
    """Answered with the id of a document."""
    FILE_OR_TEXT = "file_or_text"


TEXTS: Mapping[QuestionKind, int] = {
    QuestionKind.SHORT_TEXT: 200,
    QuestionKind.LONG_TEXT: 10_000,
    QuestionKind.FILE_OR_TEXT: 10_000,
}
"""The kinds that may be answered in words, with the longest answer in characters."""
FILES = frozenset({QuestionKind.FILE, QuestionKind.FILE_OR_TEXT})
SELECTS = frozenset({QuestionKind.SINGLE_SELECT, QuestionKind.MULTI_SELECT})


class Option(Strict):
    value: Id = Field(examples=["weekends"])
    label: str = Field(min_length=1, max_length=200, examples=["At weekends"])


class KnockOut(Strict):
    """Answers that rule somebody out. Panels see that one was given; candidates do not see which they are."""

    answers: list[bool | Id] = Field(min_length=1, max_length=MAX_OPTIONS, examples=[[False]])
    reason_code: Literal["essential_not_met", "right_to_work"] = "essential_not_met"
    criterion_id: str | None = Field(
        default=None, max_length=20, examples=["E1"], description="With essential_not_met: what is not met then"
    )

    @model_validator(mode="after")
    def _names_what_is_unmet(self) -> Self:
        if (self.reason_code == "essential_not_met") != (self.criterion_id is not None):
            raise wrong_field(
                "criterion_id", "not_of_its_kind", "essential_not_met names its criterion_id, and only it does"
            )
        return self


class CouncilQuestion(Strict):
    """A question of the council's own."""

    question_id: Id | None = Field(default=None, description="Yours, or Q1, Q2, … in order")
    label: str = Field(min_length=3, max_length=500, examples=["Can you work at weekends?"])
    help: str = Field(default="", max_length=500)
    kind: QuestionKind
    is_required: bool = False
    options: list[Option] = Field(default_factory=list, max_length=MAX_OPTIONS, description="Of the selects")
    max_length: int | None = Field(default=None, ge=1, le=10_000, description="Of texts, in characters")
    minimum: int | None = Field(default=None, ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, description="Of a number")
    maximum: int | None = Field(default=None, ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, description="Of a number")
    knock_out: KnockOut | None = None

    @model_validator(mode="after")
    def _options_are_a_selects(self) -> Self:
        values = [each.value for each in self.options]
        if (self.kind in SELECTS) != bool(values):
            raise wrong_field(
                "options", "not_of_its_kind", "single_select and multi_select have options, and only they"
            )
        if len(set(values)) != len(values):
            raise wrong_field("options", "given_twice", "two options have the same value")
        return self

    @model_validator(mode="after")
    def _limits_are_of_its_kind(self) -> Self:
        if self.max_length is not None and self.max_length > TEXTS.get(self.kind, 0):
            raise wrong_field(
                "max_length", "not_of_its_kind", f"of a text, at most {TEXTS.get(self.kind, 0)} for {self.kind}"
            )
        if (self.minimum, self.maximum) != (None, None) and self.kind is not QuestionKind.NUMBER:
            raise wrong_field("minimum", "not_of_its_kind", "minimum and maximum are of a number")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise wrong_field("minimum", "order_reversed", "minimum is above maximum")
        return self

    @model_validator(mode="after")
    def _knocks_out_by_answers_that_there_are(self) -> Self:
        if self.knock_out is None:
            return self
        if not self.is_required:
            raise wrong_field("is_required", "missing", "a knock-out question is required: no answer would pass it")
        known: set[Any] = {each.value for each in self.options}
        if self.kind is QuestionKind.YES_NO:
            known = {True, False}
        given = self.knock_out.answers
        if unknown := [each for each in given if each not in known]:
            raise wrong_field(
                "knock_out", "not_in_the_list", f"{unknown[0]} is no answer to a question of kind {self.kind}"
            )
        if set(given) == known:
            raise wrong_field("knock_out", "every_answer", "every answer would rule the person out")
        return self


class Declaration(Strict):
    """Something that everyone who applies declares."""

    declaration_id: Id | None = Field(default=None, description="Yours, or D1, D2, … in order")
    text: str = Field(min_length=3, max_length=1000, examples=["What I say here is true."])


class ApplicationForm(Strict):
    """Given as a whole. Left out: name, e-mail address, telephone, criteria and a statement, the last three optional.

    `required` employment, education and registrations must be sent, and may be sent empty: some have none.
    """

    phone: Literal["optional", "required"] = "optional"
    criteria: Asked = Field(default=Asked.OPTIONAL, description="An answer to each essential criterion")
    supporting_statement: Asked = Asked.OPTIONAL
    employment: Asked = Asked.NOT_ASKED
    education: Asked = Asked.NOT_ASKED
    registrations: Asked = Asked.NOT_ASKED
    referees: int = Field(default=0, ge=0, le=MAX_REFEREES, description="How many must be named")
    declarations: list[Declaration] = Field(default_factory=list, max_length=MAX_DECLARATIONS)
    questions: list[CouncilQuestion] = Field(default_factory=list, max_length=MAX_QUESTIONS)

    @model_validator(mode="after")
    def _everything_has_an_id(self) -> Self:
        self.questions = [
            each if each.question_id else each.model_copy(update={"question_id": f"Q{number}"})
            for number, each in enumerate(self.questions, start=1)
        ]
        self.declarations = [
            each if each.declaration_id else each.model_copy(update={"declaration_id": f"D{number}"})
            for number, each in enumerate(self.declarations, start=1)
        ]
        for ids in (
            [each.question_id for each in self.questions],
            [each.declaration_id for each in self.declarations],
        ):
            if len(set(ids)) != len(ids):
                raise wrong_field("questions", "given_twice", "two questions, or two declarations, have the same id")
        return self

    def stored(self) -> dict[str, Any]:
        """Nothing at all for the form that everyone has who asks for no other."""
        return self.model_dump(mode="json", exclude_defaults=True)


def refuse_unknown_criterion(form: ApplicationForm, criteria: Sequence[Any]) -> None:
    """Raises an error of the field where a knock-out names a criterion that the vacancy has not."""
    known = {each.criterion_id for each in criteria}
    named = [each.knock_out.criterion_id for each in form.questions if each.knock_out is not None]
    if unknown := [each for each in named if each is not None and each not in known]:
        raise wrong_field("application_form", "not_in_the_list", f"{unknown[0]} is no essential criterion of it")


def public_part(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The form as candidates may know it: not which answers rule them out."""
    questions = [{name: value for name, value in each.items() if name != "knock_out"} for each in _questions(stored)]
    return dict(stored) | ({"questions": questions} if questions else {})


def _questions(stored: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return stored.get("questions", ())
