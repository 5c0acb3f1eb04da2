"""Saved searches: nobody is mailed who did not confirm, once a day at most, and every mail has a way out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select, update

from services.ats.job_alerts import rules
from services.ats.job_alerts.due import (
    ask_to_keep_alerts,
    forget_unconfirmed_alerts,
    forget_untouched_alerts,
    run_job_alerts,
)
from services.ats.job_alerts.models import AlertState, Frequency, JobAlert, JobAlertRun
from services.ats.job_alerts.telling import unsubscribe_link
from services.ats.jobs.models import PublishedJob
from shared.links import signed_links
from shared.logging import redact_path
from shared.outbox import events
from tests.ats.job_alerts.saved import AMARA, alerts, ask, confirmed, digests, follow, links, press, run
from tests.ats.jobs.rows import hold, published
from tests.factories.ats import NOW, Ats
from tests.factories.identity import local

MORNING = datetime(2026, 11, 17, 7, 31, tzinfo=UTC)
WEEK = timedelta(days=7)


async def list_job(council: Ats, *, at: datetime | None = None, **changes: Any) -> PublishedJob:
    job = published(**({"listed_at": at or council.now} | changes))
    async with council.region() as session:
        session.add(job)
    return job


def at(council: Ats, instant: datetime) -> None:
    council.services.clock.instant = instant


async def titles(council: Ats) -> list[list[str]]:
    return [[job.title for job in each.jobs] for each in await digests(council)]


async def test_a_saved_search_is_confirmed_and_finds_what_is_new_the_next_morning(council: Ats) -> None:
    await list_job(council, title="Housing officer, before")
    at(council, NOW + timedelta(hours=1))
    alert = await confirmed(council)
    assert (alert.state, alert.due_at) == (AlertState.ACTIVE, datetime(2026, 11, 17, 7, 30, tzinfo=UTC))
    job = await list_job(council, at=council.now + timedelta(hours=1))
    await list_job(
        council, at=council.now + timedelta(hours=1), title="Gardener", family="grounds", description="Roses."
    )
    at(council, MORNING)
    assert await run(council) == 1
    (digest,) = await digests(council)
    assert [each.link.rpartition("/")[2] for each in digest.jobs] == [str(job.id)]
    assert digest.email == AMARA
    assert "housing" in digest.search


async def test_nothing_is_sent_to_whom_has_not_confirmed(council: Ats) -> None:
    await ask(council)
    await list_job(council)
    at(council, MORNING + WEEK - timedelta(days=1))
    assert await run(council) == 0
    assert await digests(council) == []


async def test_following_the_link_alone_confirms_nothing(council: Ats) -> None:
    """A scanner that follows the link sees a button; so does one that comes behind it."""
    await ask(council)
    (mail,) = await links(council)
    assert (await council.client.get(local(mail.link))).status_code == 200
    page = await follow(council, mail.link)
    assert "Yes, send me these jobs" in page.text
    assert (await alerts(council))[0].state is AlertState.UNCONFIRMED


async def test_an_alert_that_nobody_confirms_is_deleted_after_seven_days(council: Ats) -> None:
    await ask(council)
    for days, left in ((6, 1), (7, 0)):
        async with council.region() as session:
            await forget_unconfirmed_alerts(session, NOW + timedelta(days=days))
        assert len(await alerts(council)) == left
    async with council.region() as session:
        assert await session.scalar(select(func.count()).select_from(signed_links)) == 0


async def test_a_retried_run_sends_no_second_mail(council: Ats) -> None:
    alert = await confirmed(council)
    await list_job(council, at=council.now + timedelta(hours=1))
    at(council, MORNING)
    assert await run(council) == 1
    async with council.region() as session:
        again = {"due_at": MORNING, "searched_until": NOW}
        await session.execute(update(JobAlert).where(JobAlert.id == alert.id).values(**again))
    assert await run(council) == 1
    assert len(await digests(council)) == 1


async def test_two_workers_that_race_send_one_mail(live_council: Ats) -> None:
    council = live_council
    for number in range(5):
        await confirmed(council, f"person{number}@people.example")
    await list_job(council, at=council.now + timedelta(hours=1))
    at(council, MORNING)

    async def work() -> int:
        async with council.region() as session:
            return await run_job_alerts(session, council.now)

    done = await asyncio.gather(*(work() for _ in range(4)))
    assert sum(done) == 5
    assert sorted(each.email for each in await digests(council)) == [f"person{n}@people.example" for n in range(5)]


async def test_a_search_that_finds_nothing_new_is_no_mail(council: Ats) -> None:
    await confirmed(council, search={"q": "lighthouse"})
    await list_job(council, at=council.now + timedelta(hours=1))
    at(council, MORNING)
    assert await run(council) == 1
    assert await digests(council) == []
    async with council.region() as session:
        assert await session.scalar(select(JobAlertRun.new_jobs)) == 0


async def test_what_came_after_a_run_is_in_the_next_and_nothing_twice(council: Ats) -> None:
    await confirmed(council)
    for day in range(1, 4):
        await list_job(council, at=MORNING + timedelta(days=day - 2, hours=3), title=f"Housing officer {day}")
        at(council, MORNING + timedelta(days=day - 1))
        await run(council)
    assert await titles(council) == [["Housing officer 1"], ["Housing officer 2"], ["Housing officer 3"]]


async def test_an_advert_of_the_last_minutes_waits_for_the_next_run(council: Ats) -> None:
    """It may be stored already and not be readable yet: a run that passed it by would lose it."""
    await confirmed(council)
    await list_job(council, at=datetime(2026, 11, 17, 7, 27, tzinfo=UTC))
    at(council, MORNING)
    await run(council)
    assert await digests(council) == []
    at(council, MORNING + timedelta(days=1))
    await run(council)
    assert await titles(council) == [["Housing officer"]]


async def test_days_that_were_missed_are_made_up_in_one_mail(council: Ats) -> None:
    await confirmed(council)
    for day in range(3):
        await list_job(council, at=NOW + timedelta(days=day, hours=1))
    at(council, MORNING + timedelta(days=3))
    assert await run(council) == 1
    assert [len(each.jobs) for each in await digests(council)] == [3]


async def test_a_weekly_alert_runs_a_week_later(council: Ats) -> None:
    await confirmed(council, frequency="weekly")
    await list_job(council, at=council.now + timedelta(hours=1))
    at(council, MORNING + timedelta(days=5))
    assert await run(council) == 0
    at(council, MORNING + timedelta(days=6))
    assert await run(council) == 1
    assert len(await digests(council)) == 1
    assert (await alerts(council))[0].due_at == datetime(2026, 11, 30, 7, 30, tzinfo=UTC)


async def test_internal_adverts_windowed_vacancies_and_what_is_over_are_in_no_alert(council: Ats) -> None:
    await confirmed(council, search={})
    at(council, NOW + timedelta(hours=1))
    await council.in_clearing(title="Housing officer in a window")
    internal = await council.in_clearing(title="Housing officer inside")
    async with council.region() as session:
        await session.execute(delete(PublishedJob).where(PublishedJob.id == internal["id"]))
    held = await council.live(title="Housing officer on hold")
    await hold(council, held)
    await list_job(council, closes_at=MORNING - timedelta(hours=1), title="Housing officer closed")
    await council.live(title="Housing officer public")
    at(council, MORNING)
    await run(council)
    assert await titles(council) == [["Housing officer public"]]


async def test_a_change_of_an_advert_does_not_make_it_new(council: Ats) -> None:
    vacancy = await council.live()
    at(council, NOW + timedelta(hours=1))
    await confirmed(council, search={})
    at(council, NOW + timedelta(hours=2))
    extended = await council.move(
        await council.read(vacancy), "extend-deadline", {"closes_at": "2026-12-20", "reason": "no_applications"}
    )
    assert extended.status_code == 200, extended.text
    at(council, MORNING)
    await run(council)
    assert await digests(council) == []


async def test_filters_mean_what_they_mean_in_the_search(council: Ats) -> None:
    searches: tuple[dict[str, Any], ...] = (
        {"near": "Walsall", "within_miles": 5},
        {"salary_from_pence": 4_000_000},
        {"contract": ["permanent"], "workplace": ["remote"]},
        {"employer": ["saw"], "q": "-gardener"},
    )
    at(council, NOW + timedelta(hours=1))
    await list_job(council, title="Near", outcode="WS1")
    await list_job(council, title="Paid", salary_max_pence=4_500_000)
    await list_job(council, title="Away", office_days_per_week=0)
    await list_job(council, title="Gardener", employer_code="WLV")
    at(council, NOW)
    for number, search in enumerate(searches):
        await confirmed(council, f"person{number}@people.example", search=search)
    at(council, MORNING)
    await run(council)
    found = {each.email: {job.title for job in each.jobs} for each in await digests(council)}
    for number, search in enumerate(searches):
        page = await council.client.get("/v1/jobs", params=search)
        assert found[f"person{number}@people.example"] == {job["title"] for job in page.json()["items"]}, search


async def test_the_answer_is_the_same_whether_or_not_an_address_is_known(council: Ats) -> None:
    await confirmed(council)
    known = await ask(council, search={"q": "housing"})
    unknown = await ask(council, "nobody@people.example")
    robot = await ask(council, "robot@people.example", website="https://spam.example")
    assert {(each.status_code, each.text) for each in (known, unknown, robot)} == {(202, known.text)}
    assert {each.email for each in await alerts(council)} == {AMARA, "nobody@people.example"}


async def test_nobody_can_fill_the_mailbox_of_another(council: Ats) -> None:
    answers = {(await ask(council, search={"q": word})).status_code for word in ("a", "b", "c", "d", "e", "e", "f")}
    assert answers == {202}
    assert len(await links(council)) == rules.MOST_UNCONFIRMED


async def test_the_same_search_is_kept_once_and_its_link_is_sent_again_a_day_later(council: Ats) -> None:
    for days, mails in ((0, 1), (0, 1), (1, 2)):
        at(council, NOW + timedelta(days=days))
        await ask(council, search={"family": ["planning_building_control", "housing_homelessness"]})
        await ask(council, search={"family": ["housing_homelessness", "planning_building_control"]})
        assert len(await links(council)) == mails
    assert len(await alerts(council)) == 1


@pytest.mark.parametrize(
    ("search", "field"),
    [
        ({"colour": "blue"}, "search.colour"),
        ({"near": "Atlantis"}, "near"),
        ({"employer": ["XXX"]}, "search.employer"),
        ({"family": ["piracy"]}, "search.family"),
        ({"salary_from_pence": -1}, "search.salary_from_pence"),
    ],
)
async def test_a_filter_that_is_not_known_is_refused_by_its_name(
    council: Ats, search: dict[str, Any], field: str
) -> None:
    refused = await ask(council, search=search)
    assert refused.status_code == 422
    body = refused.json()
    assert field in {body.get("field"), *(each["field"] for each in body.get("errors", ()))}
    assert AMARA not in refused.text


async def test_a_renamed_value_is_read_by_its_new_name_and_a_lost_filter_finds_nothing() -> None:
    renamed = {"contract": {"temp": "fixed_term"}}
    assert rules.read_search({"contract": ["temp"]}, renamed) == rules.read_search({"contract": ["fixed_term"]})
    kept = rules.read_search({"contract": ["gone", "permanent"]})
    assert kept is not None
    assert kept.contract == ["permanent"]
    assert rules.read_search({"contract": ["gone"]}) is None
    assert rules.read_search({"colour": "blue", "q": "housing"}) is None
    assert rules.read_search({"near": "Atlantis"}) is None
    assert rules.read_search({"family": ["piracy"]}) is None
    kept = rules.read_search({"family": ["piracy", "housing_homelessness"]})
    assert kept is not None
    assert kept.family == ["housing_homelessness"]


@pytest.mark.parametrize(
    "search", [{"contract": ["gone"]}, {"family": ["gone"]}, {"employer": ["ZZZ"]}, {"outcode": "QQ1"}]
)
async def test_a_search_of_yesterdays_words_stops_no_other(council: Ats, search: dict[str, Any]) -> None:
    broken = await confirmed(council, "old@people.example", search={"contract": ["permanent"]})
    await confirmed(council)
    async with council.region() as session:
        await session.execute(update(JobAlert).where(JobAlert.id == broken.id).values(search=search))
    await list_job(council, at=council.now + timedelta(hours=1))
    at(council, MORNING)
    assert await run(council) == 2
    assert [each.email for each in await digests(council)] == [AMARA]


async def test_its_person_changes_pauses_resumes_and_deletes_it(council: Ats) -> None:
    await confirmed(council)
    assert (await press(council, "change", frequency="weekly")).status_code == 303
    assert (await alerts(council))[0].frequency is Frequency.WEEKLY
    assert (await press(council, "pause")).status_code == 303
    await list_job(council, at=council.now + timedelta(hours=1))
    at(council, MORNING + WEEK)
    assert await run(council) == 0
    assert (await press(council, "resume")).status_code == 303
    (alert,) = await alerts(council)
    assert (alert.state, alert.searched_until) == (AlertState.ACTIVE, MORNING + WEEK)
    assert (await press(council, "delete")).status_code == 200
    assert await alerts(council) == []
    assert (await council.client.get("/my-job-alert")).status_code == 404


async def test_an_unsubscribe_link_shows_a_button_and_ends_it_only_when_pressed(council: Ats) -> None:
    alert = await confirmed(council)
    council.client.cookies.clear()
    path = local(unsubscribe_link(alert.id))
    for _ in range(2):
        page = await council.client.get(path)
        assert page.status_code == 200
        assert "Stop the mails" in page.text
    assert len(await alerts(council)) == 1
    for _ in range(2):
        assert (await council.client.post(path)).status_code == 200
    assert await alerts(council) == []


async def test_one_click_of_a_mail_program_ends_it_rfc_8058(council: Ats) -> None:
    """No cookie, no token of a page, and the origin of somebody else's web mail."""
    alert = await confirmed(council)
    council.client.cookies.clear()
    clicked = await council.client.post(
        local(unsubscribe_link(alert.id)),
        data={"List-Unsubscribe": "One-Click"},
        headers={"Origin": "https://mail.example"},
    )
    assert clicked.status_code == 200
    assert await alerts(council) == []


