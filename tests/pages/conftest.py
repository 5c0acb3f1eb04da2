"""A real browser for the pages: Debian's Chromium, driven headless."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Generator

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS = ("chromium", "google-chrome")
# Without the last four, Chromium looks for its maker's hosts, which a closed network answers with noise.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 10


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """One Chromium for a module of plain tests, none of them async.

    While Playwright's plain interface is open its event loop counts as running in this thread, so asynchronous tests
    of other modules would fail beside it.
    """
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        reason = f"the pages were not looked at: no {' or '.join(BROWSERS)} here (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, java_script_enabled=True)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def serve() -> Generator[Callable[[FastAPI], str]]:
    """Serve an app on a free port of this machine and return its address; all are stopped at the end."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: FastAPI) -> str:
        listening = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running.append((server, thread))
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                pytest.fail("the app under test did not start")
            time.sleep(0.02)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(START_SECONDS)


@pytest.fixture(scope="session")
def axe_violations() -> Callable[[Page], str]:
    """The accessibility faults that axe finds on an open page, as text; empty when there are none."""

    def check(page: Page) -> str:
        found = Axe().run(page, options={"resultTypes": ["violations"]})
        return found.generate_report() if found.violations_count else ""

    return check
