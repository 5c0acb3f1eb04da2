"""What is kept for how long is an employer's policy; afterwards the worker forgets who it was, and counts stay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.pooling import join_pool
from services.ats.applications.queries import get_application
from services.ats.applications.states import PoolReach, Stage
from services.ats.audit.actor import SYSTEM
from services.ats.audit.models import AuditEntry
from services.ats.privacy.models import LegalHold
from services.ats.retention import commands, rules
from services.ats.retention.models import RetentionPolicy, RetentionRun
from services.ats.retention.states import RecordKind
from services.ats.talent_pool.due import forget_pool_members
from services.ats.vacancies.models import Vacancy
from shared.due_rows import due_failures
from shared.events.applications import RetentionNoticeGiven
from shared.events.base import ContactWithLink
from shared.vocabulary import Role
from tests.ats.desk.test_pages import sign_in, token_of
from tests.factories.ats import SAW, Ats
from tests.factories.identity import mailed

UNSUCCESSFUL, HIRED = RecordKind.UNSUCCESSFUL_APPLICATION, RecordKind.HIRED_APPLICATION


async def ended(council: Ats, stage: Stage = Stage.REJECTED, *, email: str = "a@people.example", **more: Any) -> UUID:
    """An application that ended today, on a vacancy whose advert has closed."""
    vacancy = await council.live(**more)
    made = await council.apply(vacancy, email=email)
    async with council.region() as session:
        values = {"stage": stage, "stage_entered_at": council.now, "starts_on": council.now.date()}
        await session.execute(update(Application).where(Application.id == UUID(made["id"])).values(values))
        closed = update(Vacancy).where(Vacancy.id == UUID(vacancy["id"])).values(closes_at=council.now)
        await session.execute(closed)
    return UUID(made["id"])


async def run(council: Ats) -> None:
    for _ in range(10):
        async with council.region() as session:
            if await commands.apply_retention(session, council.now) == 0:
                return
    raise AssertionError("it does not come to an end")


async def known(council: Ats) -> set[UUID]:
    """The applications that still name somebody."""
    async with council.region() as session:
        return set(await session.scalars(select(CandidateContact.application_id)))


async def later(council: Ats, days: int) -> None:
    """The worker runs every day; here on those about a month before, when notice is given."""
    if days > 31:
        council.services.clock.advance(timedelta(days=days - 32))
        for _ in range(3):
            council.services.clock.advance(timedelta(days=1))
            await run(council)
        days = 29
    council.services.clock.advance(timedelta(days=days))


async def test_a_candidate_is_told_thirty_days_before_and_nobody_is_forgotten_untold(council: Ats) -> None:
    application_id = await ended(council)
    council.services.clock.advance(timedelta(days=151))
    await run(council)
    assert await council.events(RetentionNoticeGiven) == []
    council.services.clock.advance(timedelta(days=49))  # the worker stood still: notice is late, and is given in full
    for _ in range(2):
        await run(council)
        council.services.clock.advance(timedelta(days=1))
    [told] = await council.events(RetentionNoticeGiven)
    until = council.now.date() + timedelta(days=28)
    assert (told["application_id"], told["kept_until"]) == (str(application_id), until.isoformat())
    async with council.region() as session:
        [sealed] = await mailed(session, RetentionNoticeGiven.name, ContactWithLink)
    assert sealed.email == "a@people.example"
    council.services.clock.advance(timedelta(days=27))
    await run(council)
    assert await known(council) == {application_id}
    council.services.clock.advance(timedelta(days=1))
    await run(council)
    assert await known(council) == set()


async def test_a_notice_is_as_long_as_the_employers_policy_says_and_a_legal_hold_gives_none(council: Ats) -> None:
    mine, held = await ended(council), await ended(council, email="b@people.example")
    async with council.region() as session:
        facts = {"employer_id": SAW, "record_kind": UNSUCCESSFUL, "made_by": None, "made_at": council.now}
        session.add(RetentionPolicy(**facts, months=6, valid_from=council.now.date(), notice_days=60))
        person_key = (await session.get_one(Application, held)).person_key
        hold = {"employer_id": SAW, "application_id": held, "person_key": person_key, "reason": "Claim"}
        session.add(LegalHold(**hold, placed_by=None, placed_at=council.now))
    council.services.clock.advance(timedelta(days=122))
    await run(council)
    assert [each["application_id"] for each in await council.events(RetentionNoticeGiven)] == [str(mine)]


@pytest.mark.parametrize(
    ("stage", "kept_days"), [(Stage.REJECTED, 181), (Stage.WITHDRAWN, 181), (Stage.OFFER_LAPSED, 181)]
)
async def test_an_unsuccessful_application_is_forgotten_six_months_after_its_end(
    council: Ats, stage: Stage, kept_days: int
) -> None:
    application_id = await ended(council, stage)
    await later(council, kept_days)  # 16 November to 16 May
    await run(council)
    assert await known(council) == {application_id}
    await later(council, 1)
    await run(council)
    assert await known(council) == set()
    async with council.region() as session:
        row = await session.get_one(Application, application_id)
        assert (row.stage, row.answers, row.supporting_statement) == (stage, [], "")


async def test_the_months_begin_no_earlier_than_the_advert_closes(council: Ats) -> None:
    application_id = await ended(council)
    async with council.region() as session:
        await session.execute(update(Vacancy).values(closes_at=council.now + timedelta(days=60)))
    await later(council, 200)
    await run(council)
    assert await known(council) == {application_id}
    await later(council, 45)
    await run(council)
    assert await known(council) == set()


async def test_an_application_is_kept_with_its_person_s_consent_while_they_are_in_the_talent_pool(council: Ats) -> None:
    application_id = await ended(council)
    async with council.region() as session:
        application = await get_application(session, application_id)
        vacancy = await session.get_one(Vacancy, application.vacancy_id)
        await join_pool(session, application, vacancy, PoolReach.EMPLOYER, actor=SYSTEM, now=council.now)
    await later(council, 300)
    await run(council)
    assert await known(council) == {application_id}
    await later(council, 65)
    async with council.region() as session:
        assert await forget_pool_members(session, council.now) == 1
    await run(council)
    assert await known(council) == {application_id}, "nobody is forgotten untold"
    council.services.clock.advance(timedelta(days=31))
    await run(council)
    assert await known(council) == set()


async def test_a_live_application_is_never_forgotten(council: Ats) -> None:
    vacancy = await council.live()
    made = await council.apply(vacancy)
    await later(council, 4000)
    await run(council)
    assert await known(council) == {UUID(made["id"])}


async def test_the_record_of_a_hire_is_kept_for_six_years(council: Ats) -> None:
    application_id = await ended(council, Stage.HIRED)
    await later(council, 6 * 365)
    await run(council)
    assert await known(council) == {application_id}
    await later(council, 30)
    await run(council)
    assert await known(council) == set()


async def test_a_legal_hold_keeps_a_record_past_its_time_until_it_is_lifted(council: Ats) -> None:
    held, other = await ended(council), await ended(council, email="b@people.example")
    async with council.region() as session:
        application = await session.get_one(Application, held)
        hold = LegalHold(
            employer_id=SAW,
            application_id=held,
            person_key=application.person_key,
            reason="Tribunal claim",
            placed_by=None,
            placed_at=council.now,
        )
        session.add(hold)
    await later(council, 200)
    await run(council)
    assert await known(council) == {held}
    assert other not in await known(council)
    async with council.region() as session:
        await session.execute(update(LegalHold).values(lifted_at=council.now))
    await later(council, 1)
    await run(council)
    assert await known(council) == {held}, "told first"
    await later(council, 30)
    await run(council)
    assert await known(council) == set()


async def test_an_employers_own_policy_counts_from_its_day_on_and_for_nobody_else(council: Ats) -> None:
    mine = await ended(council)
    theirs = await ended(council, employer="DUD", email="b@people.example")
    async with council.region() as session:
        facts = {"employer_id": SAW, "record_kind": UNSUCCESSFUL, "made_by": None, "made_at": council.now}
        session.add(RetentionPolicy(**facts, months=12, valid_from=council.now.date(), notice_days=30))
    await later(council, 200)
    await run(council)
    assert await known(council) == {mine}
    assert theirs not in await known(council)


async def test_what_was_forgotten_is_audited_by_its_count_once_a_day(council: Ats) -> None:
    for number in range(3):
        await ended(council, email=f"{number}@people.example")
    await later(council, 200)
    await run(council)
    await run(council)
    async with council.region() as session:
        told = await session.scalars(select(AuditEntry.reason).where(AuditEntry.action == "retention_applied"))
        assert told.all() == ["unsuccessful_application: 3 forgotten after 6 months"]
        done = select(RetentionRun.forgotten, RetentionRun.months).where(RetentionRun.forgotten > 0)
        assert [tuple(row) for row in await session.execute(done)] == [(3, 6)]


async def test_many_are_forgotten_in_small_batches_that_add_up(council: Ats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "BATCH", 2)
    for number in range(5):
        await ended(council, email=f"{number}@people.example")
    await later(council, 200)
    async with council.region() as session:
        assert await commands.apply_retention(session, council.now) == 2
    assert len(await known(council)) == 3
    await run(council)
    assert await known(council) == set()
    async with council.region() as session:
        assert (await session.scalars(select(RetentionRun.forgotten).where(RetentionRun.forgotten > 0))).all() == [5]


async def test_a_record_that_cannot_be_forgotten_stops_no_other(council: Ats, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = await ended(council), await ended(council, email="b@people.example")
    erase = commands.erase_rows

    async def refusing(session: Any, tables: Any, ids: Any) -> Any:
        if bad in ids:
            raise ValueError
        return await erase(session, tables, ids)

    monkeypatch.setattr(commands, "erase_rows", refusing)
    await later(council, 200)
    await run(council)
    assert await known(council) == {bad}
    assert good not in await known(council)
    async with council.region() as session:
        assert (await session.scalars(select(due_failures.c.row_id))).all() == [bad]


async def test_a_policy_is_chosen_by_the_privacy_office_within_bounds_and_never_backdated(council: Ats) -> None:
    admin = await council.staff(Role.COUNCIL_ADMIN)
    await sign_in(council, admin.email)
    token = token_of(await council.client.get("/data-requests"))
    today = council.now.date()
    body = {"employer": "SAW", "record_kind": "unsuccessful_application", "months": 9, "valid_from": today.isoformat()}
    for wrong, code in (
        ({"employer": "DUD"}, "employer_not_known"),
        ({"months": 5}, "retention_out_of_bounds"),
        ({"months": 25}, "retention_out_of_bounds"),
        ({"notice_days": 13}, "retention_notice_out_of_bounds"),
        ({"notice_days": 91}, "retention_notice_out_of_bounds"),
        ({"valid_from": (today - timedelta(days=1)).isoformat()}, "retention_backdated"),
    ):
        answer = await council.client.post("/v1/retention-policies", json=body | wrong, headers={"X-CSRF-Token": token})
        assert (answer.status_code, answer.json()["code"]) == (404 if code == "employer_not_known" else 422, code)
    chosen = await council.client.post("/v1/retention-policies", json=body, headers={"X-CSRF-Token": token})
    assert chosen.status_code == 201, chosen.text
    outlook = (await council.client.get("/v1/retention-outlook")).json()
    assert {(each["record_kind"], each["months"], each["is_default"]) for each in outlook} == {
        ("unsuccessful_application", 9, False),
        ("hired_application", 72, True),
    }


async def test_the_employer_is_shown_what_goes_within_thirty_days(council: Ats) -> None:
    await ended(council)
    admin = await council.staff(Role.COUNCIL_ADMIN)
    await sign_in(council, admin.email)
    for days, ending in ((151, 0), (3, 1)):
        await later(council, days)
        outlook = (await council.client.get("/v1/retention-outlook")).json()
        assert {each["record_kind"]: each["ending"] for each in outlook}["unsuccessful_application"] == ending
    assert (await council.client.get("/retention")).status_code == 200


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 5, 16), 6, date(2026, 11, 16)),
        (date(2027, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 1, 31), 1, date(2025, 12, 31)),
        (date(2028, 11, 16), 72, date(2022, 11, 16)),
    ],
)
def test_months_are_counted_back_by_the_calendar(day: date, months: int, expected: date) -> None:
    assert rules.months_before(day, months) == expected
