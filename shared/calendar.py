"""England's working days and local time, so that a deadline means the same in every service.

Stored times are aware UTC instants; calendar rules are about local dates in Europe/London. Past the last year whose
bank holidays are known every rule fails closed: a deadline that may be wrong is worse than none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

from shared.errors import DomainError, Invalid

LONDON = ZoneInfo("Europe/London")
END_OF_DAY = time(23, 59, 59)
WORKING_MORNING_HOUR = 7
HOLIDAYS_OF_A_WHOLE_YEAR = 8
"""England and Wales have eight bank holidays a year; a year with fewer in the list is not complete yet."""


class CalendarHorizonPassed(DomainError):
    """A working day was asked for in a year whose bank holidays are not known: the rule fails closed."""

    code = "calendar_horizon_passed"
    status = 409
    title = "The bank holidays of that year are not known yet"


class DeadlineNotUnderstood(Invalid):
    code = "deadline_not_understood"
    title = "Give the time as ISO 8601, such as 2027-03-26T17:00"


@cache
def bank_holidays() -> frozenset[date]:
    """Observed bank holidays of England and Wales, from the package's own copy of the GOV.UK list (no network)."""
    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(holiday["date"] for holiday in listed)


@cache
def known_years() -> range:
    """Calendar years whose bank holidays are all listed."""
    counts: dict[int, int] = {}
    for holiday in bank_holidays():
        counts[holiday.year] = counts.get(holiday.year, 0) + 1
    whole = [year for year, count in counts.items() if count >= HOLIDAYS_OF_A_WHOLE_YEAR]
    return range(min(whole), max(whole) + 1)


def is_working_day(day: date) -> bool:
    """Monday to Friday and not a bank holiday. Raises CalendarHorizonPassed outside the known years."""
    if day.year not in known_years():
        raise CalendarHorizonPassed(
            f"Working days are known for {known_years()[0]} to {known_years()[-1]}.",
            next_step="Update the govuk-bank-holidays package.",
        )
    return day.weekday() < 5 and day not in bank_holidays()


def add_working_days(day: date, working_days: int) -> date:
    """The nth working day after a day (day 0, whether it is a working day or not); the day itself for 0.

    Raises ValueError for a negative number, CalendarHorizonPassed past the known years.
    """
    if working_days < 0:
        raise ValueError("working days are counted forward")
    found = day
    for _ in range(working_days):
        found += timedelta(days=1)
        while not is_working_day(found):
            found += timedelta(days=1)
    return found


def next_working_day(day: date) -> date:
    """The first working day after a day."""
    return add_working_days(day, 1)


def working_days_between(start: date, end: date) -> int:
    """Working days in (start, end]: the start excluded, the end included (time to hire 4.4).

    0 for the same day and where the end comes first. Raises CalendarHorizonPassed outside the known years.
    """
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def local_date(instant: datetime) -> date:
    """The date in Europe/London at an aware instant. Raises ValueError for a zoneless one."""
    return _aware(instant).astimezone(LONDON).date()


def local_instant(day: date, at: time) -> datetime:
    """The UTC instant of a London wall-clock time.

    A time that occurs twice (clocks go back) is its second occurrence, so a deadline favours the candidate; one that
    does not occur (clocks go forward) is moved forward by the hour that is missing.
    """
    wall = datetime.combine(day, at.replace(tzinfo=None), tzinfo=LONDON)
    first, second = wall.replace(fold=0), wall.replace(fold=1)
    occurs = first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) == first.replace(tzinfo=None)
    return (second if occurs else first).astimezone(UTC)


def end_of_local_day(day: date) -> datetime:
    """23:59:59 Europe/London on a day, in UTC."""
    return local_instant(day, END_OF_DAY)


def start_of_local_day(day: date) -> datetime:
    """00:00 Europe/London on a day, in UTC."""
    return local_instant(day, time(0))


def close_of_window(opened_at: datetime, working_days: int) -> datetime:
    """23:59:59 Europe/London on the nth working day after the local day of opening (R17), in UTC."""
    return end_of_local_day(add_working_days(local_date(opened_at), working_days))


def next_working_morning(instant: datetime, hour: int = WORKING_MORNING_HOUR) -> datetime:
    """07:00 Europe/London on the first working day after the local day of an instant (R20), in UTC."""
    return local_instant(next_working_day(local_date(instant)), time(hour))


def parse_local_deadline(text: str) -> datetime:
    """A deadline as people write it, as a UTC instant.

    With an offset it is that instant. Without one it means Europe/London (see `local_instant` for the two awkward
    hours of the year). A date alone is the end of that day, 23:59:59. Raises DeadlineNotUnderstood.
    """
    written = text.strip()
    try:
        if len(written) <= len("2027-03-26"):
            return end_of_local_day(date.fromisoformat(written))
        given = datetime.fromisoformat(written)
        if given.tzinfo is not None:
            return given.astimezone(UTC)
        return local_instant(given.date(), given.time())
    except (ValueError, OverflowError):
        raise DeadlineNotUnderstood from None


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant carries its time zone")
    return instant
