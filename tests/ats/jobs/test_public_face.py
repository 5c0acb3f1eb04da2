"""The public face shows live adverts and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, event, func, select

from services.ats.jobs.models import PublishedJob
from shared.vocabulary import Scope
from tests.factories.ats import Ats


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _search(council: Ats, **query: Any) -> list[str]:
    answer = await council.client.get("/v1/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return [each["title"] for each in answer.json()["items"]]


async def test_a_vacancy_in_clearing_is_nowhere_public(council: Ats) -> None:
    vacancy = await council.in_clearing(title="Secret post")
    hidden = await council.client.get(f"/v1/jobs/{vacancy['id']}")
    unknown = await council.client.get(f"/v1/jobs/{uuid4()}")
    assert (hidden.status_code, hidden.json()) == (404, unknown.json())
    assert await _search(council) == []
    assert await _search(council, q="secret") == []
    assert "Secret" not in (await council.client.get("/jobs")).text
    async with council.region() as session:
        assert await session.scalar(select(func.count()).select_from(PublishedJob)) == 0


@pytest.mark.parametrize("path", ["/v1/jobs/{}", "/jobs/{}", "/v1/jobs/{}/form", "/jobs/{}/form", "/jobs/{}/apply"])
async def test_a_guessed_id_of_what_is_not_public_costs_what_a_made_up_one_costs(council: Ats, path: str) -> None:
    """The same words of the database and the same answer: there is nothing for a clock to tell apart."""
    internal = await council.live(auto_publish=False)
    audience = {"employers": ["SAW", "DUD"], "closes_at": "2026-11-30"}
    shown = await council.move(internal, "advertise-internally", audience)
    assert shown.json()["state"] == "internal_advert", shown.text
    waiting = await council.in_clearing(title="Secret post")
    cost: list[list[str]] = []
    answers = set()
    for guessed in (internal["id"], waiting["id"], str(uuid4())):
        with statements() as sent:
            answer = await council.client.get(path.format(guessed))
        cost.append([re.sub(r"savepoint_\d+", "savepoint", each) for each in sent])
        answers.add((answer.status_code, answer.text.replace(guessed, "ID")))
    assert cost[0] == cost[1] == cost[2]
    assert any("published_jobs" in each for each in cost[0])
    assert [status for status, _ in answers] == [404]


async def test_a_live_advert_is_found_by_its_words_employer_and_pay(council: Ats) -> None:
    await council.live(title="Homelessness prevention officer", description="Tenancy law and court work")
    await council.live(title="Accountant", employer="DUD", scp_min=30, scp_max=34)
    assert await _search(council, q="tenancies") == ["Homelessness prevention officer"]
    assert await _search(council, employer="dud") == ["Accountant"]
    assert await _search(council, salary_from_pence=4_000_000) == ["Accountant"]
    assert await _search(council, q='"court work" -law') == []


async def test_a_search_that_is_no_query_finds_nothing_and_breaks_nothing(council: Ats) -> None:
    await council.live()
    for words in ("'", "& |", "((", "\\", "drop table", "a" * 200):
        assert await _search(council, q=words) == []


async def test_a_misspelt_filter_is_refused(council: Ats) -> None:
    assert (await council.client.get("/v1/jobs?employr=SAW")).status_code == 422


async def test_a_reader_with_the_newest_answer_gets_304(council: Ats) -> None:
    vacancy = await council.live()
    for url in ("/v1/jobs", f"/v1/jobs/{vacancy['id']}"):
        first = await council.client.get(url)
        again = await council.client.get(url, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    await council.live(title="Another")
    assert (await council.client.get("/v1/jobs", headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_the_deadline_ends_the_advert_before_the_due_work_does(council: Ats) -> None:
    vacancy = await council.live(closes_at="2026-11-20T17:00")
    council.services.clock.advance(timedelta(days=4, hours=8))
    assert (await council.client.get(f"/v1/jobs/{vacancy['id']}")).status_code == 410
    assert await _search(council) == []


async def test_adverts_come_newest_first_in_pages(council: Ats) -> None:
    for number in range(3):
        await council.live(title=f"Post {number}")
        council.services.clock.advance(timedelta(minutes=1))
    first = (await council.client.get("/v1/jobs?limit=2")).json()
    second = (await council.client.get("/v1/jobs", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    titles = [each["title"] for each in first["items"] + second["items"]]
    assert titles == ["Post 2", "Post 1", "Post 0"]
    assert second["next_cursor"] is None


async def test_an_advert_shows_no_internal_fact(council: Ats) -> None:
    vacancy = await council.live(source_system="talentlink", external_reference="REQ-SECRET")
    shown = (await council.client.get(f"/v1/jobs/{vacancy['id']}")).text
    assert "REQ-SECRET" not in shown
    assert not {"approved_at", "clearance", "hiring_manager_id", "version"} & set(json.loads(shown))


async def test_an_advert_says_what_the_post_asks_and_not_who_approved_it(council: Ats) -> None:
    supplement = {
        "kind": "golden_hello",
        "amount_pence": 150_000,
        "paid": "once",
        "approved_by": "Secret pay panel",
        "approved_on": "2026-11-02",
        "reference": "PP-SECRET",
    }
    flags = {
        "weeks_per_year": 39,
        "dbs_level": "enhanced",
        "barred_lists": ["children"],
        "requires_driving": True,
        "pay_supplement": supplement,
    }
    vacancy = await council.live(flags=flags)
    answer = await council.client.get(f"/v1/jobs/{vacancy['id']}")
    page = await council.client.get(f"/jobs/{vacancy['id']}")
    feed = await council.client.get("/v1/feeds/find-a-job.xml")
    shown = answer.json()["flags"]
    assert (shown["weeks_per_year"], shown["dbs_level"], shown["is_hybrid"]) == (39, "enhanced", False)
    assert shown["pay_supplement"] == {"kind": "golden_hello", "amount_pence": 150_000, "paid": "once"}
    for text in (page.text, feed.text, answer.json()["job_posting"]["description"]):
        assert "39 weeks a year" in text
        assert "Enhanced DBS check, with the barred list for children" in text
        assert "Golden hello: £1,500.00 once" in text
    assert "SECRET" not in (answer.text + page.text + feed.text).upper()


async def test_work_that_is_hybrid_by_its_flag_is_found_as_such(council: Ats) -> None:
    await council.live(title="At the desk")
    await council.live(title="Some days", flags={"is_hybrid": True})
    assert await _search(council, workplace="hybrid") == ["Some days"]
    assert await _search(council, workplace="office") == ["At the desk"]
    items = (await council.client.get("/v1/jobs", params={"workplace": "hybrid"})).json()["items"]
    assert [each["workplace"] for each in items] == ["hybrid"]


async def test_the_page_carries_a_job_posting_that_no_text_can_break_out_of(council: Ats) -> None:
    nasty = "</script><script>alert(1)</script> <!-- \u2028 &"
    vacancy = await council.live(description=nasty)
    page = await council.client.get(f"/jobs/{vacancy['id']}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    assert script is not None
    posting = json.loads(script[1])
    assert posting["description"].startswith("<p>&lt;/script&gt;&lt;script&gt;alert(1)")
    assert posting["baseSalary"]["value"]["minValue"] == 33673.0
    assert posting["validThrough"].startswith("2026-11-30T23:59:59+00:00")
    assert posting["jobLocation"]["address"]["addressCountry"] == "GB"


async def test_an_external_vacancy_leads_to_the_councils_own_form(council: Ats) -> None:
    vacancy = await council.live(
        management="external", apply={"method": "url", "url": "https://jobs.council.example/7"}
    )
    shown = (await council.client.get(f"/v1/jobs/{vacancy['id']}")).json()
    assert (shown["apply_method"], shown["apply_url"]) == ("url", "https://jobs.council.example/7")
    assert "https://jobs.council.example/7" in (await council.client.get(f"/jobs/{vacancy['id']}")).text


async def test_a_client_sees_the_same_adverts_as_nobody(council: Ats) -> None:
    await council.live()
    as_client = await council.client.get("/v1/jobs", headers=council.headers(Scope.JOBS_APPLY, employers=("DUD",)))
    assert len(as_client.json()["items"]) == 1
