"""The page between a button and what cannot be taken back: it says what follows, and the step is its own button."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse

from shared.pages.rendering import render


def ask_first(request: Request, question: str, *, follows: str, button: str, back_href: str) -> HTMLResponse:
    """The step is a POST to the page's own address. `follows` says what will be so afterwards, for people."""
    return render(request, "ask_first.html", question=question, follows=follows, button=button, back_href=back_href)
