"""One appointment as the file that every calendar takes (RFC 5545, and RFC 5546 for what a mail asks for).

The same id with a higher sequence replaces what a calendar has; a cancellation takes it out. Times are UTC instants, so
no calendar has to know when London's clocks change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from icalendar import Calendar, Event, vCalAddress, vText

MEDIA_TYPE = "text/calendar"
FILE_NAME = "interview.ics"
PRODUCT = "-//West Midlands recruitment//Interviews//EN"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """`stamped_at` is when it became as it is. The repr shows nothing of what is said."""

    uid: UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str = field(repr=False)
    place: str = field(repr=False)
    stamped_at: datetime
    url: str = field(default="", repr=False)
    is_cancelled: bool = False


def calendar_file(entry: CalendarEntry, *, organiser: str, attendee: str | None = None) -> bytes:
    """`organiser` and `attendee` are mail addresses. With an attendee it is sent to be put into their calendar, or out
    of it; without one it is to be opened by whoever downloads it.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method_of(entry, is_sent=attendee is not None))
    event = Event()
    event.add("uid", str(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamped_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(UTC))
    event.add("dtend", entry.ends_at.astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("location", entry.place)
    if entry.url:
        event.add("url", entry.url)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{organiser}"))
    if attendee is not None:
        invited = vCalAddress(f"mailto:{attendee}")
        invited.params["role"] = vText("REQ-PARTICIPANT")
        invited.params["rsvp"] = vText("FALSE")
        event.add("attendee", invited)
    calendar.add_component(event)
    return calendar.to_ical()


def method_of(entry: CalendarEntry, *, is_sent: bool) -> str:
    """A cancelled appointment is taken out wherever the file is opened."""
    if entry.is_cancelled:
        return "CANCEL"
    return "REQUEST" if is_sent else "PUBLISH"
