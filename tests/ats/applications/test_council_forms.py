"""A council asks what it needs to know, and only what answers its form is taken."""

from __future__ import annotations

import asyncio
import itertools
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError
from sqlalchemy import select

from services.ats.applications import form_rules
from services.ats.applications.employment_gaps import find_gaps
from services.ats.applications.form_schema import schema_of
from services.ats.applications.models import Application, CandidateContact
from services.ats.applications.schemas import ApplicationCreate
from services.ats.vacancies.application_form import ApplicationForm
from services.ats.vacancies.approved_content import content_hash, content_of
from services.ats.vacancies.models import VacancyForm
from shared import outbox
from shared.events.applications import ApplicationReceived, ApplicationRejected
from shared.vocabulary import Role, Scope, Service
from tests.factories.ats import Ats, application_body, make_vacancy

WEEKENDS: dict[str, Any] = {
    "question_id": "weekends",
    "label": "Can you work at weekends?",
    "kind": "yes_no",
    "is_required": True,
    "knock_out": {"answers": [False], "criterion_id": "E1"},
}
FORM: dict[str, Any] = {
    "phone": "required",
    "criteria": "required",
    "supporting_statement": "optional",
    "employment": "required",
    "education": "optional",
    "registrations": "required",
    "referees": 1,
    "declarations": [{"text": "What I say here is true."}],
    "questions": [
        WEEKENDS,
        {"label": "How did you hear of us?", "kind": "short_text", "max_length": 12},
        {"label": "What would you change first?", "kind": "long_text", "is_required": True},
        {"label": "Hours a week", "kind": "number", "minimum": 1, "maximum": 37},
        {"label": "When could you start?", "kind": "date"},
        {"label": "Which office?", "kind": "single_select", "options": [{"value": "north", "label": "North"}]},
        {
            "label": "Which languages?",
            "kind": "multi_select",
            "is_required": True,
            "options": [{"value": "pa", "label": "Punjabi"}, {"value": "ur", "label": "Urdu"}],
        },
    ],
}
JOB = {"employer": "Severn Housing", "job_title": "Adviser", "started_on": "2020-01-01", "ended_on": "2023-12-31"}
REFEREE = {
    "name": "Zephyrine Oakapple",
    "email": "zephyrine@severn.example",
    "organisation": "Severn Housing",
    "relationship": "Line manager",
}
REGISTRATION = {"body": "Social Work England", "number": "SW104233"}
GOOD_QUESTIONS = {"weekends": True, "Q3": "The waiting times", "Q7": ["ur"]}

# Of the factory's vacancy, as it was approved before a vacancy could have a form.
HASH_BEFORE_FORMS = "532da2847a1cf222becab9ae0d67d802d24fc82be8414ac8feb7cc058d80b9e3"


def answered(**changes: Any) -> dict[str, Any]:
    """An application that answers FORM."""
    return application_body(
        **{
            "phone": "0121 496 0000",
            "answers": [{"criterion_id": "E1", "answer": "Ten years"}, {"criterion_id": "E2", "answer": "Yes"}],
            "employment": [JOB],
            "registrations": [REGISTRATION],
            "referees": [REFEREE],
            "declarations": ["D1"],
            "questions": GOOD_QUESTIONS,
        }
        | changes
    )


async def send(council: Ats, vacancy: dict[str, Any], body: dict[str, Any]) -> Any:
    headers = council.headers(Scope.JOBS_APPLY, employers="region")
    return await council.client.post(f"/v1/jobs/{vacancy['id']}/applications", json=body, headers=headers)


async def policy(council: Ats, **changes: Any) -> Any:
    administrator = await council.staff(Role.COUNCIL_ADMIN)
    terms = {"rejects_knock_outs": True, "rejection_delay_minutes": 0}
    body = {"valid_from": council.now.date().isoformat()} | terms | changes
    headers = council.headers(Scope.APPLICATIONS_WRITE, on_behalf_of=administrator.id)
    return await council.client.put("/v1/employers/SAW/selection-policy", json=body, headers=headers)


