"""External campaigns: the council's own system says what happened, with dates and counts and nobody's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared.calendar import local_date
from shared.vocabulary import Service
from tests.journeys.actors import Refused
from tests.journeys.campaign import Campaign

ATS = Service.ATS
# Step of the campaign -> the milestones of that day, with how many people each is about.
MILESTONES: dict[str, tuple[tuple[str, int | None], ...]] = {
    "shortlist": (("closed", None), ("shortlisted", 4)),
    "interview": (("interviewed", 4),),
    "offer": (("offered", 1),),
    "answer": (("accepted", None),),
    "clear": (("cleared", None),),
    "hire": (("started", None),),
}
ORDER = tuple(MILESTONES)


async def report(campaign: Campaign, now: datetime) -> None:
    """Report the step that is due, and go on to the next. Raises Refused where a milestone was not taken as told."""
    if campaign.step == "apply":
        campaign.rest(campaign.closed_at or now, "shortlist")
        return
    sent = [_milestone(campaign, kind, count, now) for kind, count in MILESTONES[campaign.step]]
    path = f"/v1/vacancies/{campaign.vacancy_id}"
    answer = await campaign.council.system.post(ATS, f"{path}/milestones", {"milestones": sent})
    results = answer["results"]
    if campaign.step == "answer" and results[0]["questions"] == ["no_opening_left"]:
        await _give_way(campaign)
        return
    for milestone, result in zip(sent, results, strict=True):
        if result["status"] != "recorded" or result["questions"]:
            raise Refused(f"{campaign.reference}, milestone {milestone}: {result}")
    if campaign.step == "answer":
        campaign.opening_no = results[0]["opening_nos"][0]
    if campaign.step == "hire":
        campaign.hires += 1
        campaign.end()
    else:
        campaign.rest(now, ORDER[ORDER.index(campaign.step) + 1])


async def _give_way(campaign: Campaign) -> None:
    """Displaced colleagues have every opening: the council tells its own candidate so. Raises Refused otherwise."""
    vacancy = await campaign.council.system.get(ATS, f"/v1/vacancies/{campaign.vacancy_id}")
    if any(each["route"] != "redeployment" for each in vacancy["opening_list"]):
        raise Refused(f"{campaign.reference} has no opening for its candidate: {vacancy['opening_list']}")
    campaign.end()


def _milestone(campaign: Campaign, kind: str, count: int | None, now: datetime) -> dict[str, Any]:
    campaign.reported += 1
    milestone: dict[str, Any] = {
        "external_event_id": f"{campaign.post.number}-{campaign.reported}",
        "kind": kind,
        "occurred_on": local_date(now).isoformat(),
    }
    if count is not None:
        milestone["count"] = count
    if kind in {"cleared", "started"}:
        milestone["opening_no"] = campaign.opening_no
    return milestone
