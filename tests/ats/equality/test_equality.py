"""Answering, taking back, and the figures that a quarter leaves behind."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from services.ats.equality.keeping import key_of, unseal
from services.ats.equality.models import EqualityAnswer, EqualityHeldCounts, EqualityRelease, EqualityTable
from services.ats.equality.questions import CONSENT_VERSION, QUESTIONS
from services.ats.equality.releasing import release_next
from services.ats.equality.report import COLUMNS
from services.ats.equality.schemas import NOTHING_SAID
from services.ats.vacancy_uploads.sheets import as_csv
from services.ats.worker import BACKGROUND, release_figures
from shared.links import issue_link, open_link
from shared.vocabulary import Role, Scope, Service
from tests.factories.ats import Ats

OWN = "/v1/my-application/equality-answers"
HALF_A_YEAR_LATER = timedelta(days=183 + 46)


async def by_link(council: Ats, candidate: dict[str, Any]) -> dict[str, str]:
    """The headers of a candidate who opened their link."""
    async with council.region() as session:
        token = await issue_link(
            session,
            purpose="candidate",
            subject_id=candidate["id"],
            employer_id=None,
            expires_at=council.now + timedelta(days=400),
        )
        opened = await open_link(session, token, now=council.now)
    return {"Authorization": f"Bearer {opened.token}"}


def answers(**changes: str) -> dict[str, Any]:
    return {"consent_version": CONSENT_VERSION, "answers": NOTHING_SAID | changes}


async def answer(council: Ats, candidate: dict[str, Any], **changes: str) -> dict[str, str]:
    headers = await by_link(council, candidate)
    sent = await council.client.put(OWN, json=answers(**changes), headers=headers)
    assert (sent.status_code, sent.text) == (204, "")
    return headers


async def kept(council: Ats) -> list[tuple[bytes, bytes]]:
    async with council.region() as session:
        return [(row.key, row.sealed) for row in await session.scalars(select(EqualityAnswer))]


async def release(council: Ats) -> int:
    """As the worker's background task does, until nothing is left to release."""
    number = 0
    while await release_next(council.services.sessions[Service.ATS], now=council.now):
        number += 1
    return number


async def test_the_questions_are_read_by_any_front_end_with_their_schema_and_the_words_of_consent(council: Ats) -> None:
    shown = (await council.client.get("/v1/equality-questions")).json()
    assert [each["id"] for each in shown["questions"]] == list(QUESTIONS)
    assert all(each["options"][-1]["code"] == "prefer_not_to_say" for each in shown["questions"])
    assert shown["consent_version"] == CONSENT_VERSION
    assert shown["answers_schema"]["additionalProperties"] is False


async def test_answers_are_kept_sealed_under_a_key_that_is_another_for_each_application(council: Ats) -> None:
    vacancy = await council.live()
    first, second = [await council.apply(vacancy) for _ in range(2)]
    for each in (first, second):
        await answer(council, each, sex="female", ethnic_group="roma")
    rows = await kept(council)
    assert {key for key, _ in rows} == {key_of(_id(vacancy), _id(each)) for each in (first, second)}
    assert len({sealed for _, sealed in rows}) == 2, "the same answers look different"
    assert len({len(sealed) for _, sealed in rows}) == 1, "and are as long as any others"
    key, sealed = rows[0]
    assert unseal(sealed, key=key)["ethnic_group"] == "roma"
    assert list(EqualityAnswer.__table__.columns.keys()) == ["sealed", "key"]


