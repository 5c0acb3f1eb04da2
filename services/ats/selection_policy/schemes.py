"""Schemes under which a council promises an interview to whoever meets every essential criterion."""

from __future__ import annotations

from enum import StrEnum


class Scheme(StrEnum):
    """Claimed with the application, without evidence, and kept apart from equality monitoring."""

    DISABILITY_CONFIDENT = "disability_confident"
    REDEPLOYEE = "redeployee"
    ARMED_FORCES = "armed_forces"
    CARE_LEAVER = "care_leaver"
