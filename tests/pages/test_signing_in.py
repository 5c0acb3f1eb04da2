"""Signing in at one service and walking into the others, in a real browser, with JavaScript switched off."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.looking import follow
from tests.whole_system import WholeSystem

pytestmark = pytest.mark.browser
SIGN_IN, CONTINUE, SIGN_OUT = (f"main button:has-text('{text}')" for text in ("Sign in", "Continue", "Sign out"))


@pytest.fixture
def without_script(browser: Browser) -> Generator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page: Page, email: str, password: str) -> None:
    page.fill("#email", email)
    page.fill("#password", password)
    follow(page, SIGN_IN)


def test_one_sign_in_opens_three_services_and_one_sign_out_closes_them(
    whole_system: WholeSystem, without_script: Page
) -> None:
    page = without_script
    ats, clearing, notifications = (whole_system.base_url(name) for name in ("ats", "clearing", "notifications"))
    email, password = whole_system.administrator
    page.goto(f"{clearing}/overview")
    assert page.url.startswith(f"{ats}/sign-in?return=")
    sign_in(page, email, "not the password")
    assert "not right" in page.locator(".govuk-error-summary").inner_text()
    sign_in(page, email, password)
    follow(page, CONTINUE)
    assert page.url == f"{clearing}/overview"
    page.goto(f"{notifications}/deliveries")
    follow(page, CONTINUE)
    assert page.url == f"{notifications}/deliveries"
    follow(page, "header button:has-text('Sign out')")
    assert page.url == f"{ats}/sign-out"
    follow(page, SIGN_OUT)
    assert "signed out" in page.title()
    deadline = time.monotonic() + 30
    while page.goto(f"{clearing}/overview") and page.url.startswith(clearing):
        assert time.monotonic() < deadline, "clearing never heard of the sign-out"


def test_the_pages_of_identity_have_no_accessibility_fault(
    whole_system: WholeSystem, page: Page, axe_violations: Callable[[Page], str]
) -> None:
    ats = whole_system.base_url("ats")
    email, password = whole_system.administrator
    faults = {}

    def look(name: str) -> None:
        faults[name] = axe_violations(page)

    for path in ("forgotten-password", "my-link", "l/a-link-that-nobody-was-ever-given"):
        page.goto(f"{ats}/{path}")
        look(path)
    for path in ("forgotten-password", "my-link"):
        page.goto(f"{ats}/{path}")
        page.fill("#email", "nobody@saw.example")
        follow(page, "button:has-text('Send me a link')")
        assert "on its way" in page.content()
        look(f"{path}, sent")
    page.goto(f"{ats}/sign-in")
    look("sign in")
    sign_in(page, email, "not the password")
    look("sign in, refused")
    sign_in(page, email, password)
    page.goto(f"{ats}/api-clients/new")
    look("new client")
    follow(page, "button:has-text('Add the client')")
    look("new client, refused")
    page.fill("#name", "HR system")
    page.check("input[value='vacancies:read']")
    page.check("input[value='SAW']")
    follow(page, "button:has-text('Add the client')")
    assert "wmes_" in page.content()
    look("secret")
    page.goto(f"{ats}/api-clients")
    look("clients")
    page.goto(f"{ats}/assert?service=clearing&nonce=x&return=/")
    look("hand over")
    page.goto(f"{ats}/sign-out")
    look("sign out")
    assert {name: found for name, found in faults.items() if found} == {}
