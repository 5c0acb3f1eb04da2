"""`/dev/mail`: what people would have got, for whoever tries the system on one machine. Public there, absent elsewhere.

Reading runs in a thread each (`def`, not `async def`): thousands of files must not hold up the other requests.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from services.notifications.mailbox.mails import Mailbox, MailNotFound
from shared.auth import allow_anyone
from shared.pages import Crumb, render
from shared.settings import Settings

PAGE = 50
# The HTML of a mail is hostile until proven otherwise: no script, no loading, an origin of its own.
HTML_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

router = APIRouter(dependencies=[allow_anyone()], include_in_schema=False)

Words = Annotated[str, Query(max_length=200)]


class MailRead(BaseModel):
    name: str
    to: str
    subject: str
    date: str
    received_at: datetime | None = Field(description="System time at which the catcher had all of it")
    links: list[str]


class Mails(BaseModel):
    count: int
    items: list[MailRead]


def show_mailbox(app: FastAPI, settings: Settings) -> None:
    """For `ServiceApp.on_start`: adds the mail pages in embedded mode and does nothing in any other."""
    if settings.is_embedded and settings.data_folder is not None:
        app.state.mailbox = Mailbox(settings.data_folder / "mail")
        app.include_router(router)


@router.get("/dev/mail")
def mail_page(
    request: Request, recipient: Words = "", words: Words = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> HTMLResponse:
    offset = (page - 1) * PAGE
    found = _mailbox(request).search(recipient=recipient, words=words, offset=offset, limit=PAGE)
    return render(
        request,
        "mailbox/list.html",
        found=found,
        recipient=recipient,
        words=words,
        page=page,
        is_last=offset + PAGE >= found.count,
    )


@router.get("/dev/mail.json")
def mail_json(
    request: Request,
    recipient: Words = "",
    words: Words = "",
    after: Words = "",
    limit: Annotated[int, Query(ge=0, le=500)] = PAGE,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Mails:
    found = _mailbox(request).search(recipient=recipient, words=words, after=after, offset=offset, limit=limit)
    items = [
        MailRead(
            name=mail.name,
            to=mail.to,
            subject=mail.subject,
            date=mail.date,
            received_at=mail.received_at,
            links=list(mail.links),
        )
        for mail in found.mails
    ]
    return Mails(count=found.count, items=items)


@router.get("/dev/mail/{name}")
def one_mail_page(request: Request, name: str) -> HTMLResponse:
    mail = _mailbox(request).read(name)
    crumbs = [Crumb("Mail", "/dev/mail"), Crumb("One mail")]
    return render(request, "mailbox/one.html", mail=mail, breadcrumbs=crumbs)


@router.get("/dev/mail/{name}/html")
def mail_html(request: Request, name: str) -> HTMLResponse:
    mail = _mailbox(request).read(name)
    if mail.html is None:
        raise MailNotFound
    return HTMLResponse(mail.html, headers={"Content-Security-Policy": HTML_POLICY})


def _mailbox(request: Request) -> Mailbox:
    return request.app.state.mailbox
