"""A council recruits on pages, from the panel to the first day; candidates and referees answer on theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from shared.calendar import local_date
from tests.factories.checks import passing
from tests.pages.looking import Looking, decide, follow, links_to, open_link, press, sign_in, staff_of
from tests.shared.tiny_system import eventually
from tests.whole_system import WholeSystem

pytestmark = pytest.mark.browser
TITLE = "Electoral services officer"
CHOSEN, OTHER = "priya.shah@people.example", "george.field@people.example"
REFEREE = "rosa.lind@former.example"
DONE_SECONDS = 60.0
Person = Callable[[str], Page]


@pytest.fixture
def person(whole_system: WholeSystem, browser: Browser) -> Iterator[Person]:
    """A browser of one person's own; staff of Sandwell are signed in by their role."""
    opened: dict[str, Page] = {}

    def page_of(who: str) -> Page:
        if who not in opened:
            opened[who] = browser.new_page()
            if "@" not in who:
                sign_in(opened[who], whole_system, staff_of(whole_system, "sandwell", who))
        return opened[who]

    yield page_of
    for page in opened.values():
        page.close()


def test_a_council_recruits_from_the_panel_to_the_first_day_on_pages_without_an_accessibility_fault(
    whole_system: WholeSystem, person: Person, axe_violations: Callable[[Page], str]
) -> None:
    base, looking = whole_system.base_url("ats"), Looking(axe_violations)
    recruiter = person("recruiter")
    vacancy = f"{base}{path_of_vacancy(recruiter, base)}"
    applications = {email: apply(base, vacancy, whole_system, email) for email in (CHOSEN, OTHER)}
    panel_scores(person, vacancy, list(applications.values()), looking)
    same_for_many(recruiter, vacancy, list(applications.values()), looking)
    decide(recruiter, f"/v1/vacancies/{vacancy.rpartition('/')[2]}/confirm-shortlist")
    interview(recruiter, person(CHOSEN), whole_system, vacancy, looking)
    chosen = applications[CHOSEN]
    offer(person, whole_system, vacancy, chosen, looking)
    refer(recruiter, person(REFEREE), whole_system, f"{base}/applications/{chosen}/references", looking)
    check(recruiter, base, chosen, looking)
    start(recruiter, base, vacancy, chosen, looking)
    assert not looking.faults, looking.faults


def path_of_vacancy(page: Page, base: str) -> str:
    page.goto(f"{base}/vacancies?employer=SAW")
    path = page.locator(f"main a:text-is('{TITLE}')").first.get_attribute("href")
    assert path is not None
    return path


