"""`make show`: the journey for an audience, one step per Enter, with the pages to look at.

The queue is emptied in the middle. The last step counts what was lost and what was doubled.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

from shared.embedded.problems import EmbeddedProblem
from shared.embedded.stack import Stack, private_stack
from shared.vocabulary import Service
from tests.journeys.actors import Refused
from tests.journeys.demo import next_weekday
from tests.journeys.posts_and_people import people, posts
from tests.journeys.recruitment import Recruitment
from tests.journeys.redeployment import Redeployment
from tests.journeys.region import ADMINISTRATOR, Region, in_parallel

DISPLACED = 66
VACANCIES = 6
DAYS_AFTER_THE_BOARD = 90


class Show:
    def __init__(self, stack: Stack, region: Region) -> None:
        self.stack = stack
        self.region = region
        self.recruitment = Recruitment(region)
        self.redeployment = Redeployment(region)

    async def play(self) -> None:
        scenes: tuple[tuple[str, Callable[[], Awaitable[str]]], ...] = (
            ("Reorganisation: councils register their displaced staff", self.register),
            ("Six vacancies are approved, and first refusal begins", self.approve),
            ("The queue is emptied while people answer", self.lose_the_queue),
            ("HR refers, gaining councils decide, the rest is released", self.clear),
            ("Adverts, candidates, offers, first days", self.recruit),
            ("What was lost, what was doubled", self.count),
        )
        for number, (title, scene) in enumerate(scenes, start=1):
            await _enter(f"\n{number}. {title}")
            print(f"   {await scene()}", flush=True)

    async def register(self) -> str:
        await self.region.advance_to(next_weekday(self.region.now, hour=9))
        await in_parallel(self.redeployment.register, people(DISPLACED))
        await self.region.advance(timedelta(minutes=1))
        return f"{DISPLACED} people verified by their own HR.  {self._url(Service.CLEARING)}/overview"

    async def approve(self) -> str:
        for post in posts(VACANCIES):
            await self.recruitment.approve(post)
        await self.region.advance(timedelta(minutes=1))
        matches = await self.region.all_of(Service.CLEARING, "/v1/matches")
        return (
            f"{len(matches)} suggestions, told by mail before anyone else sees the posts."
            f"  {self._url(Service.NOTIFICATIONS)}/dev/mail"
        )

    async def lose_the_queue(self) -> str:
        queue = self.stack.redis
        assert queue is not None
        # Nobody takes letters for mails out of the queue meanwhile, so that there is something in it to lose.
        await asyncio.to_thread(self.stack.stop_process, "notifications-worker")
        working = asyncio.create_task(self.redeployment.pass_day())
        for _ in range(3):
            await asyncio.to_thread(queue.empty)
            await asyncio.sleep(0.2)
        await working
        await asyncio.sleep(0.5)
        await asyncio.to_thread(queue.empty)
        await asyncio.to_thread(self.stack.start_process, "notifications-worker")
        await self.region.advance(timedelta(minutes=1))
        referrals = await self.region.all_of(Service.CLEARING, "/v1/referrals")
        return f"Redis was emptied four times; {len(referrals)} interests are there all the same."

    async def clear(self) -> str:
        for _ in range(8):
            await self.region.advance_to(next_weekday(self.region.now + timedelta(hours=12), hour=9))
            await self.redeployment.pass_day()
        released = [c for c in await self.region.all_of(Service.ATS, "/v1/vacancies") if c["state"] == "live"]
        return f"{len(released)} adverts are live.  {self._url(Service.ATS)}/jobs"

    async def recruit(self) -> str:
        for _ in range(DAYS_AFTER_THE_BOARD):
            await self.redeployment.pass_day()
            await self.recruitment.pass_day()
            if not self.recruitment.unfinished:
                break
            await self.region.advance_to(next_weekday(self.region.now + timedelta(days=1), hour=9))
        report = await self.region.observer.get(Service.ATS, "/v1/reports/time-to-hire")
        headline = next(each for each in report["measures"] if each["measure"] == "advert_to_cleared")
        return (
            f"{self.recruitment.hires} hires; median {headline['median_days']} days from advert to cleared."
            f"  {self._url(Service.ATS)}/time-to-hire"
        )

    async def count(self) -> str:
        figures = await self.region.event_figures()
        lost = figures["unanswered"] + figures["dead"]
        again = figures["republished"]
        doubled = _doubled(self.stack.mail_folder)
        told = f"{figures['letters']} letters, {again} sent again; lost {lost}, doubled {doubled}."
        if again == 0 or lost or doubled:
            raise Refused(f"this is not what the show promises: {told}")
        return told

    def _url(self, service: Service) -> str:
        return self.region.urls[service]


def _doubled(mail_folder: Path) -> int:
    """Messages that arrived more than once: a message keeps its id however often it is handed over."""
    ids = Counter(message_from_bytes(path.read_bytes())["Message-ID"] for path in mail_folder.glob("*.eml"))
    return sum(count - 1 for count in ids.values())


async def _enter(title: str) -> None:
    print(title, flush=True)
    if sys.stdin.isatty():
        await asyncio.to_thread(input, "   Enter to go on ")


async def play(stack: Stack) -> None:
    region = await Region.prepare(stack)
    print(f"Pages: sign in as {ADMINISTRATOR} with {region.password}", flush=True)
    try:
        await Show(stack, region).play()
        await _enter("\nThe system keeps running until the next Enter: look at the pages.")
    finally:
        await region.http.aclose()
        await region.admin.http.aclose()


def main() -> int:
    print("Starting a region of its own", flush=True)
    try:
        with private_stack(demonstration=False) as stack:
            asyncio.run(play(stack))
    except (EmbeddedProblem, Refused) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
