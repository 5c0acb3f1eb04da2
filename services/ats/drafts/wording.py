"""What is wrong with an answer, in words for the person who typed it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from services.ats.applications.form_rules import Fault
from services.ats.drafts.rules import DOCUMENT_HARMFUL, DOCUMENT_UNKNOWN

ADDRESS = "Enter an e-mail address, like name@example.org"
DATE = "Enter a real date, like 27 3 2024"
BY_MEMBER: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("string_pattern_mismatch", "phone"): "Enter a telephone number, like 0121 496 0000",
        ("value_error", "email"): ADDRESS,
        ("missing", "answers"): "Say how you meet this",
        ("missing", "declarations"): "Tick this if it is so",
    }
)
BY_CODE: Mapping[str, str] = MappingProxyType(
    {
        "missing": "Answer this",
        DOCUMENT_UNKNOWN: "This file is not here, or answers two questions: send it again",
        DOCUMENT_HARMFUL: "This file was found to be harmful and is deleted: send another",
        "string_pattern_mismatch": "Answer this",
        "value_error": DATE,
        "string_too_short": "Answer this",
        "string_type": "Answer this in words",
        "date_from_datetime_parsing": DATE,
        "date_parsing": DATE,
        "before_start": "The last day is before the first day: correct one of them",
        "too_few": "Name as many people as this job asks for",
        "enum": "Choose one of the options",
    }
)
# Of questions whose rule speaks to systems.
BY_BEGINNING: Mapping[str, str] = MappingProxyType(
    {
        "Answer with": "Send a file or write, not both: remove the one that is not meant",
        "Give the id of a document": "Send a file",
        "Write a date": DATE,
    }
)
LENGTH = re.compile(r"at most (\d+) characters")


def in_words(fault: Fault, label: str = "") -> str:
    """Says how to put it right, and of what; never repeats what was typed."""
    if fault.code in (DOCUMENT_UNKNOWN, DOCUMENT_HARMFUL):
        return BY_CODE[fault.code]
    if words := BY_MEMBER.get((fault.code, fault.field.rpartition(".")[2])):
        return words
    if fault.code == "missing" and label:
        return f"Answer this: {label}"
    if found := LENGTH.search(fault.message):
        return f"Write at most {found[1]} characters"
    if words := next((words for said, words in BY_BEGINNING.items() if fault.message.startswith(said)), None):
        return words
    return fault.message if fault.field.startswith("questions.") else BY_CODE.get(fault.code, "Check this answer")
