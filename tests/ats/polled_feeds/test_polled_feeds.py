"""A vendor's feed, played by a real server: read, written, and what has left it unpublished after two good reads."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from services.ats.audit.models import AuditEntry
from services.ats.polled_feeds.models import PolledFeed
from services.ats.polled_feeds.pulling import claim_due_feed, pull
from services.ats.polled_feeds.schedule import pull_next
from shared.database import transaction
from shared.outward import Reach
from shared.registry import StaffMember
from shared.tenancy import REGION
from shared.vocabulary import Role, Scope, Service
from tests.ats.polled_feeds.feed_server import ATTESTATION, Answer, FeedServer, bomb, feed, job, serving, settings
from tests.factories.ats import Ats

REACH = Reach(is_embedded=True, max_bytes=2_000_000, seconds=3.0)
FIVE = tuple(f"R{number}" for number in range(1, 6))


@pytest.fixture
def vendor() -> Iterator[FeedServer]:
    with serving() as played:
        yield played


class Feeds:
    """The administrator of a council who has feeds read, and the worker that reads them."""

    def __init__(self, council: Ats, admin: StaffMember) -> None:
        self.council, self.admin = council, admin

    async def call(
        self, method: str, path: str, body: Any = None, *scopes: Scope, status: int = 200, **more: Any
    ) -> Any:
        given = scopes or (Scope.VACANCIES_WRITE, Scope.VACANCIES_READ)
        headers = self.council.headers(*given, on_behalf_of=self.admin.id, **more)
        answer = await self.council.client.request(method, f"/v1/{path}", json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def add(self, vendor: FeedServer, *scopes: Scope, status: int = 201, **changes: Any) -> dict[str, Any]:
        body = settings(vendor.url, **changes.pop("fields", {})) | {"channel": "tribepad"} | changes
        return await self.call("POST", "employers/SAW/polled-feeds", body, *scopes, status=status)

    async def read(self, *, later: timedelta = timedelta(hours=1), reach: Reach = REACH) -> dict[str, Any]:
        """Let the time come, have the worker read, and give the report."""
        self.council.services.clock.advance(later)
        assert await pull_next(self.council.services.sessions[Service.ATS], reach, now=self.council.now)
        return await self.report()

    async def report(self) -> dict[str, Any]:
        [shown] = await self.call("GET", "employers/SAW/polled-feeds")
        first = (await self.call("GET", f"polled-feeds/{shown['id']}/runs"))[0]
        return await self.call("GET", f"polled-feed-runs/{first['id']}")

    async def shown(self) -> dict[str, Any]:
        return (await self.call("GET", "employers/SAW/polled-feeds"))[0]

    async def vacancy(self, reference: str, *, status: int = 200) -> dict[str, Any]:
        return await self.call("GET", f"vacancies/by-key/SAW/tribepad/{reference}", status=status)

    async def live(self, *references: str) -> None:
        """Approved, released by clearing and so out."""
        for each in references:
            vacancy = await self.vacancy(each)
            body = {"approved_at": self.council.now.isoformat(), "approved_by": "Head of Housing", "reference": "WF-1"}
            answer = await self.council.client.post(
                f"/v1/vacancies/{vacancy['id']}/attest-approval",
                json=body,
                headers=self.council.headers(Scope.VACANCIES_ATTEST),
            )
            assert answer.status_code == 200, answer.text
            assert (await self.council.release(answer.json()))["state"] == "live"


@pytest.fixture
async def feeds(council: Ats) -> Feeds:
    return Feeds(council, await council.staff(Role.COUNCIL_ADMIN))


@pytest.fixture
async def live_feeds(live_council: Ats) -> Feeds:
    return Feeds(live_council, await live_council.staff(Role.COUNCIL_ADMIN))


def told(report: dict[str, Any]) -> dict[str, str]:
    return {each["external_reference"]: each["status"] for each in report["missing"]}


async def test_rows_of_a_feed_become_drafts_and_the_same_feed_again_changes_nothing(
    feeds: Feeds, vendor: FeedServer
) -> None:
    await feeds.add(vendor)
    vendor.shows("R1", "R2")
    first = await feeds.read()
    assert (first["outcome"], first["counts"]) == (
        "good",
        {"created": 2, "changed": 0, "unchanged": 0, "refused": 0, "missing": 0},
    )
    vacancy = await feeds.vacancy("R1")
    assert (vacancy["state"], vacancy["management"], vacancy["contract"]) == ("draft", "external", "permanent")
    assert (vacancy["salary_min_pence"], vacancy["salary_max_pence"]) == (2_558_300, 3_029_600)
    assert vacancy["closes_at"] == "2026-12-18T23:59:59Z"
    assert vacancy["apply"] == {"method": "url", "url": "https://jobs.vendor.example/R1"}
    vendor.answer = Answer(feed(job("R1"), job("R2", title="Accountant"), job("R3")))
    second = await feeds.read()
    assert {each["external_reference"]: each["status"] for each in second["results"]} == {
        "R2": "changed",
        "R3": "created",
    }
    assert second["counts"]["unchanged"] == 1
    async with feeds.council.region() as session:
        query = select(AuditEntry.actor_kind, AuditEntry.actor_id).where(AuditEntry.action == "vacancy_created")
        actors = {(kind.value, str(actor)) for kind, actor in await session.execute(query)}
    assert actors == {("client", (await feeds.shown())["id"])}


async def test_a_feed_in_json_is_read_by_the_same_words(feeds: Feeds, vendor: FeedServer) -> None:
    body = settings(vendor.url, format="json", external_reference={"path": "id"}, postcode={"path": "at/0/postcode"})
    body["mapping"]["items"] = "data/jobs"
    await feeds.call("POST", "employers/SAW/polled-feeds", body | {"channel": "tribepad"}, status=201)
    row = job("R1", hours=18.5, at=[{"postcode": "DY4 8XP"}])
    vendor.answer = Answer(json.dumps({"data": {"jobs": [row, "not a row"]}}).encode())
    report = await feeds.read()
    assert report["counts"]["created"] == 1
    assert [each["problem"]["code"] for each in report["results"] if each["problem"]] == ["key_missing"]
    vacancy = await feeds.vacancy("R1")
    assert (vacancy["hours_per_week"], vacancy["postcode"]) == ("18.5", "DY4 8XP")


async def test_a_bad_row_is_named_and_never_takes_its_neighbours(feeds: Feeds, vendor: FeedServer) -> None:
    await feeds.add(vendor)
    bad = [
        job("B1", type="??"),
        job("B2", hours="many"),
        job("B3", expires="2026-12-18"),
        job("R1"),
        job("B4", salary=""),
    ]
    vendor.answer = Answer(feed(job("R1"), *bad, job("R2")))
    report = await feeds.read()
    assert (report["outcome"], report["counts"]["created"], report["counts"]["refused"]) == ("good", 2, 5)
    found = {
        (each["external_reference"], each["problem"]["code"]): each["problem"]["field"]
        for each in report["results"]
        if each["problem"]
    }
    assert found == {
        ("B1", "value_not_mapped"): "contract",
        ("B2", "invalid"): "hours_per_week",
        ("B3", "value_not_mapped"): "closes_at",
        ("R1", "row_twice"): "external_reference",
        ("B4", "invalid"): found[("B4", "invalid")],
    }


async def test_a_read_with_a_row_that_names_no_reference_cannot_say_what_is_missing(
    feeds: Feeds, vendor: FeedServer
) -> None:
    await feeds.add(vendor)
    vendor.shows(*FIVE)
    await feeds.read()
    vendor.answer = Answer(feed(*(job(each) for each in FIVE[:4]), job("x" * 121), job("")), etag='"one"')
    for _ in range(3):
        report = await feeds.read()
        assert [each["problem"]["code"] for each in report["results"]] == ["key_missing"] * 2
        assert (report["outcome"], told(report)) == ("good", {})
    assert (await feeds.vacancy("R5"))["state"] == "draft"


async def test_odd_headers_of_a_server_are_not_sent_back_to_it(feeds: Feeds, vendor: FeedServer) -> None:
    await feeds.add(vendor)
    vendor.shows(*FIVE, headers={"Last-Modified": "x" * 5000, "ETag": '"\xe4"'})
    for _ in range(2):
        assert (await feeds.read())["outcome"] == "good"
    assert not {"if-none-match", "if-modified-since"} & vendor.asked[-1].keys()


async def test_a_try_shows_every_row_and_stores_nothing(feeds: Feeds, vendor: FeedServer) -> None:
    shown = await feeds.add(vendor)
    vendor.answer = Answer(feed(job("R1"), job("B1", type="??")))
    tried = await feeds.call("POST", f"polled-feeds/{shown['id']}/try")
    assert [(each["external_reference"], each["status"]) for each in tried["results"]] == [
        ("R1", "created"),
        ("B1", "refused"),
    ]
    assert tried["results"][0]["read"]["title"] == "Housing officer"
    await feeds.vacancy("R1", status=404)
    assert (await feeds.shown())["last_read_at"] is None
    vendor.shows(*FIVE)
    await feeds.read()
    vendor.shows("R1", "R2", "R3", "R4")
    tried = await feeds.call("POST", f"polled-feeds/{shown['id']}/try")
    assert told(tried) == {"R5": "noted"}
    vendor.answer = Answer(status=500)
    tried = await feeds.call("POST", f"polled-feeds/{shown['id']}/try")
    assert (tried["outcome"], tried["problem"]["code"]) == ("failed", "feed_refused")


async def test_a_vacancy_is_unpublished_only_after_two_good_reads_without_it(feeds: Feeds, vendor: FeedServer) -> None:
    await feeds.add(vendor)
    vendor.shows(*FIVE)
    await feeds.read()
    await feeds.live("R1", "R2")
    vendor.shows("R1", "R3", "R4", "R5")
    assert told(await feeds.read()) == {"R2": "noted"}
    assert (await feeds.vacancy("R2"))["state"] == "live"
    vendor.answer = Answer(status=500)
    assert (await feeds.read())["outcome"] == "failed"
    assert (await feeds.vacancy("R2"))["state"] == "live"
    vendor.shows("R1", "R3", "R4", "R5")
    assert told(await feeds.read()) == {"R2": "closed"}
    closed = await feeds.vacancy("R2")
    assert (closed["state"], closed["closed_early"]) == ("closed", True)
    assert (await feeds.council.client.get(f"/v1/jobs/{closed['id']}")).status_code == 410
    assert (await feeds.vacancy("R1"))["state"] == "live"
    async with feeds.council.region() as session:
        query = select(AuditEntry.reason).where(AuditEntry.action == "vacancy_closed")
        assert (await session.scalars(query)).all() == ["It has left the feed that it came from"]


async def test_a_vacancy_that_comes_back_between_is_not_counted_as_missing(feeds: Feeds, vendor: FeedServer) -> None:
    await feeds.add(vendor)
    vendor.shows(*FIVE)
    await feeds.read()
    await feeds.live("R5")
    for shown in (FIVE[:4], FIVE, FIVE[:4]):
        vendor.shows(*shown)
        await feeds.read()
    assert (await feeds.vacancy("R5"))["state"] == "live"


async def test_what_is_not_out_yet_does_not_go_out_after_it_has_left(feeds: Feeds, vendor: FeedServer) -> None:
    await feeds.add(vendor)
    vendor.shows(*FIVE, "R6", "R7")
    await feeds.read()
    vacancy = await feeds.vacancy("R2")
    body = {"approved_at": feeds.council.now.isoformat(), "approved_by": "Head of Housing", "reference": "WF-1"}
    headers = feeds.council.headers(Scope.VACANCIES_ATTEST)
    await feeds.council.client.post(f"/v1/vacancies/{vacancy['id']}/attest-approval", json=body, headers=headers)
    for _ in range(2):
        vendor.shows("R3", "R4", "R5", "R6", "R7")
        report = await feeds.read()
    assert told(report) == {"R1": "deleted", "R2": "cancelled"}
    await feeds.vacancy("R1", status=404)
    assert (await feeds.vacancy("R2"))["state"] == "cancelled"


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (Answer(feed()), "empty", None),
        (Answer(feed(job("R1"))[:-20]), "failed", "feed_not_read"),
        (Answer(feed(job("R1"))[:-20], declared=5000), "failed", "feed_broken_off"),
        (
            Answer(gzip.compress(feed(job("R1")))[:-9], headers={"Content-Encoding": "gzip"}),
            "failed",
            "feed_broken_off",
        ),
        (Answer(b"<html>Maintenance</html>"), "empty", None),
        (Answer(b"{}"), "failed", "feed_not_read"),
        (Answer(status=404), "failed", "feed_refused"),
        (Answer(status=304), "failed", "feed_refused"),
        (Answer(feed(job("R1")), drip=0.2), "failed", "feed_away"),
        (Answer(bomb(50_000_000), headers={"Content-Encoding": "gzip"}), "failed", "feed_too_large"),
        (Answer(b"<source>" + b" " * 3_000_000), "failed", "feed_too_large"),
        (Answer(feed(job("R1")), headers={"Content-Encoding": "br"}), "failed", "feed_refused"),
        (Answer(status=302, headers={"Location": "http://169.254.169.254/latest"}), "failed", "address_refused"),
        (Answer(status=302, headers={"Location": "https://10.0.0.7/feed"}), "failed", "address_refused"),
        (Answer(status=302, headers={"Location": "file:///etc/passwd"}), "failed", "address_refused"),
        (Answer(status=302, headers={"Location": "/feed.xml"}), "failed", "feed_refused"),
        (Answer(status=302, headers={"Location": "http://[::1"}), "failed", "feed_refused"),
        (Answer(status=302, headers={"Location": f"http://{'a' * 70}.example/"}), "failed", "address_refused"),
        (Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"}), "failed", "feed_broken_off"),
        (Answer(b"<source><job>&undefined;</job></source>"), "failed", "feed_not_read"),
        (Answer(b"<a>" * 5000), "failed", "feed_not_read"),
    ],
    ids=lambda each: None if isinstance(each, str | Answer) else "",
)
async def test_what_is_no_good_read_takes_nothing_down(
    feeds: Feeds, vendor: FeedServer, answer: Answer, outcome: str, code: str | None
) -> None:
    await feeds.add(vendor)
    vendor.shows("R1", "R2", "R3")
    await feeds.read()
    await feeds.live("R1")
    vendor.answer = answer
    for _ in range(3):
        report = await feeds.read(later=timedelta(days=1), reach=replace(REACH, seconds=0.7))
        assert (report["outcome"], (report["problem"] or {}).get("code")) == (outcome, code)
        assert told(report) == (dict.fromkeys(("R1", "R2", "R3"), "held") if outcome == "empty" else {})
    assert (await feeds.vacancy("R1"))["state"] == "live"


async def test_a_feed_that_shows_nothing_any_more_is_followed_once_somebody_has_confirmed_it(
    feeds: Feeds, vendor: FeedServer
) -> None:
    await feeds.add(vendor)
    vendor.shows("R1")
    await feeds.read()
    await feeds.live("R1")
    vendor.shows()
    report = await feeds.read()
    assert (report["outcome"], (await feeds.shown())["needs"]) == ("empty", "empty")
    await feeds.call("POST", f"polled-feed-runs/{report['id']}/confirm-absences")
    report = await feeds.read()
    assert (report["outcome"], told(report)) == ("good", {"R1": "closed"})
    report = await feeds.read()
    assert (report["outcome"], (await feeds.shown())["needs"]) == ("good", None), "an empty feed is what it should be"


async def test_a_feed_that_never_showed_anything_is_shown_to_people(feeds: Feeds, vendor: FeedServer) -> None:
    await feeds.add(vendor)
    vendor.shows()
    assert (await feeds.read())["outcome"] == "empty"
    assert (await feeds.shown())["needs"] == "empty"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        '<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE s SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
async def test_a_feed_with_a_doctype_is_refused_and_no_entity_is_read(
    feeds: Feeds, vendor: FeedServer, doctype: str
) -> None:
    await feeds.add(vendor)
    text = feed(job("R1", title="&NAME;")).decode().replace("&amp;NAME;", "&a;").replace("?><", f"?>{doctype}<")
    vendor.answer = Answer(text.encode())
    report = await feeds.read()
    assert (report["outcome"], report["problem"]["code"]) == ("failed", "doctype_refused")
    vendor.answer = Answer(text.encode("utf-16"))
    assert (await feeds.read())["outcome"] == "failed"
    await feeds.vacancy("R1", status=404)


async def test_a_read_without_more_than_half_of_the_known_ones_waits_for_somebody(
    feeds: Feeds, vendor: FeedServer
) -> None:
    await feeds.add(vendor)
    vendor.shows(*FIVE)
    await feeds.read()
    await feeds.live("R1", "R5")
    vendor.shows("R4", "R5")
    for _ in range(3):
        report = await feeds.read()
        assert (report["outcome"], told(report)) == ("held", dict.fromkeys(("R1", "R2", "R3"), "held"))
    assert (await feeds.vacancy("R1"))["state"] == "live"
    assert (await feeds.shown())["needs"] == "held"
    path = f"polled-feed-runs/{report['id']}/confirm-absences"
    await feeds.call("POST", path)
    assert (await feeds.shown())["needs"] is None
    assert (await feeds.vacancy("R1"))["state"] == "live"
    await feeds.call("POST", path, status=409)
    assert told(await feeds.read()) == {"R1": "closed", "R2": "deleted", "R3": "deleted"}
    assert (await feeds.vacancy("R5"))["state"] == "live"


async def test_a_feed_that_did_not_change_is_not_read_again_but_for_what_is_missing(
    feeds: Feeds, vendor: FeedServer
) -> None:
    await feeds.add(vendor)
    vendor.shows(*FIVE, etag='"one"')
    await feeds.read()
    assert (await feeds.read())["outcome"] == "unchanged"
    assert "if-none-match" in vendor.asked[-1]
    await feeds.live("R5")
    vendor.shows(*FIVE[:4], etag='"two"')
    assert told(await feeds.read()) == {"R5": "noted"}
    assert told(await feeds.read()) == {"R5": "closed"}, "a 304 would have been the same read over again"
    assert "if-none-match" not in vendor.asked[-1]
    assert (await feeds.read())["outcome"] == "good"
    assert (await feeds.read())["outcome"] == "unchanged"


async def test_a_feed_that_fails_waits_longer_and_longer_and_is_shown_to_people(
    feeds: Feeds, vendor: FeedServer
) -> None:
    await feeds.add(vendor)
    vendor.answer = Answer(status=503, headers={"Retry-After": "7200"})
    await feeds.read()
    shown = await feeds.shown()
    assert (shown["failures"], shown["needs"]) == (1, None)
    assert shown["next_at"] == (feeds.council.now + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    sessions = feeds.council.services.sessions[Service.ATS]
    assert not await pull_next(sessions, REACH, now=feeds.council.now + timedelta(minutes=119))
    vendor.answer = Answer(status=500)
    for _ in range(2):
        await feeds.read(later=timedelta(hours=3))
    assert (await feeds.shown())["needs"] == "failing"
    vendor.shows("R1")
    await feeds.read(later=timedelta(hours=3))
    shown = await feeds.shown()
    assert (shown["failures"], shown["needs"], shown["last_outcome"]) == (0, None, "good")


async def test_a_row_s_own_approval_is_taken_where_the_feed_s_maker_may_attest(
    feeds: Feeds, vendor: FeedServer
) -> None:
    refused = await feeds.add(vendor, fields=ATTESTATION, status=403)
    assert (refused["code"], refused["field"]) == ("may_not_attest", "mapping.fields.attestation.approved_at")
    scopes = (Scope.VACANCIES_WRITE, Scope.VACANCIES_READ, Scope.VACANCIES_ATTEST)
    await feeds.add(vendor, *scopes, fields=ATTESTATION)
    word = {"approved_at": "2026-11-13T16:05:00+00:00", "approved_by": "Head of Housing", "wf": "WF-1"}
    late = word | {"approved_at": "2027-11-13T16:05:00+00:00"}
    vendor.answer = Answer(feed(job("R1", **word), job("R2"), job("R3", **late)))
    report = await feeds.read()
    found = {
        each["external_reference"]: (each["is_attested"], (each["problem"] or {}).get("code"))
        for each in report["results"]
    }
    assert found == {"R1": (True, None), "R2": (False, None), "R3": (False, "approval_in_the_future")}
    states = [(await feeds.vacancy(each))["state"] for each in ("R1", "R2", "R3")]
    assert states == ["in_clearing", "draft", "draft"], "nobody outside sees it before displaced staff have"
    vendor.answer = Answer(feed(job("R1", title="Accountant", **word), job("R2"), job("R3", **late)))
    await feeds.read()
    changed = await feeds.vacancy("R1")
    assert (changed["title"], changed["is_approved"]) == ("Accountant", False), "it was given for another content"
    anew = word | {"approved_at": "2026-11-16T09:30:00+00:00", "wf": "WF-2"}
    vendor.answer = Answer(feed(job("R1", title="Accountant", **anew), job("R2"), job("R3", **late)))
    await feeds.read()
    assert (await feeds.vacancy("R1"))["is_approved"]


async def test_one_approval_of_everything_to_come_is_refused(feeds: Feeds, vendor: FeedServer) -> None:
    standing = ATTESTATION | {"attestation.approved_at": {"constant": "2026-11-13T16:05:00+00:00"}}
    scopes = (Scope.VACANCIES_WRITE, Scope.VACANCIES_READ, Scope.VACANCIES_ATTEST)
    refused = await feeds.add(vendor, *scopes, fields=standing, status=422)
    assert (refused["code"], refused["field"]) == ("mapping_invalid", "mapping.fields.attestation.approved_at")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"titel": {"path": "title"}}, "mapping.fields.titel"),
        ({"external_reference": {"constant": "R1"}}, "mapping.fields.external_reference"),
        ({"contract": {"path": "type", "values": {"FT": "full_time"}}}, "mapping.fields.contract.values.FT"),
        ({"contract": {"path": "type", "otherwise": "perm"}}, "mapping.fields.contract.otherwise"),
        ({"apply.url": {"constant": "no address"}}, "mapping.fields.apply.url.constant"),
        ({"closes_at": {"path": "expires", "date_format": "%d/%m"}}, None),
        ({"title": {"path": "a/../b c"}}, None),
    ],
)
async def test_a_mapping_that_cannot_work_is_refused_by_field(
    feeds: Feeds, vendor: FeedServer, fields: dict[str, Any], field: str | None
) -> None:
    refused = await feeds.add(vendor, fields=fields, status=422)
    named = next(iter(fields))
    assert refused["field"] == field or (field is None and refused["field"].startswith(f"mapping.fields.{named}"))


async def test_an_address_that_leads_inside_is_refused_when_it_is_saved(feeds: Feeds, vendor: FeedServer) -> None:
    for url in ("ftp://vendor.example/feed", "http://user:word@127.0.0.1/feed", "gopher://x/feed", "https:///feed"):
        refused = await feeds.add(vendor, url=url, status=422)
        assert (refused["code"], refused["field"]) == ("address_refused", "url")


async def test_a_feed_is_paused_changed_and_read_at_once_when_resumed(feeds: Feeds, vendor: FeedServer) -> None:
    shown = await feeds.add(vendor)
    await feeds.add(vendor, status=409)
    paused = await feeds.call("POST", f"polled-feeds/{shown['id']}/pause")
    assert paused["state"] == "paused"
    await feeds.call("POST", f"polled-feeds/{shown['id']}/pause", status=409)
    sessions = feeds.council.services.sessions[Service.ATS]
    feeds.council.services.clock.advance(timedelta(days=2))
    assert not await pull_next(sessions, REACH, now=feeds.council.now)
    changed = await feeds.call("PUT", f"polled-feeds/{shown['id']}", settings(vendor.url) | {"interval_minutes": 15})
    assert changed["interval_minutes"] == 15
    await feeds.call("POST", f"polled-feeds/{shown['id']}/resume")
    vendor.shows("R1")
    assert (await feeds.read(later=timedelta(0)))["outcome"] == "good"


async def test_another_council_s_administrator_finds_no_feed(feeds: Feeds, vendor: FeedServer) -> None:
    shown = await feeds.add(vendor)
    other = Feeds(feeds.council, await feeds.council.staff(Role.COUNCIL_ADMIN, "DUD"))
    await other.call("GET", f"polled-feeds/{shown['id']}", status=404, employers=("DUD",))
    await other.call("POST", f"polled-feeds/{shown['id']}/try", status=404, employers=("DUD",))
    await other.call("GET", "employers/SAW/polled-feeds", status=404, employers=("DUD",))
    recruiter = Feeds(feeds.council, await feeds.council.staff(Role.RECRUITER))
    await recruiter.call("GET", f"polled-feeds/{shown['id']}", status=403)


async def test_a_feed_is_never_read_twice_at_once(live_feeds: Feeds, vendor: FeedServer) -> None:
    await live_feeds.add(vendor)
    vendor.shows(*FIVE)
    sessions, now = live_feeds.council.services.sessions[Service.ATS], live_feeds.council.now
    read = await asyncio.gather(*(pull_next(sessions, REACH, now=now) for _ in range(6)))
    assert (read.count(True), len(vendor.asked)) == (1, 1)


async def test_a_reader_who_was_overtaken_writes_nothing_more(live_feeds: Feeds, vendor: FeedServer) -> None:
    shown = await live_feeds.add(vendor)
    vendor.shows(*FIVE)
    sessions, now = live_feeds.council.services.sessions[Service.ATS], live_feeds.council.now
    slow = await claim_due_feed(sessions, now)
    assert slow is not None
    assert await claim_due_feed(sessions, now) is None
    async with transaction(sessions, REGION) as session:  # as if ten minutes had gone by
        await session.execute(update(PolledFeed).values(claimed_until=now - timedelta(days=400)))
    assert await pull_next(sessions, REACH, now=now)
    vendor.shows("R9")
    assert await pull(sessions, slow, REACH, now=now) is None
    await live_feeds.vacancy("R9", status=404)
    assert len(await live_feeds.call("GET", f"polled-feeds/{shown['id']}/runs")) == 1
