"""From being displaced to a confirmed new post: people by the links in their mails, both councils by their systems."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.reference.employers import employer_id
from shared.reference.pay import spine_point
from shared.vocabulary import Service
from tests.journeys.actors import LinkHolder, Mail, Overtaken
from tests.journeys.posts_and_people import DisplacedPerson
from tests.journeys.region import Region, in_parallel

CLEARING = Service.CLEARING
PAY_YEAR = date(2026, 4, 1)
INTERESTS_A_PERSON = 2


def registration_of(person: DisplacedPerson, today: date) -> dict[str, Any]:
    """The body with which the home council's HR registers somebody."""
    pay = spine_point(person.scp, PAY_YEAR).annual_pence
    ends_on = today + timedelta(days=70 + person.number % 55)
    body: dict[str, Any] = {
        "employer": person.home.code,
        "employee_number": f"{100_000 + person.number}",
        "name": person.name,
        "email": person.email,
        "reason": "redundancy_notice" if person.under_notice else "at_risk_individual",
        "job_title": person.role.title,
        "at_risk_on": (today - timedelta(days=30)).isoformat(),
        "grade_top_scp": person.role.scp_max,
        "fte_pay_pence": pay,
        "pay_effective_from": PAY_YEAR.isoformat(),
        "hours_per_week": person.hours,
        "hours_min": "22.5",
        "hours_max": "37",
        "outcode": person.outcode,
        "max_travel_minutes": person.max_travel_minutes,
        "accepts_fixed_term": person.accepts_fixed_term,
        "working_patterns": sorted({"office_hours", person.role.pattern}),
        "skills": [{"skill_id": skill, "level": level} for skill, level in person.skills],
        "qualifications": [{"level": 2, "subject": "english_maths"}, *_qualification(person)],
        "professional_registrations": [{"code": "driving_licence"}, *_registration(person)],
        "occupations": [
            {
                "title": person.role.title,
                "soc2020": person.role.soc2020,
                "family": person.role.family,
                "months": person.months_in_role,
            }
        ],
        "redundancy": {
            "born_on": date(1965 + person.number % 30, 6, 14).isoformat(),
            "service_from_on": (today - timedelta(days=30 * person.months_in_role)).isoformat(),
            "weekly_pay_pence": pay * 7 // 365,
        },
        "person_told": True,
    }
    if person.under_notice:
        body |= {
            "notice_given_on": (today - timedelta(days=7)).isoformat(),
            "employment_ends_on": ends_on.isoformat(),
        }
    return body


def _qualification(person: DisplacedPerson) -> list[dict[str, Any]]:
    wanted = person.role.qualification
    return [{"level": wanted[0], "subject": wanted[1]}] if wanted and wanted[1] != "english_maths" else []


def _registration(person: DisplacedPerson) -> list[dict[str, Any]]:
    wanted = person.role.registration
    return [{"code": wanted}] if wanted and wanted != "driving_licence" else []


