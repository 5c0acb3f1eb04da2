"""What an approval is bound to: the text of all that is advertised. No database, no clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.ats.vacancies.material_change import MATERIAL
from services.ats.vacancies.models import Vacancy

APPROVED = (
    *sorted(MATERIAL),
    "title",
    "soc2020",
    "family",
    "grade",
    "pay_effective_from",
    "contract",
    "contract_months",
    "working_pattern",
    "office_days_per_week",
    "openings_count",
    "starts_on",
    "directorate",
    "description",
    "desirable",
    "apply_method",
    "apply_url",
    "clearing_exemption",
    "post_id",
    "cost_code",
    "request_reason",
    "freeze_ground",
    "flags",
    "application_form",
)
"""What an approval is given for: all that is advertised. Changing any of it voids the approval.

Not the administration of it: when the advert closes, whether it goes up by itself, who manages it.
"""

CAME_LATER = frozenset({"application_form"})
"""Where there is none of it, what was approved before it could be given is approved still."""


def content_hash(content: Mapping[str, Any]) -> str:
    """One text for one approved content: an approval is bound to it."""
    chosen = {name: content[name] for name in APPROVED if content[name] or name not in CAME_LATER}
    return hashlib.sha256(json.dumps(chosen, sort_keys=True, default=_as_text).encode()).hexdigest()


def _as_text(value: Any) -> str:
    """37 hours are 37.00 hours: what was put back as it was is approved as it was."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def content_of(vacancy: Vacancy) -> dict[str, Any]:
    return {name: getattr(vacancy, name) for name in APPROVED}
