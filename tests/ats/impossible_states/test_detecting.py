"""What the rules never lead to is found when somebody makes it behind them, told once, and ends when mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import select, text

from services.ats.impossible_states import due
from services.ats.impossible_states.due import detect_impossible_states
from services.ats.impossible_states.models import FINDS, RUNS
from services.ats.impossible_states.watched import DETECTOR, WATCHED
from shared.events.record import RecruitmentStatesFound
from shared.vocabulary import Role
from tests.ats.desk.test_pages import sign_in
from tests.factories.ats import SAW, Ats

MENDED = "UPDATE ats.vacancies SET state = 'live'"
PLANTED = {
    "two_live_applications": (
        "DROP INDEX ats.uq_applications_one_per_person",
        "UPDATE ats.applications SET person_key = 'the same'",
    ),
    "hired_without_accepted_offer": ("UPDATE ats.applications SET stage = 'hired' WHERE stage = 'interview'",),
    "filled_without_a_hire": ("UPDATE ats.vacancies SET state = 'filled'",),
    "offer_without_an_opening": ("UPDATE ats.vacancy_openings SET state = 'open', taken_for = NULL",),
    "opening_filled_without_a_hire": ("UPDATE ats.vacancy_openings SET state = 'filled'",),
    "more_openings_taken_than_sought": (
        (
            "INSERT INTO ats.vacancy_openings (employer_id, vacancy_id, opening_no, state)"
            " SELECT employer_id, vacancy_id, 2, 'reserved' FROM ats.vacancy_openings"
        ),
    ),
    "live_without_clearance": ("UPDATE ats.vacancies SET released_at = NULL",),
}


@pytest.fixture
async def scene(live_council: Ats) -> Ats:
    """Two at interview, one of whom has an offer, as the rules lead to it."""
    recruiter = await live_council.staff(Role.RECRUITER)
    vacancy = await live_council.live()
    first, _ = await live_council.at_interview(vacancy, recruiter, 2)
    offer = await live_council.decide(f"/v1/applications/{first['id']}/offers", recruiter, live_council.terms())
    assert offer.status_code == 201, offer.text
    return live_council


def plant(council: Ats, *statements: str) -> None:
    """As the database's own administrator, with the triggers off."""
    live = council.services
    with psycopg.connect(live.parts.postgres.database_url(live.database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


async def look(council: Ats) -> None:
    async with council.region() as session:
        assert await detect_impossible_states(session, council.now) == 0


async def found(council: Ats) -> set[str]:
    async with council.region() as session:
        return set(await session.scalars(select(FINDS.c.rule).where(FINDS.c.gone_at.is_(None))))


def test_every_rule_is_planted() -> None:
    assert [rule.code for rule in WATCHED] == list(PLANTED)


@pytest.mark.parametrize("code", PLANTED)
async def test_a_planted_state_is_found_and_what_the_rules_lead_to_is_not(scene: Ats, code: str) -> None:
    await look(scene)
    assert await found(scene) == set()
    plant(scene, *PLANTED[code])
    scene.services.clock.advance(timedelta(days=1))
    await look(scene)
    assert code in await found(scene)


async def test_a_find_is_told_once_to_the_employers_administrator_and_ends_when_mended(scene: Ats) -> None:
    admin = await scene.staff(Role.COUNCIL_ADMIN)
    plant(scene, *PLANTED["filled_without_a_hire"])
    for _ in range(2):
        await look(scene)
        scene.services.clock.advance(timedelta(days=1))
    await look(scene)
    (told,) = await scene.events(RecruitmentStatesFound)
    assert (told["employer_id"], told["found"]) == (str(SAW), 1)
    await sign_in(scene, admin.email)
    page = await scene.client.get("/impossible-states")
    assert "none of its openings is" in page.text
    (shown,) = (await scene.client.get("/v1/impossible-states")).json()
    assert (shown["rule"], shown["subject_kind"]) == ("filled_without_a_hire", "vacancy")
    plant(scene, MENDED)
    scene.services.clock.advance(timedelta(days=1))
    await look(scene)
    assert await found(scene) == set()
    assert (await scene.client.get("/v1/impossible-states")).json() == []


async def test_where_an_employer_has_no_administrator_wmes_are_told(scene: Ats) -> None:
    async with scene.region() as session:
        from_wme = await due.administrators_of(session, SAW)
    assert from_wme == []
    plant(scene, *PLANTED["filled_without_a_hire"])
    await look(scene)
    assert await scene.events(RecruitmentStatesFound) == []
    assert await found(scene) == {"filled_without_a_hire"}


async def test_another_employers_finds_are_not_shown(scene: Ats) -> None:
    plant(scene, *PLANTED["filled_without_a_hire"])
    await look(scene)
    other = await scene.staff(Role.COUNCIL_ADMIN, "DUD")
    await sign_in(scene, other.email)
    assert (await scene.client.get("/v1/impossible-states")).json() == []


async def test_it_looks_once_a_day(scene: Ats) -> None:
    await look(scene)
    plant(scene, *PLANTED["filled_without_a_hire"])
    await look(scene)
    assert await found(scene) == set()


async def test_a_rule_that_cannot_be_asked_stops_no_other(scene: Ats, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: Any = replace(WATCHED[0], code="broken", query=select(text("1 / 0 AS employer_id, 1 AS subject_id")))
    monkeypatch.setattr(due, "DETECTOR", replace(DETECTOR, rules=(broken, *WATCHED)))
    plant(scene, *PLANTED["filled_without_a_hire"])
    await look(scene)
    assert await found(scene) == {"filled_without_a_hire"}
    async with scene.region() as session:
        assert await session.scalar(select(RUNS.c.failed)) == 1
