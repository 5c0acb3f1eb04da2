"""A rule over several fields of a body, refused by the name of the field to be mended and of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from pydantic_core import PydanticCustomError

NAMED = "named_field"
PLAIN_PREFIX = "Value error, "


def wrong_field(field: str, rule: LiteralString, words: str) -> PydanticCustomError:
    """For a model's validator to raise: `field` inside that model, with dots; `rule` stable, `words` for people."""
    return PydanticCustomError(rule, "{words}", {NAMED: field, "words": words})


def field_of(found: Mapping[str, Any]) -> str:
    """Where an error of Pydantic lies, with dots; empty where it names nothing."""
    named = found.get("ctx", {}).get(NAMED)
    where = [str(each) for each in found["loc"] if each not in {"body", "query", "path", "header"}]
    return ".".join([*where, named] if named else where)


def words_of(found: Mapping[str, Any]) -> str:
    return str(found["msg"]).removeprefix(PLAIN_PREFIX)
