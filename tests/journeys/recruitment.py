"""From an approved post to a first day: hosted campaigns with candidates, external ones that report milestones."""

from __future__ import annotations

import random
import time
from datetime import datetime, timedelta
from typing import Any

from shared.vocabulary import Service
from tests.factories.checks import passing
from tests.journeys.actors import LinkHolder, Overtaken, Refused
from tests.journeys.campaign import Campaign
from tests.journeys.posts_and_people import FIRST_NAMES, LAST_NAMES, Post, wanted_skills
from tests.journeys.region import Region, in_parallel
from tests.journeys.reporting import report

ATS = Service.ATS
CANDIDATES_A_POST = 3
ADVERT_DAYS = 14


def vacancy_of(post: Post) -> dict[str, Any]:
    """The body with which a council's system creates this post."""
    role = post.role
    essential: list[dict[str, Any]] = [
        {
            "kind": "experience",
            "text": f"{role.months} months of work like this",
            "families": sorted({role.family, *role.related}),
            "months": role.months,
        }
    ]
    if role.qualification:
        level, subject = role.qualification
        essential.append(
            {"kind": "qualification", "text": "The qualification of the job", "level": level, "subjects": [subject]}
        )
    if role.registration:
        essential.append(
            {"kind": "registration", "text": "Holds what the work needs", "registration_code": role.registration}
        )
    skills = wanted_skills(role)
    essential.append(
        {
            "kind": "skill",
            "text": "Starts with the basics of the work",
            "skill_id": skills[0],
            "level": 1,
            "trainable": True,
            "weeks_to_train": 12,
        }
    )
    body: dict[str, Any] = {
        "employer": post.employer.code,
        "source_system": "external-ats" if post.is_external else "council-hr",
        "external_reference": f"REQ-{post.number:04d}",
        "management": "external" if post.is_external else "hosted",
        "title": role.title,
        "scp_min": role.scp_min,
        "scp_max": role.scp_max,
        "hours_per_week": post.hours,
        "contract": "fixed_term" if post.fixed_term_months else "permanent",
        "working_pattern": role.pattern,
        "postcode": post.outcode,
        "description": f"{role.title} at {post.employer.short_name}. You join a team that serves residents.",
        "essential": essential,
        "desirable": [
            {"skill_id": skill, "level": 2, "weight": weight}
            for skill, weight in zip(skills, (3, 2, 2, 1, 1), strict=True)
        ],
        "openings": post.openings,
        "advert_days": ADVERT_DAYS,
    }
    if post.fixed_term_months:
        body["contract_months"] = post.fixed_term_months
    if post.is_external:
        body["apply"] = {"method": "url", "url": f"https://jobs.{post.employer.code.lower()}.example/{post.number}"}
    return body


