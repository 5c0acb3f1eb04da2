from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page

from shared.pages import PageSettings
from tests.pages.showcase import showcase_app

pytestmark = pytest.mark.browser

PATHS = ["/vacancies", "/vacancies/new", "/vacancies/new?wrong=true", "/done", "/missing"]
PHONE, NARROWEST, DESK = 390, 320, 1280
PAPER = 718  # A4 between margins of 1 cm, in CSS pixels


@pytest.fixture(scope="module")
def address(serve: Callable[[FastAPI], str]) -> str:
    return serve(showcase_app())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_axe_finds_no_fault(
    page: Page, address: str, path: str, width: int, axe_violations: Callable[[Page], str]
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address + path)
    assert axe_violations(page) == ""


def test_axe_would_have_found_a_fault(page: Page, address: str, axe_violations: Callable[[Page], str]) -> None:
    page.goto(address + "/vacancies/new")
    page.evaluate("document.querySelector('label[for=title]').remove()")
    assert "label" in axe_violations(page)


@pytest.mark.parametrize("path", PATHS)
def test_no_page_scrolls_sideways(page: Page, address: str, path: str) -> None:
    page.goto(address + path)
    beyond_the_edge = {}
    for width in (NARROWEST, PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        root = "document.documentElement"
        beyond_the_edge[width] = page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
    assert beyond_the_edge == {NARROWEST: 0, PHONE: 0, DESK: 0}


def test_a_printed_page_fits_the_paper_and_leaves_out_what_only_a_screen_can_do(page: Page, address: str) -> None:
    page.set_viewport_size({"width": PAPER, "height": 900})
    page.emulate_media(media="print")
    page.goto(address + "/vacancies")
    assert page.evaluate("document.documentElement.scrollWidth") == PAPER
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert page.get_by_role("table", name="Stages by council").is_visible()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_breaks_the_content_security_policy(page: Page, address: str, path: str) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address + path)
    assert [text for text in refused if "Content Security Policy" in text] == []
    assert page.locator("[style], style, script").count() == 0


def test_buttons_links_of_the_frame_and_inputs_are_large_enough_to_hit(page: Page, address: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.goto(address + "/vacancies/new?wrong=true")
    targets = page.locator("button:visible, header a:visible, footer li a:visible, input:visible:not([type=radio]):not([type=checkbox]), select:visible")  # fmt: skip  # noqa: E501
    heights = [box["height"] for target in targets.all() if (box := target.bounding_box())]
    assert len(heights) > 10
    assert min(heights) >= 44


def test_a_focused_button_shows_a_ring(page: Page, address: str) -> None:
    page.goto(address + "/vacancies/new")
    button = page.get_by_role("button", name="Ask for approval")
    before = button.evaluate("e => getComputedStyle(e).outlineStyle")
    page.get_by_label("Job description").focus()
    page.keyboard.press("Tab")
    ring = button.evaluate("e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]")
    assert (before, ring) == ("none", ["solid", "3px"])


def test_the_skip_link_comes_first_and_leads_to_the_content(page: Page, address: str) -> None:
    page.goto(address + "/vacancies")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main-content")


def test_an_error_in_the_summary_leads_to_its_field(page: Page, address: str) -> None:
    page.goto(address + "/vacancies/new?wrong=true")
    assert page.title() == "Error: Ask for approval \N{EN DASH} West Midlands Recruitment"
    for link, field in [("Enter the job title", "title"), ("The closing date must be a real date", "closes_on")]:
        page.get_by_role("link", name=link).click()
        assert page.locator(f"#{field}:focus").count() == 1


def test_a_question_that_depends_on_an_answer_shows_with_it(page: Page, address: str) -> None:
    page.goto(address + "/vacancies/new")
    question = page.get_by_label("What is the reason?")
    assert not question.is_visible()
    page.get_by_label("Another reason").check()
    assert question.is_visible()


def test_on_a_phone_a_row_of_a_stacked_table_becomes_a_card_and_stays_a_table(page: Page, address: str) -> None:
    page.set_viewport_size({"width": PHONE, "height": 900})
    page.goto(address + "/vacancies")
    table = page.get_by_role("table", name="Vacancies in Sandwell")
    row = table.get_by_role("row").nth(1)
    assert row.get_by_role("cell").count() == 4
    cells = [cell.bounding_box() for cell in row.get_by_role("cell").all()]
    assert len({box["x"] for box in cells if box}) == 1


def test_another_stylesheet_may_take_the_place_of_ours(
    page: Page, serve: Callable[[FastAPI], str], tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.css"
    theirs.write_text("body { background: rgb(1, 2, 3) }")
    page.goto(serve(showcase_app(PageSettings(stylesheet=theirs))) + "/done")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(1, 2, 3)"
