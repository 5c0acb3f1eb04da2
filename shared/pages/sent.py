"""A form as it came from a page: every field is looked at by name, and shown again where something was wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any

from fastapi import Form
from pydantic import BaseModel, ConfigDict

PARTS = ("day", "month", "year")


class Sent(BaseModel):
    """Whatever fields the form has."""

    model_config = ConfigDict(extra="allow")

    @property
    def fields(self) -> dict[str, str]:
        return {name: str(value).strip() for name, value in (self.model_extra or {}).items()}


Given = Annotated[Sent, Form()]


def filled(fields: Mapping[str, str], *names: str, dates: Collection[str] = ()) -> dict[str, Any]:
    """What was filled in of these, `dates` put together; what was left empty is not there."""
    found = {name: day_of(fields, name) if name in dates else fields.get(name) for name in names}
    return {name: value for name, value in found.items() if value}


def day_of(fields: Mapping[str, str], name: str) -> str:
    """The three fields of a date as one, whether or not there is such a day; empty where none was filled in."""
    parts = parts_of(fields, name)
    return f"{parts['year']}-{parts['month']:0>2}-{parts['day']:0>2}" if any(parts.values()) else ""


def parts_of(fields: Mapping[str, str], name: str) -> dict[str, str]:
    return {part: fields.get(f"{name}-{part}", "") for part in PARTS}
