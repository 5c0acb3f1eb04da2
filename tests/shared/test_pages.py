from __future__ import annotations

import asyncio
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from pydantic import ValidationError

from shared.pages import Crumb, FormError, Link, Notice, Pages, PageSettings, Viewer, render
from shared.pages import formats as shown
from shared.pages.theme import GROUNDS, READABLE_RATIO, contrast

HOSTILE = '"><script>alert(1)</script>'
SUMMER_EVENING = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)


class Desk:
    """A browser's view of an app: what a GET answers."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._get(path))

    async def _get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://test") as client:
            return await client.get(path)


def app_with(folder: Path, template: str, pages: dict[str, Any] | None = None, **context: Any) -> Desk:
    """A service of one feature, `desk`, whose only page is the given template."""
    templates = folder / "desk" / "templates"
    templates.mkdir(parents=True)
    (templates / "page.html").write_text(template)
    app = FastAPI()
    Pages(service_name="Recruitment", folder=folder, **(pages or {})).install(app)

    @app.get("/desk/{part:path}")
    def page(request: Request, part: str) -> HTMLResponse:
        request.state.viewer = context.get("viewer")
        if "csrf_token" in context:
            request.state.csrf_token = context["csrf_token"]
        return render(request, "desk/page.html", **{k: v for k, v in context.items() if k != "viewer"})

    return Desk(app)


def content(block: str) -> str:
    return (
        '{% extends "layout.html" %}{% block title %}Desk{% endblock %}{% block content %}' + block + "{% endblock %}"
    )


def test_a_page_carries_the_layout_and_a_policy_that_forbids_script(tmp_path: Path) -> None:
    answer = app_with(tmp_path, content("<h1>Hello</h1>")).get("/desk/")
    assert "<title>Desk – Recruitment</title>" in answer.text  # noqa: RUF001
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_a_name_that_nobody_gave_is_an_error_and_not_a_blank(tmp_path: Path) -> None:
    with pytest.raises(UndefinedError, match="salry"):
        app_with(tmp_path, content("{{ salry }}"), salary=1).get("/desk/")


MACROS_THAT_TAKE_TEXT = [
    '{% from "forms.html" import text_field %}{{ text_field("f", text, text, errors, hint=text, prefix=text) }}',
    '{% from "forms.html" import text_area %}{{ text_area("f", text, text, errors, hint=text) }}',
    '{% from "forms.html" import select_field %}{{ select_field("f", text, [(text, text)], text, errors) }}',
    '{% from "forms.html" import radio_field %}{{ radio_field("f", text, [(text, text, text)], text, errors) }}',
    '{% from "forms.html" import checkbox_field %}{{ checkbox_field("f", text, [(text, text, text)], [text]) }}',
    '{% from "forms.html" import date_field %}{{ date_field("f", text, {"day": text}, errors, hint=text) }}',
    '{% from "tables.html" import facts, status, tile %}{{ facts([(text, text)]) }}{{ status(text) }}{{ tile(text, text) }}',  # noqa: E501
    '{% from "tables.html" import data_table %}{% call(r, k) data_table(text, [("a", text)], [1]) %}{{ text }}{% endcall %}',  # noqa: E501
    '{{ govukButton({"text": text}) }}{{ govukPanel({"titleText": text, "text": text}) }}{{ govukInsetText({"text": text}) }}',  # noqa: E501
    '{{ govukSummaryList({"card": {"title": {"text": text}}, "rows": [{"key": {"text": text}, "value": {"text": text}, "actions": {"items": [{"href": "#", "text": text, "visuallyHiddenText": text}]}}]}) }}',  # noqa: E501
    "{% call govukDetails({'summaryText': text}) %}{{ text }}{% endcall %}{{ csrf_field() }}",
]


@pytest.mark.parametrize("block", MACROS_THAT_TAKE_TEXT)
def test_text_from_people_is_escaped_by_every_macro(tmp_path: Path, block: str) -> None:
    page = app_with(
        tmp_path, content(block), text=HOSTILE, errors=[FormError("f", HOSTILE)], notice=Notice(HOSTILE),
        breadcrumbs=[Crumb(HOSTILE, "/"), Crumb(HOSTILE)], viewer=Viewer(HOSTILE, (), "/out"), csrf_token=HOSTILE,
    ).get("/desk/")  # fmt: skip
    assert page.status_code == 200
    assert "alert(1)" in page.text
    assert "<script" not in page.text
    assert "&amp;lt;" not in page.text


def test_a_form_carries_the_token_of_the_session_and_nothing_without_one(tmp_path: Path) -> None:
    form = content("<form>{{ csrf_field() }}</form>")
    with_session = app_with(tmp_path / "a", form, csrf_token="abc").get("/desk/").text
    assert '<form><input type="hidden" name="csrf_token" value="abc"></form>' in with_session
    assert "<form></form>" in app_with(tmp_path / "b", form).get("/desk/").text


def test_the_navigation_shows_what_the_role_may_use_and_marks_the_section(tmp_path: Path) -> None:
    links = (
        Link("Desk", "/desk"),
        Link("Posts", "/desk/posts", roles=("recruiter",)),
        Link("Users", "/users", {"admin"}),
    )
    recruiter = app_with(
        tmp_path / "a", content(""), {"navigation": links}, viewer=Viewer("Ann", {"recruiter"}, "/out")
    )
    page = recruiter.get("/desk/posts/7").text
    assert "Users" not in page
    assert page.count('aria-current="true"') == 1
    assert 'href="/desk/posts" aria-current="true"' in page
    assert 'href="/desk/posts" aria-current="page"' in recruiter.get("/desk/posts").text
    assert "Posts" not in app_with(tmp_path / "b", content(""), {"navigation": links}).get("/desk/").text


def test_signing_out_is_a_post_and_signing_in_a_link(tmp_path: Path) -> None:
    pages: dict[str, Any] = {"sign_in_href": "/sign-in"}
    signed_in = app_with(
        tmp_path / "a", content(""), pages, viewer=Viewer("Ann Perera", (), "/sign-out"), csrf_token="t"
    )
    assert '<form class="wme-account" method="post" action="/sign-out">' in signed_in.get("/desk/").text
    assert 'href="/sign-in"' not in signed_in.get("/desk/").text
    assert 'href="/sign-in"' in app_with(tmp_path / "b", content(""), pages).get("/desk/").text


def test_a_viewer_does_not_show_the_name_in_a_repr() -> None:
    assert "Perera" not in repr(Viewer("Ann Perera", (), "/out"))


def test_the_stylesheet_is_kept_for_a_year_under_its_digest_and_never_under_another(tmp_path: Path) -> None:
    client = app_with(tmp_path, content(""))
    page = client.get("/desk/").text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    served = client.get(path)
    assert served.headers["content-type"] == "text/css; charset=utf-8"
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    stale = client.get("/static/0000000000000000/wme.css")
    assert (stale.status_code, stale.headers["cache-control"]) == (200, "no-store")
    assert client.get("/static/0000000000000000/../../settings.py").status_code == 404


def test_a_council_may_set_its_colour(tmp_path: Path) -> None:
    pages: dict[str, Any] = {"settings": PageSettings(brand="#800000")}
    client = app_with(tmp_path, content(""), pages)
    page = client.get("/desk/").text
    assert '<meta name="theme-color" content="#800000">' in page
    style = client.get(page.split('rel="stylesheet" href="')[1].split('"')[0]).text
    assert style.startswith(":root{--brand:#800000;--brand-dark:#600000}")


@pytest.mark.parametrize("brand", ["#ffdd00", "#747474", "red", "#12", "#0f5257}body{display:none"])
def test_a_colour_that_cannot_be_read_on_white_is_refused(brand: str) -> None:
    with pytest.raises(ValidationError):
        PageSettings(brand=brand)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#ff0000", "#ffffff") == pytest.approx(4.0, abs=0.005)


def test_the_grounds_that_a_colour_is_held_against_are_those_of_the_stylesheet() -> None:
    style = (Path(__file__).parents[2] / "shared/pages/static/wme.css").read_text()
    grounds = re.findall(r"--(?:paper|wash|\w+-wash): (#\w{6});", style)
    assert set(grounds) == set(GROUNDS)


def test_every_tag_is_readable_on_its_ground() -> None:
    style = (Path(__file__).parents[2] / "shared/pages/static/wme.css").read_text()
    grounds = [line for line in style.splitlines() if line.startswith(".govuk-tag--")]
    assert len(grounds) == 5
    for line in grounds:
        ground, text = (part.split(";")[0].strip(" }") for part in line.split(":")[1:])
        assert contrast(ground, text) >= READABLE_RATIO, line


def test_another_origin_may_receive_a_form_only_when_named() -> None:
    assert "form-action 'self';" in PageSettings().content_security_policy()
    named = PageSettings(form_targets=("http://localhost:8001",)).content_security_policy()
    assert "form-action 'self' http://localhost:8001;" in named


def test_nothing_served_looks_like_a_page_of_central_government(tmp_path: Path) -> None:
    client = app_with(tmp_path, content(""), {"credits": ("Skills: ESCO.",)})
    page = client.get("/desk/").text
    served = page + "".join(
        client.get(part.split('"')[0]).text for part in page.split('href="') if "/static/" in part[:9]
    )
    for mark in ("GDS Transport", "govuk-crest", "crown", "govuk-logo", "GOV.UK"):
        assert mark not in served, mark


def test_a_day_reads_in_full() -> None:
    assert shown.long_date(date(2026, 10, 5)) == "5 October 2026"
    assert shown.short_date(date(2026, 10, 5)) == "5 Oct 2026"


def test_a_time_is_that_of_london() -> None:
    assert shown.date_time(SUMMER_EVENING) == "1 July 2026 at 5pm"
    assert shown.long_date(datetime(2026, 3, 29, 23, 30, tzinfo=UTC)) == "30 March 2026"
    assert shown.clock_time(datetime(2026, 1, 1, 9, 5, tzinfo=UTC)) == "9:05am"
    assert shown.clock_time(datetime(2026, 1, 1, 12, 0, tzinfo=UTC)) == "midday"
    assert shown.clock_time(datetime(2026, 1, 1, 12, 30, tzinfo=UTC)) == "12:30pm"
    assert shown.clock_time(datetime(2026, 1, 1, 0, 0, tzinfo=UTC)) == "midnight"
    assert shown.clock_time(datetime(2026, 1, 1, 0, 1, tzinfo=UTC)) == "12:01am"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        shown.date_time(datetime(2026, 7, 1, 16, 0))  # noqa: DTZ001


def test_money_reads_with_thousands_and_shows_pence_only_where_there_are_some() -> None:
    assert shown.money(34811) == "£34,811"
    assert shown.money(Decimal("34811.00")) == "£34,811"
    assert shown.money("14.5") == "£14.50"
    assert shown.money(Decimal("-1200.005")) == "\N{MINUS SIGN}£1,200.01"
    assert shown.money(Decimal("0.999")) == "£1"
    assert shown.pence(1452) == "£14.52"


@pytest.mark.parametrize("amount", [34811.0, True])
def test_money_is_never_a_float(amount: float) -> None:
    with pytest.raises(TypeError):
        shown.money(amount)


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_pence_keep_their_value(amount: int) -> None:
    read = shown.pence(amount).replace("\N{MINUS SIGN}", "-").replace("£", "").replace(",", "")
    assert Decimal(read) * 100 == amount


def test_a_count_agrees_with_its_noun() -> None:
    assert [shown.counted(n, "day") for n in (0, 1, 1200)] == ["0 days", "1 day", "1,200 days"]
    assert shown.counted(2, "vacancy", "vacancies") == "2 vacancies"


ROOT = Path(__file__).parents[2]
SUBMITS_AT_ONCE = re.compile(r"""submit\([^)]*"warning"|<button[^>]*govuk-button--warning""")
ASKS_ITSELF = {
    # A reason is asked for with it,
    "hires/templates/hire.html",
    "duplicates/templates/decision.html",
    # what a mail's link opens asks itself,
    "job_alerts/templates/unsubscribe.html",
    "talent_pool/templates/leave.html",
    # and the pages that ask.
    "reserve_lists/templates/take_off.html",
    "pages/templates/ask_first.html",
}


def test_nothing_is_deleted_or_withdrawn_by_one_press() -> None:
    """A button in warning colours stands on the page that asks first; before it there is a link to that page."""
    found = {
        "/".join(each.parts[-3:])
        for folder in ("services", "shared")
        for each in (ROOT / folder).rglob("templates/**/*.html")
        if SUBMITS_AT_ONCE.search(each.read_text())
    }
    assert found == ASKS_ITSELF
