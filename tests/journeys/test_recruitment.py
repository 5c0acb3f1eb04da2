"""What the journeys count is what the services took: a driver that is told no says so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from services.ats.applications.closing import close_waiting_applications
from services.ats.hiring_log.models import HiringLogEntry
from services.ats.vacancies.reservations import accept_reserved, answer_request, fill_reserved
from shared.calendar import local_date
from shared.vocabulary import Role, Scope, Service
from tests.conftest import Services
from tests.factories.ats import Ats, opening_requested
from tests.factories.identity import make_client
from tests.journeys.actors import Administrator, Overtaken, Postbox, Refused, System
from tests.journeys.campaign import Campaign
from tests.journeys.posts_and_people import posts
from tests.journeys.recruitment import Recruitment
from tests.journeys.region import BOARD, COUNCIL_SYSTEM, CouncilActors, Region

EXTERNAL = {"management": "external", "apply": {"method": "url", "url": "https://x.example/1"}}
STEPS = ("shortlist", "interview", "offer", "answer", "clear", "hire")


class Campaigns:
    """Sandwell's campaigns, moved on by the driver of `make demo`; the clock of driver and services is one."""

    def __init__(self, council: Ats, region: Region, sandwell: CouncilActors) -> None:
        self.council = council
        self.region = region
        self.sandwell = sandwell
        self.recruitment = Recruitment(region)

    async def live(self, openings: int = 1, **content: Any) -> Campaign:
        vacancy = await self.council.live(openings=openings, **content)
        post = next(each for each in posts(3) if each.is_external == bool(content))
        waits = dict.fromkeys(("apply", *STEPS), 3)
        campaign = Campaign(post, self.sandwell, vacancy["id"], vacancy["reference"], rank=0, waits=waits)
        campaign.closed_at = self.region.now + timedelta(days=1)
        campaign.rest(self.region.now, "apply")
        self.recruitment.campaigns.append(campaign)
        return campaign

    async def pass_days(self, days: int) -> None:
        for _ in range(days):
            self.region.now = self.council.services.clock.advance(timedelta(days=1))
            await self.recruitment.pass_day()

    async def pass_days_until(self, campaign: Campaign, step: str) -> None:
        while campaign.step != step:
            await self.pass_days(1)

    async def give_to_redeployees(self, campaign: Campaign, openings: int = 1, *, is_filled: bool = True) -> None:
        now = self.council.now
        async with self.council.region() as session:
            for _ in range(openings):
                wanted = opening_requested(
                    await self.council.read({"id": campaign.vacancy_id}), reply_by=now + timedelta(days=5)
                )
                await answer_request(session, wanted, now=now)
                await accept_reserved(session, wanted.request_id, now=now)
                if is_filled:
                    await fill_reserved(session, wanted.request_id, starts_on=local_date(now), now=now)
            await session.flush()
            await close_waiting_applications(session, now)


@pytest.fixture
async def campaigns(world: Services, ats: httpx.AsyncClient, tmp_path: Path) -> Campaigns:
    council = Ats(world, ats)
    urls = {Service.ATS: str(ats.base_url)}
    async with council.region() as session:
        own, own_secret = await make_client(session, *COUNCIL_SYSTEM, employers=("SAW",))
        board, board_secret = await make_client(session, *BOARD, is_region=True)
    system = System(urls, str(own.id), own_secret, ats)
    job_board = System(urls, str(board.id), board_secret, ats)
    manager = str((await council.staff(Role.HIRING_MANAGER)).id)
    sandwell = CouncilActors("SAW", system, manager, approver=str(uuid4()), hr=str(uuid4()))
    region = Region(urls, ats, Administrator(ats), job_board, job_board, Postbox(tmp_path), now=council.now)
    return Campaigns(council, region, sandwell)


async def test_an_external_campaign_that_reports_every_morning_ends_in_the_first_day_it_counts(
    campaigns: Campaigns,
) -> None:
    campaign = await campaigns.live(**EXTERNAL)
    assert campaigns.region.now.hour == 9
    await campaigns.pass_days(40)
    assert (campaign.step, campaigns.recruitment.hires) == ("done", 1)
    async with campaigns.council.region() as session:
        logged = (await session.scalars(select(HiringLogEntry.event).where(HiringLogEntry.source == "milestone"))).all()
    assert [each.value for each in logged].count("started") == 1
    assert (await campaigns.council.read({"id": campaign.vacancy_id}))["state"] == "filled"


async def test_a_milestone_that_is_refused_stops_the_journey(campaigns: Campaigns) -> None:
    campaign = await campaigns.live(**EXTERNAL)
    await campaigns.pass_days_until(campaign, "shortlist")
    campaigns.region.now += timedelta(days=2)
    with pytest.raises(Refused, match="in_the_future"):
        await campaigns.recruitment.pass_day()


async def test_an_external_campaign_gives_way_where_displaced_staff_took_every_opening(campaigns: Campaigns) -> None:
    campaign = await campaigns.live(2, **EXTERNAL)
    await campaigns.pass_days_until(campaign, "interview")
    await campaigns.give_to_redeployees(campaign, 2, is_filled=False)
    await campaigns.pass_days(30)
    assert (campaign.step, campaign.hires) == ("done", 0)


async def test_an_external_campaign_takes_the_opening_that_displaced_staff_left(campaigns: Campaigns) -> None:
    campaign = await campaigns.live(2, **EXTERNAL)
    await campaigns.give_to_redeployees(campaign)
    await campaigns.pass_days(40)
    assert (campaign.step, campaign.hires, campaign.opening_no) == ("done", 1, 2)


@pytest.mark.parametrize("step", ["apply", "shortlist", "interview", "offer"])
async def test_a_campaign_whose_post_a_displaced_colleague_filled_ends_without_a_hire(
    campaigns: Campaigns, step: str
) -> None:
    campaign = await campaigns.live()
    await campaigns.pass_days_until(campaign, step)
    await campaigns.give_to_redeployees(campaign)
    await campaigns.pass_days(4)
    assert (campaign.step, campaign.hires) == ("done", 0)


async def test_an_offer_waits_while_the_last_opening_is_promised_to_a_displaced_colleague(campaigns: Campaigns) -> None:
    campaign = await campaigns.live()
    await campaigns.pass_days_until(campaign, "offer")
    await campaigns.give_to_redeployees(campaign, is_filled=False)
    await campaigns.pass_days(5)
    assert campaign.step == "offer"


async def test_a_step_that_is_refused_for_another_reason_stops_the_journey(campaigns: Campaigns) -> None:
    campaign = await campaigns.live()
    await campaigns.pass_days_until(campaign, "interview")
    withdrawn = campaign.chosen[0]
    headers = campaigns.council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=campaigns.sandwell.manager)
    answer = await campaigns.council.client.post(f"/v1/applications/{withdrawn}/withdraw", headers=headers)
    assert answer.status_code == 200, answer.text
    with pytest.raises(Overtaken, match="stage_not_reachable"):
        await campaigns.pass_days(4)
