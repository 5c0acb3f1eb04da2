"""Feeds that other boards fetch: strictly readable whatever an advert says, and never a word of what is not public."""

from __future__ import annotations

import asyncio
import gc
import json
import re
import tracemalloc
from datetime import timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import insert

from services.ats.jobs.feeds.catalogue import FEEDS
from services.ats.jobs.feeds.formats import SITEMAP
from services.ats.jobs.feeds.keeping import Shelf
from services.ats.jobs.models import PublishedJob
from services.ats.jobs.posting import job_posting, pay_in_words, plain
from shared.addresses import public_url
from shared.vocabulary import Service
from tests.ats.jobs.many_rows import adverts
from tests.ats.jobs.rows import hold, published
from tests.factories.ats import Ats

STRINGS = json.loads((Path(__file__).with_name("nasty_strings.json")).read_text(encoding="utf-8"))["strings"]
XML_FEEDS = [name for name in FEEDS if not name.endswith(".json")]
STRICT = etree.XMLParser(resolve_entities=False, no_network=True, recover=False)


async def fetch(council: Ats, name: str, **query: Any) -> bytes:
    answer = await council.client.get(f"/v1/feeds/{name}", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].partition(";")[0] == FEEDS[name].media_type
    return answer.content


async def read(council: Ats, name: str, **query: Any) -> etree._Element:
    return etree.fromstring(await fetch(council, name, **query), STRICT)


async def test_every_feed_is_well_formed_with_no_advert_and_with_one(council: Ats) -> None:
    empty = {name: await fetch(council, name) for name in FEEDS}
    await council.live()
    for name in FEEDS:
        filled = await fetch(council, name)
        assert (filled != empty[name]) is (name != "find-a-job-closed-early.xml"), name
        if name.endswith(".json"):
            assert (json.loads(empty[name])["dataFeedElement"], len(json.loads(filled)["dataFeedElement"])) == ([], 1)
        else:
            etree.fromstring(empty[name], STRICT)
            etree.fromstring(filled, STRICT)


async def test_names_of_feeds_have_the_prefixes_that_their_readers_know(council: Ats) -> None:
    await council.live()
    sitemap = (await council.client.get("/sitemap.xml")).text
    rss = (await council.client.get("/v1/feeds/jobs.rss")).text
    assert "<loc>http" in sitemap
    assert "<atom:link " in rss
    assert "ns0:" not in sitemap + rss


async def test_every_awkward_string_goes_through_every_feed_and_means_the_same(council: Ats) -> None:
    wanted: dict[str, str] = {}
    async with council.region() as session:
        for number, each in enumerate(STRINGS):
            text = each["value"].replace("\0", "").encode("utf-8", "replace").decode()
            job = published(title=f"Job {text}"[:200], description=text, reference=f"N-{number}")
            wanted[job.reference] = job.title
            session.add(job)
    postings = json.loads(await fetch(council, "jobs.json"))["dataFeedElement"]
    assert {each["identifier"]["value"]: each["title"] for each in postings} == {
        reference: plain(title) for reference, title in wanted.items()
    }
    assert not [each for each in postings if re.search(r"<(?!/?p>)", each["description"])]
    indeed = await read(council, "indeed.xml")
    for job in indeed.iter("job"):
        assert job.findtext("title") == plain(wanted[job.findtext("referencenumber")])
    assert len(indeed.findall("job")) == len(wanted)
    find_a_job = await read(council, "find-a-job.xml")
    for vacancy in find_a_job:
        assert vacancy.findtext("Title") == plain(wanted[vacancy.get("vacancyRefCode")])
    assert len(find_a_job) == len(wanted)
    assert len((await read(council, "jobs.rss")).findall("channel/item")) == len(wanted)
    places = [each.findtext(f"{{{SITEMAP}}}loc") or "" for each in await read(council, "sitemap.xml")]
    assert len([each for each in places if "/jobs/" in each]) == len(wanted)
    assert places[-2:] == [f"{public_url(Service.ATS)}/careers", f"{public_url(Service.ATS)}/careers/SAW"]


async def test_an_indeed_feed_has_every_field_that_is_required(council: Ats) -> None:
    built = (await read(council, "indeed.xml")).findtext("lastBuildDate")
    assert built is not None
    assert parsedate_to_datetime(built) == council.now.replace(microsecond=0)
    await council.live(title="Planner ]]> & co")
    [job] = (await read(council, "indeed.xml")).findall("job")
    required = "title date referencenumber url company city state country description".split()
    assert all(job.findtext(name) for name in required)
    assert (job.findtext("city"), job.findtext("country")) == ("Oldbury", "GB")


async def test_find_a_job_needs_a_postcode_and_takes_29_days_at_most(council: Ats) -> None:
    vacancy = await council.live(advert_days=60)
    await council.live(postcode="B69", title="No full postcode")
    [shown] = await read(council, "find-a-job.xml")
    assert shown.get("vacancyRefCode") == vacancy["reference"]
    assert shown.findtext("Location/PostalCode") == "B69 3DE"
    assert shown.findtext("VacancyExpiry") == (council.now + timedelta(days=29)).date().isoformat()
    left_out = (await council.client.get("/v1/feeds/find-a-job.xml/left-out")).json()["items"]
    assert [each["reason"] for each in left_out] == ["postcode_missing"]
    assert (await council.client.get("/v1/feeds/jobs.rss/left-out")).json()["items"] == []


