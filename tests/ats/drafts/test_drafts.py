"""An application is begun, left, taken up again on another device and sent, without an account."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from services.ats.applications.models import Application
from services.ats.drafts.due import forget_drafts, remind_of_drafts
from services.ats.drafts.models import ApplicationDraft
from services.ats.vacancies.lifecycle import close_due_adverts
from services.ats.vacancies.models import Vacancy
from shared.database import transaction
from shared.events.applications import ApplicationReceived
from shared.links import link_sessions, signed_links
from shared.reference.employers import employer_id
from shared.tenancy import Tenancy
from shared.vocabulary import Role, Scope, Service
from tests.ats.applications.test_council_forms import FORM
from tests.ats.drafts.begun import (
    AMARA,
    BOARD,
    READY,
    bearer_of,
    begin,
    board,
    drafts,
    links,
    save,
    set_policy,
    submit,
)
from tests.factories.ats import Ats, application_body
from tests.factories.identity import local, mailed

SECOND = timedelta(seconds=1)


async def test_a_draft_is_begun_by_a_board_and_sent_from_another_device(council: Ats) -> None:
    vacancy = await council.live()
    draft = await begin(council, vacancy, email=AMARA, application={"name": "Amara Osei"})
    (mail,) = await links(council)
    assert (mail.email, mail.vacancy_title) == (AMARA, "Housing officer")
    device = await bearer_of(council, mail.link)
    read = (await council.client.get(f"/v1/drafts/{draft['id']}", headers=device)).json()
    assert (read["application"], read["missing"]) == ({"name": "Amara Osei"}, [])
    saved = await save(council, read, {"supporting_statement": "I like to help."}, device)
    assert saved.status_code == 200, saved.text
    sent = await submit(council, draft, device)
    assert sent.status_code == 201, sent.text
    async with council.region() as session:
        application = await session.get_one(Application, UUID(sent.json()["id"]))
        assert (application.supporting_statement, application.source_client_id) == ("I like to help.", BOARD)
        (received,) = await mailed(session, ApplicationReceived.name)
    assert (received.email, received.name) == (AMARA, "Amara Osei")
    (kept,) = await drafts(council)
    assert (kept.typed, kept.email, kept.person_key) == ({}, "", ""), "what was sent is held once"


async def test_partial_answers_of_any_validity_are_kept_as_typed_and_what_is_missing_is_said(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    typed = {
        "name": "  ",
        "phone": "ring me",
        "employment": [{"employer": "Severn", "started_on": "2024-13-45"}],
        "questions": {"Q4": "forty", "Q9": 1},
        "answers": [{"criterion_id": "E1", "answer": ""}],
    }
    draft = await begin(council, vacancy, application=typed)
    assert draft["application"] == typed
    missing = {each["field"] for each in draft["missing"]}
    assert missing >= {
        *("name", "phone", "employment.0.job_title", "employment.0.started_on", "answers.0.answer"),
        *("registrations", "referees", "declarations", "questions", "questions.Q4", "questions.Q3", "questions.Q7"),
    }
    refused = await submit(council, draft)
    assert (refused.status_code, refused.json()["code"]) == (422, "form_not_answered")
    assert {each["field"] for each in refused.json()["errors"]} == missing
    (kept,) = await drafts(council)
    assert (kept.typed, kept.application_id) == (typed, None), "nothing typed is lost to an error"


async def test_a_member_that_cannot_be_read_is_not_called_missing_as_well(council: Ats) -> None:
    vacancy = await council.live(application_form={"phone": "required"})
    draft = await begin(council, vacancy, application=READY | {"phone": "ring me"})
    assert [(each["field"], each["code"]) for each in draft["missing"]] == [("phone", "string_pattern_mismatch")]


async def test_two_windows_never_undo_each_other_unseen(council: Ats) -> None:
    vacancy = await council.live()
    draft = await begin(council, vacancy)
    first = await save(council, draft, {"supporting_statement": "One"}, board(council))
    second = await save(council, draft, {"supporting_statement": "Two"}, board(council))
    assert (first.status_code, second.status_code) == (200, 412)
    unseen = await council.client.patch(f"/v1/drafts/{draft['id']}", json={"application": {}}, headers=board(council))
    assert (unseen.status_code, unseen.json()["code"]) == (428, "version_not_said")
    assert (await drafts(council))[0].typed["supporting_statement"] == "One"
    taken_away = await save(council, first.json(), {"supporting_statement": None}, board(council))
    assert taken_away.json()["application"] == {"name": "Amara Osei"}


async def test_no_board_and_no_council_reads_a_draft_that_it_did_not_make(council: Ats) -> None:
    draft = await begin(council, await council.live())
    path = f"/v1/drafts/{draft['id']}"
    manager = await council.staff(Role.RECRUITER)
    strangers = [
        board(council, uuid4()),
        board(council, uuid4(), employers=("SAW",)),
        council.headers(*Scope, employers="region", on_behalf_of=manager.id),
    ]
    for headers in strangers:
        tagged = headers | {"If-Match": '"v1"'}
        answers = [
            await council.client.get(path, headers=headers),
            await council.client.patch(path, json={"application": {}}, headers=tagged),
            await council.client.delete(path, headers=headers),
            *[
                await council.client.post(f"{path}/{verb}", headers=headers)
                for verb in ("submit", "end-links", "send-link")
            ],
        ]
        never = await council.client.get(f"/v1/drafts/{uuid4()}", headers=headers)
        assert {each.status_code for each in answers} == {404}
        assert answers[0].json() == never.json()
    assert len(await drafts(council)) == 1


@pytest.mark.parametrize(
    ("tenancy", "seen"),
    [
        (Tenancy(employer_ids=frozenset({employer_id("SAW")})), 0),
        (Tenancy(subject_id=uuid4()), 0),
        (Tenancy(subject_id=BOARD), 1),
    ],
    ids=["the advertiser", "another system", "its system"],
)
async def test_the_database_itself_shows_a_draft_to_nobody_else(council: Ats, tenancy: Tenancy, seen: int) -> None:
    await begin(council, await council.live())
    async with transaction(council.services.sessions[Service.ATS], tenancy) as session:
        assert await session.scalar(select(func.count()).select_from(ApplicationDraft)) == seen


async def test_a_link_of_one_draft_opens_no_other(council: Ats) -> None:
    vacancy = await council.live()
    mine, other = await begin(council, vacancy, email=AMARA), await begin(council, vacancy)
    device = await bearer_of(council, (await links(council))[0].link)
    assert (await council.client.get(f"/v1/drafts/{mine['id']}", headers=device)).status_code == 200
    assert (await council.client.get(f"/v1/drafts/{other['id']}", headers=device)).status_code == 404
    assert (await council.client.get("/v1/my/application", headers=device)).status_code == 403


async def test_asking_anew_makes_earlier_links_void_and_tells_nobody_who_has_begun(council: Ats) -> None:
    await begin(council, await council.live(), email=AMARA)
    known, unknown = [
        await council.client.post("/v1/draft-links", json={"email": each})
        for each in (AMARA.upper(), "no@people.example")
    ]
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text) == (202, known.text)
    first, again = await links(council)
    spent = await council.client.post("/v1/link-sessions", json={"token": local(first.link).rpartition("/")[2]})
    assert spent.status_code == 410
    assert await bearer_of(council, again.link)


async def test_a_candidate_makes_every_link_and_session_void(council: Ats) -> None:
    draft = await begin(council, await council.live(), email=AMARA)
    device = await bearer_of(council, (await links(council))[0].link)
    path = f"/v1/drafts/{draft['id']}"
    assert (await council.client.post(f"{path}/send-link", headers=device)).status_code == 202
    assert (await council.client.post(f"{path}/end-links", headers=device)).status_code == 204
    assert (await council.client.get(path, headers=device)).status_code == 401
    token = local((await links(council))[1].link).rpartition("/")[2]
    assert (await council.client.post("/v1/link-sessions", json={"token": token})).status_code == 410


async def test_a_link_expires_a_day_after_the_closing(council: Ats) -> None:
    vacancy = await council.live()
    await begin(council, vacancy, email=AMARA)
    closes_at = datetime.fromisoformat(vacancy["closes_at"])
    token = local((await links(council))[0].link).rpartition("/")[2]
    council.services.clock.instant = closes_at + timedelta(days=1)
    assert (await council.client.post("/v1/link-sessions", json={"token": token})).status_code == 410


async def test_deleting_leaves_nothing(council: Ats) -> None:
    draft = await begin(council, await council.live(), email=AMARA)
    device = await bearer_of(council, (await links(council))[0].link)
    assert (await council.client.delete(f"/v1/drafts/{draft['id']}", headers=device)).status_code == 204
    assert await drafts(council) == []
    assert (await council.client.get(f"/v1/drafts/{draft['id']}", headers=device)).status_code == 401


@pytest.mark.parametrize(("grace", "late", "status"), [(0, -SECOND, 201), (0, 0 * SECOND, 409), (0, SECOND, 409)])
async def test_the_deadline_is_by_server_time(council: Ats, grace: int, late: timedelta, status: int) -> None:
    await _sent_at(council, grace, late, status)


@pytest.mark.parametrize(
    ("late", "status"),
    [
        (-SECOND, 201),
        (0 * SECOND, 201),
        (SECOND, 201),
        (timedelta(minutes=30) - SECOND, 201),
        (timedelta(minutes=30), 409),
        (timedelta(minutes=30) + SECOND, 409),
    ],
)
@pytest.mark.parametrize("is_closed_by_the_clock", [False, True])
async def test_a_draft_has_the_grace_of_the_policy_of_the_day_that_it_closed(
    council: Ats, late: timedelta, status: int, is_closed_by_the_clock: bool
) -> None:
    await _sent_at(council, 30, late, status, is_closed=is_closed_by_the_clock)


async def _sent_at(council: Ats, grace: int, late: timedelta, status: int, *, is_closed: bool = True) -> None:
    await set_policy(council, draft_grace_minutes=grace)
    vacancy = await council.live()
    draft = await begin(council, vacancy)
    council.services.clock.instant = datetime.fromisoformat(vacancy["closes_at"]) + late
    if is_closed:
        async with council.region() as session:
            await close_due_adverts(session, council.now)
    sent = await submit(council, draft)
    assert sent.status_code == status, sent.text
    if status == 409:
        assert sent.json()["code"] == "job_closed"
        assert (await drafts(council))[0].typed == READY, "what was typed is still there"


async def test_the_grace_is_for_drafts_alone_and_not_where_the_advert_was_closed_early(council: Ats) -> None:
    await set_policy(council, draft_grace_minutes=30)
    vacancy, early = await council.live(), await council.live(title="Gardener")
    draft = await begin(council, early)
    assert (await council.move(early, "close")).status_code == 200
    assert (await submit(council, draft)).status_code == 409
    council.services.clock.instant = datetime.fromisoformat(vacancy["closes_at"]) + SECOND
    url = f"/v1/jobs/{vacancy['id']}"
    whole = await council.client.post(f"{url}/applications", json=application_body(), headers=board(council))
    begun = await council.client.post(f"{url}/drafts", json={"email": AMARA}, headers=board(council))
    assert (whole.status_code, begun.status_code) == (409, 410)


async def test_a_form_that_has_changed_is_shown_anew_before_it_is_sent(council: Ats) -> None:
    draft = await begin(council, vacancy := await council.live())
    async with council.region() as session:
        (await session.get_one(Vacancy, UUID(vacancy["id"]))).form_version = 2
    refused = await submit(council, draft)
    assert (refused.status_code, refused.json()["code"]) == (409, "form_changed")
    saved = await save(council, draft, {"form_version": 2}, board(council))
    assert (saved.json()["form_version"], saved.json()["application"]) == (2, READY)
    assert (await submit(council, draft)).status_code == 201


async def test_twenty_identical_submissions_in_parallel_make_one_application_one_mail_and_one_event(
    live_council: Ats,
) -> None:
    draft = await begin(live_council, await live_council.live(), email=AMARA)
    answers = await asyncio.gather(*(submit(live_council, draft) for _ in range(20)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["id"] for each in answers}) == 1
    async with live_council.region() as session:
        assert await session.scalar(select(func.count()).select_from(Application)) == 1
        assert len(await mailed(session, ApplicationReceived.name)) == 1
    assert len(await live_council.events(ApplicationReceived)) == 1


async def test_two_drafts_of_one_person_sent_at_once_make_one_application(live_council: Ats) -> None:
    vacancy = await live_council.live()
    both = [await begin(live_council, vacancy, email=AMARA) for _ in range(2)]
    answers = await asyncio.gather(*(submit(live_council, each) for each in both))
    assert sorted(each.status_code for each in answers) == [201, 409]
    assert len(await live_council.events(ApplicationReceived)) == 1
    assert [each.typed for each in await drafts(live_council) if each.application_id is None] == [READY]


async def run(council: Ats, command: Any) -> int:
    async with council.region() as session:
        return await command(session, council.now)


async def test_who_has_not_sent_a_draft_is_reminded_once_before_the_closing(council: Ats) -> None:
    vacancy = await council.live()
    draft = await begin(council, vacancy, email=AMARA)
    sent = await begin(council, vacancy)
    assert (await submit(council, sent)).status_code == 201
    closes_at = datetime.fromisoformat(vacancy["closes_at"])
    for instant, mails in (
        (closes_at - timedelta(hours=48) - SECOND, 2),
        (closes_at - timedelta(hours=48), 3),
        (closes_at - SECOND, 3),
    ):
        council.services.clock.instant = instant
        await run(council, remind_of_drafts)
        assert len(await links(council)) == mails, instant
    reminder = (await links(council))[-1]
    assert reminder.email == AMARA
    assert [each.reminded_at is not None for each in await drafts(council) if each.id == UUID(draft["id"])] == [True]
    device = await bearer_of(council, reminder.link)
    assert (await council.client.get(f"/v1/drafts/{draft['id']}", headers=device)).status_code == 200


async def test_nobody_is_reminded_of_what_they_have_just_put_aside(council: Ats) -> None:
    vacancy = await council.live()
    council.services.clock.instant = datetime.fromisoformat(vacancy["closes_at"]) - timedelta(hours=20)
    await begin(council, vacancy)
    for later, mails in ((timedelta(hours=12) - SECOND, 1), (SECOND, 2)):
        council.services.clock.instant += later
        await run(council, remind_of_drafts)
        assert len(await links(council)) == mails


@pytest.mark.parametrize(("policy", "days"), [({}, 30), ({"drafts_kept_days": 7}, 7)])
async def test_a_draft_is_deleted_so_many_days_after_the_closing_as_the_policy_says(
    council: Ats, policy: dict[str, int], days: int
) -> None:
    if policy:
        await set_policy(council, **policy)
    vacancy = await council.live()
    await begin(council, vacancy, email=AMARA)
    await bearer_of(council, (await links(council))[0].link)
    ends_at = datetime.fromisoformat(vacancy["closes_at"]) + timedelta(days=days)
    for instant, left in ((ends_at - SECOND, 1), (ends_at, 0)):
        council.services.clock.instant = instant
        await run(council, forget_drafts)
        assert len(await drafts(council)) == left
    async with council.region() as session:
        for table in (signed_links, link_sessions):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_nobody_is_flooded_with_drafts_begun_in_their_name(council: Ats) -> None:
    vacancy = await council.live()
    body = {"email": AMARA}
    url = f"/v1/jobs/{vacancy['id']}/drafts"
    answers = [await council.client.post(url, json=body, headers=board(council)) for _ in range(8)]
    assert {each.status_code for each in answers} == {201, 429}
    assert answers[-1].json()["code"] == "asked_too_often"
    assert len(await links(council)) < 7


async def test_after_ten_mails_in_a_day_a_draft_is_still_begun_and_no_mail_is_sent(council: Ats) -> None:
    vacancy = await council.live()
    for _ in range(12):
        council.services.parts.redis.empty()
        await begin(council, vacancy, email=AMARA)
    assert (len(await drafts(council)), len(await links(council))) == (12, 10)


async def test_what_no_application_can_hold_is_refused_and_what_was_there_stays(council: Ats) -> None:
    draft = await begin(council, await council.live())
    large = await save(council, draft, {"supporting_statement": "x" * 1_000_001}, board(council))
    assert (large.status_code, large.json()["code"]) == (413, "draft_too_large")
    for member in ("shoe_size", "email"):
        strange = await save(council, draft, {member: "x"}, board(council))
        assert (strange.status_code, strange.json()["errors"][0]["field"]) == (422, "application")
    assert (await drafts(council))[0].typed == READY


async def test_a_post_that_is_applied_for_elsewhere_takes_no_draft(council: Ats) -> None:
    vacancy = await council.live(apply={"method": "url", "url": "https://jobs.council.example/7"})
    url = f"/v1/jobs/{vacancy['id']}/drafts"
    refused = await council.client.post(url, json={"email": AMARA}, headers=board(council))
    assert (refused.status_code, refused.json()["code"]) == (409, "managed_elsewhere")
    assert (
        await council.client.post(f"/v1/jobs/{uuid4()}/drafts", json={"email": AMARA}, headers=board(council))
    ).status_code == 404
    live = await council.live(title="Gardener")
    stranger = board(council, employers=("WLV",))
    assert (
        await council.client.post(f"/v1/jobs/{live['id']}/drafts", json={"email": AMARA}, headers=stranger)
    ).status_code == 404
