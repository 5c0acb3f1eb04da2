"""Kinds of value in the API's bodies: a London deadline, a week's hours, a workplace's postcode, whole pence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints

from shared.calendar import DeadlineNotUnderstood, parse_local_deadline, start_of_local_day


def _deadline(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse_local_deadline(value)
    except DeadlineNotUnderstood as error:
        raise ValueError(error.title) from None


def _start(value: Any) -> Any:
    if isinstance(value, str) and len(value.strip()) <= len("2027-03-26"):
        try:
            return start_of_local_day(date.fromisoformat(value.strip()))
        except (ValueError, OverflowError):
            raise ValueError(DeadlineNotUnderstood.title) from None
    return _deadline(value)


def plain_decimal(value: Decimal) -> str:
    return format(value.normalize(), "f")


Deadline = Annotated[
    datetime,
    BeforeValidator(_deadline, json_schema_input_type=str),
    Field(
        description="ISO 8601. Without an offset it is London time; a date alone is the end of that day.",
        examples=["2027-03-26T17:00"],
    ),
]
Start = Annotated[
    datetime,
    BeforeValidator(_start, json_schema_input_type=str),
    Field(
        description="ISO 8601. Without an offset it is London time; a date alone is the beginning of that day.",
        examples=["2027-03-22"],
    ),
]
Hours = Annotated[
    Decimal,
    Field(ge=Decimal("0.5"), le=Decimal(48), max_digits=4, decimal_places=2, examples=["37"]),
    PlainSerializer(plain_decimal, return_type=str),
]
Title = Annotated[str, StringConstraints(min_length=3, max_length=200)]
Postcode = Annotated[
    str,
    StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?( ?[0-9][A-Za-z]{2})?$"),
    Field(description="Of the workplace: a postcode, or its outward code", examples=["DY4 8XP"]),
]
Pence = Annotated[int, Field(ge=1, le=100_000_000)]
Point = Annotated[int, Field(ge=1, le=60, description="NJC spinal column point")]
