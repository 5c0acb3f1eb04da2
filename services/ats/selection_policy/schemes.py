"""What an employer's policy is made of: schemes that promise an interview, and what an acceptance settles."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class OtherApplications(StrEnum):
    """What becomes of somebody's other live applications with the employer once they accept its offer."""

    LEAVE = "leave"
    ASK = "ask"
    """They are asked whether they want to go on with each."""
    WITHDRAW = "withdraw"
    """Withdrawn for them, and they are told. Who holds another offer is asked instead."""


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
