"""What a job board's visitor asks for, and what is found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

from services.ats.jobs.marking import BEGIN, END, with_marks
from services.ats.jobs.models import EndedJob, PublishedJob
from services.ats.jobs.towns import PlaceUnknown, town_of, within_reach
from services.ats.jobs.workplaces import Workplace, workplace_of
from shared.reference.places import metres_between, metres_of_miles
from tests.ats.jobs.rows import hold
from tests.bench.search import KINDS
from tests.factories.ats import Ats


async def found(council: Ats, path: str = "/v1/jobs", **query: Any) -> dict[str, Any]:
    answer = await council.client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def titles(council: Ats, **query: Any) -> list[str]:
    return [each["title"] for each in (await found(council, **query))["items"]]


async def test_a_word_of_the_title_ranks_before_one_of_the_employer_and_that_before_one_of_the_text(
    council: Ats,
) -> None:
    await council.live(title="Gardener", description="You work beside the Dudley team", employer="SAW")
    await council.live(title="Planner", employer="DUD")
    await council.live(title="Dudley museum guide", employer="SAW")
    council.services.clock.advance(timedelta(minutes=1))
    await council.live(title="Cook", description="No word of it")
    assert await titles(council, q="dudley") == ["Dudley museum guide", "Planner", "Gardener"]


@pytest.mark.parametrize("path", [path for paths in KINDS.values() for path in paths])
async def test_every_question_that_the_figures_are_measured_by_is_answered(council: Ats, path: str) -> None:
    answer = await council.client.get(path)
    assert answer.status_code == 200, answer.text


async def test_what_was_found_is_marked_and_everything_else_is_escaped(council: Ats) -> None:
    await council.live(title="Housing <b>officer</b>", description="Know housing & law \ue000x\ue001")
    [job] = (await found(council, q="housing"))["items"]
    assert job["highlight"]["title"] == "<mark>Housing</mark> &lt;b&gt;officer&lt;/b&gt;"
    assert job["highlight"]["text"] == "Know <mark>housing</mark> &amp; law x"
    assert (await found(council))["items"][0]["highlight"] is None


async def test_what_was_found_far_down_a_long_text_is_shown_with_what_stands_around_it(council: Ats) -> None:
    before, after = "Records are kept with care. " * 60, " Letters are answered soon." * 60
    await council.live(title="Clerk", description=f"{before}You will have planned whole streets before.{after}")
    [job] = (await found(council, q="planning"))["items"]
    assert "<mark>planned</mark> whole streets before" in job["highlight"]["text"]
    assert job["highlight"]["title"] == "Clerk"


async def test_only_the_texts_of_the_page_are_marked(council: Ats) -> None:
    for title in ("Planner", "Senior planner", "Gardener"):
        await council.live(title=title)
    async with council.region() as session:
        one = select(PublishedJob).where(PublishedJob.title == "Planner")
        rows: Sequence[Any] = (await session.execute(with_marks(one, "planner"))).all()
    assert [(job.title, title) for job, title, _ in rows] == [("Planner", f"{BEGIN}Planner{END}")]


async def test_a_slip_of_the_pen_is_read_as_the_word_of_a_live_advert_most_like_it(council: Ats) -> None:
    await council.live(title="Accountant")
    await council.live(title="Gardener")
    answer = await found(council, q="acountent")
    assert ([each["title"] for each in answer["items"]], answer["searched_for"]) == (["Accountant"], "accountant")
    assert (await found(council, q="accountant"))["searched_for"] is None
    assert await titles(council, q='"acountent"') == []
    assert await titles(council, q="gardener -acountent") == ["Gardener"]
    assert (await found(council, "/v1/jobs/facets", q="acountent"))["total"] == 1


async def test_a_slip_of_the_pen_never_tells_a_word_of_an_advert_that_is_not_public(council: Ats) -> None:
    await council.in_clearing(title="Cryptozoologist")
    held = await council.live(title="Astronomer")
    await hold(council, held)
    for words in ("cryptozoologyst", "astronomr"):
        answer = await found(council, q=words)
        assert (answer["items"], answer["searched_for"]) == ([], None)


async def test_filters_may_be_repeated_and_are_all_met(council: Ats) -> None:
    await council.live(title="One", employer="SAW", hours_per_week="18.5", scp_min=10, scp_max=12)
    await council.live(title="Two", employer="DUD", contract="casual", office_days_per_week=0)
    await council.live(title="Three", employer="WLV", scp_min=40, scp_max=43, office_days_per_week=2)
    assert sorted(await titles(council, employer=["saw", "DUD"])) == ["One", "Two"]
    assert await titles(council, hours_to="20") == ["One"]
    assert await titles(council, contract="casual") == ["Two"]
    assert await titles(council, workplace="remote") == ["Two"]
    assert sorted(await titles(council, workplace=["remote", "hybrid"])) == ["Three", "Two"]
    assert await titles(council, scp_from=40) == ["Three"]
    assert await titles(council, scp_to=15) == ["One"]
    assert await titles(council, salary_to_pence=2_900_000) == ["One"]
    assert await titles(council, closing_within_days=1) == []


async def test_near_takes_a_postcode_an_outward_code_or_a_town_and_sorts_by_distance(council: Ats) -> None:
    await council.live(title="Oldbury", postcode="B69 3DE")
    await council.live(title="Walsall", postcode="WS1 1TP", employer="WLL")
    await council.live(title="Hereford", postcode="HR1 2ZB", employer="HEF")
    assert await titles(council, near="ws1 1tp", within_miles=30, sort="distance") == ["Walsall", "Oldbury"]
    assert await titles(council, near=" west  BROMWICH ", within_miles=3) == ["Oldbury"]
    assert await titles(council, near="Sandwell", within_miles=4) == ["Oldbury"]
    [job] = (await found(council, near="HR1", within_miles=1))["items"]
    assert (job["distance_metres"], job["town"]) == (0, "Hereford")
    refused = await council.client.get("/v1/jobs", params={"near": "Atlantis"})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, "place_not_known", "near")


async def test_every_sort_is_total_and_pages_meet_without_a_gap_or_a_repetition(council: Ats) -> None:
    for number in range(5):
        await council.live(title=f"Officer {number}", postcode="B69 3DE" if number % 2 else "WS1 1TP")
    for sort in ("newest", "closing", "pay", "distance", "relevance"):
        query = {"sort": sort, "limit": 2} | ({"near": "B69"} if sort == "distance" else {})
        query |= {"q": "officer"} if sort == "relevance" else {}
        seen: list[str] = []
        cursor: str | None = None
        while True:
            page = await found(council, **query, **({"cursor": cursor} if cursor else {}))
            seen += [each["title"] for each in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == [f"Officer {number}" for number in range(5)], sort


async def test_sorts_that_need_something_else_say_so(council: Ats) -> None:
    for query in ("sort=distance", "sort=relevance", "updated_since=2026-01-01T00:00:00Z&q=x", "workplace=moon"):
        assert (await council.client.get(f"/v1/jobs?{query}")).status_code == 422, query


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/facets"])
async def test_a_value_that_is_in_no_list_is_refused(council: Ats, path: str) -> None:
    """An empty list would say that there are no jobs."""
    await council.live()
    for field, known, unknown in (
        ("family", "housing_homelessness", "piracy"),
        ("employer", "saw", "ZZZ"),
        ("outcode", "b69", "QQ1"),
    ):
        assert (await council.client.get(path, params={field: known})).status_code == 200
        refused = await council.client.get(path, params={field: [known, unknown] if field != "outcode" else unknown})
        assert refused.status_code == 422, refused.text
        body = refused.json()
        assert (field, "not_in_the_list") in [
            (each.get("field"), each["code"]) for each in (body, *body.get("errors", ()))
        ]
    refused = await council.client.get(path, params={"working_pattern": "moonlight"})
    assert [each["field"] for each in refused.json()["errors"]] == ["working_pattern.0"]
    assert (await council.client.get(path, params={"working_pattern": "shifts"})).status_code == 200


async def test_each_facet_is_counted_with_the_other_filters_kept(council: Ats) -> None:
    await council.live(employer="SAW", contract="permanent")
    await council.live(employer="SAW", contract="casual")
    await council.live(employer="DUD", contract="permanent", office_days_per_week=3)
    await council.in_clearing(employer="WLV")
    counted = await found(council, "/v1/jobs/facets", employer="SAW")
    assert counted["total"] == 2
    assert {each["value"]: each["jobs"] for each in counted["employer"]} == {"SAW": 2, "DUD": 1}
    assert {each["value"]: each["jobs"] for each in counted["contract"]} == {"permanent": 1, "casual": 1}
    assert counted["employer"][0]["label"] == "Sandwell Metropolitan Borough Council"
    both = await found(council, "/v1/jobs/facets", contract="permanent", workplace="hybrid")
    assert {each["value"]: each["jobs"] for each in both["employer"]} == {"DUD": 1}
    assert {each["value"]: each["jobs"] for each in both["workplace"]} == {"office": 1, "hybrid": 1}


async def test_suggestions_are_titles_employers_and_towns_of_what_is_live(council: Ats) -> None:
    await council.live(title="Walking guide", employer="WLL")
    await council.in_clearing(title="Wallpaper artist")
    items = (await found(council, "/v1/jobs/suggestions", q="wal"))["items"]
    assert [(each["kind"], each["text"], each["jobs"]) for each in items] == [
        ("title", "Walking guide", 1),
        ("employer", "Walsall Metropolitan Borough Council", 1),
        ("place", "Walsall", None),
    ]
    assert (await found(council, "/v1/jobs/suggestions", q="wlaking"))["items"][0]["text"] == "Walking guide"
    assert (await found(council, "/v1/jobs/suggestions", q="%%"))["items"] == []


async def test_a_board_that_keeps_its_own_index_is_told_of_changes_and_ends(council: Ats) -> None:
    first = await council.live(title="Stays")
    gone = await council.live(title="Goes")
    council.services.clock.advance(timedelta(minutes=10))
    start = await found(council, updated_since="1970-01-01T00:00:00Z")
    assert {each["title"] for each in start["items"]} == {"Stays", "Goes"}
    since = start["next_updated_since"]
    await hold(council, gone)
    council.services.clock.advance(timedelta(minutes=10))
    await council.live(title="Comes")
    changed = await found(council, updated_since=since, limit=1)
    seen, ended = list(changed["items"]), list(changed["ended"])
    while changed["next_cursor"]:
        assert changed["next_updated_since"] is None
        changed = await found(council, updated_since=since, limit=1, cursor=changed["next_cursor"])
        seen, ended = seen + changed["items"], ended + changed["ended"]
    assert [each["title"] for each in seen if each["id"] != first["id"]] == ["Comes"]
    assert [each["id"] for each in ended] == [gone["id"]]
    later = await found(council, updated_since=changed["next_updated_since"])
    assert [each["title"] for each in later["items"]] == ["Comes"], "two minutes overlap"


async def test_what_is_stored_late_behind_a_board_that_reads_for_long_is_told_the_next_time(council: Ats) -> None:
    for title in ("One", "Two"):
        await council.live(title=title)
    page = await found(council, updated_since="1970-01-01T00:00:00Z", limit=1)
    late = await council.live(title="Late")
    async with council.region() as session:
        of_it = update(PublishedJob).where(PublishedJob.id == UUID(late["id"]))
        await session.execute(of_it.values(changed_at=council.now - timedelta(minutes=1)))
    council.services.clock.advance(timedelta(minutes=10))
    await council.live(title="New")
    seen = list(page["items"])
    while page["next_cursor"]:
        page = await found(council, updated_since="1970-01-01T00:00:00Z", limit=1, cursor=page["next_cursor"])
        seen += page["items"]
    assert {each["title"] for each in seen} == {"One", "Two", "New"}
    later = await found(council, updated_since=page["next_updated_since"])
    assert "Late" in {each["title"] for each in later["items"]}


async def test_an_advert_that_comes_back_is_no_longer_among_the_ended(council: Ats) -> None:
    vacancy = await council.live()
    await hold(council, vacancy)
    address = f"/v1/jobs/{vacancy['id']}"
    gone = await council.client.get(address)
    assert (gone.status_code, gone.json()["code"]) == (410, "job_ended")
    assert (await council.client.get(f"/jobs/{vacancy['id']}", headers={"Accept": "text/html"})).status_code == 410
    assert (await council.move(vacancy, "resume")).status_code == 200
    assert (await council.client.get(address)).status_code == 200
    assert (await found(council, updated_since="1970-01-01T00:00:00Z"))["ended"] == []


async def test_what_ended_is_known_from_its_trace_alone(council: Ats) -> None:
    """Without it the id is one that never was: the state of the vacancy itself is not looked at."""
    vacancy = await council.live()
    await hold(council, vacancy)
    async with council.region() as session:
        await session.execute(delete(EndedJob))
    assert (await council.client.get(f"/v1/jobs/{vacancy['id']}")).status_code == 404


def test_nothing_said_of_the_office_means_that_the_work_is_done_there() -> None:
    assert [workplace_of(days) for days in (None, 0, 1, 4, 5)] == [
        Workplace.OFFICE,
        Workplace.REMOTE,
        Workplace.HYBRID,
        Workplace.HYBRID,
        Workplace.OFFICE,
    ]


def test_a_town_reaches_as_far_as_it_is_asked_to_and_no_further() -> None:
    reach = within_reach("Oldbury", 5)
    assert reach.outcodes[0] == reach.origin
    assert town_of(reach.origin) == "Oldbury"
    assert all((metres_between(reach.origin, each) or 0) <= metres_of_miles(5) for each in reach.outcodes)
    with pytest.raises(PlaceUnknown):
        within_reach("Lyonesse", 5)
