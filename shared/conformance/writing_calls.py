"""Vacancies written, again and again, and by two at a time; many at once; drafts deleted."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from shared.conformance.first_calls import SMALLEST, WRITE
from shared.conformance.steps import Run, Step, check, expect

NDJSON = {"Content-Type": "application/x-ndjson"}


def put_by_key(run: Run) -> None:
    run.need("employer")
    answer = run.caller.call("PUT", run.keyed, json=SMALLEST)
    body = expect(answer, 201, "Send your own reference in the address, and the seven fields.")
    run.made["vacancy"], run.made["etag"] = body, answer.headers.get("ETag", "")


def put_again(run: Run) -> None:
    first = run.need("vacancy")
    body = expect(run.caller.call("PUT", run.keyed, json=SMALLEST), 200, "Send the same body to the same address.")
    unchanged = (first["id"], first["version"])
    got = (body.get("id"), body.get("version"))
    check(got == unchanged, f"the same version, {first['version']}", str(got), "Tell support: nothing had changed.")


def refuse_stale_write(run: Run) -> None:
    run.need("vacancy")
    changed = SMALLEST | {"title": "Conformance check, changed"}
    seen = {"If-Match": run.need("etag")}
    mend = "Send the ETag of your last read as If-Match, unchanged."
    expect(run.caller.call("PUT", run.keyed, json=changed, headers=seen), 200, mend)
    mend = "A stale ETag has to be refused: read again, and send the change with the new one."
    again = SMALLEST | {"title": "Conformance check, by somebody who has not seen that"}
    expect(run.caller.call("PUT", run.keyed, json=again, headers=seen), 412, mend, code="stale_version")


def replay_by_key(run: Run) -> None:
    run.need("employer")
    named = {"employer": run.employer, "source_system": "conformance", "external_reference": f"{run.name}-once"}
    key = {"Idempotency-Key": str(uuid4())}
    first = run.caller.call("POST", "/v1/vacancies", json=SMALLEST | named, headers=key)
    body = expect(first, 201, "Send an Idempotency-Key of your own with each POST.")
    run.made["once"] = body
    second = run.caller.call("POST", "/v1/vacancies", json=SMALLEST | named, headers=key)
    check(second.content == first.content, "the first answer again", str(second.status_code), "Send the same body.")
    other = run.caller.call("POST", "/v1/vacancies", json=SMALLEST | named | {"title": "Another"}, headers=key)
    expect(other, 422, "Use a new key for a new request.", code="idempotency_key_reused")


def send_many(run: Run) -> None:
    run.need("employer")
    named = {"employer": run.employer, "source_system": "conformance"}
    rows = [
        SMALLEST | named | {"external_reference": f"{run.name}-row"},
        SMALLEST | named | {"external_reference": f"{run.name}-wrong", "sallary": 1},
    ]
    content = "".join(f"{json.dumps(row)}\n" for row in rows)
    query = {"employer": run.employer, "upload_id": str(uuid4())}
    for turn in ("the first time", "again under the same upload_id"):
        answer = run.caller.call("POST", "/v1/vacancies/bulk", params=query, content=content, headers=NDJSON)
        body = expect(answer, 200, "Send one JSON object a line, as application/x-ndjson.")
        got = [each["status"] for each in body["results"]]
        check(got == ["created", "refused"], f"created and refused, {turn}", str(got), "Read each row's `problem`.")
    run.made["row"] = body["results"][0]


def delete_draft(run: Run) -> None:
    vacancy = run.need("vacancy")
    body = expect(run.caller.call("DELETE", run.keyed), 200, "Only a draft is deleted; anything else is cancelled.")
    check(body.get("id") == vacancy["id"], "its tombstone", str(body.get("id")), "Tell support.")
    run.made["deleted"] = vacancy["id"]
    for made in ("once", "row"):
        other: dict[str, Any] | None = run.made.get(made)
        if other is not None:
            run.caller.call("DELETE", f"/v1/vacancies/{other['id']}")


STEPS = (
    Step("Write a vacancy by your own reference", "PUT /v1/vacancies/by-key/{employer}/…", put_by_key, WRITE),
    Step("The same again changes nothing", "PUT, the same once more", put_again, WRITE),
    Step("A stale write is refused", "PUT with If-Match, twice", refuse_stale_write, WRITE),
    Step("A repeated POST is answered once", "POST /v1/vacancies with Idempotency-Key", replay_by_key, WRITE),
    Step("Send many, one of them wrong", "POST /v1/vacancies/bulk as NDJSON", send_many, WRITE),
)
DELETION = Step("Delete a draft", "DELETE /v1/vacancies/by-key/{employer}/…", delete_draft, WRITE)
