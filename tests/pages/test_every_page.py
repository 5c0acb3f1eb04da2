"""Every page that a link leads to, in the three services with the demonstration data, on a phone and on a desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.ats.monthly_returns.rows import row, sheet
from tests.pages.looking import DESK, PHONE, follow, is_scrolled_sideways, sign_in, staff_of
from tests.whole_system import WholeSystem

pytestmark = pytest.mark.browser
FIRST = {
    "ats": (
        "/vacancies",
        "/time-to-hire",
        "/monthly-returns",
        "/api-clients",
        "/jobs",
        "/careers",
        "/careers/SAW/embed",
    ),
    "clearing": ("/overview", "/register", "/my-link"),
    "notifications": ("/deliveries", "/webhooks", "/dev/mail"),
}
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{10,}-[0-9a-f]+|[0-9a-f]{16,}")
EMPLOYER = re.compile(r"(?<=/careers/)[A-Z]+")
# What anyone may open; a walk that does not come by them has not looked at the public face.
PUBLIC = (
    "/jobs",
    "/jobs/ID",
    "/jobs/ID/form",
    "/jobs/ID/apply",
    "/my-drafts",
    "/job-alerts/new",
    "/job-alerts/link",
    "/careers",
    "/careers/EMPLOYER",
    "/careers/EMPLOYER/embed",
    "/careers/EMPLOYER/stories/ID",
)
# What a walk in each role of a council must come by: the region's administrator is led to little of it.
OF_A_COUNCIL = {
    "recruiter": (
        "/vacancies/ID/candidates",
        "/vacancies/ID/interviews",
        "/vacancies/ID/interview-adjustments",
        "/interviews",
        "/panels",
        "/checks",
        "/same-person",
    ),
    "hiring_manager": ("/vacancies/ID/candidates", "/interviews", "/panels"),
    "panel_member": ("/panels",),
    "approver": ("/vacancies/ID",),
    "council_hr": ("/checks", "/equality", "/same-person"),
    "council_admin": ("/data-requests", "/retention", "/audit", "/impossible-states", "/equality", "/case-studies/new"),
}
MOST_PAGES = 60
FEWEST_PAGES = 15  # fewer means that the walk found no links, not that all is well


@pytest.fixture(scope="module")
def signed_in(whole_system: WholeSystem, browser: Browser) -> Iterator[Page]:
    email, password = whole_system.administrator
    page = browser.new_page(viewport={"width": PHONE, "height": 900})
    page.goto(f"{whole_system.base_url('ats')}/sign-in")
    page.fill("#email", email)
    page.fill("#password", password)
    follow(page, "main button:has-text('Sign in')")
    yield page
    page.close()


def kind_of(address: str) -> str:
    """The page without what is one row's: two vacancies, or two employers' careers, are one page."""
    parts = urlsplit(address)
    return f"{parts.port}{EMPLOYER.sub('EMPLOYER', ID.sub('ID', parts.path))}"


def visit(page: Page, address: str) -> Response:
    answer = page.goto(address)
    if page.locator("main button:has-text('Continue')").count():
        with page.expect_navigation() as walked_on:
            follow(page, "main button:has-text('Continue')")
        answer = walked_on.value
    assert answer is not None
    return answer


def walk(
    page: Page, addresses: list[str], axe_violations: Callable[[Page], str], known: frozenset[str] = frozenset()
) -> tuple[set[str], list[str]]:
    """By every link from these addresses, one page of each kind but for those that are known: the kinds, the faults."""
    ports = {urlsplit(each).port for each in addresses}
    seen: set[str] = set()
    faults: list[str] = []
    while addresses:
        address = addresses.pop(0)
        kind = kind_of(address)
        if kind in seen | known:
            continue
        seen.add(kind)
        assert len(seen) < MOST_PAGES, sorted(seen)
        answer = visit(page, address)
        if answer.status != 200:
            faults.append(f"{kind}: {answer.status}")
        if answer.status != 200 or "sandbox" in answer.headers.get("content-security-policy", ""):
            continue  # a mail is shown without script, axe's included
        faults += [f"{kind}: {each}" for each in look(page, axe_violations)]
        hrefs: list[str] = page.eval_on_selector_all("a[href]:not([download])", "links => links.map(link => link.href)")
        addresses += [
            each for each in hrefs if urlsplit(each).port in ports and "/static/" not in each and "#" not in each
        ]
    return seen, faults


def look(page: Page, axe_violations: Callable[[Page], str]) -> Iterator[str]:
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        if is_scrolled_sideways(page):
            yield f"scrolls sideways at {width}"
    if found := axe_violations(page):
        yield found


def test_every_page_answers_fits_its_screen_and_has_no_accessibility_fault(
    whole_system: WholeSystem, signed_in: Page, axe_violations: Callable[[Page], str]
) -> None:
    page = signed_in
    addresses = [whole_system.base_url(service) + path for service, paths in FIRST.items() for path in paths]
    seen, faults = walk(page, addresses, axe_violations)
    assert not faults, "\n".join(faults)
    assert len(seen) >= FEWEST_PAGES, sorted(seen)
    ats = urlsplit(whole_system.base_url("ats")).port
    assert {f"{ats}{path}" for path in PUBLIC} <= seen


@pytest.mark.parametrize("role", OF_A_COUNCIL)
def test_every_page_of_a_council_answers_fits_its_screen_and_has_no_accessibility_fault(
    whole_system: WholeSystem, page: Page, axe_violations: Callable[[Page], str], role: str
) -> None:
    """What anyone may open is looked at by the walk of the region's administrator."""
    sign_in(page, whole_system, staff_of(whole_system, "sandwell", role))
    base = whole_system.base_url("ats")
    port = urlsplit(base).port
    known = frozenset(f"{port}{path}" for path in PUBLIC)
    seen, faults = walk(page, [f"{base}/vacancies?employer=SAW"], axe_violations, known)
    assert not faults, "\n".join(faults)
    assert {f"{port}{path}" for path in OF_A_COUNCIL[role]} <= seen, sorted(seen)


def test_a_monthly_return_is_looked_at_and_taken_on_a_phone_and_on_a_desk(
    whole_system: WholeSystem, signed_in: Page, axe_violations: Callable[[Page], str]
) -> None:
    """What no link leads to before somebody has sent a file. The pages have no script, so none is needed."""
    page, base = signed_in, whole_system.base_url("ats")
    wrong = row(external_reference="A-CAMPAIGN-WITH-A-LONG-NUMBER-2026-0001", offered_on="", outcome="hired")
    content = sheet(row(external_reference="REQ-9001"), wrong)
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{base}/monthly-returns")
        follow(page, "main button:has-text('Check the file')")
        assert page.locator(".govuk-error-summary").count() == 1
        assert axe_violations(page) == ""
        page.select_option("#employer", "SAW")
        page.set_input_files("#file", {"name": "return.csv", "mimeType": "text/csv", "buffer": content})
        follow(page, "main button:has-text('Check the file')")
        for words in ("Take this return", "Download the report"):
            assert words in page.inner_text("main")
            assert not is_scrolled_sideways(page)
            assert axe_violations(page) == ""
            if words == "Take this return":
                follow(page, "main button:has-text('Take this return')")
