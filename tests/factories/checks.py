"""What passes each check, as a council's system sends it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

METHODS = {
    "identity": "documents_seen",
    "right_to_work": "manual",
    "dbs": "certificate_seen",
    "barred_list": "with_certificate",
    "registration": "register_consulted",
    "qualifications": "documents_seen",
    "driving": "licence_checked",
    "occupational_health": "health_questionnaire",
    "references": "references_received",
    "overseas": "police_certificate",
}


def passing(check: Mapping[str, Any], today: date, **changes: Any) -> dict[str, Any]:
    """A body that passes this check, as the API shows it."""
    kind = check["kind"]
    body = {"method": METHODS[kind], "evidence_reference": "EDRMS/2026/4471", "checked_on": today.isoformat()}
    if kind == "right_to_work":
        body |= {"copied_on": today.isoformat(), "is_time_limited": False}
    if kind == "dbs":
        body["dbs_level"] = check["asks"]["level"]
    if kind == "barred_list":
        body["barred_lists"] = check["asks"]["lists"]
    return body | changes