class Recruitment:
    """Every council's campaigns, moved on once a business day."""

    def __init__(self, region: Region, seed: int = 2026) -> None:
        self.region = region
        self.campaigns: list[Campaign] = []
        self._chance = random.Random(f"recruitment-{seed}")

    @property
    def hires(self) -> int:
        return sum(each.hires for each in self.campaigns)

    @property
    def unfinished(self) -> int:
        return sum(each.step != "done" for each in self.campaigns)

    async def approve(self, post: Post) -> tuple[Campaign, float]:
        """Create a post and have it approved: here by two people, or attested by the council's own system.

        Returns the campaign and the system time (seconds) at which the approval itself was sent.
        """
        council = self.region.by_council[post.employer.code]
        made = await council.system.post(ATS, "/v1/vacancies", vacancy_of(post), decider=council.manager)
        campaign = Campaign(post, council, made["id"], made["reference"], rank=len(self.campaigns), waits=self._waits())
        self.campaigns.append(campaign)
        if post.is_external:
            attested = {
                "approved_at": self.region.now.isoformat(),
                "approved_by": "Head of service",
                "reference": f"WF-{post.number:05d}",
            }
            asked_at = time.time()
            await council.system.post(ATS, f"/v1/vacancies/{made['id']}/attest-approval", attested)
        else:
            await council.system.post(ATS, f"/v1/vacancies/{made['id']}/submit", decider=council.manager)
            asked_at = time.time()
            reason = {"reason": "Within establishment"}
            await council.system.post(ATS, f"/v1/vacancies/{made['id']}/approve", reason, decider=council.approver)
        return campaign, asked_at

    def _waits(self) -> dict[str, int]:
        draw = self._chance.randint
        return {
            "apply": draw(1, 3),
            "shortlist": draw(2, 8),
            "interview": draw(5, 14),
            "offer": draw(1, 4),
            "answer": draw(1, 3),
            "clear": draw(12, 34),
            "hire": draw(14, 42),
        }

    async def pass_day(self) -> None:
        """Do what each campaign's people would do today."""
        await self._notice_published()
        now = self.region.now
        ready = [each for each in self.campaigns if each.due is not None and each.due <= now]
        await in_parallel(self._move_on, ready)

    async def _notice_published(self) -> None:
        waiting = {each.vacancy_id: each for each in self.campaigns if each.step == "in_clearing"}
        if not waiting:
            return
        for vacancy in await self.region.all_of(ATS, "/v1/vacancies"):
            campaign = waiting.get(vacancy["id"])
            if campaign is None:
                continue
            if vacancy["state"] == "live":
                campaign.published_at = datetime.fromisoformat(vacancy["published_at"])
                campaign.closed_at = datetime.fromisoformat(vacancy["closes_at"])
                campaign.rest(self.region.now, "apply")
            elif vacancy["state"] == "filled":
                campaign.end()

    async def _move_on(self, campaign: Campaign) -> None:
        if campaign.post.is_external:
            await report(campaign, self.region.now)
            return
        steps = {
            "apply": self._apply,
            "shortlist": self._shortlist,
            "interview": self._interview,
            "offer": self._offer,
            "answer": self._answer,
            "clear": self._clear,
            "hire": self._hire,
        }
        try:
            await steps[campaign.step](campaign)
        except Overtaken:
            if not await self._gives_way(campaign):
                raise

    @staticmethod
    async def _gives_way(campaign: Campaign) -> bool:
        """Whether a displaced colleague came first: in the post already, or with the last opening promised to them.

        Who is in the post has ended the campaign, and its candidates are told. A promise may still come to nothing,
        so an offer is tried again on the next day.
        """
        vacancy = await campaign.council.system.get(ATS, f"/v1/vacancies/{campaign.vacancy_id}")
        if vacancy["state"] == "filled":
            campaign.end()
            return True
        return campaign.step == "offer" and all(each["state"] != "open" for each in vacancy["opening_list"])

    async def _apply(self, campaign: Campaign) -> None:
        for number in range(CANDIDATES_A_POST):
            draw = random.Random(f"candidate-{campaign.rank}-{number}")
            name = f"{draw.choice(FIRST_NAMES)} {draw.choice(LAST_NAMES)}"
            address = f"{name.lower().replace(' ', '.')}.{campaign.rank}.{number}@candidates.example"
            body = {
                "name": name,
                "email": address,
                "answers": [{"criterion_id": "E1", "answer": "I have done this work for two councils."}],
                "supporting_statement": "I would like to bring what I know of this work to your team.",
            }
            made = await self.region.board.post(ATS, f"/v1/jobs/{campaign.vacancy_id}/applications", body)
            campaign.addresses[made["id"]] = address
        assert campaign.closed_at is not None
        campaign.step = "shortlist"
        campaign.due = campaign.closed_at + timedelta(days=campaign.waits["shortlist"])

    async def _decide(self, campaign: Campaign, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return await campaign.council.system.post(ATS, path, body, decider=campaign.council.manager)

    async def _shortlist(self, campaign: Campaign) -> None:
        own = list(campaign.addresses)
        for application in own[:2]:
            await self._decide(campaign, f"/v1/applications/{application}/shortlist")
        for application in own[2:]:
            reason = {"reason_code": "essential_not_met", "unmet_criteria": ["E1"]}
            await self._decide(campaign, f"/v1/applications/{application}/reject", reason)
        await self._decide(campaign, f"/v1/vacancies/{campaign.vacancy_id}/confirm-shortlist")
        starts_at = self.region.now + timedelta(days=campaign.waits["interview"])
        for application in own[:2]:
            when = {"starts_at": starts_at.isoformat(), "place": "Council House, room 2"}
            await self._decide(campaign, f"/v1/applications/{application}/invite-to-interview", when)
        campaign.chosen = own[:2]
        campaign.rest(self.region.now, "interview")

    async def _interview(self, campaign: Campaign) -> None:
        for application in campaign.chosen:
            await self._decide(campaign, f"/v1/applications/{application}/record-interview")
        campaign.rest(self.region.now, "offer")

    async def _offer(self, campaign: Campaign) -> None:
        first, *others = campaign.chosen
        start = (self.region.now + timedelta(days=campaign.waits["clear"] + campaign.waits["hire"])).date()
        vacancy = await campaign.council.system.get(ATS, f"/v1/vacancies/{campaign.vacancy_id}")
        terms = {
            "salary_pence": vacancy["salary_min_pence"],
            "starts_on": start.isoformat(),
            "reply_by": (self.region.now + timedelta(days=7)).date().isoformat(),
        }
        await self._decide(campaign, f"/v1/applications/{first}/offers", terms)
        for application in others:
            reason = {"reason_code": "interview_not_passed"}
            await self._decide(campaign, f"/v1/applications/{application}/reject", reason)
        campaign.chosen = [first]
        campaign.rest(self.region.now, "answer")

    async def _answer(self, campaign: Campaign) -> None:
        """The candidate answers by the link in the mail that came."""
        application = campaign.chosen[0]
        mail = self.region.postbox.latest(campaign.addresses[application], "offer")
        if mail is None or mail.link_token is None:
            came = [each.subject for each in self.region.postbox.by_address[campaign.addresses[application]]]
            known = await campaign.council.system.get(ATS, f"/v1/applications/{application}")
            raise Refused(f"no offer reached the candidate of {campaign.reference}, {known['stage']}: {came}")
        person = await LinkHolder.open(self.region.urls[ATS], self.region.http, mail.link_token)
        mine = await person.get("/v1/my/application")
        await person.post(f"/v1/offers/{mine['offer']['id']}/accept")
        campaign.rest(self.region.now, "clear")

    async def _clear(self, campaign: Campaign) -> None:
        start = (self.region.now + timedelta(days=campaign.waits["hire"])).date()
        checks = f"/v1/applications/{campaign.chosen[0]}/checks"
        for check in (await campaign.council.system.get(ATS, checks))["checks"]:
            await self._decide(campaign, f"/v1/checks/{check['id']}/pass", passing(check, self.region.now.date()))
        await self._decide(campaign, f"/v1/applications/{campaign.chosen[0]}/clear", {"starts_on": start.isoformat()})
        campaign.rest(self.region.now, "hire")

    async def _hire(self, campaign: Campaign) -> None:
        await self._decide(campaign, f"/v1/applications/{campaign.chosen[0]}/hire")
        campaign.hires += 1
        campaign.end()