async def test_a_candidate_answers_again_and_takes_back_and_nobody_reads_what_was_said(council: Ats) -> None:
    candidate = await council.apply(await council.live())
    headers = await by_link(council, candidate)
    assert (await council.client.get(OWN, headers=headers)).json() == {"is_answered": False, "is_counted": False}
    for sex in ("female", "male"):
        await council.client.put(OWN, json=answers(sex=sex), headers=headers)
    [(key, sealed)] = await kept(council)
    assert unseal(sealed, key=key)["sex"] == "male"
    assert (await council.client.get(OWN, headers=headers)).json() == {"is_answered": True, "is_counted": False}
    for _ in range(2):
        assert (await council.client.delete(OWN, headers=headers)).status_code == 204
    assert await kept(council) == []


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (answers(sex="something of my own"), "equality_answers_not_complete", "answers.sex"),
        ({"consent_version": CONSENT_VERSION, "answers": {}}, "equality_answers_not_complete", "answers.age_band"),
        (answers() | {"consent_version": "2020-01"}, "equality_consent_not_given", "consent_version"),
    ],
)
async def test_answers_without_consent_or_without_an_option_are_refused_and_not_repeated(
    council: Ats, body: dict[str, Any], code: str, field: str
) -> None:
    headers = await by_link(council, await council.apply(await council.live()))
    refused = await council.client.put(OWN, json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (422, code, field)
    assert "something of my own" not in refused.text
    assert await kept(council) == []


async def test_a_candidate_answers_on_a_page_without_script(council: Ats) -> None:
    headers = await by_link(council, await council.apply(await council.live()))
    page = "/my-application/equality"
    shown = await council.client.get(page, headers=headers)
    assert shown.status_code == 200
    assert all(each.text in shown.text for each in QUESTIONS.values())
    wrong = await council.client.post(page, data=NOTHING_SAID | {"sex": ""}, headers=headers)
    assert wrong.status_code == 422
    assert "Sex: choose an answer" in wrong.text
    assert "Agree to how your answers are kept" in wrong.text
    assert await kept(council) == []
    sent = await council.client.post(page, data=NOTHING_SAID | {"consent": CONSENT_VERSION}, headers=headers)
    assert sent.status_code == 303
    assert len(await kept(council)) == 1
    assert "You have answered" in (await council.client.get(page, headers=headers)).text
    asked = await council.client.get(f"{page}/take-back", headers=headers)
    assert "Are you sure that you want to take your answers back?" in asked.text
    assert len(await kept(council)) == 1, "asking does nothing"
    assert (await council.client.post(f"{page}/take-back", headers=headers)).status_code == 303
    assert await kept(council) == []
    assert page in (await council.client.get("/my-application", headers=headers)).text


async def cohort(council: Ats) -> dict[str, Any]:
    """Twelve women, of whom one is shortlisted, and three men, at one council; one who did not answer."""
    vacancy = await council.live()
    person = await council.staff(Role.HIRING_MANAGER)
    [first] = await council.at_interview(vacancy, person)
    others = [await council.apply(vacancy) for _ in range(15)]
    for number, each in enumerate([first, *others][:15]):
        await answer(council, each, sex="female" if number < 12 else "male")
    return vacancy


async def test_a_quarter_is_released_once_half_a_year_later_and_the_answers_are_gone(council: Ats) -> None:
    assert release_figures in BACKGROUND
    await cohort(council)
    assert await release(council) == 0
    council.services.clock.advance(HALF_A_YEAR_LATER)
    assert await release(council) == 1
    assert await kept(council) == []
    report = await figures(council, employer="SAW")
    assert (report["period"], report["threshold"]) == ("2026-Q4", 10)
    shown = {each["code"]: each["stages"] for each in characteristic(report, "sex")["groups"]}
    assert shown["everyone"][0] == {"stage": "applied", "people": 15, "rate": "1.0000"}, "who answered, not who applied"
    assert [each["people"] for each in shown["male"][:2]] == [None, None]
    assert shown["female"][0]["people"] is None, "fifteen less twelve would be the three men"
    assert shown["everyone"][1] == {"stage": "shortlisted", "people": None, "rate": None}
    before = await tables(council)
    assert await release(council) == 0
    assert await tables(council) == before, "what is out is never changed"


async def test_nothing_is_taken_for_a_quarter_that_was_counted(council: Ats) -> None:
    candidate = await council.apply(await council.live())
    council.services.clock.advance(HALF_A_YEAR_LATER)
    headers = await by_link(council, candidate)
    refused = await council.client.put(OWN, json=answers(), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "equality_counted_already")
    assert (await council.client.get(OWN, headers=headers)).json() == {"is_answered": False, "is_counted": True}


async def test_the_quarters_are_released_in_order_also_those_without_answers(council: Ats) -> None:
    await council.apply(await council.live())
    council.services.clock.advance(HALF_A_YEAR_LATER + timedelta(days=92))
    assert await release(council) == 2
    async with council.region() as session:
        assert (await session.scalars(select(EqualityRelease.period).order_by("period"))).all() == [
            "2026-Q4",
            "2027-Q1",
        ]
        assert await session.scalar(select(func.count()).select_from(EqualityTable)) == 0


async def held(council: Ats) -> list[EqualityHeldCounts]:
    async with council.region() as session:
        return list(await session.scalars(select(EqualityHeldCounts)))


async def test_a_year_is_out_with_its_last_quarter_and_the_counts_that_were_held_for_it_are_gone(council: Ats) -> None:
    await cohort(council)
    council.services.clock.advance(HALF_A_YEAR_LATER)
    await release(council)
    [row] = await held(council)
    assert (row.quarter, len(row.sealed)) == ("2026-Q4", 65536 + 28), "sealed, and as long as any other"
    assert b"female" not in row.sealed
    url = "/v1/reports/equality"
    headers = council.headers(Scope.EQUALITY_READ)
    assert (await council.client.get(url, params={"period": "2026-27"}, headers=headers)).status_code == 404
    council.services.clock.advance(timedelta(days=92))
    assert await release(council) == 2, "the quarter from January to March, and the year"
    year = await figures(council, employer="SAW", period="2026-27")
    quarter = await figures(council, employer="SAW", period="2026-Q4")
    assert year["characteristics"] == quarter["characteristics"], "nobody applied in the other quarters"
    assert await held(council) == []
    page = await council.client.get("/equality?period=2026-27", headers=headers)
    assert "who applied in April 2026 to March 2027" in page.text


async def test_a_year_of_which_a_quarter_was_released_before_counts_were_held_has_no_tables(council: Ats) -> None:
    await cohort(council)
    council.services.clock.advance(HALF_A_YEAR_LATER)
    await release(council)
    async with council.region() as session:
        session.add(
            EqualityTable(
                period="2026-Q3",
                employer_id=None,
                family=None,
                characteristic="sex",
                threshold=10,
                released_on=date(2027, 4, 1),
                people={},
            )
        )
    council.services.clock.advance(timedelta(days=92))
    await release(council)
    headers = council.headers(Scope.EQUALITY_READ)
    refused = await council.client.get("/v1/reports/equality", params={"period": "2026-27"}, headers=headers)
    assert refused.status_code == 404
    assert await held(council) == []


async def test_figures_are_for_those_who_answer_for_fairness_and_of_one_employer_for_its_own(council: Ats) -> None:
    await cohort(council)
    council.services.clock.advance(HALF_A_YEAR_LATER)
    await release(council)
    url = "/v1/reports/equality"
    other = council.headers(Scope.EQUALITY_READ, employers=("DUD",))
    refused = await council.client.get(url, params={"employer": "SAW"}, headers=other)
    assert (refused.status_code, refused.json()["code"]) == (404, "equality_figures_not_released")
    assert (await council.client.get(url, headers=other)).status_code == 200, "the region's are for all of them"
    without = council.headers(Scope.REPORTS_READ)
    assert (await council.client.get(url, headers=without)).status_code == 403
    both = {"employer": "SAW", "family": "housing_homelessness"}
    crossed = await council.client.get(url, params=both, headers=council.headers(Scope.EQUALITY_READ))
    assert crossed.status_code == 422


async def test_each_cell_of_the_sheet_is_that_of_the_report_and_says_what_is_hidden(council: Ats) -> None:
    await cohort(council)
    council.services.clock.advance(HALF_A_YEAR_LATER)
    await release(council)
    headers = council.headers(Scope.EQUALITY_READ)
    got = await council.client.get("/v1/reports/equality.csv", params={"employer": "SAW"}, headers=headers)
    assert got.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(got.text)))
    start = lines.index(list(COLUMNS))
    assert ["About", "Sandwell Metropolitan Borough Council"] in lines[:start]
    report = await figures(council, employer="SAW")
    expected = [
        [
            each["title"],
            group["label"],
            stage["stage"],
            "[c]" if stage["people"] is None else str(stage["people"]),
            stage["rate"] or "[z]",
            *verdict_cells(each, group["code"], stage["stage"]),
        ]
        for each in report["characteristics"]
        for group in each["groups"]
        for stage in group["stages"]
    ]
    assert lines[start + 1 :] == expected


