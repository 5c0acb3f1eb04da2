from __future__ import annotations

from enum import StrEnum


class LinkVerdict(StrEnum):
    ONE_PERSON = "one_person"
    TWO_PEOPLE = "two_people"
    """Remembered, so that the two are not suggested again."""


class LinkReason(StrEnum):
    """Why, as a code: words about a person would stay in the audit."""

    PERSON_SAID_SO = "person_said_so"
    SAME_DETAILS = "same_details"
    PAPERS_AGREE = "papers_agree"
    DIFFERENT_DETAILS = "different_details"
    MISTAKE = "mistake"


VERDICT_LABELS = {LinkVerdict.ONE_PERSON: "One person", LinkVerdict.TWO_PEOPLE: "Two people"}
REASON_LABELS = {
    LinkReason.PERSON_SAID_SO: "The person said so",
    LinkReason.SAME_DETAILS: "What they wrote is the same",
    LinkReason.PAPERS_AGREE: "Their papers agree",
    LinkReason.DIFFERENT_DETAILS: "What they wrote is not the same",
    LinkReason.MISTAKE: "It was a mistake",
}
