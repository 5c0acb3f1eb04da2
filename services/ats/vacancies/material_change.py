"""R21: which edits of a vacancy give displaced staff their window anew, and which only mend a slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

LONG_WORD = 4
"""A shorter word with one letter changed is usually another word ("in" and "on")."""


Criteria = Sequence[Mapping[str, Any]]

MATERIAL = frozenset(
    {
        "essential",
        "scp_min",
        "scp_max",
        "salary_min_pence",
        "salary_max_pence",
        "hours_per_week",
        "outcode",
        "postcode",
    }
)
"""R21: a change to essential criteria, salary, hours or location restarts the window; other edits do not."""


def is_material_change(changed: AbstractSet[str], *, before: Criteria, after: Criteria) -> bool:
    """Whether the window restarts. `changed` names what was changed, `before` and `after` are the essential criteria.

    In a criterion's words alone, a slip of one letter in a longer word does not restart it.
    """
    found = changed & MATERIAL
    return _criteria_changed(before, after) if found == {"essential"} else bool(found)


def _criteria_changed(before: Criteria, after: Criteria) -> bool:
    if len(before) != len(after):
        return True
    return any(_criterion_changed(old, new) for old, new in zip(_ordered(before), _ordered(after), strict=True))


def is_typo_level(before: str, after: str) -> bool:
    """Same words in the same order, but for case, punctuation and one mistyped letter in a word of four or more."""
    old, new = _words(before), _words(after)
    return len(old) == len(new) and all(_same_word(one, other) for one, other in zip(old, new, strict=True))


def _ordered(criteria: Criteria) -> list[Mapping[str, Any]]:
    return sorted(criteria, key=lambda criterion: str(criterion["criterion_id"]))


def _criterion_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    if {key: value for key, value in old.items() if key != "text"} != {
        key: value for key, value in new.items() if key != "text"
    }:
        return True
    return not is_typo_level(str(old.get("text", "")), str(new.get("text", "")))


def _words(text: str) -> list[str]:
    kept = "".join(letter if letter.isalnum() else " " for letter in text.casefold())
    return kept.split()


def _same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    if min(len(one), len(other)) < LONG_WORD or any(letter.isdigit() for letter in one + other):
        return False
    return _is_one_slip(one, other)


def _is_one_slip(one: str, other: str) -> bool:
    """One letter changed, added, dropped, or two neighbours swapped."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    start = next((at for at, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]), len(shorter))
    if len(shorter) < len(longer):
        return shorter[start:] == longer[start + 1 :]
    swapped = shorter[:start] + shorter[start : start + 2][::-1] + shorter[start + 2 :]
    return shorter[start + 1 :] == longer[start + 1 :] or swapped == longer
