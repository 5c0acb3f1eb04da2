"""Events for tests of what carries them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from shared.events.ats import OpeningReserved, StaffChanged, StaffContact, VacancyPublished
from shared.vocabulary import Service

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
ADA = StaffContact(name="Ada Canary", email="ada.canary@example.org")
FOR_BOTH = {Service.CLEARING: ADA, Service.NOTIFICATIONS: ADA}


def opening_reserved(**changes: Any) -> OpeningReserved:
    """A fact for clearing."""
    facts: dict[str, Any] = {
        "vacancy_id": uuid4(),
        "employer_id": uuid4(),
        "request_id": uuid4(),
        "referral_id": uuid4(),
        "opening_no": 1,
        "held_until": NOON,
    }
    return OpeningReserved(**facts | changes)


def staff_changed(**changes: Any) -> StaffChanged:
    """A state for clearing and notifications, with a sealed part for each."""
    facts: dict[str, Any] = {"staff_id": uuid4(), "version": 1, "is_active": True, "grants": ()}
    return StaffChanged(**facts | changes)


def vacancy_published(**changes: Any) -> VacancyPublished:
    facts: dict[str, Any] = {
        "vacancy_id": uuid4(),
        "employer_id": uuid4(),
        "reference": "SAN-2026-00001",
        "title": "Caseworker",
        "closes_at": NOON,
        "published_at": NOON,
    }
    return VacancyPublished(**facts | changes)
