"""Whose story may be shown, and how its light markup is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.ats.case_studies.models import CaseStudy, StoryState
from shared.errors import DomainError, Invalid
from shared.reference.occupations import families


class ConsentMissing(DomainError):
    code = "consent_missing"
    title = "The person portrayed has not agreed to this, or not any more"


class ConsentInFuture(Invalid):
    code = "consent_in_future"
    title = "The person portrayed has agreed on a day that is still to come"


class FamilyNotKnown(Invalid):
    code = "family_not_known"
    title = "There is no such kind of work"


@dataclass(frozen=True)
class Block:
    """A part of a story: `heading`, `list`, `quote` or `paragraph`, with its lines as they were written."""

    kind: str
    lines: tuple[str, ...]


MARKS = {"# ": "heading", "* ": "list", "> ": "quote"}


def blocks(story: str) -> Iterator[Block]:
    """Parts between empty lines, told apart by how they begin. Nothing else is markup: a page escapes every line."""
    for part in story.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        if lines:
            kind = MARKS.get(lines[0][:2], "paragraph")
            yield Block(kind, tuple(line[2:] if MARKS.get(line[:2]) == kind else line for line in lines))


def refuse_impossible(family: str | None, consent_given_on: date, today: date) -> None:
    """Raises FamilyNotKnown, ConsentInFuture."""
    if family is not None and family not in families():
        raise FamilyNotKnown(field="family", next_step="Take a value of GET /v1/reference/families, or none")
    if consent_given_on > today:
        raise ConsentInFuture(field="consent_given_on", next_step="Give the day on which they agreed")


def has_consent(study: CaseStudy) -> bool:
    """Who agreed again after they took it back has agreed."""
    return study.consent_withdrawn_on is None or study.consent_given_on > study.consent_withdrawn_on


def publish(study: CaseStudy, now: datetime) -> None:
    """Raises ConsentMissing."""
    if not has_consent(study):
        raise ConsentMissing(
            field="consent_given_on", next_step="Ask the person, and record the later day on which they agreed again"
        )
    _move(study, StoryState.PUBLISHED, now)


def unpublish(study: CaseStudy, now: datetime) -> None:
    _move(study, StoryState.DRAFT, now)


def withdraw_consent(study: CaseStudy, now: datetime, today: date) -> None:
    """Nobody reads it from this moment on."""
    study.consent_withdrawn_on = today
    _move(study, StoryState.DRAFT, now)


def _move(study: CaseStudy, state: StoryState, now: datetime) -> None:
    study.state, study.changed_at, study.version = state, now, study.version + 1