async def test_what_closes_early_is_in_the_list_that_takes_it_down_and_what_closes_in_time_is_not(council: Ats) -> None:
    early, late = await council.live(), await council.live()
    await council.live(postcode="B69")
    await hold(council, early)
    assert [each.get("vacancyRefCode") for each in await read(council, "find-a-job-closed-early.xml")] == [
        early["reference"]
    ]
    assert [each.get("vacancyRefCode") for each in await read(council, "find-a-job.xml")] == [late["reference"]]


async def test_a_feed_is_unchanged_until_an_advert_is_and_then_shows_it_at_once(council: Ats) -> None:
    vacancy = await council.live()
    for name in FEEDS:
        first = await council.client.get(f"/v1/feeds/{name}")
        tag = {"If-None-Match": first.headers["etag"]}
        assert (await council.client.get(f"/v1/feeds/{name}", headers=tag)).status_code == 304
    await hold(council, vacancy)
    for name in FEEDS:
        shown = (await fetch(council, name)).decode()
        assert (vacancy["reference"] in shown) is (name == "find-a-job-closed-early.xml")
        assert vacancy["id"] not in shown


async def test_a_feed_may_be_of_one_employer(council: Ats) -> None:
    await council.live(employer="SAW")
    mine = await council.live(employer="DUD")
    [shown] = (await read(council, "indeed.xml", employer="dud")).findall("job")
    assert shown.findtext("referencenumber") == mine["reference"]


@pytest.mark.parametrize("name", FEEDS)
async def test_a_feed_of_an_employer_that_there_is_not_is_no_empty_feed(council: Ats, name: str) -> None:
    """A board that follows an empty feed takes down all that it shows."""
    for path in (f"/v1/feeds/{name}", f"/v1/feeds/{name}/left-out"):
        refused = await council.client.get(path, params={"employer": "ZZZ"})
        assert (refused.status_code, refused.json()["code"]) == (404, "employer_not_known")
        assert (await council.client.get(path, params={"employer": "saw"})).status_code == 200


@pytest.mark.parametrize("path", ["/v1/feeds", *(f"/v1/feeds/{name}" for name in FEEDS), "/sitemap.xml", "/careers"])
async def test_what_is_in_its_window_is_in_no_feed(council: Ats, path: str) -> None:
    vacancy = await council.in_clearing(title="Secret post")
    shown = (await council.client.get(path)).text
    assert "Secret" not in shown
    assert vacancy["id"] not in shown
    assert vacancy["reference"] not in shown


async def test_a_feed_that_there_is_not_says_which_there_are(council: Ats) -> None:
    answer = await council.client.get("/v1/feeds/jobs.atom")
    assert (answer.status_code, answer.json()["code"]) == (404, "feed_not_known")
    assert "jobs.rss" in answer.json()["next_step"]


@pytest.mark.usefixtures("parts")
@pytest.mark.parametrize(
    ("hours", "flags", "lowest", "words"),
    [
        (37, {}, 33673.0, "£33,673 to £36,581 a year"),
        (40, {}, 33673.0, "£33,673 to £36,581 a year"),
        (Decimal("18.5"), {}, 16836.5, "£16,837 to £18,291 a year for these hours (£33,673 to £36,581 full time)"),
        (
            37,
            {"weeks_per_year": 39},
            25185.56,
            "£25,186 to £27,361 a year for these hours (£33,673 to £36,581 full time)",
        ),
    ],
)
def test_pay_is_what_this_post_pays_and_what_it_would_be_full_time(
    hours: Decimal | int, flags: dict[str, Any], lowest: float, words: str
) -> None:
    job = published(hours_per_week=Decimal(hours), flags=flags)
    assert job_posting(job)["baseSalary"]["value"]["minValue"] == lowest
    assert pay_in_words(job) == words


@pytest.mark.usefixtures("parts")
def test_a_posting_has_what_google_requires_whatever_the_advert_leaves_out() -> None:
    for changes in ({}, {"description": "", "essential": []}, {"office_days_per_week": 0}, {"outcode": "ZE1"}):
        posting = job_posting(published(**changes))
        assert posting["description"] != posting["title"]
        assert posting["validThrough"][-6] in "+-"
        value = posting["baseSalary"]["value"]
        assert isinstance(value["minValue"], float)
        assert value["unitText"] == "YEAR"
        is_remote = posting.get("jobLocationType") == "TELECOMMUTE"
        if is_remote:
            assert posting["applicantLocationRequirements"]["name"]
        else:
            assert posting["jobLocation"]["address"]["addressCountry"] == "GB"
        assert is_remote is ("office_days_per_week" in changes)


async def test_a_feed_ten_times_as_long_takes_no_more_memory(council: Ats) -> None:
    peaks = []
    for start, end in ((0, 300), (300, 3000)):
        rows = adverts(3000, council.now)[start:end]
        async with council.region() as session:
            await session.execute(insert(PublishedJob), rows)
        await asyncio.to_thread(gc.collect)
        async with council.region() as session:
            tracemalloc.start()
            written = await Shelf().get(session, FEEDS["indeed.xml"], None, now=council.now)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert written.size > len(rows) * 1000
    assert peaks[1] < 2 * peaks[0], peaks
