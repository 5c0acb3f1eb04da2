"""What may no longer be changed once an advert is out, and why. Served as data, so that forms can say so first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.ats.vacancies.actions import WITH_LOCKED_FIELDS
from shared.errors import DomainError
from shared.vocabulary import VacancyState


class FieldLocked(DomainError):
    code = "field_locked"
    title = "This field is locked once the advert is out"


@dataclass(frozen=True, slots=True)
class Lock:
    code: str
    why: str
    instead: str


FIRST_REFUSAL = Lock(
    "first_refusal",
    "Displaced staff had first refusal of the post as it stood; a different one is theirs to see first.",
    "Cancel it and copy it as a new draft.",
)
AS_APPROVED = Lock(
    "as_approved",
    "It is advertised as it was approved, and people have applied to what they read.",
    "Cancel it and copy it as a new draft.",
)
DEADLINE = Lock("deadline", "Candidates plan by it.", "Extend the deadline with a reason, or close the advert early.")
PUBLISHED = Lock("published", "The advert is out already.", "Hold it, close it, or advertise it again.")
ANONYMITY = Lock(
    "anonymity",
    "Candidates apply knowing whether they are judged without a name.",
    "Cancel it and copy it as a new draft.",
)
APPLYING = Lock("applying", "Candidates are applying this way.", "Close it and advertise it again.")

# By the API's name of the field. What is not here may be changed at any time before the vacancy has ended.
LOCKS: Mapping[str, Lock] = MappingProxyType(
    {
        "title": AS_APPROVED,
        "hours_per_week": FIRST_REFUSAL,
        "contract": AS_APPROVED,
        "postcode": FIRST_REFUSAL,
        "grade": AS_APPROVED,
        "scp_min": FIRST_REFUSAL,
        "scp_max": FIRST_REFUSAL,
        "salary_min_pence": FIRST_REFUSAL,
        "salary_max_pence": FIRST_REFUSAL,
        "pay_effective_from": AS_APPROVED,
        "soc2020": AS_APPROVED,
        "family": AS_APPROVED,
        "contract_months": AS_APPROVED,
        "working_pattern": AS_APPROVED,
        "office_days_per_week": AS_APPROVED,
        "directorate": AS_APPROVED,
        "description": AS_APPROVED,
        "essential": FIRST_REFUSAL,
        "desirable": AS_APPROVED,
        "openings": AS_APPROVED,
        "starts_on": AS_APPROVED,
        "closes_at": DEADLINE,
        "advert_days": DEADLINE,
        "publish_at": PUBLISHED,
        "auto_publish": PUBLISHED,
        "apply": APPLYING,
        "clearing_exemption": AS_APPROVED,
        "is_anonymised": ANONYMITY,
        "requisition": AS_APPROVED,
        "flags": AS_APPROVED,
        "application_form": APPLYING,
    }
)
# Where a stored column has another name than the field it comes from.
FIELD_OF: Mapping[str, str] = MappingProxyType(
    {
        "outcode": "postcode",
        "openings_count": "openings",
        "is_auto_published": "auto_publish",
        "apply_method": "apply",
        "apply_url": "apply",
        "post_id": "requisition",
        "cost_code": "requisition",
        "request_reason": "requisition",
        "freeze_ground": "requisition",
    }
)


def refuse_locked(state: VacancyState, changed: Collection[str]) -> None:
    """Raises FieldLocked for the first column, by name, that is locked in this state."""
    if state not in WITH_LOCKED_FIELDS:
        return
    for column in sorted(changed):
        field = FIELD_OF.get(column, column)
        if field in LOCKS:
            lock = LOCKS[field]
            raise FieldLocked(lock.why, field=field, next_step=lock.instead, why=lock.code)
