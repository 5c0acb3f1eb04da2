"""The region's list of skills and what each level of one means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from uuid import UUID

from shared.reference.tables import read_table

ANY_FAMILY = "any"
LEVELS = (1, 2, 3)
"""1 aware or with help, 2 does it alone, 3 leads or teaches. A skill that is not held has level 0."""


@dataclass(frozen=True, slots=True)
class Skill:
    """`family` is `any` for a general skill. `levels` holds one line for each of levels 1, 2, 3.

    `esco_id` points to the nearest ESCO skill: a pointer, not an equivalence.
    """

    skill_id: str
    label: str
    family: str
    levels: tuple[str, str, str]
    esco_id: UUID | None


@cache
def skills() -> dict[str, Skill]:
    scales = {row["scale"]: (row["level_1"], row["level_2"], row["level_3"]) for row in read_table("skill_scales")}
    return {
        row["skill_id"]: Skill(
            skill_id=row["skill_id"],
            label=row["label"],
            family=row["family"],
            levels=scales[row["scale"]],
            esco_id=UUID(row["esco_uuid"]) if row["esco_uuid"] else None,
        )
        for row in read_table("skills")
    }
