"""When a vacancy has ended, nobody is left waiting for an answer."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.ats.applications.closing import close_waiting_applications
from services.ats.applications.models import Application
from services.ats.applications.referrals import receive_referral
from services.ats.applications.rejecting import tell_rejections
from services.ats.applications.states import REASONS_FOR_THE_CANDIDATE, RejectionReason
from services.ats.vacancies.models import Vacancy
from services.ats.worker import DUE
from shared.events.applications import ApplicationClosed, ApplicationRejected
from shared.events.clearing import ReferredProfile
from shared.links import issue_link, open_link
from shared.vocabulary import Role, Scope
from tests.factories.ats import NOW, Ats, application_body, referred


async def _close(council: Ats) -> int:
    async with council.region() as session:
        return await close_waiting_applications(session, council.now)


async def _stages(council: Ats, vacancy: dict[str, Any]) -> list[tuple[str, str | None]]:
    url = f"/v1/applications?vacancy_id={vacancy['id']}"
    listed = (await council.client.get(url, headers=council.headers(Scope.APPLICATIONS_READ))).json()["items"]
    return sorted((each["stage"], each["rejection_reason"]) for each in listed)


async def _end(council: Ats, vacancy: dict[str, Any], how: str) -> None:
    if how == "mark-unfilled":
        await council.move(vacancy, "close")
    answer = await council.move(vacancy, how, {"reason": "Nobody was appointed"})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("how", "reason"), [("cancel", "post_withdrawn"), ("mark-unfilled", "no_appointment")])
async def test_who_still_waited_for_a_vacancy_that_ended_is_told_why_once(council: Ats, how: str, reason: str) -> None:
    assert close_waiting_applications in DUE
    vacancy, other = await council.live(), await council.live(title="Another post")
    person = await council.staff(Role.HIRING_MANAGER)
    [interviewed] = await council.at_interview(vacancy, person)
    rejected, waiting = await council.apply(vacancy), await council.apply(vacancy)
    await council.apply(other)
    url = f"/v1/applications/{rejected['id']}/reject"
    await council.decide(url, person, {"reason_code": "stronger_candidates"})
    assert await _close(council) == 0
    await _end(council, vacancy, how)
    ended_at = council.now
    council.services.clock.advance(timedelta(hours=3))
    assert await _close(council) == 2
    assert await _close(council) == 0
    assert await _stages(council, vacancy) == [
        ("rejected", reason),
        ("rejected", reason),
        ("rejected", "stronger_candidates"),
    ]
    assert await _stages(council, other) == [("submitted", None)]
    told = await council.events(ApplicationClosed)
    assert {each["application_id"] for each in told} == {interviewed["id"], waiting["id"]}
    assert {each["reason"] for each in told} == {reason}
    async with council.region() as session:
        entered = await session.scalar(select(Application.stage_entered_at).where(Application.id == waiting["id"]))
        assert entered == ended_at
        assert await session.scalar(select(Vacancy.candidates_untold_since).where(Vacancy.id == vacancy["id"])) is None


async def _own_page(council: Ats, application: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Without markup, and the same by the API."""
    async with council.region() as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=application["id"],
            employer_id=None,
            expires_at=council.now + timedelta(days=1),
        )
        opened = await open_link(session, token, now=council.now)
    link = {"Authorization": f"Bearer {opened.token}"}
    page = await council.client.get("/my-application", headers=link)
    assert page.status_code == 200, page.text
    own = await council.client.get("/v1/my/application", headers=link)
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split()), own.json()


@pytest.mark.parametrize(
    ("how", "reason", "words"),
    [
        (
            "cancel",
            "post_withdrawn",
            "Closed: the vacancy has ended Why The employer is not going ahead with this job.",
        ),
        ("mark-unfilled", "no_appointment", "Closed: the vacancy has ended Why The employer ended this search without"),
    ],
)
async def test_a_candidates_own_page_says_why_the_vacancy_ended(
    council: Ats, how: str, reason: str, words: str
) -> None:
    vacancy = await council.live()
    waiting = await council.apply(vacancy)
    told, own = await _own_page(council, waiting)
    assert " Why " not in told
    assert own["rejection_reason"] is None
    await _end(council, vacancy, how)
    await _close(council)
    told, own = await _own_page(council, waiting)
    assert words in told
    assert "Not successful" not in told
    assert own["rejection_reason"] == reason


async def test_a_candidates_own_page_says_why_they_were_not_chosen(council: Ats) -> None:
    vacancy, person = await council.live(), await council.staff(Role.HIRING_MANAGER)
    rejected = await council.apply(vacancy)
    body = {"reason_code": "stronger_candidates"}
    await council.decide(f"/v1/applications/{rejected['id']}/reject", person, body)
    told, own = await _own_page(council, rejected)
    assert "Not successful" not in told, "it may still be undone"
    assert (own["stage"], own["rejection_reason"]) == ("submitted", None)
    council.services.clock.advance(timedelta(hours=4))
    async with council.region() as session:
        assert await tell_rejections(session, council.now) == 1
    told, _ = await _own_page(council, rejected)
    assert "Not successful Why Others showed a closer match with what this job asks for." in told


