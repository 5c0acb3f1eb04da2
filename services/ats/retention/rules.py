"""How long is long enough. The months are an employer's policy within bounds; the defaults are the region's practice.

An unsuccessful candidate may bring a discrimination claim within three months, extended by early conciliation
(Equality Act 2010 s.123 and s.140B): six months, as councils commonly keep. A contract can be sued on for six years
(Limitation Act 1980 s.5).
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from services.ats.retention.states import RecordKind
from shared.errors import Invalid

DEFAULT_MONTHS: Mapping[RecordKind, int] = MappingProxyType(
    {RecordKind.UNSUCCESSFUL_APPLICATION: 6, RecordKind.HIRED_APPLICATION: 72}
)
BOUNDS: Mapping[RecordKind, tuple[int, int]] = MappingProxyType(
    {RecordKind.UNSUCCESSFUL_APPLICATION: (6, 24), RecordKind.HIRED_APPLICATION: (12, 120)}
)
NOTICE_DAYS = 30
"""How long before its end the employer is shown what goes, so that it can place a legal hold. The candidate is told as
long before, where the employer has chosen nothing else.
"""
NOTICE_BOUNDS = (14, 90)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long an employer keeps one kind of record, and how long before the end the candidate is told."""

    months: int
    notice_days: int = NOTICE_DAYS


def terms_of(chosen: Mapping[tuple[UUID, RecordKind], Terms], employer_id: UUID, kind: RecordKind) -> Terms:
    return chosen.get((employer_id, kind), Terms(DEFAULT_MONTHS[kind]))


class MonthsOutOfBounds(Invalid):
    code: ClassVar[str] = "retention_out_of_bounds"
    title: ClassVar[str] = "So long, or so short, is not kept"


class NoticeOutOfBounds(Invalid):
    code: ClassVar[str] = "retention_notice_out_of_bounds"
    title: ClassVar[str] = "So long, or so short, is no notice"


class PolicyBackdated(Invalid):
    code: ClassVar[str] = "retention_backdated"
    title: ClassVar[str] = "A policy begins today or later"


def refuse_policy(kind: RecordKind, terms: Terms, valid_from: date, today: date) -> None:
    """Raises MonthsOutOfBounds, NoticeOutOfBounds, PolicyBackdated."""
    least, most = BOUNDS[kind]
    if not least <= terms.months <= most:
        raise MonthsOutOfBounds(field="months", next_step=f"Choose from {least} to {most} months")
    least, most = NOTICE_BOUNDS
    if not least <= terms.notice_days <= most:
        raise NoticeOutOfBounds(field="notice_days", next_step=f"Choose from {least} to {most} days")
    if valid_from < today:
        raise PolicyBackdated(field="valid_from", next_step="Choose today or a day to come")


def months_before(day: date, months: int) -> date:
    """The same day so many months before, or the last one of its month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
