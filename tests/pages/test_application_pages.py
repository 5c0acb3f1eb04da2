"""Somebody applies on pages, from the advert to the day on which they withdraw: without an account or a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.looking import ARRIVES_SECONDS, Looking, follow, press
from tests.shared.tiny_system import eventually
from tests.whole_system import WholeSystem

pytestmark = pytest.mark.browser
EMAIL = "amara.osei@people.example"
MOST_STEPS = 12
TEXTS = {"phone": "0121 496 0000", "email": "morgan.lee@former.example", "day": "4", "month": "1", "year": "2027"}


def test_somebody_applies_says_more_and_withdraws_on_pages_without_an_accessibility_fault(
    whole_system: WholeSystem, page: Page, axe_violations: Callable[[Page], str]
) -> None:
    base, looking = whole_system.base_url("ats"), Looking(axe_violations)
    page.goto(hosted_job(page, base))
    looking.at(page, "advert")
    follow(page, "main a:text-is('Apply')")
    press(page, "Begin")
    looking.at(page, "begin, refused")
    page.fill("#email", EMAIL)
    press(page, "Begin")
    fill_every_step(page, looking)
    looking.at(page, "check")
    press(page, "Send my application")
    assert "Your application is sent" in page.inner_text("h1")
    looking.at(page, "done")
    follow(page, "main a:has-text('See how it stands')")
    looking.at(page, "my application")
    send_a_document(page, base, looking)
    answer_about_equality(page, base, looking)
    page.goto(f"{base}/my-application/references")
    looking.at(page, "my referees")
    page.goto(f"{base}/my-application/interviews")
    looking.at(page, "no interview yet")
    page.goto(f"{base}/my-application")
    follow(page, "main a:has-text('Withdraw my application')")
    looking.at(page, "asked before withdrawing")
    press(page, "Withdraw my application")
    looking.at(page, "withdrawn")
    ask_about_own_data(page, base, looking)
    assert not looking.faults, looking.faults


def test_every_step_of_an_application_is_gone_through_without_a_script(
    whole_system: WholeSystem, browser: Browser
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{hosted_job(page, whole_system.base_url('ats'))}/apply")
    page.fill("#email", "without.script@people.example")
    press(page, "Begin")
    fill_every_step(page, None)
    press(page, "Send my application")
    assert "Your application is sent" in page.inner_text("h1")
    # Withdrawn too, so that no panel of another test waits to score it.
    follow(page, "main a:has-text('See how it stands')")
    follow(page, "main a:has-text('Withdraw my application')")
    assert "Are you sure" in page.inner_text("h1")
    press(page, "Withdraw my application")
    assert not page.locator("main a:has-text('Withdraw')").count()
    context.close()


def hosted_job(page: Page, base: str) -> str:
    """The address of an advert that people apply to here. It goes up once clearing has been asked about it."""
    found: list[str] = []

    def is_up() -> bool:
        page.goto(f"{base}/jobs")
        paths = [each.get_attribute("href") or "" for each in page.locator("main a[href]").all()]
        for path in dict.fromkeys(each for each in paths if re.search(r"/jobs/[0-9a-f-]{36}$", each)):
            page.goto(f"{base}{path}")
            if page.locator("main a[href$='/apply']").count() and "polling" in form_of(page):
                found.append(f"{base}{path}")
        return bool(found)

    assert eventually(is_up, ARRIVES_SECONDS), "no advert of the demonstration asks what this test answers"
    return found[0]


def form_of(page: Page) -> str:
    here = page.url
    page.goto(f"{here}/form")
    words = page.inner_text("main")
    page.goto(here)
    return words


def fill_every_step(page: Page, looking: Looking | None) -> None:
    """Each is saved empty first, which is kept and said to be wrong where it is."""
    for number in range(MOST_STEPS):
        if page.url.endswith("/check"):
            break
        step = page.url
        if looking:
            looking.at(page, f"step {number}")
        press(page, "Save and continue")
        if looking:
            looking.at(page, f"step {number}, empty")
        page.goto(step)
        fill(page)
        press(page, "Save and continue")
        assert page.url != step, page.inner_text("main")
    assert page.url.endswith("/check"), page.url


def fill(page: Page) -> None:
    """Whatever is asked on a page, something that it takes."""
    for box in page.locator("main input[type=text], main input[type=email], main input[type=tel], main textarea").all():
        name = (box.get_attribute("name") or "").replace("_", "-")
        if box.is_visible():
            ends = "2024" if "employment" in name and name.endswith("year") else "Enough people to know how it goes"
            box.fill(TEXTS.get(name.rpartition("-")[2], ends) if ends != "2024" else ends)
    for group in page.locator("main .govuk-radios").all():
        group.locator("input").first.check()
    for box in page.locator("main input[type=checkbox]:not([name=remove])").all():
        box.check()


def send_a_document(page: Page, base: str, looking: Looking) -> None:
    page.goto(f"{base}/my-application/documents")
    looking.at(page, "no documents")
    press(page, "Send")
    looking.at(page, "documents, refused")
    plain = {"name": "statement-of-somebody-with-a-long-name.txt", "mimeType": "text/plain", "buffer": b"What I did."}
    page.set_input_files("#file", plain)
    press(page, "Send")
    assert "statement-of-somebody" in page.inner_text("main")
    looking.at(page, "documents")


def answer_about_equality(page: Page, base: str, looking: Looking) -> None:
    page.goto(f"{base}/my-application/equality")
    looking.at(page, "equality")
    press(page, "Send my answers")
    assert page.locator(".govuk-error-summary").count() == 1
    looking.at(page, "equality, refused")
    fill(page)
    press(page, "Send my answers")
    looking.at(page, "equality, answered")


def ask_about_own_data(page: Page, base: str, looking: Looking) -> None:
    page.goto(f"{base}/my-data")
    looking.at(page, "my data")
    press(page, "Ask for this")
    looking.at(page, "my data, refused")
    page.locator("main input[type=radio]").first.check()
    press(page, "Ask for this")
    looking.at(page, "my data, asked")
