"""What a kind of message is made of. Each module beside this one declares one or two."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator

from shared.calendar_files import CalendarEntry
from shared.events.base import Contact, Event, Payload
from shared.vocabulary import Scope

E = TypeVar("E", bound=Event)
C = TypeVar("C", bound=Contact)

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROLS_BUT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")


class Channel(StrEnum):
    EMAIL = "email"


class Purpose(StrEnum):
    """A `service` message cannot be switched off; an `optional` one carries a way out."""

    SERVICE = "service"
    OPTIONAL = "optional"


class Urgency(IntEnum):
    """Which messages are handed over first when many wait."""

    NOW = 0  # somebody is looking at the screen and waiting for it
    SOON = 1  # a clock runs: a window, a reply-by, an interview
    NORMAL = 2


class Audience(StrEnum):
    CANDIDATE = "candidate"
    REFEREE = "referee"
    DISPLACED_EMPLOYEE = "displaced_employee"
    RECRUITING_STAFF = "recruiting_staff"
    REDEPLOYMENT_STAFF = "redeployment_staff"

    @property
    def scope(self) -> Scope:
        """What a reader must be allowed to read to see that such a message was sent."""
        return READ_WITH[self]


READ_WITH: Mapping[Audience, Scope] = {
    Audience.CANDIDATE: Scope.APPLICATIONS_READ,
    Audience.REFEREE: Scope.APPLICATIONS_READ,
    Audience.DISPLACED_EMPLOYEE: Scope.CLEARING_READ,
    Audience.RECRUITING_STAFF: Scope.VACANCIES_READ,
    Audience.REDEPLOYMENT_STAFF: Scope.CLEARING_READ,
}


def one_line(value: object) -> object:
    """Titles and names are pasted from elsewhere: line breaks and control characters become one space."""
    return " ".join(_CONTROLS.sub(" ", value).split()) if isinstance(value, str) else value


def several_lines(value: object) -> object:
    if not isinstance(value, str):
        return value
    return _CONTROLS_BUT_NEWLINE.sub(" ", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def web_address(value: str) -> str:
    if not _WEB_ADDRESS.fullmatch(value):
        raise ValueError("a link in a message is an http or https address")
    return value


Line = Annotated[str, BeforeValidator(one_line)]
Lines = Annotated[str, BeforeValidator(several_lines)]
WebAddress = Annotated[str, AfterValidator(web_address)]


class Variables(Payload):
    """What a wording may use. Kept with the delivery until its retention ends: it is personal data."""

    name: Line

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    __str__ = __repr__


class OptionalVariables(Variables):
    """Of a message that may be switched off. The way out goes into the mail's headers too (RFC 8058)."""

    unsubscribe_link: WebAddress


@dataclass(frozen=True, slots=True)
class Wording:
    """A subject and a body in the light markup of `markup.py`, both Jinja2 templates."""

    subject: str
    body: str


# The name of an employer by its id, as people know it.
NameOf = Callable[[UUID], str]


def always(_event: Event) -> bool:
    return True


def nothing_to_note(_variables: Variables, _occurred_at: datetime) -> CalendarEntry | None:
    return None


def never(_event: Event, _occurred_at: datetime) -> datetime | None:
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageKind(Generic[E, C]):
    """One kind: told of `event`, in the words of `wording`, because of what `because` says.

    `lapses_at` gives the instant from which telling it would only confuse (a reply-by that has passed), from the event
    and the instant of the fact. `applies` is for an event that has more than one kind, or sometimes none. `calendar` is
    what goes with it as a calendar file, from the variables and the instant of the fact.
    """

    key: str
    title: str
    event: type[E]
    variables: type[Variables]
    compose: Callable[[E, C, NameOf], Variables]
    audience: Audience
    because: str
    wording: Mapping[Channel, Wording]
    sample: Variables
    purpose: Purpose = Purpose.SERVICE
    urgency: Urgency = Urgency.NORMAL
    applies: Callable[[E], bool] = always
    lapses_at: Callable[[E, datetime], datetime | None] = never
    calendar: Callable[[Any, datetime], CalendarEntry | None] = nothing_to_note

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(self.wording)