def apply(base: str, vacancy: str, system: WholeSystem, email: str) -> str:
    """By a job board, which sends what its own form asked."""
    board = system.credentials["ats"]["clients"]["board"]
    job = vacancy.rpartition("/")[2]
    with httpx.Client(base_url=base, timeout=60) as http:
        asked = {"grant_type": "client_credentials", "resource": "ats"}
        token = http.post("/oauth/token", data=asked, auth=(board["client_id"], board["client_secret"])).json()
        sent = {
            "name": email.partition("@")[0].replace(".", " ").title(),
            "email": email,
            "answers": [{"criterion_id": "E1", "answer": "Four years at a library counter."}],
            "supporting_statement": "I have counted ballots twice, and enjoyed it.",
            "referees": [
                {"name": "Rosa Lind", "email": REFEREE, "organisation": "Former Council", "relationship": "My manager"}
            ],
            "questions": {"Q1": True, "Q3": "2027-01-04"},
            "declarations": ["D1"],
        }
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        answer = http.post(f"/v1/jobs/{job}/applications", json=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def panel_scores(person: Person, vacancy: str, applications: list[str], looking: Looking) -> None:
    panel = vacancy.replace("/vacancies/", "/panels/")
    recruiter, seats = person("recruiter"), [person("hiring_manager"), person("panel_member")]
    recruiter.goto(panel)
    press(recruiter, "Save the panel")
    looking.at(recruiter, "panel, refused")
    recruiter.select_option("#lead", label="Hiring manager, Sandwell")
    recruiter.get_by_label("Panel member, Sandwell").check()
    press(recruiter, "Save the panel")
    for seat in seats:
        seat.goto(panel)
        press(seat, "Declare")
        looking.at(seat, "declaration, refused")
        seat.get_by_label("No", exact=True).check()
        press(seat, "Declare")
        looking.at(seat, "panel")
        for number, application in enumerate(applications):
            seat.goto(f"{panel}/applications/{application}")
            looking.at(seat, "candidate of a panel")
            press(seat, "Submit my scores")
            looking.at(seat, "scores, refused")
            score = 4 if seat is seats[0] else 4 - 2 * number
            seat.locator(f"main input[type=radio][value='{score}']").first.check()
            for group in seat.locator("main .govuk-radios").all()[1:]:
                group.locator(f"input[value='{score}']").check()
            press(seat, "Submit my scores")
            assert seat.locator(".govuk-error-summary").count() == 0
    lead = seats[0]
    lead.goto(f"{panel}/applications/{applications[1]}")
    looking.at(lead, "scores that lie apart")
    lead.fill("#note", "We read the second answer again, and settle on three.")
    press(lead, "Save the moderation note")
    lead.goto(f"{panel}/applications/{applications[1]}/documents")
    looking.at(lead, "documents, hidden from the panel")
    lead.goto(panel.rpartition("/")[0])
    looking.at(lead, "panels")


def same_for_many(page: Page, vacancy: str, applications: list[str], looking: Looking) -> None:
    page.goto(f"{vacancy}/candidates")
    looking.at(page, "candidates")
    press(page, "Do it")
    assert page.locator(".govuk-error-summary").count() == 1
    looking.at(page, "candidates, refused")
    # Others may have applied for this vacancy by now: only these were scored.
    for each in applications:
        page.check(f"input[name=applications][value='{each}']")
    page.select_option("#action", "shortlist")
    press(page, "Do it")
    looking.at(page, "batch")
    batch = page.url

    def is_done() -> bool:
        page.goto(batch)
        return "This goes on by itself" not in page.inner_text("main")

    assert eventually(is_done, DONE_SECONDS)
    looking.at(page, "batch, done")


def interview(recruiter: Page, candidate: Page, system: WholeSystem, vacancy: str, looking: Looking) -> None:
    recruiter.goto(f"{vacancy}/interviews")
    looking.at(recruiter, "no interviews")
    press(recruiter, "Add the round")
    looking.at(recruiter, "round, refused")
    recruiter.fill("#title", "Interview and a short exercise with numbers")
    press(recruiter, "Add the round")
    press(recruiter, "Add the times")
    looking.at(recruiter, "times, refused")
    in_ten_days = today() + timedelta(days=10)
    for part, value in (("", in_ten_days.day), ("-month", in_ten_days.month), ("-year", in_ten_days.year)):
        recruiter.fill(f"#day{part}", str(value))
    for field, value in (("starts_at", "9:30"), ("count", "3"), ("place", "Council House, Oldbury")):
        recruiter.fill(f"#{field}", value)
    press(recruiter, "Add the times")
    known = len(links_to(system, CHOSEN))
    for box in recruiter.locator("form[action$='/invite'] input[type=checkbox]").all():
        box.check()
    press(recruiter, "Send the links")
    looking.at(recruiter, "interviews")
    open_link(candidate, system, CHOSEN, known)
    candidate.goto(f"{system.base_url('ats')}/my-application/interviews")
    press(candidate, "Book this time")
    looking.at(candidate, "booking, refused")
    candidate.locator("main input[type=radio]").first.check()
    candidate.fill("#adjustments", "A room without stairs.")
    press(candidate, "Book this time")
    looking.at(candidate, "booked")
    for path, name in (
        ("/interviews", "interviews with a booking"),
        ("/interview-adjustments", "adjustments"),
        ("", "vacancy in hand"),
    ):
        recruiter.goto(f"{vacancy}{path}")
        looking.at(recruiter, name)
    recruiter.goto(f"{system.base_url('ats')}/interviews")
    looking.at(recruiter, "days of interviews")


def offer(person: Person, system: WholeSystem, vacancy: str, application: str, looking: Looking) -> None:
    recruiter, approver, candidate = person("recruiter"), person("approver"), person(CHOSEN)
    terms = {
        "salary_pence": 4_500_000,
        "starts_on": (today() + timedelta(days=40)).isoformat(),
        "reply_by": (today() + timedelta(days=10)).isoformat(),
        "outside_grade_reason": "Two years in the same role at a higher point",
    }
    made = decide(recruiter, f"/v1/applications/{application}/offers", terms)
    approver.goto(vacancy)
    looking.at(approver, "vacancy with an offer to approve")
    follow(approver, "main a[href^='/offers/']")
    press(approver, "Refuse")
    looking.at(approver, "offer, refused without a reason")
    known = len(links_to(system, CHOSEN))
    press(approver, "Approve")
    approver.goto(f"{system.base_url('ats')}/offers/{made['id']}")
    looking.at(approver, "offer, approved")
    open_link(candidate, system, CHOSEN, known)
    looking.at(candidate, "my offer")
    press(candidate, "Accept the offer")
    looking.at(candidate, "my offer, accepted")


def refer(recruiter: Page, referee: Page, system: WholeSystem, references: str, looking: Looking) -> None:
    recruiter.goto(references)
    press(recruiter, "Ask for the reference")
    looking.at(recruiter, "references, refused")
    for field, value in (
        ("referee_name", "Rosa Lind"),
        ("referee_email", REFEREE),
        ("organisation", "Former Council"),
        ("employed_from", "1"),
        ("employed_from-month", "9"),
        ("employed_from-year", "2022"),
    ):
        recruiter.fill(f"[id='{field}']", value)
    recruiter.get_by_label("No", exact=True).check()
    press(recruiter, "Ask for the reference")
    looking.at(recruiter, "references")
    follow(recruiter, "main a[href^='/references/']")
    looking.at(recruiter, "reference that was asked for")
    reference = recruiter.url
    open_link(referee, system, REFEREE)
    press(referee, "Send the reference")
    looking.at(referee, "reference form, refused")
    answer_form(referee)
    press(referee, "Send the reference")
    assert "Thank you" in referee.inner_text("h1")
    looking.at(referee, "reference, thanked for")
    recruiter.goto(reference)
    looking.at(recruiter, "reference that came")
    recruiter.goto(f"{reference}/answers")
    looking.at(recruiter, "what the referee said")


def answer_form(page: Page) -> None:
    """No warning, and would employ them again: what asks for more is left empty."""
    for box in page.locator("main textarea").all():
        box.fill("Reliable and kind.")
    for part, value in (("day", "1"), ("month", "9"), ("year", "2022")):
        for box in page.locator(f"main input[name$='-{part}']").all():
            box.fill(value)
    for group in page.locator("main .govuk-radios").all():
        group.locator("input").first.check()


def check(page: Page, base: str, application: str, looking: Looking) -> None:
    page.goto(f"{base}/applications/{application}/checks")
    looking.at(page, "checks, not set out")
    press(page, "Set out the checks")
    looking.at(page, "checks, refused")
    page.locator("#engagement").select_option(index=1)
    page.get_by_label("No", exact=True).check()
    press(page, "Set out the checks")
    looking.at(page, "checks")
    follow(page, "main a[href^='/checks/']")
    press(page, "Record that it is passed")
    looking.at(page, "check, refused")
    checks = read(page, f"/v1/applications/{application}/checks")["checks"]
    page.goto(f"{base}/checks/{next(each['id'] for each in checks if 'ask_waiver' in each['allowed_actions'])}")
    press(page, "Ask for a waiver")
    looking.at(page, "waiver, refused")
    for each in checks:
        if each["is_required"]:
            decide(page, f"/v1/checks/{each['id']}/pass", passing(each, today()))
    page.goto(f"{base}/applications/{application}/checks")
    looking.at(page, "checks, all passed")
    page.goto(f"{base}/applications/{application}/documents")
    looking.at(page, "documents of a candidate")


def start(page: Page, base: str, vacancy: str, application: str, looking: Looking) -> None:
    page.goto(vacancy)
    first_day = today().isoformat()
    decide(page, f"/v1/applications/{application}/clear", {"starts_on": first_day})
    decide(page, f"/v1/applications/{application}/hire")
    page.goto(f"{base}/applications/{application}/hire")
    looking.at(page, "hire")
    press(page, "Confirm the start")
    looking.at(page, "start confirmed")
    press(page, "Take the hire back")
    looking.at(page, "hire, taking back refused")


def read(page: Page, path: str) -> dict[str, Any]:
    answer = page.context.request.get(f"{page.evaluate('location.origin')}{path}")
    assert answer.ok, f"{path}: {answer.status}"
    return answer.json()


def today() -> date:
    return local_date(datetime.now(UTC))