async def test_nobody_ends_an_alert_by_guessing_its_id(council: Ats) -> None:
    alert = await confirmed(council)
    ours = local(unsubscribe_link(alert.id))
    for path in (ours[:-1] + ("0" if ours[-1] != "0" else "1"), local(unsubscribe_link(uuid4()))[:-32] + ours[-32:]):
        assert (await council.client.get(path)).status_code == 404
        assert (await council.client.post(path)).status_code == 404
    assert len(await alerts(council)) == 1


async def test_after_twelve_months_untouched_one_is_asked_and_silence_ends_it(council: Ats) -> None:
    await confirmed(council)
    for days, asked in ((364, 0), (365, 1), (366, 1)):
        async with council.region() as session:
            await ask_to_keep_alerts(session, NOW + timedelta(days=days))
        assert len(await links(council)) - 1 == asked
    for days, left in ((365 + 29, 1), (365 + 30, 0)):
        async with council.region() as session:
            await forget_untouched_alerts(session, NOW + timedelta(days=days))
        assert len(await alerts(council)) == left


async def test_one_that_is_kept_lives_on_for_another_year(council: Ats) -> None:
    await confirmed(council)
    at(council, NOW + timedelta(days=366))
    async with council.region() as session:
        await ask_to_keep_alerts(session, council.now)
    page = await follow(council, (await links(council))[-1].link)
    assert "Keep this alert" in page.text
    assert (await press(council, "keep")).status_code == 303
    async with council.region() as session:
        assert await forget_untouched_alerts(session, council.now + timedelta(days=31)) == 0
        assert await ask_to_keep_alerts(session, council.now + timedelta(days=364)) == 0
    assert "Keep this alert" not in (await council.client.get("/my-job-alert")).text


