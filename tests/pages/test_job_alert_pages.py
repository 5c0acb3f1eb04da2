"""The pages of somebody's own saved search, reached as they reach them: by the link in a mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page

from tests.shared.tiny_system import eventually
from tests.whole_system import WholeSystem

pytestmark = pytest.mark.browser
PHONE, DESK = 390, 1280
SUBSCRIBER = "saved.search@people.example"
LINK = re.compile(r"https?://[^\s]+/l/[^\s]+")
ARRIVES_SECONDS = 60.0


def links_to(system: WholeSystem, address: str) -> list[str]:
    """The signed links in every mail that came for this address, the oldest first."""
    found: list[str] = []
    for path in sorted((system.data / "mail").glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        if address in str(message["To"]) and body is not None:
            found += LINK.findall(body.get_content())
    return found


def test_a_saved_search_is_confirmed_changed_and_ended_on_pages_without_an_accessibility_fault(
    whole_system: WholeSystem, page: Page, axe_violations: Callable[[Page], str]
) -> None:
    base, faults = whole_system.base_url("ats"), {}

    def look(name: str) -> None:
        for width in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                faults[f"{name} at {width}"] = "scrolls sideways"
        if found := axe_violations(page):
            faults[name] = found

    page.goto(f"{base}/job-alerts/new?q=housing")
    page.click("main button:has-text('Send me the link')")
    look("new, refused")
    page.fill("#email", SUBSCRIBER)
    page.click("main button:has-text('Send me the link')")
    look("asked")
    assert eventually(lambda: bool(links_to(whole_system, SUBSCRIBER)), ARRIVES_SECONDS), "no mail came"
    page.goto(links_to(whole_system, SUBSCRIBER)[0])
    look("link")
    page.click("main button:has-text('Continue')")
    look("not confirmed")
    for words in ("Yes, send me these jobs", "Change it", "Pause", "Go on", "Stop and delete"):
        page.locator(f"main button:has-text('{words}')").first.click()
        look(words)
    page.goto(f"{base}/job-alerts/unsubscribe/nobody-was-given-this")
    look("no unsubscribing")
    assert not faults, faults
