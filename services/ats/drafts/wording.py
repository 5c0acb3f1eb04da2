"""What is wrong with an answer, in words for the person who typed it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from services.ats.applications.form_rules import Fault

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
LENGTH = re.compile(r"at most (\d+) characters")


def in_words(fault: Fault, label: str = "") -> str:
    """Says how to put it right, and of what; never repeats what was typed."""
    member = fault.field.rpartition(".")[2]
    if words := BY_MEMBER.get((fault.code, member)):
        return words
    if fault.code == "missing" and label:
        return f"Answer this: {label}"
    if found := LENGTH.search(fault.message):
        return f"Write at most {found[1]} characters"
    if fault.message.startswith("Write a date"):
        return DATE
    return fault.message if fault.field.startswith("questions.") else BY_CODE.get(fault.code, "Check this answer")
