"""Thousands of live adverts, straight into the table, as unlike each other as those of a region are."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.ats.jobs.towns import towned_outcodes
from shared.reference.employers import employer_id, employers
from shared.reference.occupations import council_titles, families, unit_groups
from shared.vocabulary import ContractKind

LEVELS = ("", "Senior ", "Principal ", "Assistant ", "Trainee ", "Lead ")
TEXT = (
    "You work with residents, colleagues and partners to make {family} better for everybody in {employer}. "
    "We look for somebody who listens, keeps clear records and knows the law that applies to the work of a {title}. "
)


def adverts(count: int, now: datetime, seed: int = 1) -> list[dict[str, Any]]:
    """Rows of `published_jobs`, the same for the same seed."""
    chance = random.Random(seed)
    titles, bodies, codes = council_titles(), employers(), towned_outcodes()
    words = sorted({word for group in unit_groups().values() for word in group.title.split() if word.isalpha()})
    kinds = list(families().values())
    rows = []
    for number in range(count):
        title, body, family = chance.choice(titles), chance.choice(bodies), chance.choice(kinds)
        name = f"{chance.choice(LEVELS)}{title.title}"
        outcode, low = chance.choice(codes), chance.randrange(2_400_000, 6_000_000, 10_000)
        published = now - timedelta(minutes=chance.randrange(60 * 24 * 20))
        filler = " ".join(chance.choice(words) for _ in range(120))
        rows.append(
            {
                "id": UUID(int=chance.getrandbits(128), version=4),
                "employer_id": employer_id(body.code),
                "employer_name": body.name,
                "employer_code": body.code,
                "reference": f"{body.code}-2026-{number:05}",
                "title": name,
                "family": family.family,
                "salary_min_pence": low,
                "salary_max_pence": low + 300_000,
                "hours_per_week": chance.choice((37, 37, 37, 18.5, 30)),
                "contract": chance.choice(list(ContractKind)),
                "outcode": outcode,
                "postcode": f"{outcode} 1AA" if chance.random() < 0.9 else None,
                "openings": 1,
                "version": 1,
                "published_at": published,
                "changed_at": published,
                "closes_at": now + timedelta(minutes=chance.randrange(60, 60 * 24 * 28)),
                "apply_method": "hosted",
                "description": TEXT.format(family=family.label, employer=body.name, title=title.title) * 3 + filler,
                "essential": [{"criterion_id": f"E{each}", "text": "A year of this work"} for each in range(5)],
                "desirable": ["Keeping clear case records"],
                "office_days_per_week": chance.choice((None, None, 0, 2, 3, 5)),
                "working_pattern": chance.choice((None, "office_hours", "shifts", "term_time")),
            }
        )
    return rows
