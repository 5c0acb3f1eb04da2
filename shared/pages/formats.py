"""How dates, times, money and counts read on a page: plain British English, Europe/London."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def local(instant: datetime) -> datetime:
    """The instant on a London wall clock. Raises ValueError for a time without a zone: it could mean two things."""
    if instant.tzinfo is None:
        raise ValueError("a time on a page must carry its zone")
    return instant.astimezone(LONDON)


def local_date(day: date | datetime) -> date:
    return local(day).date() if isinstance(day, datetime) else day


def long_date(day: date | datetime) -> str:
    """`5 October 2026`."""
    shown = local_date(day)
    return f"{shown.day} {shown:%B %Y}"


def short_date(day: date | datetime) -> str:
    """`5 Oct 2026`, for table cells."""
    shown = local_date(day)
    return f"{shown.day} {shown:%b %Y}"


def clock_time(instant: datetime) -> str:
    """`5pm`, `9:30am`, `midday`, `midnight`."""
    shown = local(instant)
    if shown.minute == 0 and shown.hour in {0, 12}:
        return "midday" if shown.hour else "midnight"
    minutes = f":{shown.minute:02}" if shown.minute else ""
    return f"{shown.hour % 12 or 12}{minutes}{'pm' if shown.hour >= 12 else 'am'}"


def date_time(instant: datetime) -> str:
    """`5 October 2026 at 5pm`."""
    return f"{long_date(instant)} at {clock_time(instant)}"


def money(pounds: Decimal | int | str) -> str:
    """`£34,811`, with pence only where there are some: `£14.52`. Raises TypeError for a float."""
    if isinstance(pounds, float | bool):
        raise TypeError("money on a page is a Decimal, an integer of pounds or a decimal string")
    amount = Decimal(pounds).quantize(Decimal("0.01"), ROUND_HALF_UP)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    whole = abs(amount) == abs(amount).to_integral_value()
    return f"{sign}£{abs(amount):,.0f}" if whole else f"{sign}£{abs(amount):,.2f}"


def pence(amount: int) -> str:
    """Integer pence as pounds: 1452 reads `£14.52`."""
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError("pence are a whole number")
    return money(Decimal(amount) / 100)


def thousands(count: int) -> str:
    return f"{count:,}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 day`, `3 days`, `2 councils`: the count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


FILTERS = {
    "date": long_date,
    "date_short": short_date,
    "time": clock_time,
    "date_time": date_time,
    "money": money,
    "pence": pence,
    "thousands": thousands,
    "counted": counted,
}
