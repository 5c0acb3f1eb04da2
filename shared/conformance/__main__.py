"""`python -m shared.conformance --url … --client …`: tick off the calls that a council's system must pass.

The secret comes from CLIENT_SECRET or is asked for: on a command line others could read it. Ends with 0 when there is
no cross, with 1 when there is one, and with 2 when the run could not begin.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterable, Iterator
from uuid import uuid4

import httpx

from shared.conformance import first_calls, webhook_calls, writing_calls
from shared.conformance.caller import PATIENCE, Caller
from shared.conformance.reporting_calls import APPROVAL, CANCELLATION, FOLLOWING, LAST, MILESTONE, TOMBSTONE
from shared.conformance.steps import Mark, Result, Run, take

SECRET = "CLIENT_SECRET"  # noqa: S105 - the name of the variable
STEPS = (
    *first_calls.STEPS,
    *writing_calls.STEPS,
    APPROVAL,
    MILESTONE,
    CANCELLATION,
    FOLLOWING,
    writing_calls.DELETION,
    TOMBSTONE,
    *LAST,
    *webhook_calls.STEPS,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.conformance", description=__doc__)
    parser.add_argument("--url", required=True, help="where ats answers, such as https://ats.example")
    parser.add_argument("--client", required=True, help="the client id; the secret is never given here")
    parser.add_argument("--employer", default="", help="the code of the employer to try for; else the client's first")
    parser.add_argument("--clearing", default="", help="where clearing answers, to try its referrals")
    parser.add_argument("--notifications", default="", help="where notifications answers, to try a webhook")
    parser.add_argument("--webhook", default="", help="a public https address that leads to --webhook-port here")
    parser.add_argument("--webhook-port", type=int, default=8099, help="where to listen for --webhook")
    asked = parser.parse_args()
    secret = os.environ.get(SECRET) or _ask_for_secret()
    if not secret:
        sys.stderr.write(f"The secret is missing: put it in {SECRET}, or type it when asked.\n")
        return 2
    name = f"run-{uuid4().hex[:12]}"
    try:
        with httpx.Client(base_url=asked.url, timeout=PATIENCE) as http:
            http.get("/healthz")
            run = Run(
                Caller(http),
                asked.client,
                secret,
                name,
                asked.employer.upper(),
                asked.clearing.rstrip("/"),
                asked.notifications.rstrip("/"),
                asked.webhook,
                asked.webhook_port,
            )
            return report(take(step, run) for step in STEPS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        sys.stderr.write(f"{asked.url} does not answer ({type(error).__name__}): check URL=.\n")
        return 2


def _ask_for_secret() -> str:
    return getpass.getpass("Client secret: ") if sys.stdin.isatty() else ""


def report(results: Iterable[Result]) -> int:
    """Write each step as it ends. Returns the exit code."""
    marks, untried = [], []
    for number, result in enumerate(results, start=1):
        marks.append(result.mark)
        if result.mark is Mark.NOT_TRIED:
            untried.append(result.step.title)
        for line in lines_of(number, result):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    passed, failed = marks.count(Mark.PASSED), marks.count(Mark.FAILED)
    sys.stdout.write(f"\n{passed} passed, {failed} not, {len(untried)} not tried.\n")
    if untried:
        sys.stdout.write(f"Not shown by this run: {'; '.join(untried)}.\n")
    return 1 if failed else 0


def lines_of(number: int, result: Result) -> Iterator[str]:
    yield f"{result.mark} {number:2} {result.step.title:40} {result.step.calls}"
    if result.mark is Mark.NOT_TRIED:
        yield f"     not tried  {result.got}"
    if result.mark is Mark.FAILED:
        yield f"     expected   {result.expected}"
        yield f"     got        {result.got}"
        yield f"     to mend it {result.mend}"


if __name__ == "__main__":
    sys.exit(main())