async def read(council: Ats, application: dict[str, Any]) -> dict[str, Any]:
    headers = council.headers(Scope.APPLICATIONS_READ)
    return (await council.client.get(f"/v1/applications/{application['id']}", headers=headers)).json()


async def test_what_a_council_asks_is_described_to_every_front_end_but_not_what_rules_somebody_out(
    council: Ats,
) -> None:
    vacancy = await council.live(application_form=FORM)
    answer = await council.client.get(f"/v1/jobs/{vacancy['id']}/form")
    form = answer.json()
    assert form["form"] == "council-1"
    keys = [each["key"] for each in form["sections"]]
    assert keys == [
        *("about_you", "employment", "breaks", "education", "registrations", "essential_criteria", "statement"),
        *("questions", "referees", "declarations"),
    ]
    questions = {each["question_id"]: each for each in form["sections"][keys.index("questions")]["questions"]}
    assert (questions["Q4"]["minimum"], questions["Q4"]["maximum"]) == (1, 37)
    assert [each["value"] for each in questions["Q7"]["options"]] == ["pa", "ur"]
    assert "knock" not in answer.text
    page = await council.client.get(f"/jobs/{vacancy['id']}/form")
    assert "Can you work at weekends?" in page.text
    assert "knock" not in page.text


async def test_an_application_that_answers_the_form_is_kept_with_the_version_that_it_answered(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    form = (await council.client.get(f"/v1/jobs/{vacancy['id']}/form")).json()
    sent = await send(council, vacancy, answered(form_version=form["form_version"]))
    assert sent.status_code == 201, sent.text
    async with council.region() as session:
        kept = await session.scalar(select(Application).where(Application.vacancy_id == vacancy["id"]))
        assert kept is not None
        asked = await session.get(VacancyForm, (kept.vacancy_id, kept.form_version))
        assert asked is not None
    assert [each["label"] for each in asked.form["questions"]][:1] == ["Can you work at weekends?"]
    assert kept.form_answers["questions"] == GOOD_QUESTIONS
    shown = await council.client.get(
        f"/v1/applications/{kept.id}/form", headers=council.headers(Scope.APPLICATIONS_READ)
    )
    assert shown.json()["form_version"] == form["form_version"] == 1
    assert shown.json()["application_form"]["questions"][0]["knock_out"]["answers"] == [False]
    assert [each["criterion_id"] for each in shown.json()["essential"]] == ["E1", "E2"]
    theirs = council.headers(Scope.APPLICATIONS_READ, employers=("DUD",))
    assert (await council.client.get(f"/v1/applications/{kept.id}/form", headers=theirs)).status_code == 404
    assert [each["criterion_id"] for each in asked.essential] == ["E1", "E2"]


async def test_every_fault_is_named_at_once_with_its_field_and_nothing_is_kept(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    body = application_body(questions={"weekends": "perhaps", "Q4": 38, "Q99": 1}, education=[])
    refused = await send(council, vacancy, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "form_not_answered")
    assert {(each["field"], each["code"]) for each in refused.json()["errors"]} == {
        ("phone", "missing"),
        ("answers", "missing"),
        ("employment", "missing"),
        ("registrations", "missing"),
        ("referees", "too_few"),
        ("declarations", "missing"),
        ("questions", "unknown"),
        ("questions.weekends", "not_an_answer"),
        ("questions.Q3", "missing"),
        ("questions.Q4", "not_an_answer"),
        ("questions.Q7", "missing"),
    }
    async with council.region() as session:
        assert await session.scalar(select(Application)) is None


async def test_a_job_that_ends_before_it_begins_is_refused_by_its_field(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    refused = await send(council, vacancy, answered(employment=[JOB, JOB | {"ended_on": "2019-12-31"}]))
    assert refused.json()["field"] == "employment.1.ended_on"


async def test_the_form_that_everyone_has_takes_no_more_than_it_asks(council: Ats) -> None:
    vacancy = await council.live()
    assert (await send(council, vacancy, application_body())).status_code == 201
    refused = await send(council, vacancy, application_body(email="b@people.example", employment=[JOB]))
    assert [each["field"] for each in refused.json()["errors"]] == ["employment"]


async def test_who_answered_another_form_is_told_so(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    refused = await send(council, vacancy, answered(form_version=7))
    assert (refused.status_code, refused.json()["code"], refused.json()["form_version"]) == (409, "form_changed", 1)


async def test_a_draft_form_is_counted_on_and_a_live_one_is_locked(council: Ats) -> None:
    vacancy = await council.create(application_form=FORM)
    url, headers = f"/v1/vacancies/{vacancy['id']}", council.headers(Scope.VACANCIES_WRITE)
    changed = await council.client.patch(url, json={"application_form": {"referees": 2}}, headers=headers)
    assert (changed.json()["form_version"], changed.json()["application_form"]["referees"]) == (2, 2)
    live = await council.live(application_form=FORM)
    locked = await council.client.patch(
        f"/v1/vacancies/{live['id']}", json={"application_form": {"referees": 2}}, headers=headers
    )
    assert (locked.status_code, locked.json()["code"], locked.json()["field"]) == (
        409,
        "field_locked",
        "application_form",
    )


def test_what_was_approved_before_there_were_forms_is_approved_still() -> None:
    content = content_of(make_vacancy())
    assert content_hash(content) == HASH_BEFORE_FORMS
    assert content_hash(content | {"application_form": {"referees": 2}}) != HASH_BEFORE_FORMS


async def test_a_knock_out_answer_is_marked_for_the_panel_and_rejects_nobody_by_itself(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    sent = await send(council, vacancy, answered(questions=GOOD_QUESTIONS | {"weekends": False}))
    assert sent.json()["stage"] == "submitted"
    assert (await read(council, sent.json()))["knock_outs"] == ["weekends"]
    other = await send(council, vacancy, answered(email="b@people.example"))
    assert (await read(council, other.json()))["knock_outs"] == []
    assert await council.events(ApplicationRejected) == []


async def test_where_the_council_says_so_a_knock_out_answer_rejects_with_its_reason_and_tells_the_person(
    council: Ats,
) -> None:
    assert (await policy(council)).status_code == 200
    vacancy = await council.live(application_form=FORM)
    sent = await send(council, vacancy, answered(questions=GOOD_QUESTIONS | {"weekends": False}))
    shown = await read(council, sent.json())
    assert (shown["stage"], shown["rejection_reason"], shown["unmet_criteria"], shown["decided_by"]) == (
        *("rejected", "essential_not_met", ["E1"]),
        None,
    )
    told = [await council.events(kind) for kind in (ApplicationReceived, ApplicationRejected)]
    assert [[each["application_id"] for each in kind] for kind in told] == [[sent.json()["id"]]] * 2
    kept = await send(council, vacancy, answered(email="b@people.example"))
    assert kept.json()["stage"] == "submitted"


async def test_twenty_twins_with_a_knock_out_answer_make_one_application_one_mail_of_each_kind_and_one_rejection(
    live_council: Ats,
) -> None:
    assert (await policy(live_council)).status_code == 200
    vacancy = await live_council.live(application_form=FORM)
    body = answered(questions=GOOD_QUESTIONS | {"weekends": False})
    sent = await asyncio.gather(*(send(live_council, vacancy, body) for _ in range(20)))
    assert sorted(each.status_code for each in sent) == [201] + [409] * 19
    async with live_council.region() as session:
        assert len((await session.scalars(select(Application))).all()) == 1
        of_letters = select(outbox.events.c.name).join(outbox.outbox, outbox.outbox.c.event_id == outbox.events.c.id)
        letters = await session.scalars(of_letters.where(outbox.outbox.c.subscriber == Service.NOTIFICATIONS))
    mailed = [name for name in letters if name in {ApplicationReceived.name, ApplicationRejected.name}]
    assert sorted(mailed) == [ApplicationReceived.name, ApplicationRejected.name]
    for kind in (ApplicationReceived, ApplicationRejected):
        assert len(await live_council.events(kind)) == 1


@pytest.mark.parametrize(("seconds", "status"), [(-1, 201), (0, 409), (1, 409)])
async def test_the_deadline_is_by_the_servers_time_to_the_second(council: Ats, seconds: int, status: int) -> None:
    vacancy = await council.live(application_form=FORM, closes_at="2026-11-20T17:00")
    closing = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
    council.services.clock.instant = closing + timedelta(seconds=seconds)
    assert (await send(council, vacancy, answered())).status_code == status


async def test_a_claim_to_an_interview_keeps_an_answer_that_rules_out_for_people_to_decide_on(council: Ats) -> None:
    assert (await policy(council, guaranteed_interviews=["armed_forces"])).status_code == 200
    vacancy = await council.live(application_form=FORM)
    form = (await council.client.get(f"/v1/jobs/{vacancy['id']}/form")).json()
    offered = next(each for each in form["sections"] if each["key"] == "guaranteed_interview")["questions"][0]
    assert [each["value"] for each in offered["options"]] == ["armed_forces"]
    body = answered(questions=GOOD_QUESTIONS | {"weekends": False}, guaranteed_interview="armed_forces")
    sent = await send(council, vacancy, body)
    shown = await read(council, sent.json())
    assert (shown["stage"], shown["knock_outs"]) == ("submitted", ["weekends"])


async def test_what_a_knock_out_answer_rejects_is_told_after_the_employers_delay(council: Ats) -> None:
    await policy(council, rejection_delay_minutes=60)
    vacancy = await council.live(application_form=FORM)
    sent = await send(council, vacancy, answered(questions=GOOD_QUESTIONS | {"weekends": False}))
    assert (await read(council, sent.json()))["stage"] == "rejected"
    assert not await council.events(ApplicationRejected)


async def test_referees_and_registration_numbers_are_hidden_with_the_person(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    person = await council.staff(Role.HIRING_MANAGER)
    sent = (await send(council, vacancy, answered())).json()
    headers = council.headers(Scope.APPLICATIONS_READ)
    for url in (f"/v1/applications/{sent['id']}", "/v1/applications"):
        hidden = (await council.client.get(url, headers=headers)).text.lower()
        assert "oakapple" not in hidden
        assert "sw104233" not in hidden
    await council.decide(f"/v1/applications/{sent['id']}/shortlist", person)
    shown = await read(council, sent)
    assert [each["name"] for each in shown["referees"]] == ["Zephyrine Oakapple"]
    assert [each["number"] for each in shown["registrations"]] == ["SW104233"]
    async with council.region() as session:
        kept = await session.get(CandidateContact, sent["id"])
        assert kept is not None
        assert kept.details["referees"][0]["email"] == "zephyrine@severn.example"


async def test_gaps_in_an_employment_history_are_shown_to_the_panel(council: Ats) -> None:
    vacancy = await council.live(application_form=FORM)
    sent = await send(council, vacancy, answered())
    (gap,) = (await read(council, sent.json()))["employment_gaps"]
    assert (gap["starts_on"], gap["ends_on"]) == ("2024-01-01", council.now.date().isoformat())


TODAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("jobs", "breaks", "expected"),
    [
        ([], [], []),
        ([("2020-01-01", None)], [], []),
        ([("2020-01-01", "2020-06-30"), ("2020-09-30", None)], [], []),  # 91 days
        ([("2020-01-01", "2020-06-30"), ("2020-10-01", None)], [], []),  # 92 days
        ([("2020-01-01", "2020-06-30"), ("2020-10-02", None)], [], [("2020-07-01", 93)]),
        ([("2020-01-01", "2020-06-30"), ("2021-01-01", None)], [("2020-07-01", "2020-12-31")], []),
        ([("2020-01-01", "2025-12-31"), ("2021-01-01", "2021-02-01"), ("2026-01-01", None)], [], []),
        ([("2020-01-01", "2025-12-31")], [("2026-01-01", None)], []),
        ([("2020-01-01", "2025-12-31")], [], [("2026-01-01", 320)]),
        ([("2027-01-01", None)], [], []),
    ],
)
def test_a_gap_is_more_than_three_months_that_neither_a_job_nor_a_break_covers(
    jobs: list[tuple[str, str | None]], breaks: list[tuple[str, str | None]], expected: list[tuple[str, int]]
) -> None:
    told = {
        name: [dict(zip(("started_on", "ended_on"), each, strict=True)) for each in every]
        for name, every in (("employment", jobs), ("breaks", breaks))
    }
    for order in itertools.permutations(told["employment"]):
        found = find_gaps(told | {"employment": [*order]}, today=TODAY)
        assert [(each.starts_on.isoformat(), each.days) for each in found] == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"knock_out": {"answers": [True, False], "criterion_id": "E1"}},
        {"knock_out": {"answers": ["no"], "criterion_id": "E1"}},
        {"knock_out": {"answers": [False]}},
        {"is_required": False},
        {"kind": "short_text"},
        {"options": [{"value": "a", "label": "A"}]},
        {"max_length": 10},
        {"minimum": 1},
        {"kind": "file"},
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_the_vacancy(wrong: dict[str, Any]) -> None:
    ApplicationForm.model_validate({"questions": [WEEKENDS]})
    with pytest.raises(ValidationError):
        ApplicationForm.model_validate({"questions": [WEEKENDS | wrong]})


async def test_a_knock_out_names_a_criterion_of_its_vacancy(council: Ats) -> None:
    wrong = WEEKENDS | {"knock_out": {"answers": [False], "criterion_id": "E9"}}
    body = {"application_form": {"questions": [wrong]}}
    vacancy = await council.create()
    headers = council.headers(Scope.VACANCIES_WRITE)
    refused = await council.client.patch(f"/v1/vacancies/{vacancy['id']}", json=body, headers=headers)
    assert (refused.status_code, "E9" in refused.text) == (422, True)


# What somebody may send for one member of the body: things that are right for some forms and wrong for others.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=14) | st.sampled_from(["", " "])
DAYS = st.sampled_from(["2024-02-29", "2023-02-29", "2024-1-1", "1850-01-01", "2020-01-01T00:00:00", "", 20200101])
ANYTHING = st.one_of(
    TEXT, DAYS, st.booleans(), st.none(), st.integers(-40, 40), st.floats(allow_nan=False), st.lists(TEXT, max_size=2)
)
CHOICES = st.lists(st.sampled_from(["pa", "ur", "fr", "north"]), max_size=3)
KEYS = st.sampled_from(["weekends", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q9", " Q2"])
ANSWERS = st.lists(
    st.fixed_dictionaries({"criterion_id": st.sampled_from(["E1", "E2", "E9"]), "answer": st.sampled_from(["x", " "])}),
    max_size=3,
)
DATED = {"started_on": st.just("2020-01-01") | DAYS, "ended_on": st.just("2024-02-29") | st.none()}
JOBS = st.fixed_dictionaries({"employer": TEXT, "job_title": st.just("Adviser") | ANYTHING} | DATED)
PEOPLE = st.fixed_dictionaries(
    {"name": st.just("Ann") | TEXT, "email": st.sampled_from(["a@severn.example", "nobody"])}
    | {"organisation": st.just("Severn"), "relationship": st.just("Manager") | TEXT}
)
MEMBERS: dict[str, Any] = {
    "phone": st.sampled_from(["0121 496 0000", "x", None]),
    "supporting_statement": st.sampled_from(["", " ", "I like to help"]),
    "answers": ANSWERS,
    "employment": st.lists(JOBS, max_size=2) | ANYTHING,
    "breaks": st.lists(st.fixed_dictionaries({"reason": st.just("Caring")} | DATED), max_size=1),
    "education": st.lists(st.fixed_dictionaries({"institution": TEXT, "qualification": TEXT}), max_size=1),
    "registrations": st.lists(st.fixed_dictionaries({"body": TEXT, "number": TEXT}), max_size=1),
    "referees": st.lists(PEOPLE, max_size=2),
    "declarations": st.lists(st.sampled_from(["D1", "D2", " D1"]), max_size=2),
    "questions": st.dictionaries(KEYS, ANYTHING | CHOICES, max_size=7),
    "form_version": st.sampled_from([1, 2, None, "1", True]),
    "shoe_size": st.just(40),
}
CHANGES = st.lists(st.sampled_from(sorted(MEMBERS)), max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: MEMBERS[name] for name in names})
)
EDGES = st.sampled_from(
    ["", " ", "x" * 12, "x" * 13, "x" * 10_001, 0, 1, 37, 37.5, True, [], ["ur", "ur"], ["fr"], "north"]
)
DOCUMENT = "71612945-eba3-44f1-971b-6ad31ed63a9e"
NAMED = st.sampled_from(
    [DOCUMENT, DOCUMENT.upper(), DOCUMENT.replace("-", ""), f"{DOCUMENT}\n", {}, {"name": DOCUMENT}]
    + [{"text": each} for each in ("my work", "x" * 13, " ", 5)]
    + [{"document_id": each} for each in (DOCUMENT, "x", None)]
    + [{"document_id": DOCUMENT, "text": "my work"}]
)
ONE_ANSWER = st.dictionaries(KEYS, EDGES | NAMED | DAYS | ANYTHING | CHOICES, min_size=1, max_size=1).map(
    lambda changed: {"questions": GOOD_QUESTIONS | changed}
)
ONLY_FILES = st.dictionaries(st.sampled_from(["Q2", "Q3"]), NAMED, max_size=2).map(lambda given: {"questions": given})
LEFT_OUT = st.just([]) | st.lists(st.sampled_from(sorted(MEMBERS)), max_size=2, unique=True)
FILES = {
    "questions": [
        {"question_id": "Q2", "label": "Your certificate", "kind": "file"},
        {"question_id": "Q3", "label": "A piece of work", "kind": "file_or_text", "max_length": 12},
    ]
}
FORMS = st.sampled_from([FORM, FILES, {}, {"referees": 2, "criteria": "not_asked"}, {"questions": FORM["questions"]}])


def is_taken(form: ApplicationForm, body: dict[str, Any]) -> bool:
    """By the checks of the route, without its database."""
    try:
        wanted = ApplicationCreate.model_validate_json(json.dumps(body))
    except ValidationError:
        return False
    known = {"E1", "E2"}
    try:
        form_rules.refuse_other_version(wanted.form_version, 1)
        form_rules.refuse_unanswered(form, [{"criterion_id": each} for each in sorted(known)], wanted)
    except (form_rules.FormNotAnswered, form_rules.FormChanged):
        return False
    return {each.criterion_id for each in wanted.answers} <= known


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(form=FORMS, changes=CHANGES | ONE_ANSWER | ONLY_FILES, left_out=LEFT_OUT)
def test_what_the_schema_takes_is_what_the_server_takes_for_whatever_form(
    form: dict[str, Any], changes: dict[str, Any], left_out: list[str]
) -> None:
    asked = ApplicationForm.model_validate(form)
    schema = Draft202012Validator(schema_of(asked, ["E1", "E2"], 1), format_checker=FormatChecker())
    body = {name: value for name, value in (answered() | changes).items() if name not in left_out}
    if not form or "referees" not in form:
        for name in ("employment", "registrations", "referees", "declarations"):
            body.setdefault(name, [])
    assert schema.is_valid(body) == is_taken(asked, body)


def test_the_answers_that_are_compared_are_of_both_kinds() -> None:
    asked = ApplicationForm.model_validate(FORM)
    schema = Draft202012Validator(schema_of(asked, ["E1", "E2"], 1), format_checker=FormatChecker())
    Draft202012Validator.check_schema(schema_of(asked, ["E1", "E2"], 1))
    assert schema.is_valid(answered())
    assert is_taken(asked, answered())
    assert not schema.is_valid(answered(declarations=[]))
    assert not is_taken(asked, answered(declarations=[]))
