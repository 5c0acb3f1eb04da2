"""First refusal: nothing leads from clearing to the public but clearing's release."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.ats.vacancies import clearance, lifecycle
from services.ats.vacancies.models import VacancyAlert
from shared.events.ats import VacancyChanged, VacancyPublished
from shared.events.clearing import DutyOpened
from shared.inbox import Parked
from shared.vocabulary import Role, Scope
from tests.factories.ats import Ats, released, vacancy_body, window_opened

VERBS = ("submit", "approve", "publish", "close", "resume", "readvertise", "mark-unfilled", "confirm-shortlist")


def duty(vacancy: dict, **changes: object) -> DutyOpened:
    return DutyOpened.model_validate(
        {"vacancy_id": vacancy["id"], "employer_id": vacancy["employer_id"], "duty_id": uuid4()} | changes
    )


async def test_no_verb_takes_a_vacancy_out_of_clearing(council: Ats) -> None:
    vacancy = await council.in_clearing()
    person = await council.staff(Role.APPROVER)
    for verb in VERBS:
        answer = await council.move(vacancy, verb, {"reason": "Because"}, on_behalf_of=person.id)
        assert answer.status_code in {403, 409}, (verb, answer.text)
    assert (await council.read(vacancy))["state"] == "in_clearing"
    assert (await council.client.get("/v1/jobs")).json()["items"] == []


async def test_a_release_of_the_present_content_makes_the_advert_live(council: Ats) -> None:
    vacancy = await council.in_clearing()
    live = await council.release(vacancy)
    assert (live["state"], live["clearance"]["is_cleared"], live["adverts"]) == ("live", True, 1)
    assert live["public_url"].endswith(f"/jobs/{vacancy['id']}")
    assert [each["vacancy_id"] for each in await council.events(VacancyPublished)] == [vacancy["id"]]
    assert (await council.events(VacancyChanged))[-1]["state"] == "live"


async def test_a_release_of_an_older_content_changes_nothing(council: Ats) -> None:
    vacancy = await council.in_clearing()
    after = await council.release(vacancy, content_version=vacancy["content_version"] - 1)
    assert (after["state"], after["clearance"]["is_cleared"]) == ("in_clearing", False)


async def test_without_auto_publish_the_release_waits_for_a_command(council: Ats) -> None:
    vacancy = await council.release(await council.in_clearing(auto_publish=False))
    assert (vacancy["state"], vacancy["published_at"]) == ("approved", None)
    published = await council.move(vacancy, "publish")
    assert published.json()["state"] == "live"


async def test_publishing_before_the_release_says_what_is_missing(council: Ats) -> None:
    vacancy = await council.release(await council.in_clearing(auto_publish=False))
    async with council.region() as session:
        await clearance.note_duty(session, duty(vacancy, opened_at=council.now + timedelta(hours=1)), now=council.now)
    answer = await council.move(vacancy, "publish")
    assert (answer.status_code, answer.json()["code"]) == (409, "clearance_missing")


async def test_facts_about_a_vacancy_that_is_not_here_are_parked(council: Ats) -> None:
    nowhere = {"id": uuid4(), "employer_id": uuid4(), "content_version": 1}
    async with council.region() as session:
        with pytest.raises(Parked):
            await clearance.note_release(session, released(nowhere), now=council.now)
        with pytest.raises(Parked):
            await clearance.note_window(session, window_opened(nowhere), now=council.now)
        with pytest.raises(Parked):
            await clearance.note_duty(session, duty(nowhere, opened_at=council.now), now=council.now)


async def test_a_duty_that_overtakes_the_release_it_followed_still_revokes_it(council: Ats) -> None:
    vacancy = await council.in_clearing()
    async with council.region() as session:
        await clearance.note_duty(session, duty(vacancy, opened_at=council.now + timedelta(hours=1)), now=council.now)
    after = await council.release(vacancy, at=council.now)
    assert (after["state"], after["clearance"]["is_cleared"], after["clearance"]["duty_open"]) == (
        "in_clearing",
        False,
        True,
    )
    again = await council.release(vacancy, at=council.now + timedelta(hours=2))
    assert again["state"] == "live"


async def test_the_newest_window_of_the_content_is_shown_whatever_the_order_of_news(council: Ats) -> None:
    vacancy = await council.in_clearing()
    later = window_opened(vacancy, at=council.now + timedelta(days=1), matched=3)
    earlier = window_opened(vacancy, at=council.now, matched=7)
    async with council.region() as session:
        await clearance.note_window(session, later, now=council.now)
        await clearance.note_window(session, earlier, now=council.now)
    assert (await council.read(vacancy))["clearance"]["matched"] == 3


async def test_r12_a_duty_after_the_shortlist_is_told_because_it_cannot_be_prevented(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    await council.at_interview(vacancy, person)
    async with council.region() as session:
        await clearance.note_duty(session, duty(vacancy, opened_at=council.now + timedelta(hours=1)), now=council.now)
        codes = (await session.scalars(select(VacancyAlert.code))).all()
    shown = await council.read(vacancy)
    assert (codes, shown["clearance"]["duty_alert_at"] is not None) == (["duty_after_shortlist"], True)


async def test_a_shortlist_is_not_confirmed_while_a_duty_is_open(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    candidate = await council.apply(vacancy)
    assert (await council.decide(f"/v1/applications/{candidate['id']}/shortlist", person)).status_code == 200
    async with council.region() as session:
        await clearance.note_duty(session, duty(vacancy, opened_at=council.now + timedelta(hours=1)), now=council.now)
    answer = await council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person)
    assert (answer.status_code, answer.json()["code"]) == (409, "clearance_missing")


async def test_an_advert_closes_at_its_deadline_whenever_the_work_is_done(council: Ats) -> None:
    vacancy = await council.live(closes_at="2026-11-20T17:00")
    council.services.clock.advance(timedelta(days=10))
    async with council.region() as session:
        assert await lifecycle.close_due_adverts(session, council.now) == 1
    async with council.region() as session:
        assert await lifecycle.close_due_adverts(session, council.now) == 0
    closed = await council.read(vacancy)
    assert (closed["state"], closed["closed_at"]) == ("closed", "2026-11-20T17:00:00Z")


async def test_a_hold_in_clearing_returns_to_clearing(council: Ats) -> None:
    vacancy = await council.in_clearing()
    approver = await council.staff(Role.APPROVER)
    held = await council.move(vacancy, "hold", {"reason": "Budget review"}, on_behalf_of=approver.id)
    assert held.json()["state"] == "on_hold"
    assert (await council.move(vacancy, "resume")).json()["state"] == "in_clearing"


async def test_a_vacancy_advertised_again_goes_through_clearing_again(council: Ats) -> None:
    vacancy = await council.live()
    assert (await council.move(vacancy, "close")).json()["state"] == "closed"
    again = (await council.move(vacancy, "readvertise", {"reason": "Nobody suitable"})).json()
    assert (again["state"], again["clearance"]["is_cleared"], again["content_version"]) == ("in_clearing", False, 2)
    assert (await council.release(again))["adverts"] == 2


async def test_a_cancelled_vacancy_leaves_the_public_face(council: Ats) -> None:
    vacancy = await council.live()
    assert (await council.move(vacancy, "cancel", {"reason": "Post deleted"})).json()["state"] == "cancelled"
    assert (await council.client.get(f"/v1/jobs/{vacancy['id']}")).status_code == 410


async def test_a_release_that_comes_during_a_hold_is_followed_when_the_hold_ends(council: Ats) -> None:
    vacancy = await council.in_clearing()
    approver = await council.staff(Role.APPROVER)
    await council.move(vacancy, "hold", {"reason": "Budget review"}, on_behalf_of=approver.id)
    assert (await council.release(vacancy))["state"] == "on_hold"
    assert (await council.client.get("/v1/jobs")).json()["items"] == []
    assert (await council.move(vacancy, "resume")).json()["state"] == "live"


@pytest.mark.parametrize(
    ("exemption", "contract", "status"),
    [
        ("fixed_term_under_six_months", {"contract": "fixed_term", "contract_months": 5}, 201),
        ("fixed_term_under_six_months", {"contract": "fixed_term", "contract_months": 6}, 422),
        ("fixed_term_under_six_months", {"contract": "permanent"}, 422),
        ("casual_or_apprentice", {"contract": "apprenticeship"}, 201),
        ("casual_or_apprentice", {"contract": "permanent"}, 422),
        ("member_appointment", {"contract": "permanent"}, 201),
        ("because", {"contract": "permanent"}, 422),
    ],
)
async def test_r18_an_exemption_is_a_listed_reason_that_is_true_of_the_contract(
    council: Ats, exemption: str, contract: dict, status: int
) -> None:
    body = vacancy_body(clearing_exemption=exemption, **contract)
    answer = await council.client.post("/v1/vacancies", json=body, headers=council.headers(Scope.VACANCIES_WRITE))
    assert answer.status_code == status, answer.text


async def test_r18_an_exemption_claimed_after_the_approval_voids_it(council: Ats) -> None:
    vacancy = await council.in_clearing()
    answer = await council.client.patch(
        f"/v1/vacancies/{vacancy['id']}",
        json={"clearing_exemption": "ring_fenced_restructure"},
        headers=council.headers(Scope.VACANCIES_WRITE),
    )
    assert (answer.json()["is_approved"], answer.json()["state"]) == (False, "in_clearing")


async def test_news_of_a_window_is_not_told_back_to_clearing(council: Ats) -> None:
    vacancy = await council.in_clearing()
    before = len(await council.events(VacancyChanged))
    async with council.region() as session:
        await clearance.note_window(session, window_opened(vacancy), now=council.now)
    assert len(await council.events(VacancyChanged)) == before
    assert (await council.read(vacancy))["version"] == vacancy["version"] + 1
