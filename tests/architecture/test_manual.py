"""OpenAPI as the manual: complete, valid, and true about who may call what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pydantic import TypeAdapter

from shared.app import region_session, request_session
from shared.permissions import IN_WORDS
from shared.problems import NEXT_STEPS, Problem
from shared.vocabulary import Service
from tests.architecture.walk import Walked, walk
from tests.conftest import BUILDERS

# POSTs that are not replayed, and why.
WITHOUT_KEY: Mapping[str, str] = {
    "advise_on_draft": "it stores nothing",
    "try_polled_feed": "it stores nothing",
    "issue_token": "answers with a secret",
    "create_link_session": "answers with a secret",
    "create_api_client": "answers with a secret",
    "rotate_client_secret": "answers with a secret",
    "create_staff": "an address has one account: a second is a 409",
    "invite_staff": "the last invitation alone counts",
    "create_webhook": "answers with a secret",
    "rotate_webhook_secret": "answers with a secret",
    "verify_webhook": "asks the receiver anew",
    "fetch_own_export": "what it answers with is deleted by it, and kept nowhere",
    "move_clock": "embedded mode only",
    "send_monthly_return": "a body that streams by is not kept: the same return again changes nothing",
    "bulk_upsert_vacancies": "a body that streams by is not kept: its upload_id makes sending it again harmless",
}
PROBES = {"/healthz", "/readyz", "/metrics"}
CHECKED_AS_A_WHOLE = {"VacancyChange"}
BESIDE_V1 = {"/oauth/token", "/.well-known/jwks.json", "/healthz", "/readyz", "/metrics"}


@dataclass(frozen=True)
class Manual:
    document: dict[str, Any]
    routes: tuple[Walked, ...]

    def operation(self, route: Walked) -> dict[str, Any]:
        return self.document["paths"][route.path][route.method.lower()]


@pytest.fixture(scope="module", params=list(Service))
def manual(request: pytest.FixtureRequest, parts: Any) -> Manual:
    app = BUILDERS[request.param](parts.settings(request.param))
    routes = tuple(route for route in walk(app, request.param) if not route.is_page)
    assert len(routes) > 10
    return Manual(app.openapi(), routes)


def test_every_operation_says_who_may_call_it(manual: Manual) -> None:
    for route in manual.routes:
        operation = manual.operation(route)
        named = {scope for way in operation["security"] for scopes in way.values() for scope in scopes}
        assert named == {scope.value for scope in route.permission.scopes}, route.path
        assert ({} in operation["security"]) == route.permission.is_public, route.path
        headers = {each["name"] for each in operation.get("parameters", ())}
        assert ("On-Behalf-Of" in headers) == bool(route.permission.deciders), route.path


def test_every_operation_says_whether_a_browser_may_call_it(manual: Manual) -> None:
    """By the rule that is enforced, so that no route can say one thing and do another."""
    for route in manual.routes:
        operation = manual.operation(route)
        called_from = route.permission.called_from
        assert operation["x-browser-safe"] is called_from.is_browser_safe, route.path
        assert operation["description"].count(IN_WORDS[called_from]) == 1, route.path
        takes_secret = bool(route.permission.scopes) and not route.permission.purposes
        assert not (takes_secret and operation["x-browser-safe"]), route.path
    if any(route.path == "/oauth/token" for route in manual.routes):
        assert manual.document["paths"]["/oauth/token"]["post"]["x-browser-safe"] is False
        assert manual.document["paths"]["/v1/jobs"]["get"]["x-browser-safe"] is True


def test_every_operation_has_a_summary_and_an_id_of_its_own(manual: Manual) -> None:
    operations = [manual.operation(route) for route in manual.routes]
    assert all(operation["summary"] for operation in operations)
    ids = [operation["operationId"] for operation in operations]
    assert sorted(ids) == sorted(set(ids))


def test_every_refusal_is_a_problem_with_its_codes(manual: Manual) -> None:
    """FastAPI's own idea of a 422 is gone; OAuth's shape (RFC 6749) stays beside ours."""
    for route in manual.routes:
        if route.path in PROBES:
            continue
        responses = manual.operation(route)["responses"]
        refusals = {int(status): each for status, each in responses.items() if status >= "400"}
        for status, each in refusals.items():
            shown = each["content"].get("application/problem+json")
            if route.path != "/oauth/token":
                assert list(each["content"]) == ["application/problem+json"], f"{route.path} {status}"
            if shown is not None:
                assert shown["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert route.path == "/oauth/token" or all(code in each["description"] for code in shown["examples"])
                assert shown["examples"], f"{route.path} {status}"
        wanted = {429, 500, 503} | (set() if route.permission.is_public else {401, 403})
        wanted |= {400, 413, 415, 422, 507} if route.route.dependant.body_params else set()
        assert wanted <= set(refusals), route.path
    assert "HTTPValidationError" not in str(manual.document)


def test_the_example_of_each_problem_is_one(manual: Manual) -> None:
    for code, example in manual.document["components"]["examples"].items():
        problem = Problem.model_validate(example["value"])
        assert problem.code == code
        assert problem.next_step or problem.status not in NEXT_STEPS


def test_the_codes_of_an_operation_are_those_that_its_code_can_give(parts: Any) -> None:
    document = BUILDERS[Service.ATS](parts.settings(Service.ATS)).openapi()

    def codes(path: str, method: str) -> set[str]:
        responses = document["paths"][path][method]["responses"]
        problems = (each["content"].get("application/problem+json", {}) for each in responses.values() if each)
        return {code for each in problems for code in each.get("examples", ())}

    publish = codes("/v1/vacancies/{vacancy_id}/publish", "post")
    assert {"clearance_missing", "approval_missing", "illegal_move", "stale_version", "vacancy_not_found"} <= publish
    assert {"still_running", "idempotency_key_reused", "scope_missing", "token_refused"} <= publish
    assert not {"offer_not_found", "malformed_cursor", "vacancy_exists"} & publish
    assert {"malformed_cursor", "invalid"} <= codes("/v1/vacancies", "get")
    assert not {"still_running", "malformed_json"} & codes("/v1/vacancies", "get")


def test_every_body_and_every_answer_is_shown_by_an_example_that_fits(manual: Manual) -> None:
    for route in manual.routes:
        operation = manual.operation(route)
        sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if sent is not None:
            # A route that reads its body itself, because it takes several kinds, is held to what it says of it.
            fields = route.route.dependant.body_params
            for example in examples_of(sent):
                if fields:
                    TypeAdapter(fields[0].field_info.annotation).validate_python(example)
                else:
                    Draft202012Validator(sent["schema"]).validate(example)
        for status, answer in operation["responses"].items():
            shown = answer.get("content", {}).get("application/json", {})
            if status.startswith("2") and shown.get("schema"):
                schema = {**shown["schema"], "components": manual.document["components"]}
                for example in examples_of(shown):
                    Draft202012Validator(schema).validate(example)


def examples_of(shown: dict[str, Any]) -> list[Any]:
    found = [shown["example"]] if "example" in shown else [each["value"] for each in shown["examples"].values()]
    assert found
    return found


def test_every_post_takes_an_idempotency_key_or_says_why_not(manual: Manual) -> None:
    for route in manual.routes:
        headers = {each["name"] for each in manual.operation(route).get("parameters", ())}
        takes = route.method == "POST" and route.name not in WITHOUT_KEY
        assert ("Idempotency-Key" in headers) == takes, route.path
        # A key is looked at where the session begins: a route without one of ours would take it and forget it.
        if takes:
            assert {request_session, region_session} & set(calls_of(route.route.dependant)), route.path


def calls_of(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from calls_of(each)


def test_every_number_that_is_sent_has_its_bounds(manual: Manual) -> None:
    """A number that the database cannot hold is refused by its field, not by the database."""
    schemas = manual.document["components"]["schemas"]
    unbounded = []
    for route in manual.routes:
        operation = manual.operation(route)
        sent = [each["schema"] for each in operation.get("parameters", ())]
        sent += [each["schema"] for each in operation.get("requestBody", {}).get("content", {}).values()]
        unbounded += [f"{route.path} {name}" for each in sent for name in without_bounds(each, schemas, "")]
    assert unbounded == []


def without_bounds(schema: dict[str, Any], schemas: dict[str, Any], name: str) -> Iterator[str]:
    if "$ref" in schema:
        model = schema["$ref"].rpartition("/")[2]
        if model not in CHECKED_AS_A_WHOLE:
            yield from without_bounds(schemas[model], schemas, name)
    for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from without_bounds(each, schemas, name)
    for field, each in schema.get("properties", {}).items():
        yield from without_bounds(each, schemas, field)
    if "items" in schema:
        yield from without_bounds(schema["items"], schemas, name)
    if schema.get("type") == "integer" and "maximum" not in schema:
        yield name


def test_the_document_is_valid(manual: Manual) -> None:
    validate(manual.document)


async def test_the_manual_is_a_page_that_loads_nothing_from_elsewhere(ats: httpx.AsyncClient) -> None:
    answer = await ats.get("/docs")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert re.findall(r'(?:src|href)="(?:https?:)?//(?!www\.nationalarchives\.gov\.uk)[^"]*', answer.text) == []
    for shown in ("Create a vacancy as a draft", "/v1/vacancies/{vacancy_id}/publish", "clearance_missing"):
        assert shown in answer.text


def test_no_page_is_in_the_document(manual: Manual) -> None:
    paths = set(manual.document["paths"]) - BESIDE_V1
    assert [path for path in paths if not path.startswith(("/v1/", "/dev/"))] == []
