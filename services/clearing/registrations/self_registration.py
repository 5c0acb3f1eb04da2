"""The pages on which a displaced employee registers themselves: they write, and confirm by the link that we mail.

HR of their council verifies it then, as any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from services.clearing.audit.actors import Actor
from services.clearing.registrations import queries, submission
from services.clearing.registrations.callers import Person
from services.clearing.registrations.labels import REASON_LABELS
from services.clearing.registrations.schemas import RegistrationCreate
from services.clearing.registrations.states import RegistrationState
from services.clearing.registrations.submission import CONFIRM_PAGE, register_oneself
from shared.app import Now, SessionDep
from shared.auth import allow_anyone
from shared.errors import Invalid
from shared.money import pence_of
from shared.pages import FormError, render
from shared.reference.employers import councils
from shared.reference.pay import pay_years
from shared.sealing import person_key

router = APIRouter(include_in_schema=False)
REGISTRATIONS_PER_MINUTE = 3
SIMPLE = ("employer", "employee_number", "name", "email", "reason", "job_title", "hours_per_week", "hours_min",
          "hours_max", "outcode", "max_travel_minutes", "pay")  # fmt: skip
DATES = ("notice_given_on", "employment_ends_on")
WORDS = {
    "employer": "Choose your council",
    "employee_number": "Enter your employee number",
    "name": "Enter your name",
    "email": "Enter an e-mail address, like name@example.org",
    "reason": "Choose why you are displaced",
    "job_title": "Enter your job title",
    "pay": "Enter your full-time pay a year in pounds, like 36581",
    "hours_per_week": "Enter your hours a week, like 37",
    "hours_min": "Enter the fewest hours you would work",
    "hours_max": "Enter the most hours you would work",
    "outcode": "Enter a postcode of the region, or its first half",
    "max_travel_minutes": "Enter the longest journey in minutes, up to 240",
    "notice_given_on": "Enter a real date",
    "employment_ends_on": "Enter a real date",
}


@router.get("/register", dependencies=[allow_anyone()])
async def register_page(request: Request) -> Response:
    return _form(request, {}, [])


@router.post("/register", dependencies=[allow_anyone()])
async def register_on_page(request: Request, session: SessionDep, now: Now) -> Response:
    sent = {name: str(value).strip() for name, value in (await request.form()).items()}
    facts, errors = _read(sent)
    if facts is None:
        return _form(request, sent, errors)
    allowance = await request.state.limiter.take(
        REGISTRATIONS_PER_MINUTE, f"register:{person_key(facts.email)}", fail_closed=True
    )
    if allowance.allowed:
        await register_oneself(session, facts, now=now)
    # The same answer for everyone: whether somebody is registered already is nobody else's to learn.
    return render(request, "registrations/confirm_by_mail.html")


@router.get(CONFIRM_PAGE)
async def confirm_page(request: Request, session: SessionDep, caller: Person) -> Response:
    assert caller.subject_id is not None
    registration = await queries.get_registration(session, caller.subject_id)
    if registration.state is not RegistrationState.UNCONFIRMED:
        return render(request, "registrations/registered.html")
    return render(request, "registrations/confirm.html", registration=registration)


@router.post(CONFIRM_PAGE)
async def confirm_on_page(request: Request, session: SessionDep, caller: Person, now: Now) -> Response:
    """Their link has brought them here, so the address is theirs: now HR hears of it."""
    assert caller.subject_id is not None
    registration = await queries.get_registration(session, caller.subject_id)
    if registration.state is RegistrationState.UNCONFIRMED:
        await submission.submit_registration(session, registration.id, by=Actor.of(caller), now=now)
    return render(request, "registrations/registered.html")


def _read(sent: Mapping[str, str]) -> tuple[RegistrationCreate | None, list[FormError]]:
    """The form as facts, or what is wrong with it, one line for each field."""
    facts: dict[str, Any] = {name: sent.get(name, "") for name in SIMPLE if name != "pay"}
    facts |= {name: _day(sent, name) for name in DATES}
    facts |= {
        "pay_effective_from": pay_years()[-1],
        "accepts_fixed_term": sent.get("accepts_fixed_term") == "yes",
        "person_told": True,
    }
    bad = []
    try:
        facts["fte_pay_pence"] = pence_of(sent.get("pay", "").replace(",", "").removeprefix("£"))
    except Invalid:
        bad.append("pay")
        facts["fte_pay_pence"] = 1
    try:
        found = RegistrationCreate.model_validate(facts)
    except ValidationError as refusal:
        bad += [str(error["loc"][0]) if error["loc"] else "hours_min" for error in refusal.errors()]
        found = None
    if found is not None and found.employer not in {council.code for council in councils()}:
        bad.append("employer")
    named = dict.fromkeys("pay" if name == "fte_pay_pence" else name for name in bad)
    return (None if named else found), [FormError(name, WORDS.get(name, "Check this")) for name in named]


def _day(sent: Mapping[str, str], name: str) -> str | None:
    parts = [sent.get(f"{name}-{part}", "") for part in ("year", "month", "day")]
    if not any(parts):
        return None
    return f"{parts[0]}-{parts[1]:0>2}-{parts[2]:0>2}"


def _form(request: Request, sent: Mapping[str, str], errors: list[FormError]) -> Response:
    return render(
        request,
        "registrations/register.html",
        status_code=422 if errors else 200,
        sent={name: sent.get(name, "") for name in (*SIMPLE, "accepts_fixed_term")},
        dates={name: _parts(sent, name) for name in DATES},
        council_items=[(council.code, council.name) for council in councils()],
        reason_items=[(reason.value, label) for reason, label in REASON_LABELS.items()],
        errors=errors,
    )


def _parts(sent: Mapping[str, str], name: str) -> dict[str, str]:
    return {part: sent.get(f"{name}-{part}", "") for part in ("day", "month", "year")}
