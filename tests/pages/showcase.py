"""A made-up service that shows every part of the pages once, for the browser tests to look at."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from shared.pages import Crumb, FormError, Link, Notice, Pages, PageSettings, Viewer, render

SAMPLE_SERVICE = Path(__file__).parent / "sample"
AS_AT = datetime(2026, 10, 5, 16, 0, tzinfo=UTC)
VACANCIES = [
    SimpleNamespace(
        id=1, title="Senior Planning Officer", council="Sandwell", closes_on=date(2026, 10, 27), days=12,
        stage="In clearing", tone="blue",
    ),
    SimpleNamespace(
        id=2, title="Social Worker, Child Safeguarding and Family Support (Duty Team)", council="Wolverhampton",
        closes_on=date(2026, 11, 3), days=104, stage="Beyond target", tone="red",
    ),
]  # fmt: skip
STAGES = ["Approval", "Clearing", "Prepare", "Advertise", "Shortlist", "Arrange", "Decide", "Accept", "Checks"]


def showcase_app(settings: PageSettings | None = None) -> FastAPI:
    app = FastAPI()
    pages = Pages(
        service_name="West Midlands Recruitment",
        folder=SAMPLE_SERVICE,
        navigation=(
            Link("Vacancies", "/vacancies"),
            Link("Displaced staff", "/people", roles=("council_hr",)),
            Link("Time to hire", "/time-to-hire"),
            Link("Settings", "/settings", roles=("wme_admin",)),
        ),
        footer=(Link("Accessibility", "/accessibility"), Link("Privacy", "/privacy")),
        credits=("Skills: ESCO, European Union.",),
        settings=settings or PageSettings(),
    )
    pages.install(app)

    @app.get("/vacancies")
    def vacancies(request: Request) -> HTMLResponse:
        sign_in(request)
        wide_columns = [("council", "Council"), *((stage, stage, "numeric") for stage in STAGES)]
        wide_rows = [
            {"council": name} | dict.fromkeys(STAGES, "12.5 days") for name in ("Sandwell", "Dudley", "Walsall")
        ]
        return render(
            request, "showcase/list.html", vacancies=VACANCIES, as_at=AS_AT, counted_days="72 days",
            wide_columns=wide_columns, wide_rows=wide_rows, notice=Notice("The advert is live.", success=True),
            breadcrumbs=[Crumb("Home", "/"), Crumb("Vacancies")],
            pagination={"previous": {"href": "#"}, "next": {"href": "#"}, "items": [
                {"number": 1, "href": "#"}, {"number": 2, "href": "#", "current": True}, {"ellipsis": True},
                {"number": 9, "href": "#"}]},
        )  # fmt: skip

    @app.get("/vacancies/new")
    def ask(request: Request, *, wrong: bool = False) -> HTMLResponse:
        sign_in(request)
        errors = [
            FormError("title", "Enter the job title"),
            FormError("closes_on", "The closing date must be a real date"),
            FormError("agreed", "Say whether the budget is agreed"),
        ]
        typed = {"title": '<script>alert("1")</script>'}
        return render(
            request, "showcase/form.html", errors=errors if wrong else [], typed=typed, back_href="/vacancies"
        )

    @app.get("/done")
    def done(request: Request) -> HTMLResponse:
        return render(request, "showcase/done.html", notice=Notice("The service is closed on 25 December."))

    @app.get("/missing")
    def missing(request: Request) -> HTMLResponse:
        return render(
            request, "problem.html", status_code=404, title="Page not found",
            paragraphs=["If you typed the address, check that it is right."],
        )  # fmt: skip

    return app


def sign_in(request: Request) -> None:
    request.state.viewer = Viewer("Ann Perera", {"council_hr"}, "/sign-out")
    request.state.csrf_token = "token-of-this-session"
