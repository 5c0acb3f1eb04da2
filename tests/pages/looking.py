"""Looking at pages as people have them: on a phone and on a desk, signed in or come by the link in a mail."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from playwright.sync_api import Page

from tests.shared.tiny_system import eventually
from tests.whole_system import WholeSystem

PHONE, DESK = 390, 1280
LINK = re.compile(r"https?://[^\s]+/l/[^\s]+")
ARRIVES_SECONDS = 60.0


class Looking:
    """What is wrong with the pages that were looked at, by what they were called."""

    def __init__(self, axe_violations: Callable[[Page], str]) -> None:
        self.faults: dict[str, str] = {}
        self._axe_violations = axe_violations

    def at(self, page: Page, name: str) -> None:
        for width in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": 900})
            if is_scrolled_sideways(page):
                self.faults[f"{name} at {width}"] = "scrolls sideways"
        if page.locator("script:not([type='application/ld+json'])").count():
            self.faults[f"{name}, script"] = "needs a script"
        if found := self._axe_violations(page):
            self.faults[name] = found


def is_scrolled_sideways(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


def press(page: Page, words: str) -> None:
    follow(page, f"main button:has-text('{words}')")


def follow(page: Page, selector: str) -> None:
    """Waits for the page that answers: a click alone returns while the form is still on its way."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def sign_in(page: Page, system: WholeSystem, email: str) -> None:
    page.goto(f"{system.base_url('ats')}/sign-in")
    page.fill("#email", email)
    page.fill("#password", system.credentials["ats"]["password"])
    press(page, "Sign in")


def staff_of(system: WholeSystem, council: str, role: str) -> str:
    """The e-mail address of a council's one person with this role: `staff_of(system, "sandwell", "recruiter")`."""
    staff: Mapping[str, list[str]] = system.credentials["ats"]["staff"]
    return next(email for email, roles in staff.items() if roles == [role] and email.endswith(f"@{council}.example"))


def decide(page: Page, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A call of the API by who is signed in, for what has no page."""
    token = page.locator("input[name=csrf_token]").first.input_value()
    origin = page.evaluate("location.origin")
    headers = {"X-CSRF-Token": token, "Sec-Fetch-Site": "same-origin", "Origin": origin}
    answer = page.context.request.post(f"{origin}{path}", data=dict(body or {}), headers=headers)
    assert answer.ok, f"{path}: {answer.status} {answer.text()}"
    return answer.json()


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


def open_link(page: Page, system: WholeSystem, address: str, known: int = 0) -> None:
    """The newest link that came for the address; waits until there are more than `known`."""
    assert eventually(lambda: len(links_to(system, address)) > known, ARRIVES_SECONDS), "no mail came"
    page.goto(links_to(system, address)[-1])
    press(page, "Continue")
