"""Every step of applying on a page, without JavaScript: nothing that was typed is lost, whatever happens."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.ats.applications.models import Application
from services.ats.vacancies.models import Vacancy
from shared.csrf import link_cookie
from shared.links import link_sessions
from shared.vocabulary import Service
from tests.ats.applications.test_council_forms import FORM, answered, send
from tests.ats.drafts.begun import AMARA, READY, begin, drafts, links, set_policy
from tests.factories.ats import Ats
from tests.factories.identity import field, local, mailed

HTML = {"Accept": "text/html"}
KEPT: dict[str, Any] = {
    "name": "Amara Osei",
    "phone": "0121 496 0000",
    "employment": [
        {
            "employer": "Severn Housing",
            "job_title": "Adviser",
            "started_on": "2020-01-01",
            "ended_on": "2023-12-31",
            "duties": "One\nTwo",
        }
    ],
    "breaks": [],
    "education": [],
    "registrations": [],
    "answers": [{"criterion_id": "E1", "answer": "Ten years"}, {"criterion_id": "E2", "answer": "Yes"}],
    "supporting_statement": "I like to help.",
    "questions": {
        "weekends": True,
        "Q2": "A friend",
        "Q3": "The waiting times",
        "Q4": 36.5,
        "Q5": "2026-12-01",
        "Q6": "north",
        "Q7": ["pa", "ur"],
    },
    "referees": [
        {
            "name": "Zephyrine Oakapple",
            "email": "zephyrine@severn.example",
            "organisation": "Severn Housing",
            "relationship": "Line manager",
            "ask_me_first": True,
        }
    ],
    "declarations": ["D1"],
}
STEPS: dict[str, dict[str, Any]] = {
    "about_you": {"name": "Amara Osei", "phone": "0121 496 0000"},
    "employment": {
        "employment-0-employer": "Severn Housing",
        "employment-0-job_title": "Adviser",
        **{
            f"employment-0-started_on-{part}": value for part, value in (("day", "1"), ("month", "1"), ("year", "2020"))
        },
        **{
            f"employment-0-ended_on-{part}": value for part, value in (("day", "31"), ("month", "12"), ("year", "2023"))
        },
        "employment-0-duties": "One\r\nTwo",
    },
    "breaks": {},
    "education": {},
    "registrations": {},
    "essential_criteria": {"answers-E1": "Ten years", "answers-E2": "Yes"},
    "statement": {"supporting_statement": "I like to help."},
    "questions": {
        "questions-weekends": "true",
        "questions-Q2": "A friend",
        "questions-Q3": "The waiting times",
        "questions-Q4": "36.5",
        **{f"questions-Q5-{part}": value for part, value in (("day", "1"), ("month", "12"), ("year", "2026"))},
        "questions-Q6": "north",
        "questions-Q7": ["pa", "ur"],
    },
    "referees": {
        "referees-0-name": "Zephyrine Oakapple",
        "referees-0-email": "zephyrine@severn.example",
        "referees-0-organisation": "Severn Housing",
        "referees-0-relationship": "Line manager",
        "referees-0-ask_me_first": "true",
    },
    "declarations": {"declarations-D1": "true"},
}


async def begin_here(council: Ats, vacancy: dict[str, Any], email: str = AMARA, **more: Any) -> httpx.Response:
    council.client.cookies.clear()
    url = f"/jobs/{vacancy['id']}/apply"
    assert (await council.client.get(url)).status_code == 200
    return await council.client.post(url, data={"email": email} | more, headers=HTML)


async def post(council: Ats, url: str, typed: dict[str, Any], page: httpx.Response | None = None) -> httpx.Response:
    """From the page that was drawn, as a browser posts it."""
    page = page or await council.client.get(url, headers=HTML)
    hidden = {name: field(page, name) for name in ("csrf_token", "seen") if f'name="{name}"' in page.text}
    return await council.client.post(url, data=hidden | typed, headers=HTML)


async def typed_of(council: Ats) -> dict[str, Any]:
    (draft,) = await drafts(council)
    return draft.typed


async def applications(council: Ats) -> list[Application]:
    async with council.region() as session:
        return list(await session.scalars(select(Application)))


async def test_somebody_applies_on_pages_alone_with_every_kind_of_question(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    home = f"/jobs/{vacancy['id']}/apply"
    for place in (f"/jobs/{vacancy['id']}", f"/jobs/{vacancy['id']}/form"):
        assert f'href="{home}"' in (await council.client.get(place)).text
    answer = await begin_here(council, vacancy)
    walked = []
    while answer.status_code == 303 and not answer.headers["location"].endswith("/check"):
        url = answer.headers["location"]
        walked.append(url.rpartition("/")[2])
        answer = await post(council, url, STEPS[walked[-1]])
        assert answer.status_code == 303, f"{walked[-1]}: {answer.text}"
    assert walked == list(STEPS)
    assert await typed_of(council) == KEPT
    check = await council.client.get(f"{home}/check")
    for words in ("One\nTwo", "Punjabi, Urdu", "36.5", "zephyrine@severn.example", AMARA):
        assert words in unescape(check.text)
    assert "To do" not in check.text
    sent = await post(council, f"{home}/check", {}, check)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{home}/done")
    (application,) = await applications(council)
    assert application.form_answers["questions"] == KEPT["questions"]
    done = await council.client.get(f"{home}/done")
    assert application.reference in done.text
    own = await council.client.get("/my-application")
    assert "Submitted" in own.text
    asked = await council.client.get("/my-application/withdraw")
    assert "Are you sure that you want to withdraw your application?" in asked.text
    assert (await applications(council))[0].stage == "submitted", "asking does nothing"
    withdrawn = await post(council, "/my-application/withdraw", {}, asked)
    assert withdrawn.status_code == 303
    assert (await applications(council))[0].stage == "withdrawn"


async def test_a_step_that_is_wrong_is_kept_as_typed_says_so_beside_the_field_and_stops_nobody(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    await begin_here(council, vacancy)
    home = f"/jobs/{vacancy['id']}/apply"
    wrong = await post(council, f"{home}/about_you", {"name": "", "phone": "ring <me>"})
    assert wrong.status_code == 422
    assert 'value="ring &lt;me&gt;"' in wrong.text
    for target, words in (("#phone", "Enter a telephone number"), ("#name", "Answer this")):
        assert re.search(rf'href="{target}"[^>]*>{words}', wrong.text)
    assert f'href="{home}/employment"' in wrong.text
    assert await typed_of(council) == {"phone": "ring <me>"}
    dates = {
        f"employment-0-started_on-{part}": value for part, value in (("day", "45"), ("month", "x"), ("year", "20"))
    }
    wrong = await post(council, f"{home}/employment", dates | {"employment-0-employer": "Severn"})
    assert wrong.status_code == 422
    for name, value in (("day", "45"), ("month", "0x"), ("year", "20")):
        assert re.search(rf'name="employment-0-started_on-{name}"[^>]*value="{value}"', wrong.text), name
    assert 'href="#employment-0-started_on"' in wrong.text
    wrong = await post(council, f"{home}/questions", {"questions-Q4": "forty", "questions-Q2": "x" * 13})
    for target in ("questions-Q4", "questions-Q2", "questions-weekends"):
        assert f'href="#{target}"' in wrong.text
        assert f'id="{target}"' in wrong.text
    assert (await typed_of(council))["questions"] == {"Q4": "forty", "Q2": "x" * 13}


async def test_entries_are_added_and_taken_away_without_javascript(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    await begin_here(council, vacancy)
    url = f"/jobs/{vacancy['id']}/apply/education"
    more = await post(council, url, {"education-0-institution": "One", "education-0-qualification": "A", "add": "yes"})
    assert more.headers["location"] == f"{url}?more=true"
    page = await council.client.get(more.headers["location"])
    both = {f"education-{n}-institution": f"School {n}" for n in (0, 1)}
    both |= {f"education-{n}-qualification": "A" for n in (0, 1)}
    assert (await post(council, url, both, page)).status_code == 303
    assert [each["institution"] for each in (await typed_of(council))["education"]] == ["School 0", "School 1"]
    assert (await post(council, url, both | {"remove": "0"})).status_code == 303
    assert (await typed_of(council))["education"] == [{"institution": "School 1", "qualification": "A"}]


async def test_two_windows_of_one_step_lose_nothing_and_say_so(council: Ats) -> None:
    vacancy = await council.live()
    await begin_here(council, vacancy)
    url = f"/jobs/{vacancy['id']}/apply/statement"
    first, second = await council.client.get(url), await council.client.get(url)
    about = f"/jobs/{vacancy['id']}/apply/about_you"
    other_step = await council.client.get(about)
    assert (await post(council, url, {"supporting_statement": "Typed first"}, first)).status_code == 303
    clash = await post(council, url, {"supporting_statement": "Typed second"}, second)
    assert clash.status_code == 409
    assert "Typed first" in clash.text
    assert "Typed second" in clash.text
    assert (await typed_of(council))["supporting_statement"] == "Typed first"
    assert (await post(council, about, {"name": "Amara"}, other_step)).status_code == 303, "another step is no clash"
    assert (await post(council, url, {"supporting_statement": "Typed second"}, clash)).status_code == 303
    assert await typed_of(council) == {"name": "Amara", "supporting_statement": "Typed second"}


async def test_after_an_expired_session_the_form_shows_what_was_typed_and_a_new_link_leads_back_to_it(
    council: Ats,
) -> None:
    vacancy = await council.live()
    await begin_here(council, vacancy)
    url = f"/jobs/{vacancy['id']}/apply/statement"
    page = await council.client.get(url)
    async with council.region() as session:
        await session.execute(delete(link_sessions))
    late = await post(council, url, {"supporting_statement": "Two hours of words"}, page)
    assert late.status_code == 401
    assert "Two hours of words" in late.text
    assert 'href="/my-drafts"' in late.text
    assert await typed_of(council) == {}
    assert (await council.client.post("/my-drafts", data={"email": AMARA})).status_code == 200
    opened = await council.client.post(local((await links(council))[-1].link))
    assert opened.headers["location"] == f"/jobs/{vacancy['id']}/apply/check"
    again = await post(council, url, {"supporting_statement": "Two hours of words"}, late)
    assert again.status_code == 401
    assert "Two hours of words" in again.text
    assert (await post(council, url, {"supporting_statement": "Two hours of words"}, again)).status_code == 303
    assert await typed_of(council) == {"supporting_statement": "Two hours of words"}


async def test_another_sites_words_are_not_shown_under_our_button(council: Ats) -> None:
    vacancy = await council.live()
    await begin_here(council, vacancy)
    url = f"/jobs/{vacancy['id']}/apply/statement"
    forged = HTML | {"Sec-Fetch-Site": "cross-site"}
    answer = await council.client.post(url, data={"supporting_statement": "Send me money"}, headers=forged)
    assert answer.status_code == 403
    assert await typed_of(council) == {}
    begun = await council.client.post(f"/jobs/{vacancy['id']}/apply", data={"email": AMARA}, headers=forged)
    assert begun.status_code == 403


@pytest.mark.parametrize(("error", "status"), [(RuntimeError, 500), (PoolTimeout, 503)])
async def test_what_was_typed_outlives_a_mistake_of_ours_and_a_time_out(
    council: Ats, error: type[Exception], status: int
) -> None:
    vacancy = await council.live()
    await begin_here(council, vacancy)
    url = f"/jobs/{vacancy['id']}/apply/statement"
    page = await council.client.get(url)
    sessions, cookies = council.services.sessions[Service.ATS], dict(council.client.cookies)

    def away() -> Any:
        raise error

    council.services.sessions[Service.ATS] = away
    sent = {"seen": field(page, "seen"), "supporting_statement": "Words that took an evening"}
    async with council.services.client(Service.ATS) as client:
        client.cookies.update(cookies)
        answer = await client.post(url, data=sent | {"csrf_token": field(page, "csrf_token")}, headers=HTML)
    council.services.sessions[Service.ATS] = sessions
    assert answer.status_code == status
    assert field(answer, "supporting_statement") == "Words that took an evening"
    assert field(answer, "seen") == field(page, "seen")
    assert "csrf_token" not in answer.text


async def test_what_cannot_be_kept_is_named_and_the_rest_can_be_sent_again(council: Ats) -> None:
    vacancy = await council.live()
    await begin_here(council, vacancy)
    url = f"/jobs/{vacancy['id']}/apply/statement"
    refused = await post(council, url, {"supporting_statement": "Pasted\x0bfrom elsewhere"})
    assert refused.status_code == 422
    typed = field(refused, "supporting_statement")
    assert typed == "Pastedfrom elsewhere"


async def test_whoever_fills_in_what_people_do_not_see_is_sent_on_and_nothing_is_kept(council: Ats) -> None:
    vacancy = await council.live()
    person = await begin_here(council, vacancy)
    robot = await begin_here(council, vacancy, "robot@people.example", website="https://spam.example")
    assert (robot.status_code, robot.headers["location"]) == (person.status_code, person.headers["location"])
    cookies = [each.headers["set-cookie"].partition("=") for each in (person, robot)]
    assert cookies[0][0] == cookies[1][0] == link_cookie(Service.ATS)
    assert len(cookies[0][2]) == len(cookies[1][2])
    assert [each.email for each in await drafts(council)] == [AMARA]
    assert [each.email for each in await links(council)] == [AMARA]


async def test_drafts_are_begun_so_often_and_no_oftener(council: Ats) -> None:
    vacancy = await council.live()
    answers = [await begin_here(council, vacancy) for _ in range(8)]
    assert {each.status_code for each in answers} == {303, 429}
    assert f'value="{AMARA}"' in answers[-1].text
    council.services.parts.redis.empty()
    many = [await begin_here(council, vacancy, f"person{number}@people.example") for number in range(24)]
    assert {each.status_code for each in many} == {303, 429}


async def test_an_address_that_is_none_is_said_beside_the_field(council: Ats) -> None:
    vacancy = await council.live()
    for answer in (
        await begin_here(council, vacancy, "amara"),
        await council.client.post("/my-drafts", data={"email": "amara"}),
    ):
        assert answer.status_code == 422
        assert "Enter an e-mail address" in answer.text
        assert 'value="amara"' in answer.text


async def test_a_browser_that_began_here_does_not_reach_earlier_applications_and_a_mailed_link_does(
    council: Ats,
) -> None:
    sent = await send(council, await council.live(application_form=FORM), answered(email=AMARA))
    assert sent.status_code == 201
    vacancy = await council.live(title="Gardener")
    home = f"/jobs/{vacancy['id']}/apply"
    await begin_here(council, vacancy)
    assert (await council.client.get(f"{home}/former")).status_code == 403
    assert f"{home}/former" not in (await council.client.get(f"{home}/check")).text
    assert (await council.client.post(local((await links(council))[0].link))).status_code == 303
    page = await council.client.get(f"{home}/former")
    assert "Housing officer" in page.text
    filled = await post(council, f"{home}/former", {"application_id": sent.json()["id"]}, page)
    assert filled.headers["location"] == f"{home}/check"
    assert (await typed_of(council))["supporting_statement"] == "I like to help."


async def test_a_form_that_changed_meanwhile_is_looked_at_again_before_it_is_sent(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM | {"declarations": [], "questions": FORM["questions"][:2]})
    await begin_here(council, vacancy)
    home = f"/jobs/{vacancy['id']}/apply"
    await post(council, f"{home}/questions", STEPS["questions"])
    async with council.region() as session:
        changed = await session.get_one(Vacancy, UUID(vacancy["id"]))
        form = {"questions": [each for each in changed.application_form["questions"] if each["question_id"] == "Q2"]}
        changed.application_form, changed.form_version = form, 2
    await post(council, f"{home}/about_you", {"name": "Amara Osei"})
    first = await post(council, f"{home}/check", {})
    assert first.status_code == 409
    assert "The form has changed" in first.text
    assert (await typed_of(council))["questions"] == {"Q2": "A friend"}
    assert (await post(council, f"{home}/check", {}, first)).status_code == 303


async def test_after_the_deadline_nothing_is_sent_and_nothing_is_lost(council: Ats) -> None:
    await set_policy(council, draft_grace_minutes=5)
    vacancy = await council.live()
    await begin_here(council, vacancy)
    home = f"/jobs/{vacancy['id']}/apply"
    await post(council, f"{home}/about_you", {"name": "Amara Osei"})
    check = await council.client.get(f"{home}/check")
    council.services.clock.instant = datetime.fromisoformat(vacancy["closes_at"]) + timedelta(minutes=5)
    late = await post(council, f"{home}/check", {}, check)
    assert late.status_code == 409
    assert "The deadline has passed" in late.text
    assert "Amara Osei" in late.text
    council.services.clock.instant -= timedelta(seconds=1)
    assert (await post(council, f"{home}/check", {}, late)).status_code == 303


async def test_what_is_missing_is_said_at_the_end_and_its_step_is_one_click_away(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    await begin_here(council, vacancy)
    home = f"/jobs/{vacancy['id']}/apply"
    refused = await post(council, f"{home}/check", {})
    assert refused.status_code == 422
    for step in ("about_you", "essential_criteria", "referees", "declarations"):
        assert f'href="#step-{step}"' in refused.text
        assert f'href="{home}/{step}"' in refused.text
    assert await applications(council) == []


async def test_a_candidate_deletes_the_draft_or_makes_its_links_void(council: Ats) -> None:
    vacancy = await council.live()
    home = f"/jobs/{vacancy['id']}/apply"
    for verb, left in (("end-links", 1), ("delete", 0)):
        await begin_here(council, vacancy)
        assert f'href="{home}/{verb}"' in (await council.client.get(f"{home}/check")).text
        asked = await council.client.get(f"{home}/{verb}")
        assert "Are you sure" in asked.text
        assert len(await drafts(council)) == 1, "asking does nothing"
        ended = await post(council, f"{home}/{verb}", {}, asked)
        assert ended.status_code == 200, ended.text
        assert (await council.client.get(f"{home}/check", headers=HTML)).headers["location"] == "/my-drafts"
        if left:
            async with council.region() as session:
                await session.execute(text("DELETE FROM ats.application_drafts"))
    assert await drafts(council) == []


async def test_a_draft_of_one_job_is_not_shown_at_another(council: Ats) -> None:
    await begin_here(council, await council.live())
    other = await council.live(title="Gardener")
    answer = await council.client.get(f"/jobs/{other['id']}/apply/check")
    assert (answer.status_code, answer.json()["code"]) == (404, "draft_not_found")
    assert (await council.client.get(f"/jobs/{other['id']}/apply/shoe_size")).status_code == 404


async def test_a_draft_that_is_sent_says_so_to_whoever_comes_back(council: Ats) -> None:
    vacancy = await council.live()
    await begin(council, vacancy, email=AMARA)
    assert (await council.client.post(local((await links(council))[0].link))).status_code == 303
    home = f"/jobs/{vacancy['id']}/apply"
    check = await council.client.get(f"{home}/check")
    cookies = dict(council.client.cookies)
    assert (await post(council, f"{home}/check", {}, check)).status_code == 303
    council.client.cookies.clear()
    council.client.cookies.update(cookies)
    assert (await post(council, f"{home}/check", {}, check)).status_code == 303, "sent twice, it is one application"
    assert len(await applications(council)) == 1
    async with council.region() as session:
        assert len(await mailed(session, "ats.application_received.v1")) == 1
    council.client.cookies.clear()
    council.client.cookies.update(cookies)
    for place in ("check", "statement"):
        page = await council.client.get(f"{home}/{place}")
        assert "Your application is sent" in page.text
        assert READY["name"] not in page.text


@pytest.mark.parametrize("place", ["", "/about_you"])
async def test_an_advert_that_is_over_begins_no_draft(council: Ats, place: str) -> None:
    vacancy = await council.live()
    council.services.clock.instant = datetime.fromisoformat(vacancy["closes_at"])
    answer = await council.client.get(f"/jobs/{vacancy['id']}/apply{place}", headers=HTML)
    assert answer.status_code == (303 if place else 410)