async def test_the_search_page_leads_to_the_form_with_its_filters(council: Ats) -> None:
    page = await council.client.get("/jobs", params={"q": "housing & care", "near": "Walsall", "miles": "10"})
    assert 'href="/job-alerts/new?q=housing+%26+care&amp;near=Walsall&amp;miles=10"' in page.text
    form = await council.client.get("/job-alerts/new", params={"q": "housing & care", "near": "Walsall", "miles": "10"})
    assert "housing &amp; care" in form.text
    data = {"q": "housing & care", "near": "Walsall", "miles": "10", "frequency": "weekly"}
    refused = await council.client.post("/job-alerts/new", data=data | {"email": "amara"})
    assert refused.status_code == 422
    assert "Enter an e-mail address" in refused.text
    assert (await council.client.post("/job-alerts/new", data=data | {"email": AMARA})).status_code == 200
    (alert,) = await alerts(council)
    assert alert.search == {"near": "Walsall", "q": "housing & care", "within_miles": 10}
    assert alert.frequency is Frequency.WEEKLY


async def test_a_search_for_what_is_in_no_list_any_more_is_not_saved_without_it(council: Ats) -> None:
    for narrowed in ({"family": "piracy"}, {"employer": "ZZZ"}):
        data = narrowed | {"frequency": "daily", "email": AMARA}
        assert (await council.client.get("/job-alerts/new", params=narrowed)).status_code == 200
        refused = await council.client.post("/job-alerts/new", data=data)
        assert refused.status_code == 422
        assert "Change the search" in refused.text
    assert await alerts(council) == []


