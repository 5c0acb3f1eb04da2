"""Whatever order returns come in, and however often: the log says the same."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from sqlalchemy import select

from services.ats.hiring_log.models import HiringLogEntry
from services.ats.hiring_log.queries import stands
from services.ats.monthly_returns.models import ReturnedCampaign
from shared.calendar import local_date
from tests.ats.monthly_returns.rows import row, send, sheet, still_open
from tests.factories.ats import Ats

MONTHS = ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10")
STORIES = (
    {"outcome": "open", "offered_on": "", "accepted_on": "", "cleared_on": "", "started_on": ""},
    {"started_on": ""},
    {"cleared_on": "2026-04-20"},
    {"interviewed_on": "", "advertised_on": "2026-02-10"},
    {"route": "internal"},
    {"offered_on": ""},  # refused, whenever it comes
)


def told_in(rng: random.Random, run: str) -> dict[str, bytes]:
    """A return a month, of three campaigns of which each says something else than the month before, or nothing."""
    returns = {}
    for month in MONTHS:
        rows = [
            row(external_reference=f"{run}-{campaign}", **rng.choice(STORIES))
            for campaign in ("a", "b", "c")
            if rng.random() < 0.8
        ]
        rows.append(still_open(external_reference=f"{run}-d", openings=str(rng.randint(1, 3))))
        returns[month] = sheet(*rows)
    return returns


async def views(council: Ats) -> dict[str, dict[str, object]]:
    """By run and campaign: what stands in the log, with the number of openings."""
    found: dict[str, dict[str, object]] = defaultdict(dict)
    async with council.region() as session:
        campaigns = {each.id: each for each in await session.scalars(select(ReturnedCampaign))}
        steps = defaultdict(list)
        for each in await session.scalars(select(HiringLogEntry).where(stands())):
            steps[each.vacancy_id].append((each.event, local_date(each.occurred_at), each.opening_no, each.route))
    for campaign in campaigns.values():
        run, _, name = campaign.external_reference.partition("-")
        found[run][name] = (campaign.openings, campaign.month, campaign.quality, sorted(steps[campaign.id], key=str))
    return found


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_repetition_of_returns_gives_the_same_log(council: Ats, seed: int) -> None:
    rng = random.Random(seed)
    for run in range(6):
        returns = told_in(random.Random(seed), str(run))
        order = [*MONTHS, *rng.choices(MONTHS, k=3)]
        if run:
            rng.shuffle(order)
        for month in order:
            await send(council, returns[month], month=month)
    first, *others = (await views(council)).values()
    assert len(first) >= 3
    assert len(others) == 5
    assert all(each == first for each in others)
