"""What an application takes is described as the application itself is checked."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from shared.vocabulary import Scope
from tests.factories.ats import Ats, application_body


async def form_of(council: Ats, **changes: Any) -> dict[str, Any]:
    vacancy = await council.live(**changes)
    answer = await council.client.get(f"/v1/jobs/{vacancy['id']}/form")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_form_names_each_section_and_each_criterion(council: Ats) -> None:
    form = await form_of(council)
    assert [each["key"] for each in form["sections"]] == ["about_you", "essential_criteria", "statement"]
    about = {each["field"]: each["is_required"] for each in form["sections"][0]["questions"]}
    assert about == {"name": True, "email": True, "phone": False}
    asked = [(each["criterion_id"], each["label"]) for each in form["sections"][1]["questions"]]
    assert asked == [("E1", "A year advising people"), ("E2", "Housing advice")]


async def test_what_the_schema_takes_is_what_the_route_takes(council: Ats) -> None:
    form = await form_of(council)
    schema = Draft202012Validator(form["json_schema"])
    headers = council.headers(Scope.JOBS_APPLY)
    answer_to = [{"criterion_id": "E9", "answer": "Ten years"}]
    for body, taken in (
        (application_body(), True),
        (application_body(email="b@people.example", answers=[]), True),
        (application_body(email="c@people.example", answers=answer_to), False),
        ({"name": "Amara Osei"}, False),
        (application_body(email="d@people.example", shoe_size=40), False),
    ):
        sent = await council.client.post(form["submit_to"], json=body, headers=headers)
        assert (schema.is_valid(body), sent.status_code == 201) == (taken, taken), sent.text


async def test_a_hosted_advert_leads_to_its_form_wherever_it_is_shown(council: Ats) -> None:
    form = await form_of(council)
    job_id = form["job_id"]
    (found,) = (await council.client.get("/v1/jobs")).json()["items"]
    read = (await council.client.get(f"/v1/jobs/{job_id}")).json()
    assert found["apply_url"] == read["apply_url"] == form["apply_url"]
    assert form["apply_url"].endswith(f"/v1/jobs/{job_id}/form")
    assert read["job_posting"]["potentialAction"] == {"@type": "ApplyAction", "target": form["apply_url"]}
    feed = (await council.client.get("/v1/feeds/jobs.json")).json()
    assert feed["dataFeedElement"][0]["potentialAction"]["target"] == form["apply_url"]
    assert f'href="/jobs/{job_id}/form"' in (await council.client.get(f"/jobs/{job_id}")).text
    page = await council.client.get(f"/jobs/{job_id}/form")
    assert "A year advising people" in page.text


async def test_an_employers_own_address_goes_before_the_form(council: Ats) -> None:
    form = await form_of(council, apply={"method": "url", "url": "https://jobs.council.example/7"})
    assert (form["apply_method"], form["apply_url"]) == ("url", "https://jobs.council.example/7")
    assert (form["submit_to"], form["sections"], form["json_schema"]) == (None, [], None)
    (found,) = (await council.client.get("/v1/jobs")).json()["items"]
    assert found["apply_url"] == "https://jobs.council.example/7"


async def test_an_advert_that_is_over_has_no_form(council: Ats) -> None:
    vacancy = await council.live()
    council.services.clock.instant = council.now.replace(year=2028)
    assert (await council.client.get(f"/v1/jobs/{vacancy['id']}/form")).status_code == 410
