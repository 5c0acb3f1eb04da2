"""Signing in at one service and walking into the others, in a real browser, with JavaScript switched off."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

import pytest
from playwright.sync_api import Browser, Page

from shared.embedded.stack import Stack, private_stack
from tests.journeys.region import ADMINISTRATOR, make_administrator

pytestmark = pytest.mark.browser
SIGN_IN, CONTINUE, SIGN_OUT = (f"main button:has-text('{text}')" for text in ("Sign in", "Continue", "Sign out"))


@pytest.fixture(scope="module")
def stack() -> Generator[Stack]:
    with private_stack(demonstration=False) as started:
        yield started


@pytest.fixture(scope="module")
def password(stack: Stack) -> str:
    return make_administrator(stack)


@pytest.fixture
def without_script(browser: Browser) -> Generator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page: Page, password: str) -> None:
    page.fill("#email", ADMINISTRATOR)
    page.fill("#password", password)
    page.click(SIGN_IN)


def test_one_sign_in_opens_three_services_and_one_sign_out_closes_them(
    stack: Stack, password: str, without_script: Page
) -> None:
    page = without_script
    ats, clearing, notifications = (stack.base_url(name) for name in ("ats", "clearing", "notifications"))
    page.goto(f"{clearing}/overview")
    assert page.url.startswith(f"{ats}/sign-in?return=")
    sign_in(page, "not the password")
    assert "not right" in page.locator(".govuk-error-summary").inner_text()
    sign_in(page, password)
    page.click(CONTINUE)
    assert page.url == f"{clearing}/overview"
    page.goto(f"{notifications}/deliveries")
    page.click(CONTINUE)
    assert page.url == f"{notifications}/deliveries"
    page.locator("header button:has-text('Sign out')").click()
    assert page.url == f"{ats}/sign-out"
    page.click(SIGN_OUT)
    assert "signed out" in page.title()
    deadline = time.monotonic() + 30
    while page.goto(f"{clearing}/overview") and page.url.startswith(clearing):
        assert time.monotonic() < deadline, "clearing never heard of the sign-out"


def test_the_pages_of_identity_have_no_accessibility_fault(
    stack: Stack, password: str, page: Page, axe_violations: Callable[[Page], str]
) -> None:
    ats = stack.base_url("ats")
    faults = {}

    def look(name: str) -> None:
        faults[name] = axe_violations(page)

    page.goto(f"{ats}/sign-in")
    look("sign in")
    sign_in(page, "not the password")
    look("sign in, refused")
    sign_in(page, password)
    page.goto(f"{ats}/api-clients/new")
    look("new client")
    page.click("button:has-text('Add the client')")
    look("new client, refused")
    page.fill("#name", "HR system")
    page.check("input[value='vacancies:read']")
    page.check("input[value='SAW']")
    page.click("button:has-text('Add the client')")
    assert "wmes_" in page.content()
    look("secret")
    page.goto(f"{ats}/api-clients")
    look("clients")
    page.goto(f"{ats}/assert?service=clearing&nonce=x&return=/")
    look("hand over")
    page.goto(f"{ats}/sign-out")
    look("sign out")
    assert {name: found for name, found in faults.items() if found} == {}
