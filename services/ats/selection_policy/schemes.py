"""Schemes under which a council promises an interview to whoever meets every essential criterion."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Scheme(StrEnum):
    """Claimed with the application, without evidence, and kept apart from equality monitoring."""

    DISABILITY_CONFIDENT = "disability_confident"
    REDEPLOYEE = "redeployee"
    ARMED_FORCES = "armed_forces"
    CARE_LEAVER = "care_leaver"


LABELS: Mapping[Scheme, str] = MappingProxyType(
    {
        Scheme.DISABILITY_CONFIDENT: "I am disabled (Disability Confident)",
        Scheme.REDEPLOYEE: "I am at risk of redundancy and looking for redeployment",
        Scheme.ARMED_FORCES: "I serve or have served in the armed forces",
        Scheme.CARE_LEAVER: "I have been in care",
    }
)
"""As a candidate says it of themselves."""
