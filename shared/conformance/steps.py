"""What a step of the run is, and how it ends: a tick, a cross, or not tried and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import httpx

from shared.conformance.caller import Caller, json_of, said


class Mark(StrEnum):
    PASSED = "✓"
    FAILED = "✗"
    NOT_TRIED = "-"


class Missed(Exception):
    """The answer was another than the one that a system must be able to get."""

    def __init__(self, expected: str, got: str, mend: str) -> None:
        super().__init__(expected)
        self.expected, self.got, self.mend = expected, got, mend


class NotTried(Exception):
    """The step could not be made, and why."""


@dataclass(slots=True)
class Run:
    """What the steps hand on to each other. `name` makes this run's references its own."""

    caller: Caller
    client_id: str
    secret: str = field(repr=False)
    name: str
    employer: str = ""
    clearing_url: str = ""
    notifications_url: str = ""
    webhook_url: str = ""
    webhook_port: int = 0
    scopes: frozenset[str] = frozenset()
    made: dict[str, Any] = field(default_factory=dict)

    @property
    def keyed(self) -> str:
        return f"/v1/vacancies/by-key/{self.employer}/conformance/{self.name}"

    def need(self, name: str) -> Any:
        """What an earlier step made. Raises NotTried."""
        if name not in self.made:
            raise NotTried("An earlier step has to pass first.")
        return self.made[name]


@dataclass(frozen=True, slots=True)
class Step:
    """`calls` is what it calls, in words; `scope` what it cannot do without; an `extra` is no cross without it."""

    title: str
    calls: str
    make: Callable[[Run], None]
    scope: str = ""
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    step: Step
    mark: Mark
    expected: str = ""
    got: str = ""
    mend: str = ""


def take(step: Step, run: Run) -> Result:
    """Make one step. Whatever an answer is, the run goes on."""
    if step.is_extra and step.scope not in run.scopes:
        return Result(step, Mark.NOT_TRIED, got=f"Your client has no scope {step.scope}; not every system needs it.")
    try:
        step.make(run)
    except NotTried as why:
        return Result(step, Mark.NOT_TRIED, got=str(why))
    except Missed as missed:
        return Result(step, Mark.FAILED, missed.expected, missed.got, _mended(step, run, missed))
    except httpx.HTTPError as error:
        mend = "See that the server runs, and that you can reach its address from here."
        return Result(step, Mark.FAILED, "an answer", type(error).__name__, mend)
    return Result(step, Mark.PASSED)


def _mended(step: Step, run: Run, missed: Missed) -> str:
    last = run.caller.last
    if last is not None and json_of(last).get("code") == "scope_missing":
        return f"Ask the council's administrator to give your client the scope {step.scope}."
    return missed.mend


def expect(answer: httpx.Response, statuses: int | Sequence[int], mend: str, *, code: str = "") -> dict[str, Any]:
    """The body of an answer with one of these statuses, and with this code. Raises Missed."""
    wanted = (statuses,) if isinstance(statuses, int) else tuple(statuses)
    body = json_of(answer)
    if answer.status_code not in wanted or (code and code not in {body.get("code"), body.get("error")}):
        expected = " or ".join(map(str, wanted)) + (f" {code}" if code else "")
        raise Missed(expected, said(answer), mend)
    return body


def check(is_so: bool, expected: str, got: str, mend: str) -> None:
    """Raises Missed."""
    if not is_so:
        raise Missed(expected, got, mend)
