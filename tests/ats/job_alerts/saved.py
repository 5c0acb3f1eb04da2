"""A person who saves a search and follows the links of their mails."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import select

from services.ats.job_alerts.due import run_job_alerts
from services.ats.job_alerts.models import JobAlert
from shared.events.job_alerts import AlertContact, AlertDigest
from tests.factories.ats import Ats
from tests.factories.identity import field, local, mailed

AMARA = "amara.osei@people.example"
LINK_WANTED = "ats.job_alert_link_wanted.v1"
FOUND = "ats.job_alert_found.v1"


async def ask(council: Ats, email: str = AMARA, **more: Any) -> httpx.Response:
    body = {"email": email, "search": {"q": "housing"}} | more
    return await council.client.post("/v1/job-alerts", json=body)


async def links(council: Ats) -> list[AlertContact]:
    async with council.region() as session:
        return await mailed(session, LINK_WANTED, AlertContact)


async def digests(council: Ats) -> list[AlertDigest]:
    async with council.region() as session:
        return await mailed(session, FOUND, AlertDigest)


async def follow(council: Ats, link: str) -> httpx.Response:
    """Press the button behind a link of a mail, and see the page that it leads to."""
    council.client.cookies.clear()
    opened = await council.client.post(local(link))
    assert opened.status_code == 303, opened.text
    return await council.client.get(opened.headers["location"])


async def press(council: Ats, verb: str, **data: str) -> httpx.Response:
    page = await council.client.get("/my-job-alert")
    token = {"csrf_token": field(page, "csrf_token")}
    return await council.client.post(f"/my-job-alert/{verb}", data=token | data)


async def confirmed(council: Ats, email: str = AMARA, **more: Any) -> JobAlert:
    """A search that is saved and confirmed as a person does it."""
    assert (await ask(council, email, **more)).status_code == 202
    await follow(council, (await links(council))[-1].link)
    assert (await press(council, "confirm")).status_code == 303
    return (await alerts(council))[-1]


async def alerts(council: Ats) -> list[JobAlert]:
    async with council.region() as session:
        query = select(JobAlert).order_by(JobAlert.created_at, JobAlert.id)
        return list(await session.scalars(query.execution_options(populate_existing=True)))


async def run(council: Ats) -> int:
    """The due work, until there is none."""
    done = 0
    while True:
        async with council.region() as session:
            some = await run_job_alerts(session, council.now)
        if not some:
            return done
        done += some
