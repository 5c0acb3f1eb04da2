"""Every table of notifications with something about the person who was written to."""

from __future__ import annotations

from sqlalchemy import func, null

from services.notifications.deliveries.models import Delivery
from shared.orm import table_of
from shared.personal_data import PersonalTable, by

DELIVERIES = table_of(Delivery)
TABLES: tuple[PersonalTable, ...] = (
    PersonalTable(DELIVERIES, by(DELIVERIES), {"contents": null(), "recipient_id": func.gen_random_uuid()}),
)
