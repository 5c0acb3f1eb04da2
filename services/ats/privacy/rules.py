from __future__ import annotations

import calendar
from datetime import datetime, timedelta

ASK_AGAIN_AFTER = timedelta(hours=1)
ASK_AGAIN_EVERY = timedelta(days=1)
EXPORT_KEPT = timedelta(days=14)
"""How long an export waits to be fetched; once fetched it is gone at once."""


def answer_due_at(opened_at: datetime) -> datetime:
    """One month after the request: the same day of the next month, or its last (UK GDPR Art. 12(3))."""
    year, month = divmod(opened_at.year * 12 + opened_at.month, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return opened_at.replace(year=year, month=month + 1, day=min(opened_at.day, last))


def next_ask_at(asks: int, asked_at: datetime) -> datetime:
    """A service that is away is asked again after an hour, then daily."""
    return asked_at + (ASK_AGAIN_AFTER if asks <= 1 else ASK_AGAIN_EVERY)
