"""Which refusals an operation can give, read off its code: the errors that what it calls names.

A manual written by hand would be true on the day it is written. This follows the names in the functions' own code, so
it names a refusal too many now and then (one that another branch gives) and none that is gone.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.errors import DomainError

OURS = ("services.", "shared.")
# What refuses before the operation itself is reached is the frame's to document, not found here.
FRAME = ("shared.app", "shared.auth", "shared.permissions", "shared.intake", "shared.database", "shared.outbox")


def refusals_of(route: APIRoute) -> list[type[DomainError]]:
    """The domain errors that the route's code names, by status and code."""
    found: set[type[DomainError]] = set()
    waiting: list[Any] = list(_calls(route.dependant))
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, type) and issubclass(each, DomainError):
            found.add(each)
        else:
            waiting += _named_by(each)
    return sorted(found, key=lambda error: (error.status, error.code))


def _calls(dependant: Dependant) -> Iterator[Any]:
    if getattr(dependant.call, "__module__", None) not in FRAME:
        yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)


def _named_by(thing: Any) -> Iterable[Any]:
    """What of ours `thing` names: a function its globals, a class its own functions, a table its entries."""
    if isinstance(thing, functools.partial | MethodType):
        return [thing.func if isinstance(thing, functools.partial) else thing.__func__]
    if isinstance(thing, FunctionType):
        return [each for each in _names_in(_unwrapped(thing)) if _is_worth_following(each)]
    if isinstance(thing, type):
        return [each for name, each in vars(thing).items() if isinstance(each, FunctionType) and name != "__repr__"]
    if isinstance(thing, Mapping):
        return [each for each in thing.values() if _is_worth_following(each)]
    if isinstance(thing, list | tuple | set | frozenset):
        return [each for each in thing if _is_worth_following(each)]
    return []


def _unwrapped(function: FunctionType) -> FunctionType:
    inner: Any = getattr(function, "__wrapped__", function)
    return inner if isinstance(inner, FunctionType) else function


def _names_in(function: FunctionType) -> Iterator[Any]:
    held = [cell.cell_contents for cell in function.__closure__ or () if cell.cell_contents is not None]
    yield from held
    for code in _codes(function.__code__):
        for name in code.co_names:
            found = function.__globals__.get(name)
            if isinstance(found, ModuleType):
                yield from (vars(found)[each] for each in code.co_names if each in vars(found))
            elif isinstance(found, type) and not issubclass(found, DomainError):
                yield from (vars(found).get(each) for each in code.co_names)
                yield vars(found).get("__init__")
            else:
                yield found


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The function's own code and that of the functions inside it."""
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


def _is_worth_following(thing: Any) -> bool:
    if isinstance(thing, Mapping | list | tuple | set | frozenset):
        return len(thing) < 50
    if isinstance(thing, classmethod | staticmethod):
        thing = thing.__func__
    module = getattr(thing, "__module__", None) or ""
    is_ours = isinstance(module, str) and module.startswith(OURS)
    return is_ours and isinstance(thing, Callable | type) and (_is_error(thing) or module not in FRAME)


def _is_error(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, DomainError)