def test_every_reason_has_words_for_the_candidate() -> None:
    assert set(REASONS_FOR_THE_CANDIDATE) == set(RejectionReason)


async def test_the_last_hire_answers_everybody_who_was_not_chosen(council: Ats) -> None:
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    chosen, _ = await council.at_interview(vacancy, person, count=2)
    url = f"/v1/applications/{chosen['id']}"
    offer = (await council.decide(f"{url}/offers", person, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    await council.pass_checks(chosen["id"], person)
    await council.decide(f"{url}/clear", person, {"starts_on": "2027-02-01"})
    await council.decide(f"{url}/hire", person)
    assert await _close(council) == 1
    assert await _stages(council, vacancy) == [("hired", None), ("rejected", "post_filled")]
    assert await council.events(ApplicationRejected) == []


async def test_with_an_opening_left_everybody_stays_in_the_running(council: Ats) -> None:
    vacancy = await council.live(openings=2)
    person = await council.staff(Role.HIRING_MANAGER)
    chosen, _ = await council.at_interview(vacancy, person, count=2)
    url = f"/v1/applications/{chosen['id']}"
    offer = (await council.decide(f"{url}/offers", person, council.terms())).json()
    await council.decide(f"/v1/offers/{offer['id']}/accept", person)
    await council.pass_checks(chosen["id"], person)
    await council.decide(f"{url}/clear", person, {"starts_on": "2027-02-01"})
    await council.decide(f"{url}/hire", person)
    assert await _close(council) == 0
    assert await _stages(council, vacancy) == [("hired", None), ("interview", None)]


async def test_a_referred_redeployee_is_answered_by_clearing(council: Ats) -> None:
    vacancy = await council.in_clearing()
    profile = ReferredProfile(name="Usha Mehta", email="usha@people.example", profile="Ten years in housing")
    async with council.region() as session:
        await receive_referral(session, referred(vacancy), profile, now=NOW)
    await _end(council, vacancy, "cancel")
    assert await _close(council) == 0
    assert await _stages(council, vacancy) == [("submitted", None)]


async def test_whom_nobody_was_appointed_before_may_apply_when_the_post_is_advertised_again(council: Ats) -> None:
    vacancy = await council.live()
    await council.apply(vacancy, email="amara@people.example")
    await _end(council, vacancy, "mark-unfilled")
    await _close(council)
    again = await council.move(vacancy, "readvertise", {"reason": "A second try"})
    await council.release(again.json())
    await council.apply(vacancy, email="amara@people.example")
    assert await _close(council) == 0
    assert await _stages(council, vacancy) == [("rejected", "no_appointment"), ("submitted", None)]


async def test_an_application_that_races_the_end_is_refused_or_answered(live_council: Ats) -> None:
    vacancy = await live_council.live()
    headers = live_council.headers(Scope.JOBS_APPLY, employers="region")
    url = f"/v1/jobs/{vacancy['id']}/applications"
    *sent, ended = await asyncio.gather(
        *(
            live_council.client.post(url, json=application_body(email=f"c{number}@people.example"), headers=headers)
            for number in range(8)
        ),
        live_council.move(vacancy, "cancel", {"reason": "Post deleted"}),
    )
    assert ended.status_code == 200
    taken = [each for each in sent if each.status_code == 201]
    assert {each.status_code for each in sent} <= {201, 409}
    while await _close(live_council):
        pass
    assert await _stages(live_council, vacancy) == [("rejected", "post_withdrawn")] * len(taken)
    assert len(await live_council.events(ApplicationClosed)) == len(taken)


async def test_who_is_shortlisted_while_the_shortlist_is_confirmed_is_told_all_the_same(live_council: Ats) -> None:
    vacancy = await live_council.live()
    person = await live_council.staff(Role.HIRING_MANAGER)
    candidates = [await live_council.apply(vacancy) for _ in range(6)]
    await live_council.decide(f"/v1/applications/{candidates[0]['id']}/shortlist", person)
    await asyncio.gather(
        *(live_council.decide(f"/v1/applications/{each['id']}/shortlist", person) for each in candidates[1:4]),
        live_council.decide(f"/v1/vacancies/{vacancy['id']}/confirm-shortlist", person),
        *(live_council.decide(f"/v1/applications/{each['id']}/shortlist", person) for each in candidates[4:]),
    )
    async with live_council.region() as session:
        told = await session.scalars(select(Application.shortlist_told_at))
        assert all(each is not None for each in told)
