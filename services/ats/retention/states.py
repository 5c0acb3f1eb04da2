from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from services.ats.applications.states import Stage


class RecordKind(StrEnum):
    UNSUCCESSFUL_APPLICATION = "unsuccessful_application"
    """Counted from the end of the application or the closing of the advert, whichever is later."""
    HIRED_APPLICATION = "hired_application"
    """Counted from the first day."""


LABELS: Mapping[RecordKind, str] = MappingProxyType(
    {
        RecordKind.UNSUCCESSFUL_APPLICATION: "Applications without a hire",
        RecordKind.HIRED_APPLICATION: "Applications of people who were hired",
    }
)
STAGES: Mapping[RecordKind, frozenset[Stage]] = MappingProxyType(
    {
        RecordKind.UNSUCCESSFUL_APPLICATION: frozenset(
            {Stage.REJECTED, Stage.DECLINED, Stage.WITHDRAWN, Stage.OFFER_LAPSED, Stage.OFFER_WITHDRAWN}
        ),
        RecordKind.HIRED_APPLICATION: frozenset({Stage.HIRED}),
    }
)