async def test_a_sheet_runs_no_formula_of_an_employer_s_name(council: Ats) -> None:
    await cohort(council)
    council.services.clock.advance(HALF_A_YEAR_LATER)
    await release(council)
    async with council.region() as session:
        await session.execute(text("UPDATE ats.employers SET title = '=1+1' WHERE code = 'SAW'"))
    headers = council.headers(Scope.EQUALITY_READ)
    got = await council.client.get("/v1/reports/equality.csv", params={"employer": "SAW"}, headers=headers)
    assert as_csv(("About", "'=1+1"), []) in got.text


async def test_the_page_shows_the_figures_with_a_chart_that_is_drawn_here(council: Ats) -> None:
    await cohort(council)
    council.services.clock.advance(HALF_A_YEAR_LATER)
    headers = council.headers(Scope.EQUALITY_READ)
    empty = await council.client.get("/equality", headers=headers)
    assert "There are no such figures" in empty.text
    await release(council)
    page = await council.client.get("/equality?about=SAW&characteristic=disability", headers=headers)
    assert page.status_code == 200
    for words in ("Disability: who applied in 2026-Q4", "Hidden", "/equality/chart/svg?", "equality.csv?period"):
        assert words in page.text, words
    for drawing in ("chart", "ratios"):
        for kind, starts in (("svg", b"<svg"), ("png", b"\x89PNG")):
            url = f"/equality/{drawing}/{kind}?about=SAW&characteristic=disability"
            chart = await council.client.get(url, headers=headers)
            assert chart.status_code == 200
            assert chart.content.startswith(starts)
    assert (await council.client.get("/equality?period=never", headers=headers)).status_code == 200


async def figures(council: Ats, **wanted: str) -> dict[str, Any]:
    got = await council.client.get("/v1/reports/equality", params=wanted, headers=council.headers(Scope.EQUALITY_READ))
    assert got.status_code == 200, got.text
    return got.json()


def characteristic(report: dict[str, Any], wanted: str) -> dict[str, Any]:
    return next(each for each in report["characteristics"] if each["id"] == wanted)


def verdict_cells(figures: dict[str, Any], group: str, stage: str) -> list[str]:
    for each in figures["fairness"]:
        for compared in each["groups"]:
            if (each["stage"], compared["code"]) == (stage, group):
                return [*(compared[name] or "[z]" for name in ("rate", "ratio", "p_value")), compared["verdict"]]
    return ["[z]"] * 4


async def tables(council: Ats) -> list[Any]:
    async with council.region() as session:
        return [
            (each.id, each.people) for each in await session.scalars(select(EqualityTable).order_by(EqualityTable.id))
        ]


def _id(row: dict[str, Any]) -> UUID:
    return UUID(row["id"])
