"""Approval and steps told from the council's own system; changes, events and referrals read back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from shared.conformance.first_calls import SMALLEST
from shared.conformance.steps import NotTried, Run, Step, check, expect

READ, ATTEST, MILESTONES = "vacancies:read", "vacancies:attest", "milestones:write"
CLEARING_READ, CLEARING_WRITE = "clearing:read", "clearing:write"
SECONDS_TO_APPEAR = 20.0
"""What a slower writer still holds back comes as soon as that one has finished."""
EXTERNAL = SMALLEST | {
    "management": "external",
    "apply": {"method": "url", "url": "https://jobs.council.example/conformance"},
    # Displaced staff hear nothing of it, and no advert goes out.
    "clearing_exemption": "casual_or_apprentice",
    "auto_publish": False,
}


def attest_approval(run: Run) -> None:
    run.need("employer")
    address = f"{run.keyed}-external"
    made = expect(run.caller.call("PUT", address, json=EXTERNAL), 201, "See the step that writes a vacancy.")
    run.made["external"] = made["id"]
    given = {
        "approved_at": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "approved_by": "Head of service",
        "reference": run.name,
    }
    answer = run.caller.call("POST", f"/v1/vacancies/{made['id']}/attest-approval", json=given)
    body = expect(answer, 200, "Name who approved it in your system, when, and under which reference.")
    check(bool(body.get("is_approved")), "an approved vacancy", str(body.get("state")), "Read the vacancy's state.")


def report_milestones(run: Run) -> None:
    vacancy_id = run.need("external")
    today = datetime.now(UTC).date().isoformat()
    told = {
        "milestones": [
            {"external_event_id": f"{run.name}-1", "kind": "interviewed", "occurred_on": today, "count": 2},
            {"external_event_id": f"{run.name}-2", "kind": "offered", "occurred_on": today, "count": 1},
        ]
    }
    for counted in ("recorded", "duplicates"):
        answer = run.caller.call("POST", f"/v1/vacancies/{vacancy_id}/milestones", json=told)
        body = expect(answer, 200, "Give each milestone an id of yours, its kind and its day.")
        got = f"{body.get(counted)} {counted}"
        check(body.get(counted) == 2, f"2 {counted}", got, "The same external_event_id tells the same thing.")


def cancel_external(run: Run) -> None:
    vacancy_id = run.need("external")
    answer = run.caller.call("POST", f"/v1/vacancies/{vacancy_id}/cancel", json={"reason": "Conformance check is over"})
    expect(answer, 200, f"Cancel vacancy {vacancy_id} yourself: this run has made it.")


def follow_changes(run: Run) -> None:
    vacancy = run.need("vacancy")
    since = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    found, _, token = _until(run, since, lambda items, _: vacancy["id"] in items)
    check(vacancy["id"] in found, "the vacancy of this run", f"{len(found)} others", "Follow next_cursor to its end.")
    check(bool(token), "a sync_token on the last page", str(token), "Keep it, and pass it as updated_since next time.")
    run.made["sync_token"] = token


def follow_deletion(run: Run) -> None:
    deleted, token = run.need("deleted"), run.need("sync_token")
    _, gone, _ = _until(run, token, lambda _, tombstones: deleted in tombstones)
    check(deleted in gone, "the draft among `deleted`", f"{len(gone)} others", "Remove your copy of what is deleted.")


def _until(run: Run, since: str, is_there: Callable[[set[str], set[str]], bool]) -> tuple[set[str], set[str], str]:
    """Everything changed and deleted since, asked for until it is there or has had its time."""
    ends = time.monotonic() + SECONDS_TO_APPEAR
    items: set[str] = set()
    gone: set[str] = set()
    while True:
        page, token = _changes(run, since)
        for each in page:
            items |= {row["id"] for row in each["items"]}
            gone |= {row["id"] for row in each["deleted"]}
        if is_there(items, gone) or time.monotonic() > ends:
            return items, gone, token
        time.sleep(0.5)


def _changes(run: Run, since: str) -> tuple[list[dict[str, Any]], str]:
    query = {"employer": run.employer, "updated_since": since, "limit": "100"}
    pages: list[dict[str, Any]] = []
    while True:
        answer = run.caller.call("GET", "/v1/vacancies", params=query)
        body = expect(answer, 200, "Send the token as it came, encoded as a query parameter.")
        pages.append(body)
        if not body.get("next_cursor"):
            return pages, body.get("sync_token") or ""
        query["cursor"] = body["next_cursor"]


def read_events(run: Run) -> None:
    first = expect(run.caller.call("GET", "/v1/events", params={"limit": 2}), 200, "Read from the beginning once.")
    check(bool(first.get("next_cursor")), "a next_cursor", "none", "Keep it also after an empty page.")
    after = {"limit": 2, "cursor": first["next_cursor"]}
    second = expect(run.caller.call("GET", "/v1/events", params=after), 200, "Go on from the cursor that you kept.")
    twice = {each["id"] for each in first["items"]} & {each["id"] for each in second["items"]}
    check(not twice, "no event twice", f"{len(twice)} twice", "Tell support.")


def see_limits(run: Run) -> None:
    caller = run.caller
    mend = "Read RateLimit and RateLimit-Policy; after a 429 wait as long as Retry-After says."
    check(
        caller.with_limits == caller.answers, f"both in all {caller.answers} answers", f"in {caller.with_limits}", mend
    )


def read_referrals(run: Run) -> None:
    mend = "Ask for a token for clearing as well: resource=clearing."
    body = expect(run.caller.call("GET", f"{_clearing(run)}/v1/referrals"), 200, mend)
    check("items" in body, "a list", "none", "Tell support.")


def report_outcome(run: Run) -> None:
    """Only how far it gets without a person: an outcome is told to somebody, so a rehearsal gives none."""
    answer = run.caller.call("POST", f"{_clearing(run)}/v1/referrals/{uuid4()}/wait")
    mend = "Send On-Behalf-Of with the id of the member of staff who decided."
    expect(answer, 403, mend, code="on_behalf_of_missing")


def _clearing(run: Run) -> str:
    if not run.clearing_url:
        raise NotTried("Say where clearing is: CLEARING=https://…")
    return run.clearing_url


APPROVAL = Step("Attest an approval of your own", "POST …/attest-approval", attest_approval, ATTEST)
MILESTONE = Step("Report milestones, twice", "POST …/milestones", report_milestones, MILESTONES)
CANCELLATION = Step("Cancel that vacancy", "POST …/cancel", cancel_external, "vacancies:write")
FOLLOWING = Step("Follow changes", "GET /v1/vacancies?updated_since=", follow_changes, READ)
TOMBSTONE = Step("Hear of the deletion", "GET /v1/vacancies?updated_since={sync_token}", follow_deletion, READ)
LAST = (
    Step("Read the event log", "GET /v1/events?cursor=", read_events, READ),
    Step("Read referrals", "GET /v1/referrals at clearing", read_referrals, CLEARING_READ, is_extra=True),
    Step("An outcome names a person", "POST /v1/referrals/{id}/wait", report_outcome, CLEARING_WRITE, is_extra=True),
    Step("Keep to the rate limits", "the headers of every answer", see_limits),
)