class Redeployment:
    """Every displaced employee, and what the two councils do about them, moved on once a business day."""

    def __init__(self, region: Region, seed: int = 2026) -> None:
        self.region = region
        self._chance = random.Random(f"redeployment-{seed}")
        self._holders: dict[str, LinkHolder] = {}
        self._read: dict[str, int] = {}
        self._interests: Counter[str] = Counter()
        self._code_of = {str(employer_id(code)): code for code in region.by_council}

    async def register(self, person: DisplacedPerson) -> str:
        """HR registers somebody, submits it, and a named colleague verifies it from the evidence."""
        council = self.region.by_council[person.home.code]
        today = self.region.now.date()
        made = await council.system.post(
            CLEARING, "/v1/registrations", registration_of(person, today), decider=council.hr
        )
        path = f"/v1/registrations/{made['id']}"
        await council.system.post(CLEARING, f"{path}/submit", decider=council.hr)
        tier = {"tier": 3 if person.under_notice else 4}
        await council.system.post(CLEARING, f"{path}/verify", tier, decider=council.hr)
        return made["id"]

    async def pass_day(self) -> None:
        """People read their mail, HR looks and refers, gaining councils decide, people answer offers."""
        await self.people_read_their_mail()
        await in_parallel(self._decide, await self.region.all_of(CLEARING, "/v1/referrals"))

    async def people_read_their_mail(self) -> None:
        fresh = {
            address: mails
            for address, mails in self.region.postbox.by_address.items()
            if address.endswith("@people.example") and len(mails) > self._read.get(address, 0)
        }
        await in_parallel(self._read_mail, sorted(fresh))

    async def _read_mail(self, address: str) -> None:
        mails = self.region.postbox.by_address[address]
        new, self._read[address] = mails[self._read.get(address, 0) :], len(mails)
        holder = await self._let_in(new)
        if holder is None:
            return
        for referral in (await holder.get("/v1/me/referrals"))["items"]:
            if referral["state"] == "offered":
                await self._answer_offer(holder, referral)
        if self._interests[address] < INTERESTS_A_PERSON:
            await self._say_interested(address, holder)

    async def _let_in(self, mails: list[Mail]) -> LinkHolder | None:
        """By the newest link that came; links are for one use, the session they open lasts a while."""
        tokens = [mail.link_token for mail in mails if mail.link_token]
        if not tokens:
            return None
        return await LinkHolder.open(self.region.urls[CLEARING], self.region.http, tokens[-1])

    async def _say_interested(self, address: str, holder: LinkHolder) -> None:
        matches = (await holder.get("/v1/me/matches"))["items"]
        open_ones = [each for each in matches if each["state"] == "suggested"]
        for match in sorted(open_ones, key=lambda each: -each["score"])[:1]:
            if datetime.fromisoformat(match["closes_at"]) > self.region.now and self._chance.random() < 0.6:
                with suppress(Overtaken):
                    await holder.post(f"/v1/me/matches/{match['id']}/interest")
                    self._interests[address] += 1

    async def _answer_offer(self, holder: LinkHolder, referral: dict[str, Any]) -> None:
        offers = await holder.get_list("/v1/me/offers")
        offer = next((each for each in offers if each["referral_id"] == referral["id"]), None)
        if offer is not None and offer["state"] == "offered":
            answer = "accept" if self._chance.random() < 0.9 else "refuse"
            await holder.post(f"/v1/me/offers/{offer['id']}/{answer}", {} if answer == "refuse" else None)

    async def _decide(self, referral: dict[str, Any]) -> None:
        acts = {
            "hr_review": self._review,
            "referred": self._consider,
            "interview_offered": self._interview,
            "interviewed": self._choose,
            "waiting": self._consider,
        }
        act = acts.get(referral["state"])
        if act is not None:
            # Somebody ranks higher and is seen first (R30a), or an opening went to another meanwhile.
            with suppress(Overtaken):
                await act(referral)

    async def _gaining(self, referral: dict[str, Any], verb: str, body: dict[str, Any] | None = None) -> None:
        council = self.region.by_council[self._code_of[referral["gaining_employer_id"]]]
        await council.system.get(CLEARING, f"/v1/referrals/{referral['id']}", reader=council.manager)
        await council.system.post(CLEARING, f"/v1/referrals/{referral['id']}/{verb}", body, decider=council.manager)

    async def _review(self, referral: dict[str, Any]) -> None:
        council = self.region.by_council[self._code_of[referral["home_employer_id"]]]
        path = f"/v1/referrals/{referral['id']}"
        await council.system.get(CLEARING, path, reader=council.hr)
        if self._chance.random() < 0.93:
            await council.system.post(CLEARING, f"{path}/refer", decider=council.hr)
        else:
            reasons = {"reasons": "You told us that you would rather wait for a post nearer home."}
            await council.system.post(CLEARING, f"{path}/not-refer", reasons, decider=council.hr)

    async def _consider(self, referral: dict[str, Any]) -> None:
        if self._chance.random() < 0.2 and referral["state"] == "referred":
            reasons = "The work you describe is with another client group."
            await self._gaining(referral, "not-shortlist", {"unmet_criteria": ["E1"], "reasons": reasons})
            return
        when = self.region.now + timedelta(days=2)
        await self._gaining(referral, "offer-interview", {"interview_at": when.isoformat()})

    async def _interview(self, referral: dict[str, Any]) -> None:
        await self._gaining(referral, "interviewed")

    async def _choose(self, referral: dict[str, Any]) -> None:
        if self._chance.random() < 0.3:
            reasons = {"reasons": "Your answers on prioritising casework did not meet the standard we need."}
            await self._gaining(referral, "not-appoint", reasons)
            return
        start = self._next_monday(self.region.now + timedelta(days=21))
        terms = {
            "starts_on": start.isoformat(),
            "fte_pay_pence": 3_000_000,
            "hours_per_week": "37",
            "terms_differ": True,
            "difference": "Another council and workplace.",
        }
        await self._gaining(referral, "request-offer", terms)

    @staticmethod
    def _next_monday(instant: datetime) -> date:
        day = instant.astimezone(UTC).date()
        return day + timedelta(days=(7 - day.weekday()) % 7)
