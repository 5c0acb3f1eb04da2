"""Rows of the public face, made straight into its table: for what no vacancy can be made to say."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from services.ats.jobs.models import PublishedJob
from shared.reference.employers import employer_id
from shared.vocabulary import ContractKind, Role
from tests.factories.ats import NOW, Ats


def published(**changes: Any) -> PublishedJob:
    values: dict[str, Any] = {
        "id": uuid4(),
        "employer_id": employer_id("SAW"),
        "employer_name": "Sandwell Metropolitan Borough Council",
        "employer_code": "SAW",
        "reference": "SAW-2026-00001",
        "title": "Housing officer",
        "family": "housing_homelessness",
        "salary_min_pence": 3_367_300,
        "salary_max_pence": 3_658_100,
        "hours_per_week": Decimal(37),
        "contract": ContractKind.PERMANENT,
        "outcode": "B69",
        "postcode": "B69 3DE",
        "openings": 1,
        "version": 1,
        "published_at": NOW,
        "closes_at": NOW + timedelta(days=14),
        "changed_at": NOW,
        "apply_method": "hosted",
        "description": "You help people to keep their homes.",
        "essential": [{"criterion_id": "E1", "text": "A year advising people"}],
        "desirable": ["Keeping clear case records"],
    }
    return PublishedJob(**(values | changes))


async def hold(council: Ats, vacancy: dict[str, Any]) -> None:
    """An approver takes the advert down for a while."""
    approver = await council.staff(Role.APPROVER)
    held = await council.move(vacancy, "hold", {"reason": "Budget"}, on_behalf_of=approver.id)
    assert held.status_code == 200, held.text