async def test_a_new_link_is_sent_for_each_alert_of_an_address_and_tells_nobody(council: Ats) -> None:
    await confirmed(council)
    answers = [
        await council.client.post("/job-alerts/link", data={"email": email}) for email in (AMARA, "no@people.example")
    ]
    assert answers[0].text == answers[1].text
    again = (await links(council))[-1]
    assert "Your job alert" in (await follow(council, again.link)).text


async def test_no_address_and_no_search_is_in_an_event_a_log_or_a_url(
    council: Ats, capsys: pytest.CaptureFixture[str]
) -> None:
    alert = await confirmed(council, search={"q": "zebra keeper"})
    await list_job(council, at=council.now + timedelta(hours=1), title="Zebra keeper")
    at(council, MORNING)
    await run(council)
    assert len(await digests(council)) == 1
    async with council.region() as session:
        payloads = str((await session.scalars(select(events.c.payload))).all())
    assert str(alert.id) in payloads
    council.client.cookies.clear()
    assert (await council.client.get(local(unsubscribe_link(alert.id)))).status_code == 200
    log = capsys.readouterr().out
    assert "/job-alerts/unsubscribe/…" in log
    for canary in (AMARA, "amara", "zebra", alert.id.hex):
        assert canary not in payloads
        assert canary not in log
    (digest,) = await digests(council)
    assert not any(canary in digest.unsubscribe_link + digest.link for canary in ("amara", "zebra"))
    assert alert.id.hex not in redact_path(local(unsubscribe_link(alert.id)))


async def test_one_person_sees_no_other_persons_alert(council: Ats) -> None:
    await confirmed(council)
    await confirmed(council, "other@people.example", search={"q": "gardener"})
    page = await council.client.get("/my-job-alert")
    assert "gardener" in page.text
    assert "housing" not in page.text


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2026, 11, 17, 7, 29, tzinfo=UTC), datetime(2026, 11, 16, 7, 30, tzinfo=UTC)),
        (datetime(2026, 11, 17, 7, 30, tzinfo=UTC), datetime(2026, 11, 17, 7, 30, tzinfo=UTC)),
        # Half past seven in London while the clocks are an hour ahead.
        (datetime(2027, 3, 28, 6, 30, tzinfo=UTC), datetime(2027, 3, 28, 6, 30, tzinfo=UTC)),
        (datetime(2027, 3, 28, 6, 29, tzinfo=UTC), datetime(2027, 3, 27, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_run_is_at_half_past_seven_in_london(now: datetime, last: datetime) -> None:
    assert rules.last_run(now) == last
    assert rules.next_run(now, Frequency.DAILY) > now
