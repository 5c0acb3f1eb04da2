"""From the first token to a vacancy that was checked: nothing is stored yet."""

from __future__ import annotations

from shared.conformance.steps import Missed, Run, Step, check, expect

OFFICE = {"title": "Conformance check", "hours_per_week": "37", "contract": "casual", "postcode": "B69 3DE"}
SMALLEST = OFFICE | {"scp_min": 9, "scp_max": 14}
FORM = {"grant_type": "client_credentials", "resource": ["ats", "clearing", "notifications"]}


def get_token(run: Run) -> None:
    answer = run.caller.call("POST", "/oauth/token", token="", data=FORM, auth=(run.client_id, run.secret))
    body = expect(answer, 200, "Check the client id and the secret; an administrator can make a new secret.")
    run.caller.token = body["access_token"]
    run.made["token"] = True


def refuse_wrong_secret(run: Run) -> None:
    answer = run.caller.call("POST", "/oauth/token", token="", data=FORM, auth=(run.client_id, f"not {run.name}"))
    expect(answer, 401, "Tell support: a wrong secret must not get in.", code="invalid_client")


def ask_whoami(run: Run) -> None:
    run.need("token")
    body = expect(run.caller.call("GET", "/v1/whoami"), 200, "Send the token as Authorization: Bearer.")
    run.scopes = frozenset(body["scopes"])
    served = [each["code"] for each in body["employers"]]
    if body["reach"] != "region":
        run.employer = run.employer or (served[0] if served else "")
        check(run.employer in served, "an employer that you serve", str(served), "Name one of them: EMPLOYER=")
    elif not run.employer:
        raise Missed("an employer", "a client of the whole region", "Say for whom to try: EMPLOYER=SAW")
    run.made["employer"] = run.employer


def validate_smallest(run: Run) -> None:
    run.need("employer")
    answer = run.caller.call("PUT", f"{run.keyed}?validate_only=true", json=SMALLEST)
    body = expect(answer, 200, "Send these seven fields: see the example of the manual.")
    check(body.get("valid") is True, '"valid": true', str(body.get("valid")), "Read `errors` of the answer.")
    missing = run.caller.call("GET", run.keyed)
    expect(missing, 404, "validate_only must store nothing: tell support.")


def refuse_unknown_field(run: Run) -> None:
    run.need("employer")
    answer = run.caller.call("PUT", f"{run.keyed}?validate_only=true", json=SMALLEST | {"sallary": 1})
    body = expect(answer, 422, "A field that there is not has to be told: tell support.")
    named = [each["field"] for each in body.get("errors") or ()]
    check("sallary" in named, "the field sallary in `errors`", str(named), "Show your users `errors` as they stand.")


WRITE = "vacancies:write"
STEPS = (
    Step("Get a token", "POST /oauth/token with id and secret", get_token),
    Step("A wrong secret gets none", "POST /oauth/token with another secret", refuse_wrong_secret),
    Step("Ask who you are", "GET /v1/whoami", ask_whoami),
    Step("Check the smallest vacancy", "PUT …/by-key/…?validate_only=true", validate_smallest, WRITE),
    Step("An unknown field is named", "PUT …/by-key/…?validate_only=true", refuse_unknown_field, WRITE),
)
