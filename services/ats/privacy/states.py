from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from services.ats.applications.states import Stage


class CaseKind(StrEnum):
    """UK GDPR: access is Art. 15, rectification Art. 16, erasure Art. 17."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"


class Confirmation(StrEnum):
    """How it was made sure that whoever asks is the person: no case is opened on an address alone."""

    OWN_LINK = "own_link"
    DOCUMENTS = "documents"
    KNOWN_TO_US = "known_to_us"


KIND_LABELS: Mapping[CaseKind, str] = MappingProxyType(
    {
        CaseKind.ACCESS: "See what is held",
        CaseKind.RECTIFICATION: "Put it right",
        CaseKind.ERASURE: "Have it erased",
    }
)
CONFIRMATION_LABELS: Mapping[Confirmation, str] = MappingProxyType(
    {
        Confirmation.OWN_LINK: "By the link in a mail to their address",
        Confirmation.DOCUMENTS: "They showed documents",
        Confirmation.KNOWN_TO_US: "We know them",
    }
)
BOUND = frozenset({Stage.OFFERED, Stage.ACCEPTED, Stage.CLEARED, Stage.HIRED})
"""A contract is being made or kept, which needs the record (UK GDPR Art. 17(3)(b) and (e))."""
