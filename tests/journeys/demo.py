"""`make demo`: the whole journey over HTTP, on an instance of its own, with real mails, ending in var/demo.json."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any
from zoneinfo import ZoneInfo

from shared.embedded.problems import EmbeddedProblem
from shared.embedded.stack import Stack, private_stack
from shared.vocabulary import Service
from tests.journeys.actors import Refused
from tests.journeys.campaign import Campaign
from tests.journeys.posts_and_people import Post, people, posts
from tests.journeys.recruitment import Recruitment
from tests.journeys.redeployment import Redeployment
from tests.journeys.region import Region, in_parallel

ROOT = Path(__file__).parents[2]
DAYS_OF_APPROVALS = 5
TIMED_APPROVALS = 20
MAIL_SECONDS = 30.0
MOST_STEPS = 90
# People do not look at their mail every morning, and once all are hired the rest is waiting: for notice to run out, for
# four weeks of trial. An audience does not wait with them.
A_STEP = timedelta(days=1, hours=1)
A_LATE_STEP = timedelta(days=4, hours=1)
EVENTFUL_STEPS = 15
ALL_SETTLED = timedelta(days=125)
LONGEST_SECONDS = 300
LONDON = ZoneInfo("Europe/London")


def next_weekday(instant: datetime, *, hour: int) -> datetime:
    """The next `hour` o'clock in London, at or after `instant`, that is not at a weekend."""
    local = instant.astimezone(LONDON).replace(hour=hour, minute=0, second=0, microsecond=0)
    if local < instant:
        local += timedelta(days=1)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a region: the figures of `make demo` are the defaults of its command line."""

    vacancies: int
    displaced: int


class Demo:
    def __init__(self, region: Region, size: Size) -> None:
        self.region = region
        self.size = size
        self.recruitment = Recruitment(region)
        self.redeployment = Redeployment(region)
        self.mail_delays: list[float] = []
        self._began = time.monotonic()

    def say(self, words: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {self.region.now:%a %d %b %Y}  {words}", flush=True)

    async def run(self) -> None:
        await self.region.advance_to(next_weekday(self.region.now, hour=9))
        everyone = people(self.size.displaced)
        self.say(f"{len(self.region.by_council)} councils are ready; HR registers {len(everyone)} displaced employees")
        await in_parallel(self.redeployment.register, everyone)
        await self.region.advance(timedelta(minutes=5))
        to_approve = posts(self.size.vacancies)
        await self._time_approvals(to_approve[:TIMED_APPROVALS])
        self._tell_delays()
        await self._days(to_approve[TIMED_APPROVALS:])

    async def _time_approvals(self, timed: list[Post]) -> None:
        """On a machine that does nothing else: from asking for the approval to the first match mail handed over."""
        for post in timed:
            self.region.postbox.collect()
            campaign, asked_at = await self.recruitment.approve(post)
            if await self._matched(campaign):
                mail = await self.region.postbox.wait_for(
                    post.role.title, to="@people.example", within_seconds=MAIL_SECONDS
                )
                if mail is None:
                    raise Refused(f"no match mail came within {MAIL_SECONDS:.0f} s")
                self.mail_delays.append((mail.arrived_at - asked_at) * 1000)

    async def _matched(self, campaign: Campaign) -> bool:
        """Whether its window opened with a match. Asked seldom: what is timed has the machine to itself."""
        until = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < until:
            await asyncio.sleep(0.5)
            found = await self.region.observer.get(Service.ATS, f"/v1/vacancies/{campaign.vacancy_id}")
            if found["clearance"]["window_opened_at"] is not None:
                return found["clearance"]["matched"] > 0
        raise Refused("no window opened for an approved vacancy")

    def _tell_delays(self) -> None:
        found = len(self.mail_delays)
        self.say(f"{found} of {TIMED_APPROVALS} timed vacancies matched somebody; p50 {self._percentile(0.5)} ms")

    async def _days(self, to_approve: list[Post]) -> None:
        share, began = -(-len(to_approve) // DAYS_OF_APPROVALS), self.region.now
        for step in range(MOST_STEPS):
            today, to_approve = to_approve[:share], to_approve[share:]
            await in_parallel(self.recruitment.approve, today)
            await self.redeployment.pass_day()
            await self.recruitment.pass_day()
            self.say(await self._state_of_things())
            is_over = self.region.now - began > ALL_SETTLED
            if is_over and not to_approve and not self.recruitment.unfinished:
                break
            pause = A_STEP if step < EVENTFUL_STEPS else A_LATE_STEP
            await self.region.advance_to(next_weekday(self.region.now + pause, hour=9))

    async def _state_of_things(self) -> str:
        steps = Counter(each.step for each in self.recruitment.campaigns)
        told = ", ".join(f"{count} {step}" for step, count in sorted(steps.items()))
        return f"{told}; {self.recruitment.hires} hires, {self.region.postbox.count} mails"

    def _percentile(self, share: float) -> float | None:
        """In milliseconds; None where no timed vacancy matched anybody."""
        if len(self.mail_delays) < 2:
            return self.mail_delays[0] if self.mail_delays else None
        return round(quantiles(self.mail_delays, n=100, method="inclusive")[round(share * 100) - 1], 1)

    async def summary(self) -> dict[str, Any]:
        """Everything asked of the services themselves, but the mails: those are counted in the catcher."""
        region = self.region
        region.postbox.collect()
        report = await region.observer.get(Service.ATS, "/v1/reports/time-to-hire")
        measures = {each["measure"]: each for each in report["measures"]}
        added = report["days_added_to_unmatched_vacancies"]["median_calendar_days"]
        applications = await region.all_of(Service.ATS, "/v1/applications")
        vacancies = await region.all_of(Service.ATS, "/v1/vacancies")
        started = sum(await in_parallel(self._count_started, vacancies))
        if started != self.recruitment.hires:
            raise Refused(f"{self.recruitment.hires} people started, but the hiring log knows of {started}")
        savings = await region.observer.get(Service.CLEARING, "/v1/savings")
        matches = await region.all_of(Service.CLEARING, "/v1/matches")
        placed = [p for p in await region.all_of(Service.CLEARING, "/v1/trials") if p["state"] == "confirmed"]
        return {
            "vacancies": len(vacancies),
            "matches": len(matches),
            "mails_delivered": region.postbox.count,
            "applications": sum(each["referral_id"] is None for each in applications),
            "hires": started + len(placed),
            "redeployed": len(placed),
            "saving_gbp": float(savings["net_gbp"]),
            "time_to_hire_median_days": _number(measures["advert_to_cleared"]["median_days"]),
            "days_added_to_unmatched_vacancies_median": _number(added),
            "approval_to_match_mail_ms": {"p50": self._percentile(0.5), "p95": self._percentile(0.95)},
            **await self._event_figures(),
        }

    async def _count_started(self, vacancy: Mapping[str, Any]) -> int:
        """First days in the hiring log, but for redeployees: those count once their trial is confirmed."""
        steps = await self.region.observer.get(Service.ATS, f"/v1/vacancies/{vacancy['id']}/timeline")
        return sum(step["event"] == "started" and step["route"] != "redeployment" for step in steps)

    async def _event_figures(self) -> dict[str, int]:
        figures = await self.region.event_figures()
        return {
            "events_produced": figures["recorded"],
            "events_acknowledged": figures["acknowledged"],
            "events_unanswered": figures["unanswered"],
            "events_republished": figures["republished"],
            "events_dead": figures["dead"],
        }


def _number(median: str | None) -> float | None:
    return None if median is None else float(median)


def faults_of(found: Mapping[str, Any]) -> list[str]:
    """What a run may not end with, in words; empty for a good one."""
    delay = found["approval_to_match_mail_ms"]["p95"]
    wrong = {
        "a letter was refused for good": found["events_dead"] > 0,
        "a letter was never answered": found["events_unanswered"] > 0,
        "nobody was matched": found["matches"] == 0,
        "no match mail came": delay is None,
        "nobody was hired": found["hires"] == 0,
        f"it took longer than {LONGEST_SECONDS} s": found["seconds"] > LONGEST_SECONDS,
    }
    return [words for words, is_so in wrong.items() if is_so]


async def drive(stack: Stack, size: Size) -> dict[str, Any]:
    demo = Demo(await Region.prepare(stack), size)
    try:
        await demo.run()
        return await demo.summary()
    finally:
        await demo.region.http.aclose()
        await demo.region.admin.http.aclose()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.demo", description=__doc__)
    parser.add_argument("--vacancies", type=int, default=210)
    parser.add_argument("--displaced", type=int, default=315)
    asked = parser.parse_args()
    size = Size(asked.vacancies, asked.displaced)
    began = time.monotonic()
    try:
        with private_stack(demonstration=False, report=lambda words: print(f"         {words}", flush=True)) as stack:
            found = asyncio.run(drive(stack, size))
    except (EmbeddedProblem, Refused) as problem:
        print(problem, file=sys.stderr)
        return 1
    found["seconds"] = round(time.monotonic() - began, 1)
    target = ROOT / "var" / "demo.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))
    print(f"Written to {target.relative_to(ROOT)}")
    faults = faults_of(found)
    for words in faults:
        print(f"Not as it should be: {words}.", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
