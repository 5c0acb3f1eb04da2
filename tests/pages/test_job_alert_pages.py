"""The pages of somebody's own saved search, reached as they reach them: by the link in a mail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.pages.looking import ARRIVES_SECONDS, Looking, follow, links_to, press
from tests.shared.tiny_system import eventually
from tests.whole_system import WholeSystem

pytestmark = pytest.mark.browser
SUBSCRIBER = "saved.search@people.example"


def test_a_saved_search_is_confirmed_changed_and_ended_on_pages_without_an_accessibility_fault(
    whole_system: WholeSystem, page: Page, axe_violations: Callable[[Page], str]
) -> None:
    base, looking = whole_system.base_url("ats"), Looking(axe_violations)
    page.goto(f"{base}/job-alerts/new?q=housing")
    press(page, "Send me the link")
    looking.at(page, "new, refused")
    page.fill("#email", SUBSCRIBER)
    press(page, "Send me the link")
    looking.at(page, "asked")
    assert eventually(lambda: bool(links_to(whole_system, SUBSCRIBER)), ARRIVES_SECONDS), "no mail came"
    page.goto(links_to(whole_system, SUBSCRIBER)[0])
    looking.at(page, "link")
    press(page, "Continue")
    looking.at(page, "not confirmed")
    for words in ("Yes, send me these jobs", "Change it", "Pause", "Go on"):
        press(page, words)
        looking.at(page, words)
    follow(page, "main a:has-text('Stop and delete')")
    looking.at(page, "asked before deleting")
    press(page, "Stop and delete")
    looking.at(page, "deleted")
    page.goto(f"{base}/job-alerts/unsubscribe/nobody-was-given-this")
    looking.at(page, "no unsubscribing")
    assert not looking.faults, looking.faults
