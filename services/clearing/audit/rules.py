"""Moving only along a table of transitions: what is not listed is illegal (spec 2)."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import ClassVar, TypeVar

from shared.errors import DomainError

State = TypeVar("State", bound=StrEnum)


class IllegalTransition(DomainError):
    """409. `allowed` lists the states that can be reached from here."""

    code: ClassVar[str] = "illegal_transition"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "This cannot be done in the present state"


def refuse_illegal(table: Mapping[State, AbstractSet[State]], current: State, to: State) -> None:
    """Raises IllegalTransition where `table` does not lead from `current` to `to`."""
    reachable = table.get(current, frozenset())
    if to in reachable:
        return
    allowed = sorted(state.value for state in reachable)
    raise IllegalTransition(
        f"{current.value} cannot become {to.value}.",
        next_step=f"From here it can become: {', '.join(allowed)}." if allowed else "This is a final state.",
        state=current.value,
        allowed=allowed,
    )
